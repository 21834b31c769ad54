"""Reading articles for their stories, and telling a story anew of the articles that it has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from stonehand import db
from stonehand.analysis import queries as analyses
from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.articles.queries import ArticleText
from stonehand.db import Session
from stonehand.nlp import vectors
from stonehand.stories.known import KnownStory
from stonehand.stories.models import Placement, Story
from stonehand.stories.placement import Reading, read_words
from stonehand.stories.states import Role

READ_AGAIN = 40  # articles of a story whose texts are read: of all others the vector and what their place says


def read(session: Session, article_ids: Sequence[str]) -> dict[str, Reading]:
    """What placing needs of these articles; those without text or analysis are left out."""
    texts, found = articles.texts(session, article_ids), analyses.analyses(session, article_ids)
    moment = db.now(session)
    return {id_: _reading(text, found[id_], moment) for id_, text in texts.items() if id_ in found}


def _reading(text: ArticleText, found: Analysis, moment: datetime) -> Reading:
    terms, names = read_words(text.title, text.text, found.language)
    return Reading(
        article_id=text.id,
        title=text.title,
        outlet=text.outlet,
        url=text.url,
        vector=vectors.unpack(found.vector),
        vector_model=found.vector_model,
        terms=terms,
        names=names,
        reported_at=min(text.published_at or moment, moment),
        dated=text.published_at is not None,
        original_id=text.duplicate_of,
        is_sample=text.is_sample,
    )


def tell(session: Session, story_ids: Collection[str]) -> tuple[list[KnownStory], list[str]]:
    """These stories as their articles make them now, and the ids of those that have none any more and are removed."""
    told = {story_id: _told_anew(session, story_id) for story_id in sorted(story_ids)}
    empty = [story_id for story_id, story in told.items() if story is None]
    session.execute(sa.delete(Story).where(Story.id.in_(empty)))
    return [story for story in told.values() if story], empty


def _told_anew(session: Session, story_id: str) -> KnownStory | None:
    """The story as its articles make it, earliest first; None if nothing is known of any."""
    ordered = sa.select(Placement).where(Placement.story_id == story_id)
    placed = session.scalars(ordered.order_by(Placement.role == Role.COPY, Placement.reported_at)).all()
    readings = _readings(session, placed)
    known = [readings[place.article_id] for place in placed if place.article_id in readings]
    if not known:
        return None
    story = KnownStory.begin(story_id, known[0])
    for reading in known:
        story.add(reading)
    if placed[0].role == Role.FOLLOW_UP:
        placed[0].role = Role.FIRST_REPORT
    return story


def _readings(session: Session, placed: Sequence[Placement]) -> dict[str, Reading]:
    """The newest originals in full, and of the rest what costs little, so that no story is too long to be told."""
    newest = [place.article_id for place in placed if place.role != Role.COPY][-READ_AGAIN:]
    found = _light(session, placed)
    found.update(read(session, newest))
    return found


def _light(session: Session, placed: Sequence[Placement]) -> dict[str, Reading]:
    """Readings without words."""
    places = {place.article_id: place for place in placed}
    wish = sa.select(Analysis.article_id, Analysis.vector, Analysis.vector_model, Article.is_sample)
    wish = wish.join(Article, Article.id == Analysis.article_id)
    wish = wish.join(Placement, Placement.article_id == Analysis.article_id)
    rows = session.execute(wish.where(Placement.story_id.in_({place.story_id for place in placed})))
    return {
        id_: Reading(
            article_id=id_,
            title=places[id_].title,
            outlet=places[id_].outlet,
            url=places[id_].url,
            vector=vectors.unpack(vector),
            vector_model=model,
            terms={},
            names={},
            reported_at=places[id_].reported_at,
            dated=places[id_].dated,
            original_id=places[id_].original_id,
            is_sample=is_sample,
        )
        for id_, vector, model, is_sample in rows
        if id_ in places
    }
