"""The job that gives articles their stories."""

from __future__ import annotations

import threading
from datetime import timedelta

from stonehand import db, jobs
from stonehand.analysis.errors import AnalysisNotFound
from stonehand.jobs import Batch, task
from stonehand.stories import keeping, retelling, service
from stonehand.stories.events import StoryGrown
from stonehand.stories.placement import WINDOW_DAYS
from stonehand.stories.window import Window


class _Memory:
    """This process's window, and who may use it."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.window = Window()


_memory = _Memory()


@task("stories.place", queue="stories", batch=32)
def place(batch: Batch) -> None:
    """Give up to 32 articles their stories, one batch after the other over all workers."""
    ids = [item.args["article_id"] for item in batch.items]
    with batch.read() as session:
        readings = retelling.read(session, ids)
    for item in batch.items:
        if item.args["article_id"] not in readings:
            item.fail(AnalysisNotFound(f"article {item.args['article_id']} has no text or no analysis"))
    with _memory.turn:
        window = _filled(batch)
        _memory.window = Window()  # comes back only after the commit
        with batch.finish() as session:
            kept = [readings[item.args["article_id"]] for item in batch.remaining]
            window, grown = service.place(session, window, kept)
            jobs.announce_many(session, [StoryGrown(story_id) for story_id in grown])
        _memory.window = window


def _filled(batch: Batch) -> Window:
    """The window after catching up in short transactions, so that little is left to read under the lock."""
    window, complete = _memory.window, False
    while not complete:
        with batch.read() as session:
            since = db.now(session) - timedelta(days=WINDOW_DAYS)
            window, complete = keeping.catch_up(session, window, since)
    return window
