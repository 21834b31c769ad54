"""Putting articles into the index of words that were read earlier."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from stonehand.analysis import queries as analyses
from stonehand.articles import indexing
from stonehand.db import Session

TOGETHER = 50  # articles in one transaction
Opened = Callable[[], AbstractContextManager[Session]]


def fill_some(read: Opened, write: Opened) -> int:
    """Index the oldest articles that are not in the index, or in an older form; 0 if there are none left."""
    with read() as session:
        found = indexing.missing(session, TOGETHER)
    folded = [indexing.fold(article_id, *texts) for article_id, texts in found.items()]
    if folded:
        with write() as session:
            indexing.refill(session, found, folded)
            indexing.speak(session, analyses.languages(session, list(found)))
    return len(folded)
