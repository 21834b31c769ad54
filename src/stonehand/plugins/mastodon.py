"""The Mastodon channel: one status for each piece, on any server that speaks Mastodon's API.

A status cannot be hidden first, and some servers ignore the key that should make repeats harmless. So what is sent is
written down before it is sent. When no answer comes, the account's own statuses are looked through for its words, again
and again; only after so long that nothing can come late any more is it sent once more, with the same key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stonehand.channels.interfaces import (
    ArrivalDisputed,
    ArrivalUnknown,
    Config,
    Delivery,
    Notes,
    Piece,
    Setting,
    Target,
)
from stonehand.errors import Rejected, StonehandError, Unavailable
from stonehand.hookspecs import Register, hookimpl
from stonehand.http_client import PageMissing
from stonehand.plugins import channel_settings, json_service, mastodon_marks, mastodon_text
from stonehand.plugins.mastodon_server import Server, Status
from stonehand.plugins.mastodon_text import Room

SURE = timedelta(minutes=3)  # no server works on a request for longer; after that, it was never done
SKEW = timedelta(minutes=15)  # by which a server's clock may be wrong
_FOUND = ("account", "account_id", "characters", "address_length")


class StatusGone(Rejected):
    """The status that should be changed is no longer there."""


class Mastodon:
    """An account on a server with Mastodon's API: Mastodon 4, GoToSocial, Pleroma, Akkoma and others."""

    kind = "mastodon"
    title = "Mastodon account"
    settings = (
        Setting("url", "Server", "The server of the account, such as https://mastodon.example.", "url"),
        Setting(
            "access_token",
            "Access token",
            "On the server under Preferences, Development: a new application that may read:accounts, read:statuses and "
            "write:statuses.",
            "password",
        ),
        Setting("visibility", "Who sees it", "", "choice", False, ("public", "unlisted", "private")),
        Setting(
            "content_warning", "Content warning", "Readers open a status that has one. Empty: none.", "text", False
        ),
        Setting(
            "link_base",
            "Where the pieces are",
            "The address before a piece’s name, or one with {slug}. Empty: a status links to the piece’s first source.",
            "text",
            False,
        ),
    )
    secret_names = channel_settings.secret_names(settings)

    def address(self, config: Config) -> str:
        """The server's origin."""
        return channel_settings.origin(config.get("url"))

    def validate(self, target: Target) -> dict[str, Any]:
        """The settings, after the server has said who we are and how long a status may be."""
        kept: dict[str, Any] = channel_settings.given(self.title, self.settings, target, _FOUND)
        kept["url"] = channel_settings.address(kept["url"], "https://mastodon.example")
        if kept.get("link_base"):
            channel_settings.address(kept["link_base"].replace("{slug}", "a"), "https://news.example.org/{slug}/")
        server = Server(kept["url"], target.secrets["access_token"])
        room, account = server.room(), server.account()
        found = (account.name, account.id, room.characters, room.address)
        return kept | dict(zip(_FOUND, found, strict=True))

    def test(self, target: Target) -> str:
        """The account, what a status may hold, and whether the account says that it is automated."""
        server = Server.of(target)
        account, room = server.account(), server.room()
        bot = "is marked as automated" if account.is_bot else "is not marked as automated; do so in its profile"
        return f"@{account.name} lets us in and {bot}. A status may have {room.characters} characters."

    def shown(self, piece: Piece, target: Target) -> Mapping[str, str]:
        """The status, cut to what the server takes."""
        return {"status": self._text(piece, target)}

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Show the status of this key, unless it is there."""
        text = str(notes.kept.get("text") or self._text(piece, target))
        status = _seen(piece, key, text, target, notes) or _sent(piece, key, text, target, notes)
        mastodon_marks.keep(target, key, status.id)
        return Delivery(status.url, status.id)

    def verify(self, key: str, target: Target) -> Delivery | None:
        """The status that was delivered under this key, by the mark that was kept of it."""
        status_id = mastodon_marks.find(target, key)
        status = Server.of(target).status(status_id) if status_id else None
        return Delivery(status.url, status.id) if status else None

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        """Other words in the same status; the server shows that it was edited."""
        wish = {
            name: value
            for name, value in _wish(piece, self._text(piece, target), target).items()
            if name != "visibility"
        }
        try:
            status = Server.of(target).edit(delivery.remote_id, wish)
        except PageMissing as error:
            raise StatusGone(f"status {delivery.remote_id} is no longer there; somebody has deleted it") from error
        mastodon_marks.keep(target, key, status.id)
        return Delivery(status.url, status.id)

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Delete the status. Other servers are asked to do so as well, and most do."""
        Server.of(target).delete(delivery.remote_id)

    def _text(self, piece: Piece, target: Target) -> str:
        config, usual = target.config, Room()
        found = (config.get("characters") or usual.characters, config.get("address_length") or usual.address)
        return mastodon_text.status(piece, str(config.get("link_base") or ""), Room(*map(int, found)))


def _now() -> datetime:
    return datetime.now(UTC)


def _seen(piece: Piece, key: str, text: str, target: Target, notes: Notes) -> Status | None:
    """The status if it is there already. Raises `ArrivalUnknown` while it may still come."""
    server, since = Server.of(target), min(piece.at, _now()) - SKEW
    sent_at = notes.kept.get("sent_at")
    try:
        found = server.newest(str(target.config["account_id"]), since)
        status = next((each for each in found if each.essence == mastodon_text.essence(text)), None)
    except Unavailable as error:
        if sent_at:
            raise ArrivalUnknown(f"the status may be there, but {error}", error.retry_after) from error
        raise
    if status is None and sent_at:
        _wait(datetime.fromisoformat(str(sent_at)))
    return status


def _wait(sent_at: datetime) -> None:
    left = (sent_at + SURE - _now()).total_seconds()
    if left > 0:
        raise ArrivalUnknown(
            "the server said nothing when the status was sent, and it may still appear", min(left, 30.0)
        )


def _sent(piece: Piece, key: str, text: str, target: Target, notes: Notes) -> Status:
    """The status, just shown. That it is sent is written down first: from here on, nobody repeats it lightly."""
    notes.remember(text=text, sent_at=_now().isoformat())
    try:
        return Server.of(target).post(_wish(piece, text, target), _idempotency(key))
    except PageMissing as error:  # the key leads to a status that was deleted
        raise ArrivalDisputed("the server has shown this status before, and somebody has deleted it") from error
    except StonehandError as error:
        if isinstance(error, Unavailable) and json_service.may_have_arrived(error):
            raise ArrivalUnknown(f"the status was sent without an answer: {error}", error.retry_after) from error
        notes.remember(sent_at="")  # it was refused, so nothing can appear
        raise


def _idempotency(key: str) -> str:
    return hashlib.sha256(f"stonehand {key}".encode()).hexdigest()


def _wish(piece: Piece, text: str, target: Target) -> dict[str, Any]:
    wish = {
        "status": text,
        "visibility": target.config.get("visibility"),
        "spoiler_text": target.config.get("content_warning"),
        "language": piece.language.partition("-")[0].lower()[:3],
    }
    return {name: value for name, value in wish.items() if value}


@hookimpl
def register_channels(register: Register) -> None:
    """Add the Mastodon channel."""
    register(Mastodon())
