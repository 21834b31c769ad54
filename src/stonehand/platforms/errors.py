"""What can go wrong with platforms and logins."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected, Unavailable


class PlatformNotFound(NotFound):
    """No such platform."""


class LoginNotFound(NotFound):
    """No such login."""


class PlatformNameTaken(Conflict):
    """Another platform has this name."""


class LoginTaken(Conflict):
    """The platform has a login of this name already."""


class LoginStopped(Conflict):
    """The login does nothing until a person lets it go on."""


class AddressUnfit(Rejected):
    """Not the address of a site."""


class DisclosureUnfit(Rejected):
    """These words do not tell readers that a program wrote the comment."""


class PermissionUnknown(Rejected):
    """Nobody has said who of the site allows the comments."""


class SignInUnderWay(Unavailable):
    """Another worker signs this login in, or the site has just failed to; it is worth asking again."""


class NotOurTurn(Unavailable):
    """The site's turns are taken for a while."""
