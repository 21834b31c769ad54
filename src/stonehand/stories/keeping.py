"""Between the database and the window: loads what changed, writes what grew, and holds the lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import undefer

from stonehand import db
from stonehand.analysis.models import Analysis
from stonehand.db import Session
from stonehand.nlp import vectors
from stonehand.stories import ranking, titles
from stonehand.stories.known import MEMBERS, KnownStory, Member
from stonehand.stories.models import Placement, Story, StoryLock
from stonehand.stories.states import Role
from stonehand.stories.window import Window

WHOLE = (undefer(Story.centroid), undefer(Story.profile))
PAGE = 300  # stories read in one transaction while a window fills


def lock(session: Session) -> StoryLock:
    """Hold the one row until the transaction ends, so that places are given one batch after the other."""
    made = db.insert(session, StoryLock).values(id=1, count=0, epoch=db.new_id())
    session.execute(made.on_conflict_do_nothing(index_elements=["id"]))
    statement = sa.select(StoryLock).where(StoryLock.id == 1).with_for_update(key_share=True)
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def catch_up(session: Session, window: Window, since: datetime, most: int = PAGE) -> tuple[Window, bool]:
    """Read up to `most` stories that changed since the window last looked. Returns it (anew after a removal), and
    whether it has them all."""
    row = session.execute(sa.select(StoryLock.epoch, StoryLock.count)).one_or_none()
    epoch, count = row or ("", 0)
    if window.epoch != epoch:
        window = Window()
        window.epoch = epoch
    changed = _changed(session, window, since, most)
    for gone in (story.id for story in changed if story.merged_into):
        window.drop(gone)
    for story in _known(session, [story for story in changed if not story.merged_into]):
        window.put(story)
    complete = len(changed) < most
    window.count = count if complete else changed[-1].revision
    return window, complete


def fetch(session: Session, window: Window, story_ids: Collection[str]) -> None:
    """Bring these stories into the window, however old they are."""
    absent = [story_id for story_id in story_ids if story_id not in window.stories]
    if absent:
        found = session.scalars(sa.select(Story).where(Story.id.in_(absent)).options(*WHOLE)).all()
        for story in _known(session, found):
            window.put(story)


def _changed(session: Session, window: Window, since: datetime, most: int) -> Sequence[Story]:
    """About `most` of them, the earliest change first, and all that changed together with the last."""
    statement = sa.select(Story).where(Story.last_at >= since).options(*WHOLE).order_by(Story.revision, Story.id)
    found = session.scalars(statement.where(Story.revision > window.count).limit(most)).all()
    if len(found) < most:
        return found
    last = found[-1]
    rest = statement.where(Story.revision == last.revision, Story.id > last.id)
    return [*found, *session.scalars(rest)]


def _known(session: Session, stories: Sequence[Story]) -> Iterable[KnownStory]:
    members = _members(session, [story.id for story in stories])
    for story in stories:
        known = KnownStory(
            id=story.id,
            vector_model=story.vector_model,
            total=vectors.unpack(story.centroid) * story.article_count,
            article_count=story.article_count,
            first_at=story.first_at,
            last_at=story.last_at,
            is_sample=story.is_sample,
            members=members[story.id],
        )
        known.read_profile(story.profile)
        yield known


def _members(session: Session, story_ids: Sequence[str]) -> dict[str, list[Member]]:
    newest = sa.func.row_number().over(
        partition_by=Placement.story_id, order_by=(Placement.placed_at.desc(), Placement.article_id.desc())
    )
    ranked = (
        sa.select(Placement.article_id, Placement.story_id, Placement.title, newest.label("place"))
        .where(Placement.story_id.in_(story_ids), Placement.role != Role.COPY)
        .subquery()
    )
    statement = (
        sa.select(ranked.c.story_id, ranked.c.title, Analysis.vector)
        .join(Analysis, Analysis.article_id == ranked.c.article_id)
        .where(ranked.c.place <= MEMBERS)
        .order_by(ranked.c.place.desc())
    )
    found: dict[str, list[Member]] = defaultdict(list)
    for story_id, title, vector in session.execute(statement):
        found[story_id].append(Member(vectors.unpack(vector), title))
    return found


def write(session: Session, stories: Iterable[KnownStory], held: StoryLock, moment: datetime) -> None:
    """Store stories that began or grew, stamped with the next count of the lock."""
    held.count += 1
    rows = [_row(story, held.count, moment) for story in stories]
    if not rows:
        return
    statement = db.insert(session, Story)
    newer = {name: statement.excluded[name] for name in rows[0] if name not in ("id", "created_at")}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=newer), rows)


def _row(story: KnownStory, revision: int, moment: datetime) -> dict[str, object]:
    outlets = len(story.outlets)
    return {
        "id": story.id,
        "title": titles.choose(
            [member.title for member in story.members], np.stack([member.vector for member in story.members])
        ),
        "state": ranking.state(outlets).value,
        "article_count": story.article_count,
        "outlet_count": outlets,
        "first_at": story.first_at,
        "last_at": story.last_at,
        "rank": ranking.rank(outlets, story.latest, story.last_dated),
        "centroid": vectors.pack(story.total / story.article_count),
        "vector_model": story.vector_model,
        "profile": story.profile(),
        "is_sample": story.is_sample,
        "revision": revision,
        "created_at": moment,
        "updated_at": moment,
    }
