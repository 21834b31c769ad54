"""Verbs of channels.

`check` asks the plugin and may wait for the world, so it comes before the transaction; the other verbs take a session.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from stonehand import config, db, registry
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.channels import queries
from stonehand.channels.errors import ChannelNameTaken, ChannelNameUnfit
from stonehand.channels.interfaces import ChannelKind, Target
from stonehand.channels.models import Channel
from stonehand.db import Session

SLUG_LENGTH = 60


@dataclass(frozen=True)
class Checked:
    """A channel's kind, name and configuration, found fit by its plugin."""

    kind: str
    name: str
    slug: str
    config: dict[str, Any]


def check(kind: str, name: str, settings: Mapping[str, Any], slug: str | None = None) -> Checked:
    """Ask the plugin whether such a channel could work. Holds no transaction.

    `slug` is the one of an existing channel. Raises `KindNotFound`, `ChannelNameUnfit`, `ConfigUnfit`, and whatever
    else the plugin finds.
    """
    shown = "".join(letter for letter in " ".join(name.split()) if letter.isprintable())[:100]
    slug = slug or _slug(shown)
    return Checked(kind, shown, slug, plugin(kind).validate(_target(shown, slug, settings)))


def add(session: Session, person: Person, checked: Checked, is_sample: bool = False) -> Channel:
    """A new channel, switched on, which needs a review. Raises `ChannelNameTaken`, `PermissionMissing`."""
    person.require("admin")
    channel = _insert(session, checked, is_sample)
    if channel is None:
        raise ChannelNameTaken(f"there is a channel called {checked.name!r} or nearly so; choose another name")
    accounts.record(session, person, "added", "channel", channel.id, {"name": channel.name, "kind": channel.kind})
    return channel


def ensure(session: Session, checked: Checked, is_sample: bool = False) -> Channel:
    """The channel of this name, added if there is none: for the one every newsroom starts with."""
    channel = _insert(session, checked, is_sample)
    if channel is None:
        return queries.channel_by_name(session, checked.name)
    accounts.record(session, accounts.SYSTEM, "added", "channel", channel.id, {"name": channel.name})
    return channel


def _insert(session: Session, checked: Checked, is_sample: bool) -> Channel | None:
    wish = db.insert(session, Channel).values(
        id=db.new_id(),
        kind=checked.kind,
        name=checked.name,
        slug=checked.slug,
        config=checked.config,
        is_enabled=True,
        requires_review=True,
        is_sample=is_sample,
        created_at=db.now(session),
    )
    found: Channel | None = session.scalars(wish.on_conflict_do_nothing().returning(Channel)).one_or_none()
    return found


def edit(session: Session, person: Person, channel_id: str, checked: Checked) -> Channel:
    """Give a channel another name or configuration, checked with its own slug. Raises `ChannelNameTaken`."""
    person.require("admin")
    channel = queries.channel(session, channel_id)
    taken = sa.select(Channel.id).where(Channel.name == checked.name, Channel.id != channel_id)
    if session.scalar(taken) is not None:
        raise ChannelNameTaken(f"another channel is called {checked.name!r}; choose another name")
    changes = {"name": checked.name, "config": checked.config}
    accounts.record(session, person, "edited", "channel", channel_id, changes)
    channel.name, channel.config = checked.name, checked.config
    return channel


def enable(session: Session, person: Person, channel_id: str, is_enabled: bool) -> None:
    """Switch a channel on or off. What is on its way when it goes off waits until it is on again."""
    person.require("admin")
    channel = queries.channel(session, channel_id)
    if channel.is_enabled != is_enabled:
        channel.is_enabled = is_enabled
        accounts.record(session, person, "switched on" if is_enabled else "switched off", "channel", channel_id)


def remove(session: Session, person: Person, channel_id: str) -> None:
    """Forget a channel. What was delivered through it stays where it is."""
    person.require("admin")
    channel = queries.channel(session, channel_id)
    accounts.record(session, person, "removed", "channel", channel_id, {"name": channel.name})
    session.delete(channel)


def plugin(kind: str) -> ChannelKind:
    """The plugin of a kind of channel. Raises `KindNotFound`."""
    found: ChannelKind = registry.find("channel", kind)
    return found


def target(channel: Channel) -> Target:
    """A channel as its plugin sees it."""
    return _target(channel.name, channel.slug, channel.config)


def _target(name: str, slug: str, settings: Mapping[str, Any]) -> Target:
    return Target(name, config.settings().data_dir / "published" / slug, settings)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))[:SLUG_LENGTH].strip("-")
    if not slug:
        raise ChannelNameUnfit(f"{name!r} cannot name a channel; it needs a letter from a to z or a digit")
    return slug
