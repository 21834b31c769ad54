"""Stopping and letting go on anything that can be paused, in a person's name. Channels go by the names people know."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.channels import queries, service
from stonehand.channels.models import Channel
from stonehand.db import Session
from stonehand.jobs import service as jobs
from stonehand.limits import breakers
from stonehand.limits.names import KINDS, shown
from stonehand.sources import service as sources


def pause(session: Session, person: Person, target: str) -> str:
    """Stop `queue:NAME`, `task:NAME`, `source:ID`, `host:NAME`, `provider:NAME`, `channel:NAME` and so on.

    Returns the target's full name. Raises `PermissionMissing`, `QueueUnknown`, `TaskUnknown`, `TargetUnknown`,
    `SourceNotFound`, `ChannelNotFound`.
    """
    person.require("admin")
    kind, _, name = target.strip().partition(":")
    if kind == "source":
        sources.get(session, name)
    name = jobs.pause(session, _resolved(session, target), person.name)
    _record(session, person, "paused", name)
    return name


def resume(session: Session, person: Person, target: str) -> str:
    """Let it go on, whoever stopped it. Returns its full name. Raises what `pause` raises."""
    person.require("admin")
    name = jobs.resume(session, _resolved(session, target))
    _record(session, person, "resumed", name)
    return name


def reset(session: Session, person: Person, target: str) -> str:
    """Close a breaker. Returns its full name. Raises `BreakerNotFound` and what `pause` raises."""
    person.require("admin")
    name = breakers.get(session, _resolved(session, target)).name
    jobs.reset(session, name)
    _record(session, person, "reset", name)
    return name


def _record(session: Session, person: Person, verb: str, name: str) -> None:
    kind, _, rest = name.partition(":")
    accounts.record(session, person, verb, kind, rest)


def _resolved(session: Session, target: str) -> str:
    kind, _, name = target.strip().partition(":")
    if kind != "channel" or session.get(Channel, name) is not None:
        return target
    return service.breaker(queries.channel_by_name(session, name).id)


def called(target: str, channels: Mapping[str, str]) -> str:
    """A target in words: `queue fetch`, `host example.org`, `channel Harbour Post`."""
    if target in channels:
        return f"channel {channels[target]}"
    return shown(target) if target.partition(":")[0] in KINDS else target.replace(":", " ", 1)


def channel_names(session: Session) -> dict[str, str]:
    """What people call the channel of each breaker, by the breaker's name."""
    return {service.breaker(row.id): row.name for row in session.execute(sa.select(Channel.id, Channel.name))}
