"""What channels bear, kept and taken. One conditional statement takes a place, so that all workers keep to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import config
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.channels import queries as channels
from stonehand.db import Session, insert, now
from stonehand.jobs import service as jobs
from stonehand.timing import cadence, clocks
from stonehand.timing.cadence import Limits, Taken, Wait
from stonehand.timing.models import Cadence


def gate(channel_id: str) -> str:
    """What a job waits behind until its channel bears another piece; changing the hours wakes them all."""
    return f"cadence:{channel_id}"


def limits_of(session: Session, channel_id: str) -> Limits:
    """What a channel bears; one of which nobody has said anything bears everything."""
    row = session.get(Cadence, channel_id)
    return _limits(row) if row else Limits(usual_zone(session))


def taken_of(session: Session, channel_id: str) -> Taken:
    """What has gone out there lately."""
    row = session.get(Cadence, channel_id)
    return _taken(row) if row else Taken()


def all_limits(session: Session) -> dict[str, Limits]:
    """By channel, those that bear not everything."""
    return {row.channel_id: _limits(row) for row in session.scalars(sa.select(Cadence))}


def usual_zone(session: Session) -> str:
    """The newsroom's time zone; if the settings name none, that on whose clocks most channels are, or UTC."""
    settings = config.settings()
    if "timezone" in settings.model_fields_set:
        return settings.timezone
    found = Counter(session.scalars(sa.select(Cadence.timezone))).most_common(1)
    return found[0][0] if found else settings.timezone


def keep(session: Session, person: Person, channel_id: str, wish: Mapping[str, Any]) -> Limits:
    """Say what a channel bears from now on; what waits there looks again. Raises `CadenceUnfit`, `ChannelNotFound`."""
    person.require("admin")
    channel, limits = channels.channel(session, channel_id), cadence.read(wish)
    values = {
        "timezone": limits.timezone,
        "quiet": [each.words() for each in limits.quiet],
        "per_day": limits.per_day,
        "per_hour": limits.per_hour,
        "gap_seconds": limits.gap_seconds,
        "changed_by": person.name,
        "changed_at": now(session),
    }
    nothing_yet = {"day": "", "day_count": 0, "hour": "", "hour_count": 0, "last_at": None}
    row = insert(session, Cadence).values(channel_id=channel_id, **values, **nothing_yet)
    session.execute(row.on_conflict_do_update(index_elements=["channel_id"], set_=values))
    accounts.record(session, person, "set the hours of", "channel", channel_id, {"hours": limits.words()})
    jobs.open_gate(session, gate(channel.id))
    return limits


def recount(session: Session, channel_id: str, begun: Sequence[datetime]) -> None:
    """Count what went out before anybody said what the channel bears. `begun` ascends. To be called after `keep`, which
    holds the row, so that nothing that takes a place meanwhile is forgotten."""
    row = session.get_one(Cadence, channel_id, populate_existing=True)
    limits, taken = _limits(row), Taken()
    for at in begun:
        taken = cadence.take(limits, taken, at)
    row.day, row.day_count, row.hour, row.hour_count = taken.day, taken.day_count, taken.hour, taken.hour_count
    row.last_at = taken.last_at


def wait(session: Session, channel_id: str, moment: datetime) -> Wait | None:
    """How long a piece that is due waits for its channel; None if it may go."""
    row = session.get(Cadence, channel_id)
    return cadence.wait(_limits(row), _taken(row), moment) if row else None


def take(session: Session, channel_id: str, moment: datetime) -> bool:
    """Take a place for one more piece. False if there is none now; of several that ask at once, some are told so.

    Quiet hours hold nobody here: they are a matter of the clock alone, and `wait` tells of them.
    """
    row = session.get(Cadence, channel_id)
    if row is None:
        return True
    limits = _limits(row)
    day, hour = clocks.day_of(moment, limits.zone), clocks.hour_of(moment, limits.zone)
    room = sa.update(Cadence).where(Cadence.channel_id == channel_id, *_has_room(limits, day, hour, moment))
    one_more = {
        "day": day,
        "day_count": sa.case((Cadence.day == day, Cadence.day_count + 1), else_=1),
        "hour": hour,
        "hour_count": sa.case((Cadence.hour == hour, Cadence.hour_count + 1), else_=1),
        "last_at": moment,
    }
    quietly = room.values(**one_more).execution_options(synchronize_session=False)
    return session.scalar(quietly.returning(Cadence.channel_id)) is not None


def _has_room(limits: Limits, day: str, hour: str, moment: datetime) -> list[sa.ColumnElement[bool]]:
    """What must be so in the row at the moment of the change, not when it was read."""
    since = moment - timedelta(seconds=limits.gap_seconds)
    return [
        sa.or_(Cadence.per_day == 0, Cadence.day != day, Cadence.day_count < Cadence.per_day),
        sa.or_(Cadence.per_hour == 0, Cadence.hour != hour, Cadence.hour_count < Cadence.per_hour),
        sa.or_(Cadence.gap_seconds == 0, Cadence.last_at.is_(None), Cadence.last_at <= since),
    ]


def _limits(row: Cadence) -> Limits:
    facts = {"timezone": row.timezone, "quiet": row.quiet, "per_day": row.per_day, "per_hour": row.per_hour}
    return cadence.understood({**facts, "gap_seconds": row.gap_seconds})


def _taken(row: Cadence) -> Taken:
    return Taken(row.day, row.day_count, row.hour, row.hour_count, row.last_at)
