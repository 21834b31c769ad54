"""People, channels and written drafts for tests of the review desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stonehand.accounts.permissions import Person, granted
from stonehand.channels.models import Channel
from stonehand.db import Database, Session, new_id, now
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.jobs.testing import run_all
from stonehand.reviews import queries, service
from stonehand.reviews.models import Review
from tests.drafts import world


def person(name: str, role: str = "publisher") -> Person:
    return Person(f"id-{name}", f"{name}@example.org", name.title(), role, granted(role))


ANN, BEA, ADMIN, EDITOR, VIEWER = (
    person("ann"),
    person("bea"),
    person("ada", "admin"),
    person("eve", "editor"),
    person("vic", "viewer"),
)


def channel(session: Session, name: str, eyes: str = "one") -> str:
    made = Channel(id=new_id(), kind="folder", name=name, slug=name, config={}, eyes=eyes, created_at=now(session))
    session.add(made)
    session.flush()
    return made.id


def written(database: Database, count: int = 1) -> list[Review]:
    """Open reviews of drafts that jobs have written, in the order of the queue."""
    with database.transaction() as session:
        for _ in range(count):
            drafting.commission(session, world.story(session), "somebody")
    run_all(database)
    with database.read() as session:
        return [found for found, _, _ in queries.queue(session, limit=200)]


def unsupport(database: Database, review: Review) -> Review:
    """The review after somebody has added a sentence of their own."""
    with database.transaction() as session:
        text = drafts.piece(session, review.revision_id).markdown
        again = service.revise(session, review.id, EDITOR, "Cheese grows on the moon.\n\n" + text, review.revision_id)
        return queries.review(session, again)


@contextmanager
def looked(database: Database, review: Review) -> Iterator[Review]:
    with database.read() as session:
        yield queries.review(session, review.id)


def state(database: Database, review: Review) -> tuple[str, str]:
    with database.read() as session:
        found = queries.review(session, review.id)
        return found.state, drafts.draft(session, found.draft_id).state
