"""The address by which a reader ends their digests without signing in: a sealed word of whose they are."""

from __future__ import annotations

from stonehand import config, vault
from stonehand.errors import NotFound
from stonehand.vault import SecretUnreadable

CONTEXT = "digest:unsubscribe"
WORD = "reader "  # before the id, so that logs hide the whole word and not every mention of the id


class AddressUnknown(NotFound):
    """Nobody's digests end here."""


def secret(user_id: str) -> str:
    """What stands in the address. Every letter has another one; each works as long as its key is kept."""
    return vault.seal(WORD + user_id, CONTEXT)


def reader(given: str) -> str:
    """Whose digests an address ends. Raises `AddressUnknown`."""
    try:
        return vault.open_sealed(given, CONTEXT).removeprefix(WORD)
    except SecretUnreadable as error:
        raise AddressUnknown("this address ends nobody's digests; use the whole link of the letter") from error


def address(user_id: str) -> str:
    """The whole address, for a letter."""
    return f"{base()}/unsubscribe/{secret(user_id)}"


def base() -> str:
    """Where readers find this installation, without a slash at the end."""
    settings = config.settings()
    return settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
