"""Collects from the rooms before what a writer, a checker or the desk needs."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand.analysis import queries as analysis
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.articles.queries import ArticleText
from stonehand.db import Session
from stonehand.drafts.choosing import Choice
from stonehand.drafts.models import Draft
from stonehand.drafts.pieces import Brief, Instructions, Section, SourceText
from stonehand.reading import queries as reading
from stonehand.stories import queries as stories
from stonehand.stories.models import Placement, Story
from stonehand.stories.states import Role

MOST_ARTICLES = 30  # of a story, that a writer chooses from
LONGEST_TEXT = 20_000  # characters of an article; longer ones are not news, and checks run while an editor waits
MOST_STORIES = 30  # of the ranking, that the desk chooses from


def brief(session: Session, draft: Draft, only: Sequence[str] = ()) -> Brief:
    """The brief of a draft: all its story's originals, the articles of its digest, those that were chosen for it, or
    only those in `only`, numbered in this order."""
    title, sections = _subject(session, draft)
    ids = only or [id_ for _, some in sections for id_ in some]
    texts = articles.texts(session, ids)
    languages = {id_: found.language for id_, found in analysis.analyses(session, ids).items()}
    sources = tuple(
        _source(number, texts[id_], languages.get(id_)) for number, id_ in enumerate(ids, 1) if id_ in texts
    )
    language = sources[0].language if sources else "en"
    told = _told(sections, sources) if draft.digest_id else ()
    wishes = Instructions(**draft.instructions)
    return Brief(draft.id, draft.story_id, title, language, sources, draft.is_sample, told, wishes)


def _subject(session: Session, draft: Draft) -> tuple[str, list[tuple[str, Sequence[str]]]]:
    """What the draft is about: a title, and titles with articles."""
    if draft.digest_id:
        digest = reading.digest(session, draft.digest_id)
        return digest.title, [(each["title"], each["article_ids"]) for each in digest.sections]
    if not draft.story_id:
        return draft.title, [(draft.title, draft.article_ids)]
    story = stories.story(session, draft.story_id)
    return story.title, [(story.title, _originals(session, story.id))]


def _told(sections: Sequence[tuple[str, Sequence[str]]], sources: Sequence[SourceText]) -> tuple[Section, ...]:
    numbers = {source.article_id: source.number for source in sources}
    told = [Section(title, tuple(numbers[id_] for id_ in ids if id_ in numbers)) for title, ids in sections]
    return tuple(section for section in told if section.numbers)


def _originals(session: Session, story_id: str) -> Sequence[str]:
    """The articles of a story that are not copies, the earliest first."""
    return session.scalars(
        sa.select(Placement.article_id)
        .where(Placement.story_id == story_id, Placement.role != Role.COPY)
        .order_by(Placement.reported_at, Placement.article_id)
        .limit(MOST_ARTICLES)
    ).all()


def _source(number: int, text: ArticleText, language: str | None) -> SourceText:
    return SourceText(
        number=number,
        article_id=text.id,
        outlet=text.outlet,
        title=text.title,
        url=text.url,
        published_at=text.published_at,
        text=text.text[:LONGEST_TEXT],
        language=language or text.language or "en",
    )


def choices(session: Session) -> list[Choice]:
    """The best stories that never had a draft, in the order of the ranking."""
    words = sa.func.coalesce(sa.func.sum(Article.word_count), 0)
    wish = (
        sa.select(Story.id, sa.func.count(Placement.outlet.distinct()), words, sa.func.max(Placement.placed_at))
        .join(Placement, Placement.story_id == Story.id)
        .join(Article, Article.id == Placement.article_id)
        .where(Placement.role != Role.COPY, Story.id.in_(_best()))
        .group_by(Story.id, Story.rank)
        .order_by(Story.rank.desc())
    )
    return [Choice(*row) for row in session.execute(wish)]


def _best() -> sa.Select[tuple[str]]:
    """Several outlets and one outlet are looked for apart, so that neither crowds out the other."""
    undrafted = sa.select(Story.id).where(~sa.exists().where(Draft.story_id == Story.id)).order_by(Story.rank.desc())
    several = undrafted.where(Story.outlet_count > 1).limit(MOST_STORIES).subquery()
    alone = undrafted.where(Story.outlet_count == 1).limit(MOST_STORIES).subquery()
    both = sa.union_all(sa.select(several.c.id), sa.select(alone.c.id)).subquery()
    return sa.select(both.c.id)
