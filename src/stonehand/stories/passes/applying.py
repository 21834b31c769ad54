"""Makes stories what a pass or an editor decided: moves places, tells the stories anew, remembers why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.stories import keeping, retelling
from stonehand.stories.known import LATEST, OUTLETS, KnownStory
from stonehand.stories.models import Placement, Story, StoryChange, StoryLock
from stonehand.stories.passes.identity import Move
from stonehand.stories.passes.neighbourhoods import MEMBERS
from stonehand.stories.placement import Reading
from stonehand.stories.states import Change, Role

Evidence = Mapping[str, Any]


def members(session: Session, story_ids: Sequence[str]) -> dict[str, str]:
    """The newest articles of these stories that are no copies, `MEMBERS` of each at most, with their stories."""
    newest = sa.func.row_number().over(
        partition_by=Placement.story_id, order_by=(Placement.reported_at.desc(), Placement.article_id)
    )
    original = sa.select(Placement.article_id, Placement.story_id, newest.label("place"))
    ranked = original.where(Placement.story_id.in_(story_ids), Placement.role != Role.COPY).subquery()
    rows = session.execute(sa.select(ranked.c.article_id, ranked.c.story_id).where(ranked.c.place <= MEMBERS))
    return dict(rows.all())


def apply(
    session: Session,
    held: StoryLock,
    moves: Sequence[Move],
    readings: Mapping[str, Reading],
    evidence: Sequence[Evidence],
    said_by: str = "",
) -> list[str]:
    """Move the articles, their copies with them. `held` is `keeping.lock`, `evidence` goes with each move.

    Without `said_by` it was the graph. Returns the stories that changed.
    """
    moment = db.now(session)
    touched = sorted({id_ for move in moves for id_ in (move.from_id, move.to_id)})
    titles = dict(session.execute(sa.select(Story.id, Story.title).where(Story.id.in_(touched))).all())
    for move in moves:
        if move.is_new and move.to_id not in titles:
            titles[move.to_id] = ""
            _begin(session, move, readings[move.article_ids[0]], held, moment)
        _move(session, move)
    placed = {story_id: _places(session, story_id) for story_id in touched}
    told = {story_id: _told(session, story_id, mine, readings) for story_id, mine in placed.items() if mine}
    keeping.write(session, [story for story in told.values() if story], held, moment)
    for story_id, mine in placed.items():
        if not mine:
            _close(session, story_id, moves, held, moment)
        elif told[story_id] is None:
            _count(session, story_id, mine, held, moment)
    for move, why in zip(moves, evidence, strict=True):
        kind = Change.MERGED if not placed[move.from_id] else Change.SPLIT if move.is_new else Change.MOVED
        session.add(_change(move, kind, titles.get(move.from_id, ""), why, said_by or "graph", moment))
    return touched


def _begin(session: Session, move: Move, first: Reading, held: StoryLock, moment: datetime) -> None:
    """A row for the story, since places refer to it; it is written in full when all places are right."""
    story = KnownStory.begin(move.to_id, first)
    story.add(first)
    keeping.write(session, [story], held, moment)


def _move(session: Session, move: Move) -> None:
    for start in range(0, len(move.article_ids), 400):
        ids = move.article_ids[start : start + 400]
        theirs = sa.or_(Placement.article_id.in_(ids), Placement.original_id.in_(ids))
        session.execute(
            sa.update(Placement).where(Placement.story_id == move.from_id, theirs).values(story_id=move.to_id)
        )


def _places(session: Session, story_id: str) -> Sequence[Placement]:
    """What is in a story now, the earliest first, each in its role."""
    ours = sa.select(Placement).where(Placement.story_id == story_id)
    ordered = ours.order_by(Placement.reported_at, Placement.article_id)
    placed = session.scalars(ordered.execution_options(populate_existing=True)).all()
    _give_roles(placed)
    return placed


def _told(
    session: Session, story_id: str, placed: Sequence[Placement], readings: Mapping[str, Reading]
) -> KnownStory | None:
    """The story as its places make it: sums over all, words and means of the newest; None if nothing is known of
    these."""
    newest = [place.article_id for place in placed if place.role != Role.COPY or len(placed) == 1][-MEMBERS:]
    missing = retelling.read(session, [each for each in newest if each not in readings])
    known = [found for each in newest if (found := readings.get(each) or missing.get(each))]
    if not known:
        return None
    story = KnownStory.begin(story_id, known[0])
    for reading in known:
        story.add(reading)
    return _summed(story, placed)


def _summed(story: KnownStory, placed: Sequence[Placement]) -> KnownStory:
    """With what is counted over all of its places."""
    story.total = np.asarray(story.total / story.article_count * len(placed), dtype=np.float32)
    story.article_count = len(placed)
    story.first_at, story.last_at = placed[0].reported_at, placed[-1].reported_at
    story.outlets = list(dict.fromkeys(place.outlet for place in placed))[:OUTLETS]
    story.latest = [place.reported_at for place in placed][-LATEST:]
    story.last_dated = max((place.reported_at for place in placed if place.dated), default=None)
    return story


def _give_roles(placed: Iterable[Placement]) -> None:
    """The earliest text that is no copy is the first report."""
    first = True
    for place in placed:
        if place.original_id is not None:
            place.role = Role.COPY
        else:
            place.role = Role.FIRST_REPORT if first else Role.FOLLOW_UP
            first = False


def _close(session: Session, story_id: str, moves: Sequence[Move], held: StoryLock, moment: datetime) -> None:
    """Leave a sign to the story that took most of its articles."""
    takers = [(len(move.article_ids), move.to_id) for move in moves if move.from_id == story_id]
    into = max(takers)[1] if takers else None
    gone = sa.update(Story).where(Story.id == story_id)
    session.execute(
        gone.values(merged_into=into, article_count=0, outlet_count=0, revision=held.count, updated_at=moment)
    )


def _count(session: Session, story_id: str, placed: Sequence[Placement], held: StoryLock, moment: datetime) -> None:
    """Count anew a story of whose articles no analysis is left: its words and mean stay what they were."""
    counted = {
        "article_count": len(placed),
        "outlet_count": len({place.outlet for place in placed}),
        "first_at": placed[0].reported_at,
        "last_at": placed[-1].reported_at,
        "revision": held.count,
        "updated_at": moment,
    }
    session.execute(sa.update(Story).where(Story.id == story_id).values(**counted))


def _change(move: Move, kind: Change, title: str, why: Evidence, said_by: str, moment: datetime) -> StoryChange:
    return StoryChange(
        kind=kind,
        from_id=move.from_id,
        to_id=move.to_id,
        article_count=len(move.article_ids),
        title=title,
        evidence=dict(why),
        said_by=said_by,
        at=moment,
    )


def unchanged(session: Session, before: Mapping[str, str]) -> bool:
    """Whether these articles still are where they were when they were looked at."""
    ids: Collection[str] = list(before)
    found: dict[str, str] = {}
    for start in range(0, len(ids), 400):
        part = list(ids)[start : start + 400]
        wish = sa.select(Placement.article_id, Placement.story_id).where(Placement.article_id.in_(part))
        found |= dict(session.execute(wish).all())
    return found == dict(before)
