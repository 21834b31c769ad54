"""One decision about many: what a filter finds, what is left alone, a way back. Comments; the order of the queue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts.errors import PermissionMissing
from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts.models import Draft, Revision
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.reviews import bulk, queries, remarks, service, undoing
from stonehand.reviews.bulk import Decision
from stonehand.reviews.errors import (
    BulkNotFound,
    CommentNotFound,
    CommentsUnresolved,
    CommentUnfit,
    DecisionUnfit,
    UndoTooLate,
)
from stonehand.reviews.filters import EVERY, Filter
from stonehand.reviews.models import Review, ReviewBulk
from tests.drafts import world
from tests.reviews import desk
from tests.reviews.desk import ANN, EDITOR, VIEWER

pytestmark = pytest.mark.usefixtures("quick_vectors")


@pytest.fixture(autouse=True)
def pipeline() -> Iterator[None]:
    world.follow()
    yield
    jobs.follow([])


def decide(database: Database, wish: Filter, decision: Decision) -> ReviewBulk:
    with database.transaction() as session:
        bulk_id = bulk.ask(session, ANN, wish, decision).id
    bulk.run(database, bulk_id, ANN)
    with database.read() as session:
        return bulk.bulk(session, bulk_id)


def test_all_but_the_unsupported_are_approved_and_taken_back_at_once(database: Database) -> None:
    with database.transaction() as session:
        desk.channel(session, "folder")
    first, *others = desk.written(database, 3)
    bad = desk.unsupport(database, first)
    made = decide(database, EVERY, Decision("approve"))
    assert (made.state, made.total, made.decided) == ("done", 3, 2)
    assert [(one["review_id"], "no source supports" in one["reason"]) for one in made.skipped] == [(bad.id, True)]
    assert [desk.state(database, each)[0] for each in others] == ["approved"] * 2
    assert desk.state(database, bad)[0] == "open"
    assert bulk.undo(database, made.id, ANN) == (2, 0)
    assert [desk.state(database, each) for each in others] == [("open", "in_review")] * 2
    assert bulk.undo(database, made.id, ANN) == (0, 0)


def test_what_has_taken_effect_is_not_taken_back(database: Database) -> None:
    with database.transaction() as session:
        desk.channel(session, "folder")
    reviews = desk.written(database, 2)
    made = decide(database, EVERY, Decision("approve"))
    with database.transaction() as session:
        session.execute(sa.update(Review).where(Review.id == reviews[0].id).values(due_at=Review.opened_at))
        assert service.release(session, reviews[0].id)
    assert bulk.undo(database, made.id, ANN) == (1, 1)


@pytest.mark.parametrize("verb", ["reject", "request_changes"])
def test_other_decisions_have_a_way_back_as_well(database: Database, verb: str) -> None:
    (review,) = desk.written(database)
    made = decide(database, EVERY, Decision(verb, "Too long."))
    ended = {"reject": "rejected", "request_changes": "changes_requested"}[verb]
    assert desk.state(database, review) == (ended, ended)
    assert bulk.undo(database, made.id, ANN) == (1, 0)
    assert desk.state(database, review) == ("open", "in_review")


def test_a_rejection_stands_once_the_story_has_another_draft(database: Database) -> None:
    (review,) = desk.written(database)
    with database.transaction() as session:
        service.reject(session, review.id, ANN)
        drafting.commission(session, drafts.draft(session, review.draft_id).story_id, "somebody")
    with database.transaction() as session, pytest.raises(UndoTooLate, match="another draft"):
        undoing.undo(session, review.id, ANN)


def test_the_note_of_whoever_wants_changes_reaches_the_writer(database: Database) -> None:
    (review,) = desk.written(database)
    decide(database, EVERY, Decision("request_changes", "Name the price."))
    with database.transaction() as session:
        drafting.rewrite(session, review.draft_id)
        assert drafting.brief(session, review.draft_id).instructions.note == "Name the price."


def test_many_are_a_job_that_shows_how_far_it_is(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "CHUNK", 2)
    monkeypatch.setattr(bulk, "decider", lambda _session, _bulk_id: ANN)
    reviews = desk.written(database, 3)
    with database.transaction() as session:
        made = bulk.ask(session, ANN, EVERY, Decision("reject"))
        bulk_id, job_id = made.id, made.job_id
    assert job_id
    run_all(database)
    with database.read() as session:
        ended = bulk.bulk(session, bulk_id)
        job = session.get_one(Job, job_id)
    assert (ended.state, ended.decided, job.progress_current) == ("done", 3, 3)
    assert {desk.state(database, each)[0] for each in reviews} == {"rejected"}


def test_filters_find_what_they_say(database: Database) -> None:
    one, two = desk.written(database, 2)
    bad = desk.unsupport(database, one)
    with database.transaction() as session:
        session.execute(sa.update(Draft).where(Draft.id == two.draft_id).values(agent_id="a1", is_sample=True))
        session.execute(sa.update(Revision).where(Revision.id == two.revision_id).values(language="de", warnings=[]))

    def found(wish: Filter) -> list[str]:
        with database.read() as session:
            return [review.id for review, _, _ in queries.queue(session, wish=wish)]

    with database.read() as session:
        story = drafts.draft(session, two.draft_id).story_id
    of_two = [{"language": "de"}, {"agent": "a1"}, {"story": story}, {"sample": "only"}, {"warnings": "none"}]
    for wish in of_two:
        assert found(Filter(**wish)) == [two.id]  # type: ignore[arg-type]
    for other in ({"warnings": "unsupported"}, {"warnings": "some"}, {"sample": "none"}, {"language": "en"}):
        assert found(Filter(**other)) == [bad.id]  # type: ignore[arg-type]
    assert found(Filter(older=1)) == []


def test_warnings_come_first_and_skipping_follows_the_same_order(database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Revision).values(warnings=[]))
    desk.written(database, 3)
    with database.transaction() as session:
        session.execute(sa.update(Revision).values(warnings=[]))
        waiting = [review for review, _, _ in queries.queue(session)]
    bad = desk.unsupport(database, waiting[-1])
    with database.read() as session:
        order = [review.id for review, _, _ in queries.queue(session)]
        assert order == [bad.id, waiting[0].id, waiting[1].id]
        assert [queries.place(session, each) for each in order] == [(1, 3), (2, 3), (3, 3)]
        assert [queries.following(session, each) for each in order] == [*order[1:], order[0]]


def test_nobody_decides_what_they_may_not_or_without_a_word(database: Database) -> None:
    with database.transaction() as session:
        with pytest.raises(PermissionMissing):
            bulk.ask(session, VIEWER, EVERY, Decision("reject"))
        with pytest.raises(PermissionMissing):
            bulk.ask(session, EDITOR, EVERY, Decision("approve"))
        for decision in (Decision("burn"), Decision("request_changes")):
            with pytest.raises(DecisionUnfit):
                bulk.ask(session, ANN, EVERY, decision)
        for wish in (Filter(warnings="all"), Filter(sample="no")):
            with pytest.raises(DecisionUnfit):
                bulk.ask(session, ANN, wish, Decision("reject"))
        with pytest.raises(BulkNotFound):
            bulk.bulk(session, "none")


def test_a_comment_holds_up_only_if_it_must_be_dealt_with(database: Database) -> None:
    with database.transaction() as session:
        desk.channel(session, "folder")
    (review,) = desk.written(database)
    with database.transaction() as session:
        remarks.add(session, EDITOR, review.id, "Nice.", sentence="  The bridge  closes. ")
        must = remarks.add(session, EDITOR, review.id, "Ask the council.", must=True)
        answer = remarks.add(session, ANN, review.id, "I have.", answers=must.id, must=True)
        assert (answer.thread_id, answer.must) == (must.id, False)
        with pytest.raises(CommentsUnresolved, match="a comment"):
            service.approve(session, review.id, ANN)
    newer = desk.unsupport(database, review)
    with database.transaction() as session:
        with pytest.raises(CommentsUnresolved):
            service.approve(session, newer.id, ANN, accept_unsupported=True)
        remarks.resolve(session, EDITOR, answer.id)
        assert next(each.sentence for each in remarks.of_draft(session, review.draft_id)) == "The bridge closes."
        remarks.resolve(session, EDITOR, must.id, False)
        assert remarks.holding(session, review.draft_id) == 1
        remarks.resolve(session, EDITOR, must.id)
        assert service.approve(session, newer.id, ANN, accept_unsupported=True).state == "approved"


def test_comments_say_something_and_answer_what_is_there(database: Database) -> None:
    one, other = desk.written(database, 2)
    with database.transaction() as session:
        made = remarks.add(session, EDITOR, one.id, "Hm.")
        for body in ("  ", "x" * 4001):
            with pytest.raises(CommentUnfit):
                remarks.add(session, EDITOR, one.id, body)
        with pytest.raises(CommentNotFound, match="another draft"):
            remarks.add(session, EDITOR, other.id, "Hm?", answers=made.id)
        with pytest.raises(CommentNotFound):
            remarks.resolve(session, EDITOR, "none")
        with pytest.raises(PermissionMissing):
            remarks.add(session, VIEWER, one.id, "Hm.")
