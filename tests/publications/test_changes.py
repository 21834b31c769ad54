"""Corrections and retractions, from the wish to the channel, also when answers are lost; and the brake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, db, jobs
from stonehand.accounts import queries as accounts
from stonehand.accounts.errors import PermissionMissing
from stonehand.brakes import queries as brakes
from stonehand.brakes import service as braking
from stonehand.channels import service as channels
from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.drafts.errors import DraftBusy, NothingCorrected
from stonehand.drafts.events import DraftCommissioned, DraftWritten
from stonehand.jobs import retries
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.publications import changes, correcting, queries, restoring, service, settling
from stonehand.publications.errors import ChangeNotOpen, PublicationNotShown, ReasonMissing
from stonehand.publications.events import ChangeDue, PieceChanged, PiecePublished, PublicationDue
from stonehand.publications.models import Publication, PublicationChange
from stonehand.reviews import queries as reviews
from stonehand.reviews import service as reviewing
from stonehand.reviews import undoing
from stonehand.reviews.events import ChangesRequested, ReviewApproved, ReviewRejected
from tests.publications.kinds import Board, Changeable
from tests.reviews import desk
from tests.reviews.desk import ANN, EDITOR

AT_ONCE = timedelta()
NOTE = "The price was wrong."
pytestmark = pytest.mark.usefixtures("quick_vectors")


@pytest.fixture(autouse=True)
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(retries, "backoff", lambda _failures, _draw: 60.0)
    rows = [
        (DraftCommissioned, "drafts.write"),
        (DraftWritten, "reviews.open"),
        (ReviewApproved, "publications.prepare"),
    ]
    rows += [(PublicationDue, "publications.publish"), (ChangeDue, "publications.change")]
    jobs.follow(rows + [(each, "") for each in (PiecePublished, PieceChanged, ChangesRequested, ReviewRejected)])
    yield
    jobs.follow([])


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Changeable:
    made = Changeable()
    monkeypatch.setattr(channels, "plugin", lambda _kind: made)
    return made


def approve(database: Database) -> None:
    with database.transaction() as session:
        for review, _, _ in reviews.queue(session):
            reviewing.approve(session, review.id, ANN, accept_unsupported=True, time_to_undo=AT_ONCE)
    run_all(database)


@pytest.fixture
def shown(database: Database, board: Changeable) -> Publication:
    """A piece that can be seen."""
    with database.transaction() as session:
        desk.channel(session, "board")
    desk.written(database)
    approve(database)
    return look(database)


def look(database: Database) -> Publication:
    with database.read() as session:
        (only,) = queries.newest(session)
        return only


def draft_state(database: Database) -> str:
    with database.read() as session:
        return drafts.draft(session, look(database).draft_id).state


def the_change(database: Database) -> PublicationChange:
    with database.read() as session:
        return session.scalars(sa.select(PublicationChange).order_by(PublicationChange.id.desc())).first()  # type: ignore[return-value]


def again(database: Database) -> None:
    """Let what waits run now."""
    with database.transaction() as session:
        session.execute(sa.update(Job).values(run_at=db.now(session)))
    sweeper.sweep(database)
    run_all(database)


def correct(database: Database, words: str = "The price was 3 million.", note: str = NOTE) -> str:
    piece = look(database)
    with database.transaction() as session:
        text = drafts.piece(session, drafts.draft(session, piece.draft_id).current_revision_id or "").markdown
        return correcting.correct(session, EDITOR, piece.id, f"{words}\n\n{text}", note).id


def retract(database: Database, reason: str = "It was made up.") -> None:
    with database.transaction() as session:
        changes.retract(session, ANN, look(database).id, reason)


def test_a_correction_is_reviewed_and_shown_with_its_note(
    database: Database, board: Changeable, shown: Publication
) -> None:
    before = dict(board.seen)
    correct(database)
    run_all(database)
    assert draft_state(database) == "correcting"
    assert board.seen == before, "nothing changes before somebody has read it"
    approve(database)
    after = look(database)
    (text,) = board.seen.values()
    assert board.asked == ["deliver", "update"]
    assert "**Correction, " in text
    assert NOTE in text
    assert "3 million" in text
    assert (after.id, after.key, after.url) == (shown.id, shown.key, shown.url)
    assert after.corrected_at
    assert after.revision_id != shown.revision_id
    assert draft_state(database) == "published"
    assert the_change(database).asked_by == EDITOR.name, "who asked for it, not who approved it"
    with database.read() as session:
        jobs_of_it = session.scalars(sa.select(Job.asked_by).where(Job.task == "publications.change")).all()
    assert jobs_of_it == [EDITOR.name]


def test_a_second_correction_names_the_first_as_well(database: Database, board: Changeable, shown: Publication) -> None:
    correct(database)
    approve(database)
    correct(database, "It was 4 million.", "It was wrong again.")
    approve(database)
    (text,) = board.seen.values()
    assert text.index("It was wrong again.") < text.index(NOTE)
    assert board.asked == ["deliver", "update", "update"]


def test_a_correction_that_is_rejected_leaves_everything_as_it_is(
    database: Database, board: Changeable, shown: Publication
) -> None:
    review_id = correct(database)
    with database.transaction() as session:
        reviewing.reject(session, review_id, ANN)
        draft = drafts.draft(session, shown.draft_id)
        assert (draft.state, draft.current_revision_id, draft.correction) == ("published", shown.revision_id, "")
    run_all(database)
    assert board.asked == ["deliver"]
    correct(database)
    approve(database)
    assert board.asked == ["deliver", "update"]


def test_the_approval_of_a_correction_can_be_taken_back(
    database: Database, board: Changeable, shown: Publication
) -> None:
    review_id = correct(database)
    with database.transaction() as session:
        reviewing.approve(session, review_id, ANN, accept_unsupported=True)
        assert drafts.draft(session, shown.draft_id).state == "published"
        undoing.undo(session, review_id, ANN)
        assert drafts.draft(session, shown.draft_id).state == "correcting"
    approve(database)
    assert NOTE in next(iter(board.seen.values()))


def test_who_asked_is_named_each_time(database: Database, shown: Publication) -> None:
    """The wish stands in the audit log, so a correction named Stonehand, which only carries it out."""
    correct(database)
    approve(database)
    piece = look(database)
    with database.transaction() as session:
        text = drafts.piece(session, piece.revision_id).markdown
        correcting.correct(session, ANN, piece.id, f"It was 5 million.\n\n{text}", "Wrong once more.")
    approve(database)
    retract(database)
    run_all(database)
    with database.read() as session:
        found = changes.of_publications(session, [piece.id])
        done = [each for each in accounts.audit_of(session, [piece.id]) if each.verb in {"corrected", "retracted"}]
    assert [(each.kind, each.asked_by) for each in found] == [
        ("correction", EDITOR.name),
        ("correction", ANN.name),
        ("retraction", ANN.name),
    ]
    assert [each.detail["asked_by"] for each in done] == [ANN.name, ANN.name, EDITOR.name]


def test_a_correction_says_what_was_wrong_and_changes_it(database: Database, shown: Publication) -> None:
    with database.transaction() as session:
        text = drafts.piece(session, shown.revision_id).markdown
    for markdown, note in ((text, NOTE), (text + "\n\nMore.", "  ")):
        with pytest.raises(NothingCorrected), database.transaction() as session:
            correcting.correct(session, EDITOR, shown.id, markdown, note)
    correct(database)
    with pytest.raises(DraftBusy, match="waits for its review"):
        correct(database, "Again.")


def test_a_retraction_takes_it_back_and_the_draft_follows(
    database: Database, board: Changeable, shown: Publication
) -> None:
    retract(database)
    assert look(database).state == "retracting"
    run_all(database)
    after = look(database)
    assert (after.state, after.retraction, board.seen) == ("retracted", "It was made up.", {})
    assert after.retracted_at
    assert draft_state(database) == "retracted"
    with pytest.raises(PublicationNotShown, match="already"):
        retract(database)


@pytest.mark.parametrize("wrong", ["lost", "down", "unknown"])
@pytest.mark.parametrize("verb", ["update", "retract"])
def test_lost_answers_and_silence_end_well(
    database: Database, board: Changeable, shown: Publication, verb: str, wrong: str
) -> None:
    board.script = {verb: [wrong]}
    if verb == "update":
        correct(database)
        approve(database)
    else:
        retract(database)
        run_all(database)
    halfway = the_change(database)
    assert halfway.state == ("doing" if wrong == "unknown" else "failed")
    assert wrong == "unknown" or look(database).error, "the failure stands on the publication"
    again(database)
    assert the_change(database).state == "done"
    assert (look(database).state, look(database).error) == ("published" if verb == "update" else "retracted", None)
    assert board.asked == ["deliver", verb, verb]
    assert bool(board.seen) == (verb == "update")


def in_doubt(database: Database, board: Changeable) -> PublicationChange:
    board.script = {"retract": ["unknown"] * 5}
    retract(database)
    run_all(database)
    again(database)
    assert the_change(database).state == "doing"
    with database.transaction() as session:
        doubted = session.scalars(sa.select(PublicationChange)).one()
        asking = {**doubted.notes["asking"], "spent": config.settings().ambiguity_seconds}
        doubted.notes = {**doubted.notes, "asking": asking}
    again(database)
    return the_change(database)


def test_in_the_end_a_person_is_asked(database: Database, board: Changeable, shown: Publication) -> None:
    doubted = in_doubt(database, board)
    assert doubted.state == "needs_reconcile"
    board.script = {}
    with database.transaction() as session:
        with pytest.raises(PermissionMissing):
            settling.happened(session, EDITOR, doubted.id)
        settling.missing(session, ANN, doubted.id)
    run_all(database)
    assert look(database).state == "retracted"


def test_a_person_may_say_that_it_has_happened(database: Database, board: Changeable, shown: Publication) -> None:
    doubted = in_doubt(database, board)
    asked = len(board.asked)
    with database.transaction() as session:
        settling.happened(session, ANN, doubted.id)
        with pytest.raises(ChangeNotOpen):
            settling.happened(session, ANN, doubted.id)
    run_all(database)
    assert (look(database).state, len(board.asked)) == ("retracted", asked)


def test_a_kind_that_cannot_asks_for_a_hand(
    database: Database, monkeypatch: pytest.MonkeyPatch, board: Changeable, shown: Publication
) -> None:
    monkeypatch.setattr(channels, "plugin", lambda _kind: Board())
    retract(database)
    run_all(database)
    failed = the_change(database)
    assert failed.state == "failed"
    assert "do it by hand" in (failed.error or "")
    with database.transaction() as session:
        settling.happened(session, ANN, failed.id)
    assert look(database).state == "retracted"


def test_a_retraction_overtakes_a_correction_that_failed(
    database: Database, board: Changeable, shown: Publication
) -> None:
    board.script = {"update": ["down"]}
    correct(database)
    approve(database)
    retract(database)
    again(database)
    with database.read() as session:
        states = [each.state for each in changes.of_publications(session, [shown.id])]
    assert states == ["replaced", "done"]
    assert (look(database).state, board.seen) == ("retracted", {})


def test_what_has_not_gone_out_never_does(database: Database, board: Changeable) -> None:
    with database.transaction() as session:
        desk.channel(session, "board")
        braking.stop_everything(session, ANN)
    desk.written(database)
    approve(database)
    assert look(database).state == "scheduled"
    retract(database, "We think again.")
    with database.transaction() as session:
        braking.resume_everything(session, ANN)
    again(database)
    assert (look(database).state, board.asked, draft_state(database)) == ("retracted", [], "retracted")


def test_a_retraction_needs_a_reason_and_a_publisher(database: Database, shown: Publication) -> None:
    with pytest.raises(ReasonMissing):
        retract(database, " ")
    with pytest.raises(PermissionMissing), database.transaction() as session:
        changes.retract(session, EDITOR, shown.id, "no")


# ── the brake ──


def test_stopped_between_claim_and_call_nothing_leaves(database: Database, board: Changeable) -> None:
    """Somebody stops everything while the delivery is in a worker's hands: after it has said that it begins."""
    begin, stopped = service.begin, []

    def begin_and_stop(*args: Any) -> object:
        order = begin(*args)
        stopped.append(order)
        return order

    with database.transaction() as session:
        desk.channel(session, "board")
    desk.written(database)
    real = brakes.check_now

    def stop_then_check() -> None:
        with database.transaction() as session:
            braking.stop_everything(session, ANN, "now")
        real()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "begin", begin_and_stop)
        patch.setattr(brakes, "check_now", stop_then_check)
        approve(database)
    assert stopped, "it was claimed and had begun"
    assert board.asked == []
    assert (look(database).state, look(database).attempts) == ("scheduled", 0)
    again(database)
    assert board.asked == [], "it survives, whoever asks"
    with database.transaction() as session:
        assert braking.resume_everything(session, ANN)
    sweeper.sweep(database)
    run_all(database)
    assert (look(database).state, board.asked) == ("published", ["deliver"])


def test_stopped_between_two_steps_of_a_delivery_the_second_does_not_happen(
    database: Database, board: Changeable
) -> None:
    def stop() -> None:
        board.before = None
        with database.transaction() as session:
            braking.stop_everything(session, ANN)

    board.before = stop
    with database.transaction() as session:
        desk.channel(session, "board")
    desk.written(database)
    approve(database)
    assert board.seen == {}
    assert look(database).notes, "what was made hidden is written down"
    with database.transaction() as session:
        braking.resume_everything(session, ANN)
    sweeper.sweep(database)
    run_all(database)
    assert (look(database).state, len(board.seen)) == ("published", 1)


def test_corrections_and_retractions_wait_as_well(database: Database, board: Changeable, shown: Publication) -> None:
    retract(database)
    with database.transaction() as session:
        braking.stop_everything(session, ANN)
    run_all(database)
    assert (look(database).state, len(board.seen)) == ("retracting", 1)
    with database.transaction() as session:
        braking.resume_everything(session, ANN)
    sweeper.sweep(database)
    run_all(database)
    assert board.seen == {}


def test_after_a_restore_a_person_looks_at_what_was_on_its_way(
    database: Database, board: Changeable, shown: Publication
) -> None:
    retract(database)
    with database.transaction() as session:
        restoring.doubt(session, db.now(session))
    run_all(database)
    assert (the_change(database).state, board.asked) == ("needs_reconcile", ["deliver"])
