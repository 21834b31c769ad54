"""A press under fire: real publications to a WordPress-like site. `python -m tests.faults.press` is its worker."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

import stonehand.publications.tasks  # noqa: F401  declares the tasks
from stonehand import db, jobs
from stonehand.accounts.permissions import Person, granted
from stonehand.channels import service as channels
from stonehand.db import DatabaseUnavailable
from stonehand.drafts import queries as draft_queries
from stonehand.drafts import service as drafts
from stonehand.drafts.models import Draft, Revision
from stonehand.drafts.states import DraftState
from stonehand.jobs import queries, retries
from stonehand.jobs.desk import explanation
from stonehand.jobs.models import Doorbell, Job
from stonehand.jobs.states import UNFINISHED, State
from stonehand.jobs.worker import heartbeat, presence, serving
from stonehand.limits import breakers
from stonehand.plugins import json_service
from stonehand.publications import approvals, leftovers, reconciling, service
from stonehand.publications.events import PiecePublished, PublicationDue
from stonehand.publications.models import Publication
from stonehand.reviews.models import Review, ReviewState
from tests.faults.place import Yard
from tests.lookalikes import wordpress as lookalike

T = TypeVar("T")
ADMIN = Person("1", "a@example.org", "Ada", "admin", granted("admin"))


class Press(Yard):
    """An installation with one channel, to a site of the tests."""

    module = __name__

    def __init__(self, folder: Path, site: lookalike.WordPress) -> None:
        follow()
        super().__init__(folder)
        self.site = site
        settings = {"url": site.url, "username": lookalike.USER, "password": lookalike.PASSWORD}
        checked = channels.check("wordpress", "Blog", settings)
        with self.database.transaction() as session:
            self.channel = channels.add(session, ADMIN, checked).id
        self.ordered = 0

    def order(self, count: int) -> None:
        """Approve so many pieces, each to be published at once."""
        for _ in range(count):
            self._patiently(self._order_one)
            self.ordered += 1

    def _patiently(self, deed: Callable[[], T]) -> T:
        """As somebody who tries again after a 503."""
        for _ in range(50):
            try:
                return deed()
            except DatabaseUnavailable:
                time.sleep(0.2)
        return deed()

    def _order_one(self) -> None:
        with self.database.transaction() as session:
            approve(session, self.ordered + 1, self.channel)

    def lost(self) -> list[str]:
        """What was ordered and is not public, or is and nobody here knows."""
        public = self.site.public()
        with self.database.read() as session:
            rows = session.scalars(sa.select(Publication)).all()
        gone = [f"{row.title} {row.state}: {row.error}" for row in rows if row.state != "published"]
        gone += [
            row.title for row in rows if row.state == "published" and public.get(row.key) != [int(row.remote_id or 0)]
        ]
        return gone + ["never kept"] * (self.ordered - len(rows))

    def is_done(self) -> bool:
        """Whether nothing is on its way any more."""
        self.tend()
        return self._patiently(self._is_done)

    def _is_done(self) -> bool:
        with self.database.read() as session:
            on_its_way = sa.exists().where(Publication.state.not_in(["published", "needs_reconcile"]))
            unfinished = sa.exists().where(Job.state.in_([State.AVAILABLE, State.EXECUTING, State.RETRYABLE]))
            return not session.scalar(sa.select(on_its_way)) and not session.scalar(sa.select(unfinished))

    def state(self) -> str:
        """What is where, for whoever must find out why it does not get on."""
        with self.database.read() as session:
            waiting = session.scalars(sa.select(Job).where(Job.state.in_(UNFINISHED)).limit(5)).all()
            why = [f"{job.task} {job.attempts}: {explanation.why_not_running(session, job)}" for job in waiting]
            bells = [(bell.queue, bell.rung_at, bell.answered_at) for bell in session.scalars(sa.select(Doorbell))]
            counts = queries.counts(session)
        running = [(worker.pid, worker.poll(), len(self.children(worker))) for worker in self.workers]
        return "\n".join(map(str, [counts, *why, *bells, running]))

    def orphans(self) -> int:
        """Hidden drafts that were left behind. They are counted, and then removed as a newsroom does."""
        left = len(self.site.drafts())
        self.site.chance = 0.0
        for _ in range(3):  # one that is committed late may come in between
            leftovers.sweep(self.database, leftovers.AGE * -1)
        return left


def approve(session: db.Session, number: int, channel: str) -> None:
    """Approve one more piece, to be published on a channel at once."""
    moment, ids = db.now(session), [db.new_id() for _ in range(3)]
    draft = Draft(
        id=ids[0], story_id=ids[0], title=f"Piece {number}", state=DraftState.APPROVED, created_by="1",
        created_at=moment, updated_at=moment,
    )  # fmt: skip
    text = {"title": f"Piece {number}", "slug": f"piece-{number}", "excerpt": "Short.", "language": "en"}
    revision = Revision(
        id=ids[1], draft_id=ids[0], number=1, markdown=f"Something happened, for the {number}th time.",
        label="Written by a program.", content_sha256="", writer="offline", sources=[], warnings=[],
        created_at=moment, created_by="1", **text,
    )  # fmt: skip
    session.add_all([draft, revision])
    session.flush()
    revision.content_sha256 = drafts.fingerprint(draft_queries.piece(session, ids[1]))
    review = Review(
        id=ids[2], draft_id=ids[0], revision_id=ids[1], content_sha256=revision.content_sha256,
        state=ReviewState.APPROVED, channel_ids=[channel], due_at=moment, opened_at=moment,
    )  # fmt: skip
    session.add(review)
    session.flush()
    service.prepare(session, approvals.approved(session, ids[2]))


def follow() -> None:
    """Join the rooms that publish."""
    jobs.follow([(PublicationDue, "publications.publish"), (PiecePublished, "")])


if __name__ == "__main__":
    presence.EVERY = float(sys.argv[2])
    heartbeat.GRACE = 5.0
    retries.CAP, reconciling.ASK_AGAIN, breakers.COOLDOWN = 2.0, 0.3, 0.5
    json_service.LATE = 1.0  # the site of the tests is late by 0.3 seconds
    serving.work(["publishing"], int(sys.argv[1]), follow)
