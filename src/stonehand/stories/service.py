"""The verbs of stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.analysis import queries as analyses
from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.articles.queries import ArticleText
from stonehand.db import Session
from stonehand.nlp import vectors
from stonehand.stories import keeping
from stonehand.stories.known import KnownStory
from stonehand.stories.models import Placement, Story
from stonehand.stories.placement import WINDOW_DAYS, Evidence, Reading, read_words
from stonehand.stories.states import Role
from stonehand.stories.window import Window

SPAN = timedelta(days=WINDOW_DAYS)


@dataclass(frozen=True)
class _Placed:
    reading: Reading
    story: KnownStory
    role: Role
    evidence: Evidence | None


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


def place(session: Session, window: Window, readings: Sequence[Reading]) -> tuple[Window, list[str]]:
    """Give each article its story, earliest first; one that has a place keeps it. Returns the window and the stories
    that began or grew. If the transaction fails, the window must be thrown away."""
    held, moment = keeping.lock(session), db.now(session)
    complete = False
    while not complete:
        window, complete = keeping.catch_up(session, window.without_old(moment - SPAN), moment - SPAN)
    waiting = _unplaced(session, readings)
    _relate(session, readings)
    originals = _stories_of(session, [reading.original_id for reading in waiting if reading.original_id])
    keeping.fetch(session, window, originals.values())
    placed: list[_Placed] = []
    for reading in sorted(waiting, key=lambda each: (each.original_id is not None, each.reported_at, each.article_id)):
        placed.append(_place_one(window, reading, originals))
        originals[reading.article_id] = placed[-1].story.id
    grown = {each.story.id: each.story for each in placed}
    keeping.write(session, grown.values(), held, moment)
    _record(session, placed, moment)
    window.count = held.count
    return window, list(grown)


def _unplaced(session: Session, readings: Sequence[Reading]) -> list[Reading]:
    ids = [reading.article_id for reading in readings]
    present = set(session.scalars(sa.select(Placement.article_id).where(Placement.article_id.in_(ids))))
    return [reading for reading in readings if reading.article_id not in present]


def _relate(session: Session, readings: Sequence[Reading]) -> None:
    """Articles that have their place but became copies, or ceased to be copies, since."""
    originals = {reading.article_id: reading.original_id for reading in readings}
    for place in session.scalars(sa.select(Placement).where(Placement.article_id.in_(list(originals)))):
        original_id = originals[place.article_id]
        if place.original_id != original_id:
            place.original_id = original_id
            if place.role != Role.FIRST_REPORT:
                place.role = Role.FOLLOW_UP if original_id is None else Role.COPY


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
    """Take these articles out of their stories: title, mean and words are made anew of those that stay."""
    held, moment = keeping.lock(session), db.now(session)
    gone = sa.delete(Placement).where(Placement.article_id.in_(article_ids)).returning(Placement.story_id)
    shrunk = set(session.scalars(gone))
    told = [_told_anew(session, story_id) for story_id in sorted(shrunk)]
    keeping.write(session, [story for story in told if story], held, moment)
    empty = [story_id for story_id, story in zip(sorted(shrunk), told, strict=True) if story is None]
    session.execute(sa.delete(Story).where(Story.id.in_(empty)))
    held.epoch = db.new_id()  # what workers remember of these stories is wrong from now on


def _told_anew(session: Session, story_id: str) -> KnownStory | None:
    """The story as its articles make it, earliest first; None if nothing is known of any."""
    ordered = sa.select(Placement).where(Placement.story_id == story_id)
    placed = session.scalars(ordered.order_by(Placement.role == Role.COPY, Placement.reported_at)).all()
    readings = read(session, [place.article_id for place in placed])
    known = [readings[place.article_id] for place in placed if place.article_id in readings]
    if not known:
        return None
    story = KnownStory.begin(story_id, known[0])
    for reading in known:
        story.add(reading)
    if placed[0].role == Role.FOLLOW_UP:
        placed[0].role = Role.FIRST_REPORT
    return story


def remove_sample(session: Session) -> int:
    """Remove the sample's stories, their places with them. Returns how many."""
    held = keeping.lock(session)
    removed = session.execute(sa.delete(Story).where(Story.is_sample).returning(Story.id)).all()
    held.count, held.epoch = held.count + 1, db.new_id()
    return len(removed)
