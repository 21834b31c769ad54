"""Verbs of channels.

`check` asks the plugin and may wait for the world, so it comes before the transaction; the other verbs take a session.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from stonehand import config, db, registry, vault
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.channels import queries
from stonehand.channels.errors import ChannelNameTaken, ChannelNameUnfit
from stonehand.channels.interfaces import ChannelKind, ConfigUnfit, NeedsSecrets, Target
from stonehand.channels.models import Channel
from stonehand.db import Session
from stonehand.jobs import service as jobs

SLUG_LENGTH = 60


@dataclass(frozen=True)
class Checked:
    """A channel's kind, name and configuration, found fit by its plugin."""

    kind: str
    name: str
    slug: str
    config: dict[str, Any]
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


def check(kind: str, name: str, settings: Mapping[str, Any], old: Channel | None = None) -> Checked:
    """Ask the plugin whether such a channel could work. Holds no transaction.

    `old` is the channel that is to be changed: its secrets stay where none are given, unless they would go elsewhere.
    Raises `KindNotFound`, `ChannelNameUnfit`, `ConfigUnfit`, and whatever else the plugin finds.
    """
    shown = "".join(letter for letter in " ".join(name.split()) if letter.isprintable())[:100]
    slug = old.slug if old else _slug(shown)
    found = plugin(kind)
    _check_letters(settings)
    names = found.secret_names if isinstance(found, NeedsSecrets) else ()
    plain = {name: value for name, value in settings.items() if name not in names}
    secrets = {name: str(settings[name]) for name in names if settings.get(name)}
    kept = _opened(old, plain) if old and len(secrets) < len(names) else {}
    secrets = kept | secrets
    return Checked(kind, shown, slug, found.validate(_target(shown, slug, plain, secrets)), secrets)


def _check_letters(settings: Mapping[str, Any]) -> None:
    """A client can send half a letter (a lone surrogate), which nothing can store or send on."""
    for name, value in settings.items():
        try:
            f"{name}{value}".encode()
        except UnicodeEncodeError:
            raise ConfigUnfit("a setting or its name holds half a letter; type it anew") from None


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
    id_ = db.new_id()
    wish = db.insert(session, Channel).values(
        id=id_,
        kind=checked.kind,
        name=checked.name,
        slug=checked.slug,
        config=checked.config,
        secrets=_sealed(id_, checked),
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
    channel.name, channel.config, channel.secrets = checked.name, checked.config, _sealed(channel_id, checked)
    return channel


def enable(session: Session, person: Person, channel_id: str, is_enabled: bool) -> None:
    """Switch a channel on or off. What is on its way when it goes off waits until it is on again."""
    person.require("admin")
    channel = queries.channel(session, channel_id)
    if channel.is_enabled != is_enabled:
        channel.is_enabled, channel.trouble = is_enabled, None
        accounts.record(session, person, "switched on" if is_enabled else "switched off", "channel", channel_id)
        if is_enabled:
            jobs.open_gate(session, gate(channel_id))


def gate(channel_id: str) -> str:
    """What a job waits for while its channel is off; switching it on wakes them all."""
    return f"switch:{channel_id}"


def breaker(channel_id: str) -> str:
    """The circuit breaker that counts whether the channel takes pieces."""
    return f"channel:{channel_id}"


def stop(session: Session, channel_id: str, reason: str) -> None:
    """Switch a channel off because nothing can go there until a person has mended it."""
    channel = queries.channel(session, channel_id)
    if channel.is_enabled:
        channel.is_enabled, channel.trouble = False, reason
        accounts.record(session, accounts.SYSTEM, "switched off", "channel", channel_id, {"reason": reason})


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
    """A channel as its plugin sees it. Raises `SecretUnreadable`."""
    return _target(channel.name, channel.slug, channel.config, _opened(channel, channel.config))


def shown(channel: Channel) -> Target:
    """A channel as people see it, without its secrets."""
    return _target(channel.name, channel.slug, channel.config, {})


def unkept(name: str) -> Target:
    """A channel that does not exist, for showing what one would look like."""
    return _target(name, _slug(name), {}, {})


def _target(name: str, slug: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Target:
    return Target(name, config.settings().data_dir / "published" / slug, settings, secrets)


def _sealed(channel_id: str, checked: Checked) -> dict[str, str]:
    if not checked.secrets:
        return {}
    context = _context(channel_id, checked.kind, checked.config)
    return {name: vault.seal(secret, context) for name, secret in checked.secrets.items()}


def _opened(channel: Channel, settings: Mapping[str, Any]) -> dict[str, str]:
    if not channel.secrets:
        return {}
    context = _context(channel.id, channel.kind, settings)
    return {name: vault.open_sealed(token, context) for name, token in channel.secrets.items()}


def _context(channel_id: str, kind: str, settings: Mapping[str, Any]) -> str:
    found = plugin(kind)
    return f"channel:{channel_id}:{found.address(settings) if isinstance(found, NeedsSecrets) else ''}"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))[:SLUG_LENGTH].strip("-")
    if not slug:
        raise ChannelNameUnfit(f"{name!r} cannot name a channel; it needs a letter from a to z or a digit")
    return slug
