"""Questions about channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from stonehand.channels.errors import ChannelNotFound
from stonehand.channels.models import Channel
from stonehand.db import Session


def channel(session: Session, channel_id: str) -> Channel:
    """A channel by id. Raises `ChannelNotFound`."""
    found = session.get(Channel, channel_id)
    if found is None:
        raise ChannelNotFound(f"there is no channel {channel_id}; it may have been removed")
    return found


def channel_by_name(session: Session, name: str) -> Channel:
    """A channel by its name. Raises `ChannelNotFound`, naming those that exist."""
    found = session.scalar(sa.select(Channel).where(Channel.name == name))
    if found is None:
        known = ", ".join(row.name for row in channels(session)) or "none yet"
        raise ChannelNotFound(f"there is no channel called {name!r}; there are: {known}")
    return found


def channels(session: Session) -> Sequence[Channel]:
    """All channels, by name."""
    return session.scalars(sa.select(Channel).order_by(Channel.name)).all()


def enabled(session: Session, channel_ids: Iterable[str] | None = None) -> Sequence[Channel]:
    """The channels that are switched on, by name; perhaps only those among `channel_ids`."""
    wish = sa.select(Channel).where(Channel.is_enabled).order_by(Channel.name)
    if channel_ids is not None:
        wish = wish.where(Channel.id.in_(list(channel_ids)))
    return session.scalars(wish).all()
