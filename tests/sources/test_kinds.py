"""What a source of a kind has to know beside its address, and the secret that only its kind sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict

from stonehand import config, registry, resealing, vault
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.sources import kinds, looking, service
from stonehand.sources.errors import OptionsUnfit, SecretMissing
from stonehand.sources.interfaces import Asked, Collected, Fetch, Reading
from stonehand.sources.recognition import Found

pytestmark = pytest.mark.usefixtures("pipeline")


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid")
    topic: str
    most: int = 10


class Probe:
    kind, title, polled = "probe", "probe", True
    options = Words
    secret_name = "key"
    asked: Asked

    def secret_address(self, url: str, options: Mapping[str, Any]) -> str:
        return url

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        Probe.asked = asked
        return Collected(Reading("probe"))


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.registry().kinds["source"], "probe", Probe())


FOUND = Found("probe", "https://probe.example/", "a probe", kind="probe", options={"topic": "sea"}, secret="s3cret")


def test_a_kind_gets_its_options_and_its_secret(either_database: Database) -> None:
    with either_database.transaction() as session:
        source_id = service.add(session, FOUND).source_id
    with either_database.read() as session:
        source = service.get(session, source_id)
    looking.look(source)
    assert dict(Probe.asked.options) == {"topic": "sea", "most": 10}
    assert (Probe.asked.secret, "s3cret" in repr(Probe.asked)) == ("s3cret", False)
    assert source.options == {"topic": "sea"}
    assert source.secret
    assert "s3cret" not in source.secret
    assert resealing.survey(either_database).keys.total() == 1


def test_a_secret_does_not_follow_a_source_elsewhere(database: Database) -> None:
    with database.transaction() as session:
        source_id = service.add(session, FOUND).source_id
    with database.transaction() as session:
        service.get(session, source_id).url = "https://elsewhere.example/"
    with database.read() as session, pytest.raises(vault.SecretUnreadable):
        looking.asked(service.get(session, source_id))


def test_a_look_without_the_key_waits_and_is_no_failure_of_the_source(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        source_id = service.add(session, FOUND).source_id
        poll = session.scalars(sa.select(Job).where(Job.task == "sources.poll")).one()
        poll.attempts = poll.max_retries  # no try is left that could be counted
    monkeypatch.setenv("STONEHAND_VAULT_KEYS", vault.new_key())
    config.settings.cache_clear()
    run_all(database, rounds=1)
    with database.read() as session:
        job, source = session.get_one(Job, poll.id), service.get(session, source_id)
        assert (job.state, job.gate) == ("scheduled", vault.GATE)
        assert (source.failure_streak, source.last_error) == (0, None)


def test_one_address_may_be_asked_for_different_things(database: Database) -> None:
    with database.transaction() as session:
        first = service.add(session, FOUND)
        again = service.add(session, replace(FOUND, options={"topic": "sea", "most": 10}))
        other = service.add(session, replace(FOUND, options={"topic": "land"}))
    assert (again.source_id, again.is_new) == (first.source_id, False)
    assert other.is_new


@pytest.mark.parametrize("options", [{}, {"topic": 3}, {"topic": "sea", "colour": "red"}, {"topic": "a", "most": "x"}])
def test_options_are_checked_before_anything_is_kept(options: dict[str, Any]) -> None:
    with pytest.raises(OptionsUnfit, match="probe cannot work"):
        kinds.checked("probe", options)


def test_a_kind_without_options_takes_none() -> None:
    with pytest.raises(OptionsUnfit, match="has no options; leave out colour"):
        kinds.checked("feed", {"colour": "red"})


def test_a_secret_that_is_needed_is_asked_for(database: Database) -> None:
    with database.transaction() as session, pytest.raises(SecretMissing, match="needs its key"):
        service.add(session, replace(FOUND, secret=None))
