"""Adding events to what is known of readers and articles. Every sum is made in the database, so none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.reading.models import Reading, ReadingCount, ReadingEvent
from stonehand.reading.states import Deed

COUNTED = ("views", "reads", "likes", "saves", "shares", "dismissals", "ratings", "rating_total", "seconds")
FLAGS = {
    Deed.LIKE: (Reading.liked, "likes"),
    Deed.SAVE: (Reading.saved, "saves"),
    Deed.SHARE: (Reading.shared, "shares"),
    Deed.DISMISS: (Reading.dismissed, "dismissals"),
}


@dataclass(frozen=True)
class Event:
    """One thing that a reader did with an article."""

    client_id: str
    article_id: str
    deed: Deed
    value: int | None = None
    seconds: int = 0
    scroll: int = 0


def keep(session: Session, user_id: str, events: Sequence[Event], moment: datetime) -> list[Event]:
    """Keep those events that were not kept before, and return them."""
    fresh = []
    for event in events:
        facts = {name: getattr(event, name) for name in ("client_id", "article_id", "value", "seconds", "scroll")}
        row = facts | {"user_id": user_id, "deed": event.deed.value, "at": moment}
        made = db.insert(session, ReadingEvent).values(row).on_conflict_do_nothing()
        if session.execute(made.returning(ReadingEvent.client_id)).first():
            fresh.append(event)
    return fresh


def add(session: Session, user_id: str, events: Sequence[Event], moment: datetime) -> None:
    """Add events to the reader's standing and to the day's counts."""
    gained: dict[str, Counter[str]] = {}
    for event in events:
        gained.setdefault(event.article_id, Counter()).update(_one(session, user_id, event, moment))
    # always in the same order, so that two readers never wait for each other
    for article_id in sorted(gained):
        _count(session, article_id, gained[article_id], moment)


def _one(session: Session, user_id: str, event: Event, moment: datetime) -> Mapping[str, int]:
    """Change how the reader stands to the article. Returns what that adds to the counts."""
    _touch(session, user_id, event, moment)
    gained = Counter({"seconds": event.seconds, "views": int(event.deed == Deed.VIEW)})
    if event.deed == Deed.READ and _turn(session, user_id, event, Reading.completed_at.is_(None), completed_at=moment):
        gained["reads"] += 1
    if event.deed in FLAGS:
        column, name = FLAGS[event.deed]
        wanted = event.value != 0
        if _turn(session, user_id, event, column.is_not(wanted), **{column.key: wanted}):
            gained[name] += 1 if wanted else -1
    if event.deed == Deed.RATE:
        gained.update(_rate(session, user_id, event))
    return gained


def _touch(session: Session, user_id: str, event: Event, moment: datetime) -> None:
    row: dict[str, Any] = {
        "user_id": user_id,
        "article_id": event.article_id,
        "started_at": moment,
        "views": int(event.deed == Deed.VIEW),
        "seconds": event.seconds,
        "scroll": event.scroll,
        **dict.fromkeys(("liked", "saved", "shared", "dismissed"), False),
        "updated_at": moment,
    }
    insert = db.insert(session, Reading).values(row)
    new = insert.excluded
    further = sa.case((new.scroll > Reading.scroll, new.scroll), else_=Reading.scroll)
    sums = {"views": Reading.views + new.views, "seconds": Reading.seconds + new.seconds, "scroll": further}
    changed = sums | {"updated_at": new.updated_at}
    session.execute(insert.on_conflict_do_update(index_elements=["user_id", "article_id"], set_=changed))


def _turn(session: Session, user_id: str, event: Event, condition: sa.ColumnElement[bool], **values: Any) -> bool:
    """Change the standing if the condition holds; whether it did."""
    mine = (Reading.user_id == user_id, Reading.article_id == event.article_id, condition)
    return session.scalar(sa.update(Reading).where(*mine).values(values).returning(Reading.user_id)) is not None


def _rate(session: Session, user_id: str, event: Event) -> Mapping[str, int]:
    """A second rating takes the place of the first: the counts gain the difference."""
    mine = (Reading.user_id == user_id, Reading.article_id == event.article_id)
    before = session.scalar(sa.select(Reading.rating).where(*mine).with_for_update(key_share=True))
    session.execute(sa.update(Reading).where(*mine).values(rating=event.value))
    return {"ratings": int(before is None), "rating_total": (event.value or 0) - (before or 0)}


def _count(session: Session, article_id: str, gained: Mapping[str, int], moment: datetime) -> None:
    values = {name: gained.get(name, 0) for name in COUNTED}
    if not any(values.values()):
        return
    insert = db.insert(session, ReadingCount).values(article_id=article_id, day=moment.date(), **values)
    sums = {name: getattr(ReadingCount, name) + insert.excluded[name] for name in COUNTED}
    session.execute(insert.on_conflict_do_update(index_elements=["article_id", "day"], set_=sums))
