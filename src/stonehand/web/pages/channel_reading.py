"""From the rooms to what the page of channels shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from stonehand.accounts.permissions import Person
from stonehand.channels import kinds, queries
from stonehand.channels import service as channels
from stonehand.channels.models import Channel
from stonehand.db import Session
from stonehand.publications import queries as publications
from stonehand.publications.models import Publication
from stonehand.publications.queries import NOTHING_SENT, Sent
from stonehand.publications.states import PublicationState
from stonehand.registry import KindNotFound
from stonehand.reviews import policies
from stonehand.web.pages.channels import WORDPRESS, ChannelRow, ChannelsView, Piece
from stonehand.web.pages.parts import BLANK, Badge, Field, Link

LIMIT = 50
ON_THE_PAGE = ("folder", "wordpress")  # kinds whose form stands beside the list
STATES = {
    PublicationState.SCHEDULED: Badge("Scheduled", "busy"),
    PublicationState.PUBLISHING: Badge("On its way", "busy"),
    PublicationState.PUBLISHED: Badge("Published", "good"),
    PublicationState.FAILED: Badge("Failed", "bad"),
    PublicationState.NEEDS_RECONCILE: Badge("Needs a look", "bad"),
    PublicationState.RETRACTING: Badge("Being retracted", "busy"),
    PublicationState.RETRACTED: Badge("Retracted"),
}


def index(
    session: Session,
    person: Person,
    name: Field = BLANK,
    where: Field = BLANK,
    wordpress: Mapping[str, Field] | None = None,
) -> ChannelsView:
    """Every channel with what went there; the fields keep what was typed."""
    sent = publications.by_channel(session)
    freed = {channel.id for _, channel in policies.deciding(session)}
    rows = (_row(each, sent.get(each.id, NOTHING_SENT), each.id in freed) for each in queries.channels(session))
    newest = publications.newest(session, LIMIT)
    shown = {each.id for each in newest}
    first = [each for each in publications.in_doubt(session, LIMIT) if each.id not in shown]
    pieces = (_piece(each, person.may("publish")) for each in (*first, *newest))
    fields = wordpress or dict.fromkeys(WORDPRESS, BLANK)
    return ChannelsView(tuple(rows), tuple(pieces), name, where, fields, person.may("admin"), _others())


def _others() -> tuple[Link, ...]:
    found = (each for each in kinds.all_kinds() if each.kind not in ON_THE_PAGE)
    return tuple(Link(_capital(each.title), f"/channels/add/{each.kind}") for each in found)


def _title(kind: str) -> str:
    """What people call a kind, also one whose plugin is gone."""
    try:
        return _capital(kinds.kind(kind).title)
    except KindNotFound:
        return kind.capitalize()


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def place(channel: Channel) -> str:
    """Where a channel's pieces go: an address, or the path of its folder."""
    folder = Path(str(channel.config.get("folder") or "")).expanduser()
    address = channel.config.get("url") or channel.config.get("repository")
    return str(address or channels.shown(channel).home / folder)


def _row(channel: Channel, sent: Sent, is_freed: bool) -> ChannelRow:
    where = place(channel)
    trouble = sent.failure if sent.failure and (not sent.last or sent.failure.id > sent.last.id) else None
    base = str(channel.config.get("base_url") or "").rstrip("/")
    return ChannelRow(
        channel.id,
        channel.name,
        _title(channel.kind),
        where,
        _badge(channel, trouble is not None),
        "A policy lets pieces out without a person" if is_freed else "A person approves every piece",
        sent.published,
        Link(sent.last.title, openable(sent.last.url)) if sent.last else None,
        sent.last.published_at if sent.last else None,
        f"{base or where}/feed.xml" if channel.kind == "folder" else "",
        channel.trouble or (trouble.error or "" if trouble else ""),
        channel.is_enabled,
        channel.is_sample,
    )


def _badge(channel: Channel, in_trouble: bool) -> Badge:
    if channel.trouble:
        return Badge("Stopped", "bad")
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
        each.id if may_retry and each.state == PublicationState.NEEDS_RECONCILE else "",
        each.is_sample,
    )


def openable(url: str | None) -> str:
    """The address if a browser may follow it from the desk, else nothing."""
    return url if url and url.startswith(("http://", "https://")) else ""


def path(url: str | None) -> str:
    """The path that a `file:` address names, else nothing."""
    return unquote(urlsplit(url).path) if url and url.startswith("file:") else ""
