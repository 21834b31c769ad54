"""Stories to make trends of."""

from __future__ import annotations

from datetime import timedelta

from stonehand import db
from stonehand.analysis import service as analysis
from stonehand.analysis.findings import Findings
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.nlp import lexical, vectors
from stonehand.stories import queries
from tests.stories.conftest import add_article, pipeline, words_as_vectors

__all__ = ["add_article", "analyse", "pipeline", "words_as_vectors"]


def analyse(session: Session, story_id: str) -> None:
    """Give the articles of a story what analysis says of them, by their words."""
    texts = articles.texts(session, queries.article_ids(session, story_id))
    rows = lexical.hashed([each.text for each in texts.values()])
    found = {
        article_id: Findings("en", 1.0, [], vectors.pack(row), "lexical", 1, 1)
        for article_id, row in zip(texts, rows, strict=True)
    }
    analysis.record(session, found)
    for place in queries.placements(session, story_id):
        place.reported_at = db.now(session) - timedelta(hours=1)
