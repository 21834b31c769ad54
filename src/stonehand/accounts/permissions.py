"""What each role may do, and how a token's scopes narrow it. Whatever is not listed is denied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stonehand.accounts.errors import PermissionMissing, RoleUnknown, ScopeUnknown

PERMISSIONS = ("read", "edit", "publish", "admin")
ROLES: dict[str, frozenset[str]] = {
    "viewer": frozenset({"read"}),
    "editor": frozenset({"read", "edit"}),
    "publisher": frozenset({"read", "edit", "publish"}),
    "admin": frozenset(PERMISSIONS),
}


@dataclass(frozen=True)
class Person:
    """Somebody who has come in, and what they may do here and now."""

    id: str
    email: str
    name: str
    role: str
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        """Whether this person holds `permission`, one of `PERMISSIONS`."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise `PermissionMissing` unless this person holds `permission`."""
        if not self.may(permission):
            raise PermissionMissing(
                f"this needs the permission {permission!r}; ask an administrator for it, or use a token with that scope"
            )


def granted(role: str, scopes: Iterable[str] | None = None) -> frozenset[str]:
    """What `role` may do, narrowed to `scopes` if a token brings some. An unknown role may do nothing."""
    full = ROLES.get(role, frozenset())
    return full if scopes is None else full & frozenset(scopes)


def check_role(role: str) -> None:
    """Raise `RoleUnknown` unless `role` is one of `ROLES`."""
    if role not in ROLES:
        raise RoleUnknown(f"{role!r} is not a role; choose one of {', '.join(ROLES)}")


def check_scopes(scopes: Iterable[str], person: Person) -> list[str]:
    """The scopes in their usual order. Raises `ScopeUnknown`, or `PermissionMissing` for more than `person` may."""
    wanted = set(scopes)
    unknown = sorted(wanted - set(PERMISSIONS))
    if unknown or not wanted:
        what = f"{unknown[0]!r} is not a scope" if unknown else "a token needs at least one scope"
        raise ScopeUnknown(f"{what}; choose from {', '.join(PERMISSIONS)}")
    for scope in wanted:
        person.require(scope)
    return [scope for scope in PERMISSIONS if scope in wanted]
