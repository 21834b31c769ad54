"""When people want pieces to go out that nobody has approved yet. A wish lets nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session, insert, now
from stonehand.drafts.models import Draft
from stonehand.timing.models import Wish


def hold(session: Session, draft_id: str) -> None:
    """Let nobody else make a wish for this draft, or fulfil one, until the transaction ends."""
    session.execute(sa.select(Draft.id).where(Draft.id == draft_id).with_for_update(key_share=True))


def make(session: Session, person: Person, draft_id: str, channel_id: str, due_at: datetime, timezone: str) -> None:
    """Keep when a draft should go out on a channel, once it is approved for it. The latest wish counts."""
    values = {"due_at": due_at, "timezone": timezone, "by": person.name, "created_at": now(session)}
    row = insert(session, Wish).values(draft_id=draft_id, channel_id=channel_id, **values)
    session.execute(row.on_conflict_do_update(index_elements=["draft_id", "channel_id"], set_=values))
    detail = {"channel": channel_id, "due_at": due_at.isoformat()}
    accounts.record(session, person, "scheduled", "draft", draft_id, detail)


def drop(session: Session, person: Person, draft_id: str, channel_id: str) -> bool:
    """Forget a wish. Returns whether there was one."""
    gone = fulfil(session, draft_id, channel_id) is not None
    if gone:
        accounts.record(session, person, "unscheduled", "draft", draft_id, {"channel": channel_id})
    return gone


def fulfil(session: Session, draft_id: str, channel_id: str) -> datetime | None:
    """Take the wish for this draft on this channel, and forget it. None if there is none."""
    mine = sa.delete(Wish).where(Wish.draft_id == draft_id, Wish.channel_id == channel_id)
    found: datetime | None = session.scalar(mine.returning(Wish.due_at))
    return found


def of_draft(session: Session, draft_id: str) -> Sequence[Wish]:
    """All wishes for a draft, the earliest first."""
    return session.scalars(sa.select(Wish).where(Wish.draft_id == draft_id).order_by(Wish.due_at)).all()


def between(session: Session, since: datetime, until: datetime, limit: int = 500) -> list[tuple[Wish, Draft]]:
    """Wishes for these times and the drafts that they are about, the earliest first."""
    wish = sa.select(Wish, Draft).join(Draft, Draft.id == Wish.draft_id)
    wish = wish.where(Wish.due_at >= since, Wish.due_at < until).order_by(Wish.due_at, Wish.draft_id).limit(limit)
    return [(found, draft) for found, draft in session.execute(wish)]
