"""People with an account. For administrators."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field, SecretStr

from stonehand import db
from stonehand.accounts import doors, queries, service
from stonehand.accounts.permissions import Person
from stonehand.accounts.schemas import Role, UserIn, UserOut
from stonehand.db import Session
from stonehand.web.api.contract import ById, Page, Wish, problems, whole
from stonehand.web.deps import Admin

router = APIRouter(tags=["users"])


class UserChange(Wish):
    """What to change of an account; what is left out stays."""

    role: Role | None = None
    is_active: bool | None = None
    password: SecretStr | None = Field(default=None, max_length=200)


@router.get("/users", summary="Everybody with an account")
def users(person: Admin) -> Page[UserOut]:
    """By name."""
    with db.database().read() as session:
        return whole([UserOut.model_validate(user) for user in queries.users(session)])


@router.post("/users", status_code=201, responses=problems(409), summary="Add somebody")
def add_user(wish: UserIn, person: Admin) -> UserOut:
    """With a first password, which they should change."""
    password = wish.password.get_secret_value()
    user = doors.add_user(db.database(), person, wish.email, wish.name, wish.role, password)
    return UserOut.model_validate(user)


@router.get("/users/{user_id}", responses=problems(404), summary="One account")
def user(user_id: ById, person: Admin) -> UserOut:
    """Without anything secret."""
    with db.database().read() as session:
        return UserOut.model_validate(queries.user(session, user_id))


@router.patch("/users/{user_id}", responses=problems(404, 409), summary="Change a role, close an account, ...")
def change_user(user_id: ById, wish: UserChange, person: Admin) -> UserOut:
    """A new role holds at once; closing an account or a new password ends all its sessions."""
    if wish.password is not None:
        doors.reset_password(db.database(), person, user_id, wish.password.get_secret_value())
    with db.database().transaction() as session:
        _change(session, person, user_id, wish)
        session.flush()
        return UserOut.model_validate(queries.user(session, user_id))


def _change(session: Session, person: Person, user_id: str, wish: UserChange) -> None:
    if wish.role is not None:
        service.set_role(session, person, user_id, wish.role)
    if wish.is_active is not None:
        (service.activate if wish.is_active else service.deactivate)(session, person, user_id)
