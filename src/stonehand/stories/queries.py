"""Questions about stories."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from stonehand.analysis.models import Analysis
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.stories import timeline as telling
from stonehand.stories.errors import StoryNotFound
from stonehand.stories.models import Placement, Story, StoryChange, StoryLock
from stonehand.stories.states import Role
from stonehand.stories.timeline import Step


def story(session: Session, story_id: str) -> Story:
    """A story by id. Raises `StoryNotFound`."""
    found = session.get(Story, story_id)
    if found is None:
        raise StoryNotFound(f"there is no story {story_id}; it may have been removed")
    return found


def top(
    session: Session, limit: int = 20, offset: int = 0, state: str | None = None, words: str = ""
) -> Sequence[Story]:
    """Stories by rank, the most prominent first; `words` must all stand in the title."""
    statement = sa.select(Story).where(Story.merged_into.is_(None)).order_by(Story.rank.desc(), Story.id)
    statement = statement.limit(limit).offset(offset)
    if state:
        statement = statement.where(Story.state == state)
    for word in words.split():
        statement = statement.where(Story.title.icontains(word, autoescape=True))
    return session.scalars(statement).all()


def count(session: Session) -> int:
    """How many stories there are."""
    return session.scalar(sa.select(sa.func.count()).select_from(Story).where(Story.merged_into.is_(None))) or 0


def current(session: Session, story_id: str) -> str:
    """The story that has this one's articles now: itself, unless it was merged. Raises `StoryNotFound`."""
    seen: set[str] = set()
    while story_id not in seen:
        seen.add(story_id)
        story_id = story(session, story_id).merged_into or story_id
    return story_id


def merged(session: Session, story_id: str, limit: int = 20) -> Sequence[str]:
    """The stories that were merged into this one, the latest first."""
    wish = sa.select(Story.id).where(Story.merged_into == story_id)
    return session.scalars(wish.order_by(Story.updated_at.desc()).limit(limit)).all()


def changes(session: Session, story_id: str, limit: int = 20) -> Sequence[StoryChange]:
    """What moved into this story and out of it, the newest first."""
    wish = sa.select(StoryChange).where(sa.or_(StoryChange.from_id == story_id, StoryChange.to_id == story_id))
    return session.scalars(wish.order_by(StoryChange.at.desc(), StoryChange.id.desc()).limit(limit)).all()


def unplaced(session: Session, since: str, most: int) -> list[str]:
    """Articles that were analysed but have no story, oldest first, from the id `since` on."""
    placed = sa.exists().where(Placement.article_id == Analysis.article_id)
    wish = sa.select(Analysis.article_id).where(Analysis.article_id >= since, ~placed)
    return list(session.scalars(wish.order_by(Analysis.article_id).limit(most)))


def passed(session: Session) -> tuple[int, int]:
    """Up to which count of the lock the graph pass has looked, and what the count is now."""
    row = session.execute(sa.select(StoryLock.passed, StoryLock.count)).one_or_none()
    return (row[0], row[1]) if row else (0, 0)


def changed(session: Session, after: int, until: int, since: datetime, most: int) -> tuple[list[str], int]:
    """About `most` recent stories that changed after that count, and up to which count these are all there are."""
    wish = sa.select(Story.id, Story.revision).where(Story.revision > after, Story.revision <= until)
    recent = wish.where(Story.merged_into.is_(None), Story.last_at >= since).order_by(Story.revision, Story.id)
    rows = session.execute(recent.limit(most)).all()
    if len(rows) < most:
        return [row.id for row in rows], until
    last = rows[-1].revision
    rest = session.execute(recent.where(Story.revision == last, Story.id > rows[-1].id)).all()
    return [row.id for row in (*rows, *rest)], last


def placements(session: Session, story_id: str) -> Sequence[Placement]:
    """The places in a story, earliest report first."""
    ordered = sa.select(Placement).order_by(Placement.reported_at, Placement.article_id)
    return session.scalars(ordered.where(Placement.story_id == story_id)).all()


def placement(session: Session, article_id: str) -> Placement | None:
    """Where an article was placed, or None while it was not."""
    return session.get(Placement, article_id)


def timeline(session: Session, story_id: str) -> list[Step]:
    """A story told in order, copies under their originals. Raises `StoryNotFound`."""
    story(session, story_id)
    return telling.steps(placements(session, story_id))


def of_articles(session: Session, article_ids: Sequence[str]) -> list[Story]:
    """The stories of these articles, in their order, each once."""
    wish = sa.select(Placement.article_id, Story).join(Story, Story.id == Placement.story_id)
    found: dict[str, Story] = dict(session.execute(wish.where(Placement.article_id.in_(article_ids))).all())
    return list({found[each].id: found[each] for each in article_ids if each in found}.values())


def article_ids(session: Session, story_id: str) -> list[str]:
    """The articles of a story, earliest first, copies last."""
    placed = placements(session, story_id)
    return [each.article_id for each in sorted(placed, key=lambda each: each.role == Role.COPY)]


def outlets(session: Session, story_ids: Sequence[str]) -> dict[str, list[str]]:
    """The outlets of these stories, by story, the earliest to report first."""
    first = sa.func.min(Placement.reported_at)
    statement = (
        sa.select(Placement.story_id, Placement.outlet)
        .where(Placement.story_id.in_(story_ids))
        .group_by(Placement.story_id, Placement.outlet)
        .order_by(first, Placement.outlet)
    )
    found: dict[str, list[str]] = {story_id: [] for story_id in story_ids}
    for story_id, outlet in session.execute(statement):
        found[story_id].append(outlet)
    return found


def leads(session: Session, story_ids: Collection[str]) -> dict[str, str]:
    """The opening words of each of these stories' earliest report that has some, by story."""
    place = sa.func.row_number().over(partition_by=Placement.story_id, order_by=Placement.reported_at)
    opening = (
        sa.select(Placement.story_id, Article.excerpt, place.label("place"))
        .join(Article, Article.id == Placement.article_id)
        .where(Placement.story_id.in_(story_ids), Placement.role != Role.COPY, Article.excerpt != "")
        .subquery()
    )
    return dict(session.execute(sa.select(opening.c.story_id, opening.c.excerpt).where(opening.c.place == 1)).all())


def reported(session: Session, story_ids: Collection[str], since: datetime) -> dict[str, list[datetime]]:
    """When these stories were reported on since then, copies too, by story, earliest first."""
    statement = sa.select(Placement.story_id, Placement.reported_at).where(
        Placement.story_id.in_(story_ids), Placement.reported_at >= since
    )
    found: dict[str, list[datetime]] = {story_id: [] for story_id in story_ids}
    for story_id, moment in session.execute(statement.order_by(Placement.reported_at)):
        found[story_id].append(moment)
    return found
