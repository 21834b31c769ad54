"""What a delivery leaves hidden at a target when an answer is lost, and its removal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import db, log
from stonehand.channels import queries as channels
from stonehand.channels import service as channel_service
from stonehand.channels.interfaces import LeavesDrafts, Leftover
from stonehand.channels.models import Channel
from stonehand.db import Database, Session
from stonehand.errors import StonehandError
from stonehand.publications.models import Publication

AGE = timedelta(hours=1)  # younger ones may belong to a delivery that is on its way


def orphans(found: Iterable[Leftover], shown: Mapping[str, str | None]) -> list[Leftover]:
    """What to remove: of keys of ours whose delivery went on with another one. What nobody knows is not touched."""
    return [each for each in found if shown.get(each.key) not in (None, each.remote_id)]


def sweep(database: Database, age: timedelta = AGE) -> int:
    """Remove the orphans of every channel that is switched on. Returns how many; a channel that fails is left."""
    with database.read() as session:
        enabled, before = list(channels.enabled(session)), db.now(session) - age
    return sum(_sweep_channel(database, channel, before) for channel in enabled)


def _sweep_channel(database: Database, channel: Channel, before: datetime) -> int:
    plugin = channel_service.plugin(channel.kind)
    if not isinstance(plugin, LeavesDrafts):
        return 0
    removed = 0
    try:
        target = channel_service.target(channel)
        found = plugin.leftovers(target, before)
        with database.read() as session:
            shown = _shown(session, channel.id, {each.key for each in found})
        for each in orphans(found, shown):
            plugin.discard(each, target)
            removed += 1
    except StonehandError as error:
        log.logger(__name__).warning("cannot remove leftovers", channel=channel.name, error=str(error))
    return removed


def _shown(session: Session, channel_id: str, keys: set[str]) -> dict[str, str | None]:
    """What the deliveries of these keys went on with."""
    mine = sa.select(Publication.key, Publication.remote_id, Publication.notes).where(
        Publication.channel_id == channel_id, Publication.key.in_(keys)
    )
    return {key: remote_id or notes.get("remote_id") for key, remote_id, notes in session.execute(mine)}
