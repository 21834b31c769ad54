"""A person who is forgotten has no name any more where they decided, remarked or wrote policies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import queries as accounts
from stonehand.accounts import service
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.nlp import embedding, lexical
from stonehand.retention import people
from stonehand.retention.erasing import Kind
from stonehand.reviews import bulk, policies, remarks
from stonehand.reviews import service as reviewing
from stonehand.reviews.filters import Filter
from stonehand.reviews.models import ReviewComment
from stonehand.reviews.policies import PolicyTerms
from stonehand.timing import cadences, wishes
from tests.publications.test_changes import pipeline  # noqa: F401  a fixture
from tests.retention.test_erasing import anywhere, forget
from tests.reviews import desk

NAME = "Xylophander Quill"


@pytest.fixture
def quill(database: Database, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody who has been everywhere where names are kept."""
    monkeypatch.setattr(embedding, "embed", lexical.hashed)
    with database.transaction() as session:
        found = accounts.person(service.new_user(session, "quill@example.org", NAME, "admin", "x"))
        site = desk.channel(session, "site", eyes="two")
    first, second = desk.written(database, 2)
    with database.transaction() as session:
        made = remarks.add(session, found, first.id, "I asked the council.", must=True)
        remarks.resolve(session, found, made.id)
        remarks.add(session, desk.BEA, first.id, f"Thanks, {NAME.upper()}! quillon stays.")
        reviewing.approve(session, first.id, found, accept_unsupported=True)
        terms = PolicyTerms(
            "Weather notes of one agency", 2, db.now(session) + timedelta(days=5), "verbatim", (), (), 300
        )
        policies.put(session, found, site, terms)
        cadences.keep(session, found, site, {"per_day": "3"})
        wishes.make(session, found, second.draft_id, site, db.now(session) + timedelta(days=1), "UTC")
        bulk.ask(session, found, Filter(language="fr"), bulk.Decision("reject", f"{NAME} said so", ()))
    return found


def test_the_name_is_gone_and_what_was_done_stays(database: Database, quill: Person) -> None:
    named = {"review_comments.user_name", "review_comments.resolved_by", "review_approvals.user_name"}
    named |= {"review_bulks.user_name", "approval_policies.created_by", "approval_policies.updated_by"}
    named |= {"wishes.by", "cadences.changed_by", "review_comments.body", "review_bulks.note"}
    assert named <= set(anywhere(database, NAME)), "the test sees what is to go"
    assert forget(database, Kind.PERSON, NAME.lower()).readers == 1
    assert set(anywhere(database, NAME)) <= {"users.name", "audit_records.actor_name", "audit_records.detail"}
    with database.read() as session:
        bodies = set(session.scalars(sa.select(ReviewComment.body)))
    assert bodies == {"I asked the council.", f"Thanks, {people.FORGOTTEN}! quillon stays."}


def test_an_account_that_was_renamed_is_known_by_its_id(database: Database, quill: Person) -> None:
    with database.transaction() as session:
        session.execute(sa.update(ReviewComment).values(user_name="Q."))
        changed: Any = people.forget(session, "quill@example.org", [quill.id])
        names = set(session.scalars(sa.select(ReviewComment.user_name).where(ReviewComment.user_id == quill.id)))
    assert (names, changed > 5) == ({people.FORGOTTEN}, True)


def test_a_name_that_nobody_bears_changes_nothing(database: Database, quill: Person) -> None:
    with database.transaction() as session:
        assert people.forget(session, "quillo", []) == 0, "a part of another word is no name"
        assert people.forget(session, "  ", []) == 0
