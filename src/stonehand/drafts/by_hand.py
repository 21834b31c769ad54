"""A piece that a person writes: it begins without a text, and nobody else writes it unless asked to."""

from __future__ import annotations

from dataclasses import asdict

from stonehand.articles import queries as articles
from stonehand.db import Session, new_id, now
from stonehand.drafts.errors import TextUnacceptable
from stonehand.drafts.models import Draft
from stonehand.drafts.pieces import Wish, shorten
from stonehand.drafts.states import DraftState

MOST_SOURCES = 30
LONGEST_TITLE = 300


def begin(session: Session, wish: Wish) -> str:
    """An empty draft about the wished articles, perhaps none yet. Returns its id. Raises `TextUnacceptable`."""
    title, chosen = shorten(wish.title, LONGEST_TITLE), list(dict.fromkeys(wish.article_ids))
    _refuse(session, title, chosen)
    draft_id, moment = new_id(), now(session)
    session.add(
        Draft(
            id=draft_id,
            story_id="",
            title=title,
            article_ids=chosen,
            instructions={name: value for name, value in asdict(wish.instructions).items() if value},
            state=DraftState.CHANGES_REQUESTED,  # with its writers, and nobody is asked to decide about it
            is_sample=wish.is_sample,
            created_by=wish.by,
            created_at=moment,
            updated_at=moment,
        )
    )
    session.flush()
    return draft_id


def _refuse(session: Session, title: str, chosen: list[str]) -> None:
    if not title:
        raise TextUnacceptable("the piece has no title; give it one")
    if len(chosen) > MOST_SOURCES:
        raise TextUnacceptable(f"a piece rests on {MOST_SOURCES} articles at most; choose fewer")
    missing = sorted(set(chosen) - set(articles.texts(session, chosen)))
    if missing:
        raise TextUnacceptable(f"the source {missing[0]} is no article with a text; choose another one")
