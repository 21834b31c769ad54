"""The agent of the sample newsroom."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from stonehand.agents import queries, service
from stonehand.agents.models import Agent, AgentRun
from stonehand.agents.states import RunState, Why
from stonehand.db import Database, new_id, now
from stonehand.jobs.models import Schedule
from stonehand.sample import loading, staff
from tests.posts.conftest import pipeline

__all__ = ["pipeline"]
pytestmark = pytest.mark.usefixtures("pipeline")


def load(database: Database) -> bool:
    with database.transaction() as session:
        return staff.add_agent(session, loading.add_outlets(session, "http://127.0.0.1:9"))


def test_it_comes_with_the_sample_and_goes_with_it(either_database: Database) -> None:
    assert load(either_database)
    assert not load(either_database), "once"
    with either_database.transaction() as session:
        agent = queries.agent(session, staff.NAME)
        assert agent.is_sample
        assert len(agent.source_ids) == 8
        assert session.get_one(Schedule, agent.schedule).cron == staff.CRON
        session.add(
            AgentRun(
                id=new_id(), agent_id=agent.id, why=Why.HAND, state=RunState.NOTHING, job_id="j", asked_by="Ada",
                began_at=now(session),
            )
        )  # fmt: skip
    loading.remove_all(either_database)
    with either_database.read() as session:
        for table in (Agent, AgentRun):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
        assert session.get(Schedule, agent.schedule) is None


def test_whoever_removes_it_is_rid_of_it(database: Database) -> None:
    load(database)
    with database.transaction() as session:
        service.remove(session, staff.BY, staff.NAME)
    assert not load(database)
