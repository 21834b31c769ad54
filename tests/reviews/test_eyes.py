"""Who must have looked before a text goes out: the rule of each channel, held also when two approve at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand import config, jobs
from stonehand.accounts.errors import PermissionMissing
from stonehand.channels import looking
from stonehand.channels.errors import EyesUnknown
from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.reviews import eyes, service, undoing, votes
from stonehand.reviews.errors import ReviewDecided
from tests.drafts import world
from tests.reviews import desk
from tests.reviews.desk import ADMIN, ANN, BEA, EDITOR

pytestmark = pytest.mark.usefixtures("quick_vectors")
PEOPLE = st.frozensets(st.sampled_from(["a", "b", "c"]))


@pytest.fixture(autouse=True)
def pipeline() -> Iterator[None]:
    world.follow()
    yield
    jobs.follow([])


@given(PEOPLE, PEOPLE)
def test_a_stricter_rule_never_lets_out_what_a_laxer_one_holds(
    approvers: frozenset[str], hands: frozenset[str]
) -> None:
    for rule in (eyes.ANOTHER, eyes.TWO):
        if not eyes.missing(rule, approvers, hands):
            assert not eyes.missing(eyes.ONE, approvers, hands)
    assert bool(eyes.missing(eyes.ANOTHER, approvers, hands)) == (not approvers - hands)
    assert bool(eyes.missing(eyes.TWO, approvers, hands)) == (len(approvers) < 2)


def test_whoever_edited_last_is_not_the_only_one_to_approve(database: Database) -> None:
    (review,) = desk.written(database)
    with database.transaction() as session:
        careful = desk.channel(session, "careful", "another")
        text = drafts.piece(session, review.revision_id)
        edited = service.revise(session, review.id, ANN, text.markdown, review.revision_id, "A better title")
    with database.transaction() as session:
        held = service.approve(session, edited, ANN)
        assert held.state == "open"
        assert "neither written nor edited" in votes.missing(session, held, [careful])
    with database.transaction() as session:
        assert service.approve(session, edited, BEA).state == "approved"


def test_two_people_are_two_and_one_person_twice_is_one(database: Database) -> None:
    (review,) = desk.written(database)
    with database.transaction() as session:
        desk.channel(session, "careful", "two")
    for _ in range(2):
        with database.transaction() as session:
            assert service.approve(session, review.id, ANN).state == "open"
    with database.transaction() as session:
        assert [each.user_name for each in votes.of_review(session, review.id)] == ["Ann"]
        undoing.undo(session, review.id, ANN)
        with pytest.raises(ReviewDecided):
            undoing.undo(session, review.id, ANN)
    with database.transaction() as session:
        assert service.approve(session, review.id, BEA).state == "open", "Ann's approval was taken back"
        assert service.approve(session, review.id, ANN).state == "approved"


def test_a_lax_channel_does_not_wait_for_a_strict_one_that_was_not_chosen(database: Database) -> None:
    (review,) = desk.written(database)
    with database.transaction() as session:
        desk.channel(session, "careful", "two")
        easy = desk.channel(session, "easy")
        assert service.approve(session, review.id, ANN, [easy]).state == "approved"


def test_the_setting_holds_on_every_channel(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    (review,) = desk.written(database)
    monkeypatch.setenv("STONEHAND_REVIEW_EYES", "two")
    config.settings.cache_clear()
    with database.transaction() as session:
        desk.channel(session, "easy")
        assert service.approve(session, review.id, ANN).state == "open"


def test_two_who_approve_at_once_are_counted_one_after_the_other(either_database: Database) -> None:
    database = either_database
    (review,) = desk.written(database)
    with database.transaction() as session:
        desk.channel(session, "careful", "two")

    def approve(who: object) -> str:
        with database.transaction() as session:
            return service.approve(session, review.id, who).state  # type: ignore[arg-type]

    with ThreadPoolExecutor(2) as pool:
        states = list(pool.map(approve, [ANN, BEA]))
    assert sorted(states) == ["approved", "open"]
    assert desk.state(database, review) == ("approved", "approved")


def test_only_administrators_say_who_approves(database: Database) -> None:
    with database.transaction() as session:
        made = desk.channel(session, "careful")
        with pytest.raises(PermissionMissing):
            looking.set_eyes(session, EDITOR, made, "two")
        with pytest.raises(EyesUnknown, match="one, another, two"):
            looking.set_eyes(session, ADMIN, made, "none")
        assert looking.set_eyes(session, ADMIN, made, "two").eyes == "two"
