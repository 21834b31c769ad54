"""The listmonk channel: each piece as a campaign, which is made as a draft and then started once.

listmonk keeps subscribers, their consent and their bounces; we name lists only. It starts a campaign only if it is a
draft or paused, so starting one twice sends it once. A mail that is out cannot be taken back or changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stonehand.channels.interfaces import (
    ArrivalDisputed,
    ArrivalUnknown,
    Config,
    ConfigUnfit,
    Delivery,
    Leftover,
    Notes,
    Piece,
    Setting,
    Target,
)
from stonehand.errors import Rejected, Unavailable
from stonehand.hookspecs import Register, hookimpl
from stonehand.http_client import PageMissing
from stonehand.plugins import channel_settings, json_service, listmonk_campaigns
from stonehand.plugins.listmonk_campaigns import Campaign
from stonehand.plugins.listmonk_server import Server

_RUNNING = ("running", "paused")  # who pauses it has seen it run
_STARTED = (*_RUNNING, "finished")
_NUMBERS = re.compile(r"[0-9]+( *, *[0-9]+)*")


class MailsAreOut(Rejected):
    """Mails were sent, and nobody can take them back."""


class Listmonk:
    """Lists on a listmonk server, version 4 or later."""

    kind = "listmonk"
    title = "listmonk newsletter"
    settings = (
        Setting("url", "Address", "The address of the server, without /admin.", "url"),
        Setting("username", "API user", "In listmonk under Users: a user of type API who may manage campaigns."),
        Setting("token", "Token", "listmonk shows it once, when it makes the API user.", "password"),
        Setting("lists", "Lists", "Their numbers, which stand in the addresses of their pages; several with commas."),
        Setting("template_id", "Template", "Its number. Empty: listmonk’s usual one.", "text", False),
        Setting("from_email", "Sender", "Empty: listmonk’s usual one.", "text", False),
        Setting("archive", "Show it in listmonk’s public archive", "", "choice", False, ("no", "yes")),
    )
    secret_names = channel_settings.secret_names(settings)

    def address(self, config: Config) -> str:
        """The server's origin."""
        return channel_settings.origin(config.get("url"))

    def validate(self, target: Target) -> dict[str, Any]:
        """The settings, after the server has let us in and shown its lists."""
        kept = channel_settings.given(self.title, self.settings, target)
        kept["url"] = channel_settings.address(kept["url"], "https://lists.example.org").removesuffix("/admin")
        if not _NUMBERS.fullmatch(kept["lists"]):
            raise ConfigUnfit("lists are numbers, such as 3 or 3, 7; they stand in the addresses of the lists' pages")
        if not kept.get("template_id", "1").isdecimal():
            raise ConfigUnfit("template_id is a number; it stands in the address of the template's page")
        self.test(Target(target.name, target.home, kept, target.secrets))
        return kept

    def test(self, target: Target) -> str:
        """The lists and how many read them."""
        server, found = Server.of(target), []
        for list_id in _lists(target.config):
            named = server.mailing_list(list_id)
            if named is None:
                raise ConfigUnfit(f"listmonk has no list {list_id}, or {server.username} may not see it")
            found.append(f"“{named[0]}” with {named[1]} subscribers")
        return f"listmonk lets {server.username} in; pieces go to {', '.join(found)}."

    def shown(self, piece: Piece, target: Target) -> Mapping[str, str]:
        """The mail, and the same for who reads mail as text."""
        return {"mail": listmonk_campaigns.body(piece), "plain mail": listmonk_campaigns.plain(piece)}

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Start the campaign of this key, making it first where there is none."""
        server = Server.of(target)
        if notes.kept.get("remote_id"):
            found = _asked(server, int(notes.kept["remote_id"]), key)
        else:
            found = _found(server, key) or _created(server, piece, key, target)
            notes.remember(remote_id=str(found.id))  # from here on it may be sent, and no other campaign will
        if found.status not in _STARTED:
            found = _started(server, found, key)
        return _delivery(server, found, target.config)

    def verify(self, key: str, target: Target) -> Delivery | None:
        """The campaign of this key, if it was started."""
        server = Server.of(target)
        found = _found(server, key)
        return _delivery(server, found, target.config) if found and found.status in _STARTED else None

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Stop what is not sent yet. Raises `MailsAreOut` if some mails are on their way to readers already."""
        server = Server.of(target)
        found = server.campaign(int(delivery.remote_id))
        if found and found.status in _RUNNING:
            server.set_status(found.id, "cancelled")
            found = server.campaign(found.id)
        if found is None:
            return
        if found.status in _RUNNING:
            raise Unavailable(f"campaign {found.id} is still {found.status}", 10)
        if found.sent or found.status == "finished":
            raise MailsAreOut(
                f"{found.sent} of {found.to_send} mails are out and cannot be taken back; the rest is stopped. "
                "Send the readers a correction as a piece of its own"
            )

    def leftovers(self, target: Target, before: datetime) -> Sequence[Leftover]:
        """Drafts that carry a key and were last changed before that time."""
        old = (each for each in Server.of(target).drafts() if each.changed_at < before)
        return [Leftover(each.keys[0], str(each.id)) for each in old if each.keys]

    def discard(self, leftover: Leftover, target: Target) -> None:
        """Delete a draft for good, after a last look that it is one."""
        server = Server.of(target)
        found = server.campaign(int(leftover.remote_id))
        if found and leftover.key in found.keys and found.status == "draft":
            server.delete(found.id)


def _lists(config: Config) -> list[int]:
    return [int(part) for part in str(config["lists"]).split(",")]


def _found(server: Server, key: str) -> Campaign | None:
    """The campaign of this key: the one that was started if there is one, else the oldest."""
    return min(server.of_key(key), key=lambda each: (each.status not in _STARTED, each.id), default=None)


def _created(server: Server, piece: Piece, key: str, target: Target) -> Campaign:
    """A new draft."""
    with json_service.not_repeated_soon():
        return server.create(listmonk_campaigns.draft(piece, key, target.config, _lists(target.config)))


def _asked(server: Server, number: int, key: str) -> Campaign:
    """The campaign that an earlier try wrote down. It may have been started, so that no answer is no "no"."""
    try:
        found = server.campaign(number)
    except Unavailable as error:
        raise ArrivalUnknown(f"campaign {number} may be running, but {error}", error.retry_after) from error
    if found is None:
        raise ArrivalDisputed(f"campaign {number} is no longer there; somebody has deleted it")
    if key not in found.keys:
        raise ArrivalDisputed(f"campaign {number} does not carry our tag any more; somebody has removed it")
    if found.status not in ("draft", *_STARTED):
        raise ArrivalDisputed(f"campaign {number} is there, but somebody has made it {found.status}")
    return found


def _started(server: Server, found: Campaign, key: str) -> Campaign:
    """The campaign after it was started, as listmonk itself shows it."""
    try:
        is_taken = server.set_status(found.id, "running")  # refused if it runs already, which the next look shows
    except PageMissing as error:
        raise Unavailable(f"campaign {found.id} vanished in this moment: {error}") from error
    except Unavailable as error:
        if not json_service.may_have_arrived(error):
            raise
        raise ArrivalUnknown(
            f"campaign {found.id} was started without an answer: {error}", error.retry_after
        ) from error
    seen = _asked(server, found.id, key)
    if seen.status not in _STARTED and is_taken:
        raise ArrivalUnknown(f"listmonk said yes, but campaign {found.id} is still {seen.status}")
    if seen.status not in _STARTED:
        raise Rejected(f"listmonk does not start campaign {found.id}; open it there to see why, such as an empty list")
    return seen


def _delivery(server: Server, found: Campaign, config: Config) -> Delivery:
    """Where the mail can be read: in the archive if it is there, else in listmonk's admin."""
    where = f"archive/{found.uuid}" if config.get("archive") == "yes" else f"admin/campaigns/{found.id}"
    return Delivery(f"{server.url}/{where}", str(found.id))


@hookimpl
def register_channels(register: Register) -> None:
    """Add the listmonk channel."""
    register(Listmonk())
