"""Fetchers under fire: pages of a web whose hosts hold on. `python -m tests.faults.gatherers` is a worker."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

import stonehand.articles.tasks  # noqa: F401  declares the tasks
from stonehand import db, jobs
from stonehand.articles.events import PageStored
from stonehand.jobs.models import Attempt, Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence, serving
from stonehand.sources.events import EntryFound
from stonehand.sources.models import Entry, EntryState, Source
from tests.faults.place import Yard
from tests.servers import wait_until


class Gatherers(Yard):
    """An installation with one source, whose entries it fetches."""

    module = __name__

    def __init__(self, folder: Path) -> None:
        follow()
        super().__init__(folder)
        moment = db.utc_now()
        with self.database.transaction() as session:
            session.add(
                Source(
                    id="s", kind="feed", url="http://127.0.0.1/", address="s", interval_seconds=60, created_at=moment
                )
            )

    def name(self, urls: Sequence[str]) -> None:
        """A source names these pages, which are therefore to be fetched."""
        moment = db.utc_now()
        said = {"source_id": "s", "title": "A page", "summary": "", "seen_at": moment}
        entries = [Entry(id=db.new_id(), key=url, url=url, address=url, **said) for url in urls]
        with self.database.transaction() as session:
            session.add_all(entries)
            session.flush()
            jobs.announce_many(session, [EntryFound(entry.id) for entry in entries], "source:s")

    def seconds_for(self, urls: Sequence[str], beside: Sequence[str] = ()) -> float:
        """Seconds until the last of `urls` is fetched, of which every few have one of the others beside them."""
        step = max(1, len(urls) // max(1, len(beside)))
        mixed = [
            each for at, url in enumerate(urls) for each in (url, *beside[at // step : at // step + (at % step == 0)])
        ]
        wanted, began = self.fetched() + len(urls), time.monotonic()
        self.name(mixed)
        wait_until(lambda: self.fetched() == wanted, f"{len(urls)} pages are fetched", 300)
        return time.monotonic() - began

    def fetched(self) -> int:
        """How many pages came. To read which they are would cost more the more there are, and slow down the second."""
        with self.database.read() as session:
            came = sa.select(sa.func.count()).select_from(Entry).where(Entry.state == EntryState.FETCHED)
            return session.scalar(came) or 0

    def failures(self) -> dict[str, list[float]]:
        """By address of what did not come, how many seconds each try took."""
        found: dict[str, list[float]] = {}
        tries = sa.select(Entry.url, Attempt.started_at, Attempt.ended_at).join(Job, Job.id == Attempt.job_id)
        with self.database.read() as session:
            entry_id = Job.args["entry_id"].as_string()
            for url, began, ended in session.execute(tries.join(Entry, Entry.id == entry_id)):
                if url and began:
                    found.setdefault(url, []).append((ended - began).total_seconds())
        return found

    def dead(self) -> int:
        """How many jobs were given up."""
        with self.database.read() as session:
            given_up = sa.select(sa.func.count()).select_from(Job).where(Job.state == State.DISCARDED)
            return session.scalar(given_up) or 0


def follow() -> None:
    """Join the rooms up to the page of an article."""
    jobs.follow([(EntryFound, "articles.fetch"), (PageStored, "")])


if __name__ == "__main__":
    presence.EVERY = float(sys.argv[2])
    serving.work(["fetch"], int(sys.argv[1]), follow)
