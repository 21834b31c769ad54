"""What can go wrong at the door."""

from __future__ import annotations

from stonehand.errors import Conflict, Forbidden, NotFound, Rejected, Unavailable


class EmailMalformed(Rejected):
    """The e-mail address cannot be one."""


class KeyReused(Rejected):
    """The Idempotency-Key belongs to another request."""


class RequestUnfinished(Conflict):
    """The first request with this Idempotency-Key has no answer yet."""


class EmailTaken(Conflict):
    """Somebody already has this e-mail address."""


class NameMissing(Rejected):
    """A person or a token needs a name."""


class PasswordUnfit(Rejected):
    """The password is too short, too long, or easy to guess."""


class RoleUnknown(Rejected):
    """There is no such role."""


class ScopeUnknown(Rejected):
    """There is no such scope, or none was given."""


class ExpiryUnfit(Rejected):
    """A token may live one day to one year."""


class PermissionMissing(Forbidden):
    """This person may not do that."""


class SignInRefused(Forbidden):
    """E-mail and password do not belong together, or the account is closed."""

    status = 401


class SignInThrottled(Unavailable):
    """Too many attempts; wait."""

    status = 429


class SetupDone(Conflict):
    """There is an administrator already."""


class SetupLinkUnfit(Rejected):
    """The setup link is unknown, used, replaced or too old."""


class UserNotFound(NotFound):
    """No such user."""


class TokenNotFound(NotFound):
    """No such token, or it is somebody else's."""


class LastAdmin(Conflict):
    """Somebody has to be the administrator."""
