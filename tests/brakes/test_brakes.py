"""Stop everything: who may, what it says, that it lasts, and that letters wait."""

from __future__ import annotations

import pytest

from stonehand.accounts import queries as accounts
from stonehand.accounts.errors import PermissionMissing
from stonehand.brakes import queries, service
from stonehand.brakes.errors import ReasonTooLong, Stopped
from stonehand.db import Database
from tests.reviews.desk import ANN, BEA, EDITOR


def test_it_holds_until_somebody_lets_go(either_database: Database) -> None:
    database = either_database
    with database.transaction() as session:
        assert service.stop_everything(session, ANN, "  a wrong \n name ").reason == "a wrong name"
    with database.transaction() as session:
        again = service.stop_everything(session, BEA, "me too")
        assert (again.by, again.reason) == ("Ann", "a wrong name"), "whoever was first stays named"
    with database.read() as session, pytest.raises(Stopped, match=r"Ann has stopped .*a wrong name") as caught:
        queries.check(session)
    assert caught.value.gate == queries.GATE
    with pytest.raises(Stopped):
        queries.check_now()
    with database.transaction() as session:
        assert service.resume_everything(session, BEA)
        assert not service.resume_everything(session, BEA)
    queries.check_now()
    with database.read() as session:
        told = [(each.actor_name, each.verb) for each in accounts.audit(session, object_kind="everything")]
    assert told == [("Bea", "let go on"), ("Ann", "stopped")]


def test_it_takes_somebody_who_publishes(database: Database) -> None:
    with database.transaction() as session:
        with pytest.raises(PermissionMissing):
            service.stop_everything(session, EDITOR)
        with pytest.raises(PermissionMissing):
            service.resume_everything(session, EDITOR)
        with pytest.raises(ReasonTooLong):
            service.stop_everything(session, ANN, "x" * 501)
