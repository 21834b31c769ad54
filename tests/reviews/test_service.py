"""A person decides about exactly one text, once, and may think again for a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.models import AuditRecord
from stonehand.accounts.permissions import Person, granted
from stonehand.channels.models import Channel
from stonehand.db import Database, Session, new_id, now
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafts_service
from stonehand.drafts import tasks as _tasks  # noqa: F401  declares the jobs
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.reviews import queries, service, undoing
from stonehand.reviews.errors import (
    ChannelUnusable,
    ReviewDecided,
    ReviewNotApproved,
    ReviewNotFound,
    SentencesUnsupported,
    UndoTooLate,
)
from stonehand.reviews.models import Review, ReviewState
from tests.drafts import world

AT_ONCE = timedelta()
seen: list[str] = []
pytestmark = pytest.mark.usefixtures("quick_vectors")


def person(role: str) -> Person:
    return Person(f"{role}-1", f"{role}@example.org", role.title(), role, granted(role))


PUBLISHER, EDITOR, VIEWER = person("publisher"), person("editor"), person("viewer")


@jobs.task("tests.approved", queue="reviews")
def approved_job(attempt: jobs.Attempt, review_id: str) -> None:
    with attempt.finish():
        seen.append(review_id)


@pytest.fixture(autouse=True)
def pipeline() -> Iterator[None]:
    seen.clear()
    world.follow("tests.approved")
    yield
    jobs.follow([])


def channel(session: Session, name: str, is_enabled: bool = True) -> str:
    made = Channel(
        id=new_id(), kind="folder", name=name, slug=name, config={}, is_enabled=is_enabled, created_at=now(session)
    )
    session.add(made)
    session.flush()
    return made.id


@pytest.fixture
def database(either_database: Database) -> Database:
    """Every test here runs on both databases: who decides first must be the same on each."""
    return either_database


@pytest.fixture
def review(database: Database) -> Review:
    """An open review of a draft that a job has written, with one channel to send it to."""
    with database.transaction() as session:
        channel(session, "folder")
        drafts_service.commission(session, world.story(session), "somebody")
    run_all(database)
    with database.read() as session:
        [(found, _, _)] = queries.queue(session)
        return found


def unsupport(database: Database, review: Review) -> Review:
    """The review after somebody has added a sentence of their own."""
    with database.transaction() as session:
        text = drafts.piece(session, review.revision_id).markdown
        again = service.revise(session, review.id, EDITOR, "Cheese grows on the moon.\n\n" + text, review.revision_id)
        return queries.review(session, again)


def state(database: Database, review: Review) -> tuple[str, str]:
    with database.read() as session:
        found = queries.review(session, review.id)
        return found.state, drafts.draft(session, found.draft_id).state


def test_a_written_draft_waits_for_a_person_and_is_never_approved_by_itself(database: Database, review: Review) -> None:
    run_all(database)
    assert state(database, review) == ("open", "in_review")
    assert seen == []
    with database.read() as session, pytest.raises(ReviewNotApproved):
        queries.approved(session, review.id)


def test_an_approval_binds_the_text_and_names_the_channels(database: Database, review: Review) -> None:
    with database.transaction() as session:
        service.approve(session, review.id, PUBLISHER, time_to_undo=AT_ONCE, note="fine")
    run_all(database)
    assert seen == [review.id]
    assert state(database, review) == ("approved", "approved")
    with database.read() as session:
        piece = queries.approved(session, review.id)
        assert piece.content_sha256 == drafts.piece(session, piece.revision_id).content_sha256
        assert len(piece.channel_ids) == 1
        record = session.scalars(sa.select(AuditRecord)).one()
    assert (record.actor_id, record.verb, record.object_id) == (PUBLISHER.id, "approved", review.id)


def test_it_takes_effect_only_after_the_time_to_undo(database: Database, review: Review) -> None:
    with database.transaction() as session:
        service.approve(session, review.id, PUBLISHER)
    run_all(database)
    assert seen == []
    with database.read() as session:
        job = session.scalars(sa.select(Job).where(Job.task == "reviews.release")).one()
        assert job.run_at == queries.review(session, review.id).due_at
    with database.transaction() as session:
        assert not service.release(session, review.id)  # not yet
        session.execute(sa.update(Review).values(due_at=now(session)))
        assert service.release(session, review.id)
        assert not service.release(session, review.id)  # once
    run_all(database)
    assert seen == [review.id]


def test_undo_in_time_leaves_nothing_behind(database: Database, review: Review) -> None:
    with database.transaction() as session:
        service.approve(session, review.id, PUBLISHER)
    with database.transaction() as session:
        undoing.undo(session, review.id, PUBLISHER)
    assert state(database, review) == ("open", "in_review")
    with database.transaction() as session:
        session.execute(sa.update(Job).values(run_at=now(session)))
    run_all(database)
    assert seen == []
    with database.transaction() as session:
        service.approve(session, review.id, PUBLISHER, time_to_undo=AT_ONCE)
    run_all(database)
    assert seen == [review.id]


def test_approving_again_at_once_after_an_undo_takes_effect(database: Database, review: Review) -> None:
    with database.transaction() as session:
        service.approve(session, review.id, PUBLISHER)
    with database.transaction() as session:
        undoing.undo(session, review.id, PUBLISHER)
    with database.transaction() as session:
        again = service.approve(session, review.id, PUBLISHER).due_at
    with database.read() as session:
        runs = session.scalars(sa.select(Job.run_at).where(Job.task == "reviews.release")).all()
    assert again in runs, "the second approval has a release of its own, at its own time"


def test_undo_too_late(database: Database, review: Review) -> None:
    with database.transaction() as session:
        service.approve(session, review.id, PUBLISHER, time_to_undo=AT_ONCE)
        with pytest.raises(UndoTooLate):
            undoing.undo(session, review.id, PUBLISHER)


@pytest.mark.parametrize("who", [VIEWER, EDITOR])
def test_only_publishers_approve(database: Database, review: Review, who: Person) -> None:
    with database.transaction() as session, pytest.raises(PermissionMissing):
        service.approve(session, review.id, who)
    assert state(database, review) == ("open", "in_review")


def test_viewers_decide_nothing(database: Database, review: Review) -> None:
    with database.transaction() as session:
        with pytest.raises(PermissionMissing):
            service.reject(session, review.id, VIEWER)
        with pytest.raises(PermissionMissing):
            service.request_changes(session, review.id, VIEWER, "no")
        with pytest.raises(PermissionMissing):
            service.revise(session, review.id, VIEWER, "Mine.", review.revision_id)


def test_unsupported_sentences_must_be_accepted_in_so_many_words(database: Database, review: Review) -> None:
    again = unsupport(database, review)
    with database.transaction() as session, pytest.raises(SentencesUnsupported, match="supports 1 of"):
        service.approve(session, again.id, PUBLISHER, time_to_undo=AT_ONCE)
    with database.transaction() as session:
        service.approve(session, again.id, PUBLISHER, accept_unsupported=True, time_to_undo=AT_ONCE)
    run_all(database)
    assert seen == [again.id]


def test_a_new_revision_takes_the_place_of_the_old_review(database: Database, review: Review) -> None:
    again = unsupport(database, review)
    assert again.id != review.id
    with database.transaction() as session:
        old = queries.review(session, review.id)
        assert (old.state, old.superseded_by) == ("superseded", again.id)
        with pytest.raises(ReviewDecided, match="newer revision"):
            service.approve(session, review.id, PUBLISHER)
    run_all(database)  # the job that opens reviews finds it open already
    with database.read() as session:
        assert [found.id for found, _, _ in queries.queue(session)] == [again.id]


def test_the_old_text_cannot_be_approved_between_an_edit_and_its_review(database: Database, review: Review) -> None:
    with database.transaction() as session:
        text = drafts.piece(session, review.revision_id).markdown
        drafts_service.edit(session, review.draft_id, "Added words here.\n\n" + text, review.revision_id, "editor")
    with database.transaction() as session, pytest.raises(ReviewDecided, match="newer revision"):
        service.approve(session, review.id, PUBLISHER, accept_unsupported=True)


def test_changes_are_requested_made_and_reviewed_again(database: Database, review: Review) -> None:
    with database.transaction() as session:
        service.request_changes(session, review.id, EDITOR, "Shorter, please.")
    assert state(database, review) == ("changes_requested", "changes_requested")
    run_all(database)
    assert state(database, review) == ("changes_requested", "changes_requested")  # nobody rewrites by himself
    with database.transaction() as session:
        text = drafts.piece(session, review.revision_id).markdown
        again = service.revise(session, review.id, EDITOR, text.partition("\n\n")[0], review.revision_id)
        assert queries.review(session, again).state == ReviewState.OPEN
        assert queries.waiting(session) == 1


def test_rejected_is_the_end(database: Database, review: Review) -> None:
    with database.transaction() as session:
        service.reject(session, review.id, EDITOR, "Not news.")
    assert state(database, review) == ("rejected", "rejected")
    with database.transaction() as session, pytest.raises(ReviewDecided, match="rejected already"):
        service.approve(session, review.id, PUBLISHER)


def test_a_review_is_decided_once(database: Database, review: Review) -> None:
    with database.transaction() as session:
        service.approve(session, review.id, PUBLISHER, time_to_undo=AT_ONCE)
        with pytest.raises(ReviewDecided):
            service.approve(session, review.id, PUBLISHER)
        with pytest.raises(ReviewDecided):
            service.reject(session, review.id, PUBLISHER)
    run_all(database)
    assert seen == [review.id]


def test_channels_must_exist_and_be_on(database: Database, review: Review) -> None:
    with database.transaction() as session:
        off = channel(session, "off", is_enabled=False)
        on = channel(session, "on")
    for wrong in ([off], ["nowhere"], [on, off], []):
        with database.transaction() as session, pytest.raises(ChannelUnusable):
            service.approve(session, review.id, PUBLISHER, wrong)
    with database.transaction() as session:
        assert service.approve(session, review.id, PUBLISHER, [on]).channel_ids == [on]


def test_opening_again_changes_nothing(database: Database, review: Review) -> None:
    with database.transaction() as session:
        assert service.open_review(session, review.draft_id) == review.id
        assert len(queries.of_draft(session, review.draft_id)) == 1


def test_going_through_the_desk(database: Database, review: Review) -> None:
    with database.transaction() as session:
        drafts_service.commission(session, world.story(session), "somebody")
    run_all(database)
    with database.read() as session:
        first, second = (found.id for found, _, _ in queries.queue(session))
        assert (queries.following(session, first), queries.following(session, second)) == (second, first)
        with pytest.raises(ReviewNotFound):
            queries.following(session, "nobody")
