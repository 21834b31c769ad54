"""The verbs of stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.articles import erasing
from stonehand.db import Session
from stonehand.stories import keeping, retelling
from stonehand.stories.known import KnownStory
from stonehand.stories.models import Placement, Story
from stonehand.stories.placement import WINDOW_DAYS, Evidence, Reading
from stonehand.stories.states import Role
from stonehand.stories.window import Window

SPAN = timedelta(days=WINDOW_DAYS)


@dataclass(frozen=True)
class _Placed:
    reading: Reading
    story: KnownStory
    role: Role
    evidence: Evidence | None


def place(session: Session, window: Window, readings: Sequence[Reading]) -> tuple[Window, list[str]]:
    """Give each article its story, earliest first; one that has a place keeps it. Returns the window and the stories
    that began or grew. If the transaction fails, the window must be thrown away."""
    held, moment = keeping.lock(session), db.now(session)
    complete = False
    while not complete:
        window, complete = keeping.catch_up(session, window.without_old(moment - SPAN), moment - SPAN)
    waiting = _unplaced(session, readings)
    told, emptied = retelling.tell(session, _relate(session, readings))
    window = window.without(emptied)
    for story in told:
        window.put(story)
    originals = _stories_of(session, [reading.original_id for reading in waiting if reading.original_id])
    keeping.fetch(session, window, originals.values())
    placed: list[_Placed] = []
    for reading in sorted(waiting, key=lambda each: (each.original_id is not None, each.reported_at, each.article_id)):
        placed.append(_place_one(window, reading, originals))
        originals[reading.article_id] = placed[-1].story.id
    grown = {story.id: story for story in (*told, *(each.story for each in placed))}
    keeping.write(session, grown.values(), held, moment)
    _record(session, placed, moment)
    window.count = held.count
    if emptied:
        held.epoch = window.epoch = db.new_id()  # other workers remember a story that is gone
    return window, list(grown)


def _unplaced(session: Session, readings: Sequence[Reading]) -> list[Reading]:
    ids = [reading.article_id for reading in readings]
    present = set(session.scalars(sa.select(Placement.article_id).where(Placement.article_id.in_(ids))))
    return [reading for reading in readings if reading.article_id not in present]


def _relate(session: Session, readings: Sequence[Reading]) -> set[str]:
    """Articles that have their place but became copies, or ceased to be copies, since. A copy moves to its original.

    Returns the stories that lost or got one by that.
    """
    originals = {reading.article_id: reading.original_id for reading in readings}
    homes = _stories_of(session, [found for found in originals.values() if found])
    moved: set[str] = set()
    for place in session.scalars(sa.select(Placement).where(Placement.article_id.in_(list(originals)))):
        original_id = originals[place.article_id]
        home = homes.get(original_id or "", place.story_id)
        if home != place.story_id:
            moved |= {home, place.story_id}
            place.story_id, place.role = home, Role.COPY
        elif place.original_id != original_id and place.role != Role.FIRST_REPORT:
            place.role = Role.FOLLOW_UP if original_id is None else Role.COPY
        place.original_id = original_id
    session.flush()
    return moved


def _stories_of(session: Session, article_ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        sa.select(Placement.article_id, Placement.story_id).where(Placement.article_id.in_(article_ids))
    )
    return dict(rows.all())


def _place_one(window: Window, reading: Reading, originals: dict[str, str]) -> _Placed:
    decision = window.decide(reading)
    story_id = originals.get(reading.original_id or "", decision.story_id)
    story = window.stories.get(story_id or "") or KnownStory.begin(db.new_id(), reading)
    began = story.article_count == 0
    first = began or (reading.original_id is None and reading.reported_at < story.first_at)
    window.grow(story, reading)
    evidence = decision.evidence if decision.story_id == story.id else None
    return _Placed(reading, story, Role.FIRST_REPORT if first else _later_role(reading), evidence)


def _record(session: Session, placed: Sequence[_Placed], moment: datetime) -> None:
    """Write the places. Where an earlier report turned up, the old first report becomes a follow-up."""
    firsts = {each.story.id: each.reading.article_id for each in placed if each.role == Role.FIRST_REPORT}
    if firsts:
        original = Placement.original_id.is_(None)
        statement = sa.update(Placement).where(Placement.story_id.in_(firsts), Placement.role == Role.FIRST_REPORT)
        session.execute(statement.values(role=sa.case((original, Role.FOLLOW_UP.value), else_=Role.COPY.value)))
    rows = [_row(each, firsts.get(each.story.id), moment) for each in placed]
    if rows:
        session.execute(sa.insert(Placement), rows)


def _later_role(reading: Reading) -> Role:
    return Role.FOLLOW_UP if reading.original_id is None else Role.COPY


def _row(each: _Placed, first: str | None, moment: datetime) -> dict[str, Any]:
    reading, evidence = each.reading, each.evidence
    demoted = each.role == Role.FIRST_REPORT and reading.article_id != first
    return {
        "article_id": reading.article_id,
        "story_id": each.story.id,
        "role": _later_role(reading) if demoted else each.role,
        "original_id": reading.original_id,
        "title": reading.title,
        "outlet": reading.outlet,
        "url": reading.url,
        "reported_at": reading.reported_at,
        "dated": reading.dated,
        "cosine": evidence.nearest if evidence else 1.0,
        "evidence": evidence.as_json() if evidence else {},
        "placed_at": moment,
    }


def forget(session: Session, article_ids: Sequence[str]) -> None:
    """Take these articles out of their stories: title, mean and words are made anew of those that stay.

    The first copy of one takes its place, as `articles.erasing` has it. Call this before they are erased.
    """
    held, moment = keeping.lock(session), db.now(session)
    gone = sa.delete(Placement).where(Placement.article_id.in_(article_ids)).returning(Placement.story_id)
    touched = set(session.scalars(gone))
    for original, heir in erasing.heirs(session, article_ids).items():
        theirs = sa.update(Placement).where(Placement.original_id == original)
        session.execute(theirs.where(Placement.article_id == heir).values(role=Role.FOLLOW_UP, original_id=None))
        session.execute(theirs.values(original_id=heir))
    told, _ = retelling.tell(session, touched)
    keeping.write(session, told, held, moment)
    held.epoch = db.new_id()  # what workers remember of these stories is wrong from now on


def remove_sample(session: Session) -> int:
    """Remove the sample's stories, their places with them. Returns how many."""
    held = keeping.lock(session)
    removed = session.execute(sa.delete(Story).where(Story.is_sample).returning(Story.id)).all()
    held.count, held.epoch = held.count + 1, db.new_id()
    return len(removed)
