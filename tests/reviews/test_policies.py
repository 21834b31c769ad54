"""Approval without a person: only by the channel's own policy, never more than its cap, and it says so."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts import queries as accounts
from stonehand.accounts.errors import PermissionMissing
from stonehand.brakes import service as braking
from stonehand.brakes.errors import Stopped
from stonehand.channels import looking
from stonehand.db import Database, utc_now
from stonehand.drafts.models import Citation, Revision
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.reviews import conditions, considering, policies, remarks
from stonehand.reviews.conditions import Facts, Terms
from stonehand.reviews.errors import PolicyNotFound, PolicyUnfit
from stonehand.reviews.models import ApprovalPolicy
from stonehand.reviews.policies import PolicyTerms
from tests.drafts import world
from tests.reviews import desk
from tests.reviews.desk import ADMIN, ANN, EDITOR

pytestmark = pytest.mark.usefixtures("quick_vectors")
WHY = "Weather notes of one agency, read by nobody before noon"
BY_DESIGN = frozenset({"verbatim", "single_outlet"})
CLEAN = Facts(frozenset({"verbatim"}), BY_DESIGN, 100, "a1", frozenset({"s1"}), False, False, False, False)


def terms(**more: Any) -> PolicyTerms:
    return replace(PolicyTerms(WHY, 3, utc_now() + timedelta(days=7)), **more)


@pytest.fixture(autouse=True)
def pipeline() -> Iterator[None]:
    world.follow()
    yield
    jobs.follow([])


def policy(database: Database, is_on: bool = True, **more: Any) -> ApprovalPolicy:
    with database.transaction() as session:
        channel = desk.channel(session, "wire")
        made = policies.put(session, ADMIN, channel, terms(**more))
        return policies.switch(session, ADMIN, channel, True) if is_on else made


def clean(database: Database) -> None:
    """Drafts without warnings, but that every sentence is word for word, which is what the policies ask for."""
    with database.transaction() as session:
        session.execute(sa.update(Revision).values(warnings=[{"kind": "verbatim", "text": "Quoted by design."}]))
        session.execute(sa.update(Citation).values(kind="verbatim"))


def consider(database: Database, review_id: str) -> considering.Considered:
    with database.transaction() as session:
        return considering.consider(session, review_id)


def test_a_new_policy_is_off_and_approves_nothing(database: Database) -> None:
    policy(database, is_on=False)
    (review,) = desk.written(database)
    clean(database)
    assert consider(database, review.id) == considering.Considered()
    assert desk.state(database, review) == ("open", "in_review")
    with database.read() as session:
        assert session.scalar(sa.select(Job.id).where(Job.task == "reviews.consider")) is None


def test_a_policy_approves_for_its_own_channel_alone_and_says_so(database: Database) -> None:
    made = policy(database)
    (review,) = desk.written(database)
    clean(database)
    with database.transaction() as session:
        desk.channel(session, "other")
        session.execute(sa.update(Job).where(Job.task == "reviews.consider").values(state="available"))
    assert consider(database, review.id).approved == {made.channel_id: made.id}
    with desk.looked(database, review) as found:
        assert (found.state, found.channel_ids, found.policy_ids) == ("approved", [made.channel_id], [made.id])
        assert (found.decided_by, found.released_at) == ("policy", None), "there is time to take it back"
    with database.read() as session:
        told = accounts.audit(session, object_id=review.id)[0]
        assert (told.actor_name, told.verb, told.detail["policies"]) == ("an approval policy", "approved", [made.id])
    assert consider(database, review.id).approved == {}, "asked again, nothing more happens"


def test_a_written_draft_is_considered_by_itself_and_the_job_says_why_not(database: Database) -> None:
    policy(database, max_words=1)
    desk.written(database)
    run_all(database)
    with database.read() as session:
        job = session.scalars(sa.select(Job).where(Job.task == "reviews.consider")).one()
        assert job.state == "completed"
        assert "words" in job.result["refused"]["wire"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kinds": frozenset({"verbatim", "unsupported"})}, "source"),
        ({"kinds": frozenset()}, "source"),
        ({"kinds": frozenset({"supported"})}, "word for word"),
        ({"warnings": frozenset({"verbatim", "numbers"})}, "warnings"),
        ({"words": 601}, "601 words"),
        ({"agent_id": "a2"}, "agent"),
        ({"source_ids": frozenset({"s1", "s2"})}, "another source"),
        ({"source_ids": frozenset({""})}, "another source"),
        ({"by_person": True}, "person"),
        ({"is_correction": True}, "correction"),
        ({"is_sample": True}, "sample"),
        ({"held": True}, "comment"),
    ],
)
def test_each_condition_stands_in_the_way(change: dict[str, Any], words: str) -> None:
    demands = Terms("verbatim", frozenset({"s1"}), frozenset({"a1"}), 600)
    assert conditions.refusals(demands, CLEAN) == []
    (reason,) = conditions.refusals(demands, replace(CLEAN, **change))
    assert words in reason


def test_one_outlet_is_a_warning_unless_the_policy_names_its_sources() -> None:
    assert conditions.refusals(Terms(), CLEAN) == ["it has warnings"]
    assert conditions.refusals(Terms(), replace(CLEAN, warnings=BY_DESIGN - {"single_outlet"})) == []


def test_the_cap_is_never_passed_by_twenty_at_once(either_database: Database) -> None:
    made = policy(either_database, daily_cap=7)

    def spend(_: int) -> bool:
        with either_database.transaction() as session:
            return policies.spend(session, made.id)

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(spend, range(60))) == 7
    with either_database.transaction() as session:
        session.execute(sa.update(ApprovalPolicy).values(day="2020-01-01"))
    assert [spend(0) for _ in range(8)] == [True] * 7 + [False], "tomorrow has a cap of its own"


def test_what_expired_or_needs_more_eyes_approves_nothing(database: Database) -> None:
    made = policy(database)
    (review,) = desk.written(database)
    clean(database)
    with database.transaction() as session:
        looking.set_eyes(session, ADMIN, made.channel_id, "two")
    rests = {"wire": "its policy rests: more people than one must look"}
    assert consider(database, review.id) == considering.Considered(refused=rests)
    with database.transaction() as session:
        looking.set_eyes(session, ADMIN, made.channel_id, "one")
        session.execute(sa.update(ApprovalPolicy).values(expires_at=utc_now() - timedelta(seconds=1)))
    assert consider(database, review.id) == considering.Considered(refused={"wire": "its policy has expired"})
    with database.transaction() as session:
        assert not policies.spend(session, made.id)


def test_while_everything_is_stopped_no_policy_decides(database: Database) -> None:
    policy(database)
    (review,) = desk.written(database)
    clean(database)
    with database.transaction() as session:
        braking.stop_everything(session, ANN)
    with pytest.raises(Stopped):
        consider(database, review.id)
    assert desk.state(database, review) == ("open", "in_review")


def test_a_comment_that_must_be_dealt_with_keeps_it_for_people(database: Database) -> None:
    policy(database)
    (review,) = desk.written(database)
    clean(database)
    with database.transaction() as session:
        remarks.add(session, EDITOR, review.id, "Ask the council first.", must=True)
    assert "comment" in consider(database, review.id).refused["wire"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "because"},
        {"daily_cap": 0},
        {"max_words": 0},
        {"support": "hearsay"},
        {"expires_at": utc_now() - timedelta(days=1)},
        {"expires_at": utc_now() + timedelta(days=400)},
        {"source_ids": tuple(map(str, range(201)))},
    ],
)
def test_a_policy_without_reason_cap_or_end_cannot_be(database: Database, wrong: dict[str, Any]) -> None:
    with database.transaction() as session:
        channel = desk.channel(session, "wire")
        with pytest.raises(PolicyUnfit):
            policies.put(session, ADMIN, channel, terms(**wrong))


def test_who_may_do_what_with_policies(database: Database) -> None:
    made = policy(database)
    with database.transaction() as session:
        with pytest.raises(PermissionMissing):
            policies.put(session, ANN, made.channel_id, terms())
        assert not policies.switch(session, ANN, made.channel_id, False).is_on, "whoever publishes may stop it"
        with pytest.raises(PermissionMissing):
            policies.switch(session, ANN, made.channel_id, True)
        looking.set_eyes(session, ADMIN, made.channel_id, "two")
        with pytest.raises(PolicyUnfit, match="two people"):
            policies.switch(session, ADMIN, made.channel_id, True)
        policies.remove(session, ADMIN, made.channel_id)
        with pytest.raises(PolicyNotFound):
            policies.of_channel(session, made.channel_id)
        verbs = [each.verb for each in accounts.audit(session, object_id=made.channel_id)]
    assert {"wrote the policy of", "switched on the policy of", "switched off the policy of"} < set(verbs)
