"""One draft on several channels, two of which end in the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from stonehand import jobs
from stonehand.channels.interfaces import Delivery
from stonehand.db import Database, Session, new_id, now
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft
from stonehand.publications import changes, queries, service
from stonehand.publications.events import PieceChanged, PiecePublished
from stonehand.publications.models import Publication, PublicationChange

HALF_WAY = 0.3  # seconds that the first waits before it commits, so that the second stands behind it
Deed = Callable[[Session], None]


@pytest.fixture(autouse=True)
def _nobody_follows() -> Iterator[None]:
    jobs.follow([(PiecePublished, ""), (PieceChanged, "")])
    yield
    jobs.follow([])


def on_two_channels(database: Database, state: str, draft_state: str) -> list[str]:
    with database.transaction() as session:
        moment = now(session)
        draft = Draft(
            story_id="s", title="Bridge", state=draft_state, created_by="desk", created_at=moment, updated_at=moment
        )
        session.add(draft)
        session.flush()
        rows = [
            Publication(
                review_id="r", draft_id=draft.id, revision_id="v", channel_id=name, channel_name=name, key=new_id(),
                content_sha256="0" * 64, title="Bridge", state=state, due_at=moment, created_at=moment,
            )
            for name in ("blog", "post")
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        return [each.id for each in rows]


def both(database: Database, deeds: Sequence[Deed]) -> None:
    """Do the second while the first has not committed yet."""
    begun = threading.Event()
    wrong: list[BaseException] = []

    def second() -> None:
        begun.wait()
        try:
            with database.transaction() as session:
                deeds[1](session)
        except BaseException as error:
            wrong.append(error)

    thread = threading.Thread(target=second)
    thread.start()
    with database.transaction() as session:
        deeds[0](session)
        session.flush()
        begun.set()
        time.sleep(HALF_WAY)
    thread.join()
    assert not wrong, wrong


def states(database: Database, ids: Sequence[str]) -> tuple[list[str], str]:
    with database.read() as session:
        found = [queries.publication(session, each) for each in ids]
        return [each.state for each in found], drafts.draft(session, found[0].draft_id).state


def test_two_channels_show_it_in_one_moment(either_database: Database) -> None:
    ids = on_two_channels(either_database, "publishing", "approved")
    arrived = Delivery("https://n.example/1", "1")
    both(either_database, [lambda session, id_=id_: service.finished(session, id_, arrived) for id_ in ids])  # type: ignore[misc]
    assert states(either_database, ids) == (["published", "published"], "published")


def test_taken_back_from_two_channels_in_one_moment_it_is_retracted(either_database: Database) -> None:
    ids = on_two_channels(either_database, "retracting", "published")
    with either_database.transaction() as session:
        rows = [
            PublicationChange(
                publication_id=id_, kind="retraction", reason="Wrong.", asked_by="Ann", created_at=now(session)
            )
            for id_ in ids
        ]
        session.add_all(rows)
        session.flush()
        asked = [each.id for each in rows]
    both(either_database, [lambda session, id_=id_: changes.finished(session, id_, None) for id_ in asked])  # type: ignore[misc]
    assert states(either_database, ids) == (["retracted", "retracted"], "retracted")
