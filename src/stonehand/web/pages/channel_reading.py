"""From the rooms to what the page of channels shows."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from stonehand.accounts.permissions import Person
from stonehand.channels import queries
from stonehand.channels import service as channels
from stonehand.channels.interfaces import Target
from stonehand.channels.models import Channel
from stonehand.db import Session
from stonehand.publications import queries as publications
from stonehand.publications.models import Publication
from stonehand.publications.queries import NOTHING_SENT, Sent
from stonehand.publications.states import PublicationState
from stonehand.web.pages.channels import ChannelRow, ChannelsView, Piece
from stonehand.web.pages.parts import BLANK, Badge, Field, Link

LIMIT = 50
STATES = {
    PublicationState.SCHEDULED: Badge("Scheduled", "busy"),
    PublicationState.PUBLISHING: Badge("On its way", "busy"),
    PublicationState.PUBLISHED: Badge("Published", "good"),
    PublicationState.FAILED: Badge("Failed", "bad"),
    PublicationState.NEEDS_RECONCILE: Badge("Needs a look", "bad"),
    PublicationState.RETRACTED: Badge("Retracted"),
}


def index(session: Session, person: Person, name: Field = BLANK, where: Field = BLANK) -> ChannelsView:
    """Every channel with what went there; the fields keep what was typed."""
    sent = publications.by_channel(session)
    rows = (_row(each, sent.get(each.id, NOTHING_SENT)) for each in queries.channels(session))
    pieces = (_piece(each, person.may("publish")) for each in publications.newest(session, LIMIT))
    return ChannelsView(tuple(rows), tuple(pieces), name, where, person.may("admin"))


def place(target: Target) -> str:
    """Where a channel's pieces are kept, as a path."""
    return str(target.home / Path(str(target.config.get("folder") or "")).expanduser())


def _row(channel: Channel, sent: Sent) -> ChannelRow:
    where = place(channels.target(channel))
    trouble = sent.failure if sent.failure and (not sent.last or sent.failure.id > sent.last.id) else None
    base = str(channel.config.get("base_url") or "").rstrip("/")
    return ChannelRow(
        channel.id,
        channel.name,
        channel.kind.capitalize(),
        where,
        _badge(channel, trouble is not None),
        "A person approves every piece" if channel.requires_review else "Pieces go out without a person",
        sent.published,
        Link(sent.last.title, openable(sent.last.url)) if sent.last else None,
        sent.last.published_at if sent.last else None,
        f"{base or where}/feed.xml",
        trouble.error or "" if trouble else "",
        channel.is_enabled,
        channel.is_sample,
    )


def _badge(channel: Channel, in_trouble: bool) -> Badge:
    if not channel.is_enabled:
        return Badge("Switched off")
    return Badge("In trouble", "bad") if in_trouble else Badge("Ready", "good")


def _piece(each: Publication, may_retry: bool) -> Piece:
    return Piece(
        each.title,
        each.channel_name,
        STATES[PublicationState(each.state)],
        each.published_at or each.due_at,
        openable(each.url),
        each.error or "",
        path(each.url),
        each.id if may_retry and each.state == PublicationState.FAILED else "",
        each.is_sample,
    )


def openable(url: str | None) -> str:
    """The address if a browser may follow it from the desk, else nothing."""
    return url if url and url.startswith(("http://", "https://")) else ""


def path(url: str | None) -> str:
    """The path that a `file:` address names, else nothing."""
    return unquote(urlsplit(url).path) if url and url.startswith("file:") else ""
