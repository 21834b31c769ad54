"""Approved with a time: the decision counts now, the piece goes out then, and the time can be moved until then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.accounts.errors import PermissionMissing
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.publications import queries, scheduling, timed
from stonehand.publications.models import Publication
from stonehand.reviews import queries as reviews
from stonehand.reviews import service, undoing
from stonehand.reviews.models import Review
from stonehand.timing import wishes
from stonehand.timing.errors import TimeUnfit
from tests.publications.test_changes import board, correct, pipeline, shown  # noqa: F401  fixtures
from tests.reviews import desk
from tests.reviews.desk import ANN, BEA, EDITOR

pytestmark = pytest.mark.usefixtures("quick_vectors", "board")
DAY = timedelta(days=1)


@pytest.fixture
def review(database: Database) -> Review:
    with database.transaction() as session:
        desk.channel(session, "site")
    (found,) = desk.written(database)
    return found


def approve(database: Database, review_id: str, later: timedelta = DAY) -> Review:
    with database.transaction() as session:
        at = db.now(session) + later
        return timed.approve(session, ANN, review_id, None, at, accept_unsupported=True)


def release(database: Database, review_id: str) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Review).values(due_at=db.now(session)))
        service.release(session, review_id)
    run_all(database)


def test_it_waits_as_a_publication_whose_time_can_be_moved(database: Database, review: Review) -> None:
    approve(database, review.id)
    with database.read() as session:
        (wish,) = wishes.of_draft(session, review.draft_id)
    release(database, review.id)
    with database.transaction() as session:
        (waits,) = queries.newest(session)
        assert (waits.state, waits.due_at) == ("scheduled", wish.due_at)
        moved = scheduling.move(session, ANN, waits.id, db.now(session) + 2 * DAY)
        assert moved.due_at > wish.due_at


def test_it_can_be_taken_back_like_any_approval(database: Database, review: Review) -> None:
    approve(database, review.id)
    with database.transaction() as session:
        assert undoing.undo(session, review.id, ANN).state == "open"
    release(database, review.id)
    with database.read() as session:
        assert queries.newest(session) == []


def test_where_two_must_approve_the_time_waits_for_the_second(database: Database) -> None:
    with database.transaction() as session:
        desk.channel(session, "site", eyes="two")
    (review,) = desk.written(database)
    assert approve(database, review.id).state == "open"
    with database.transaction() as session:
        (wish,) = wishes.of_draft(session, review.draft_id)
        service.approve(session, review.id, BEA, accept_unsupported=True)
    release(database, review.id)
    with database.read() as session:
        assert [each.due_at for each in queries.newest(session)] == [wish.due_at]


def test_a_time_that_is_past_or_a_person_who_may_not_changes_nothing(database: Database, review: Review) -> None:
    with pytest.raises(TimeUnfit):
        approve(database, review.id, -DAY)
    with pytest.raises(TimeUnfit):
        approve(database, review.id, 400 * DAY)
    with pytest.raises(PermissionMissing), database.transaction() as session:
        timed.approve(session, EDITOR, review.id, None, db.now(session) + DAY)
    with database.read() as session:
        assert reviews.review(session, review.id).state == "open"
        assert wishes.of_draft(session, review.draft_id) == []


def test_a_correction_takes_effect_at_its_time(database: Database, shown: Publication) -> None:  # noqa: F811
    review_id = correct(database)
    decided = approve(database, review_id)
    with database.read() as session:
        assert decided.due_at is not None
        assert decided.due_at > db.now(session) + DAY / 2
        assert wishes.of_draft(session, shown.draft_id) == []
    run_all(database)
    with database.read() as session:
        assert queries.publication(session, shown.id).corrected_at is None
    release(database, review_id)
    with database.read() as session:
        assert queries.publication(session, shown.id).corrected_at is not None
