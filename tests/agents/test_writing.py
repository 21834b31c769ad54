"""Agents with prompts and models of their own: what they write with, what it costs whom, and where it stands."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.agents import quotas, service, tools
from stonehand.agents.errors import AgentUnfit
from stonehand.agents.models import Agent
from stonehand.agents.wishes import Quotas
from stonehand.db import Database, now
from stonehand.drafts import service as drafting
from stonehand.drafts.models import Draft, Revision
from stonehand.drafts.pieces import Wish
from stonehand.jobs.testing import run_all
from stonehand.llm import budgets, ledger
from stonehand.llm import service as models
from stonehand.llm.models import LlmCall
from stonehand.prompts import service as prompting
from tests.agents.conftest import ADA, GATES, HERONS, ask, finish, make, result, runs, shelved
from tests.llm import simulator
from tests.llm.simulator import Exchange, Simulator

ROOT = Person("", "", "Root", "admin", frozenset(PERMISSIONS))
SAID = (
    "The tide gates of Port Ellis are to be rebuilt for 40 million crowns, Mira Osei of the harbour board said.",
    "After the March storm, engineers found rust in nine of the twelve gates.",
    "Work on the gates is to begin in June.",
)
PIECE = json.dumps(
    {"title": "Tide gates of Port Ellis to be rebuilt", "sentences": [{"text": each, "sources": [1]} for each in SAID]}
)


def well(exchange: Exchange) -> None:
    exchange.answer(PIECE)


def greedy(exchange: Exchange) -> None:
    """Nonsense, at every token that a question can have and an answer may: what was sent counts by its bytes."""
    sent = sum(len(each["content"].encode()) for each in exchange.question["messages"])
    said = exchange.question["max_tokens"]
    exchange.answer('{"nonsense": 3}', usage={"prompt_tokens": sent, "completion_tokens": said})


@pytest.fixture
def server() -> Iterator[Simulator]:
    with simulator.running(well) as running:
        yield running


def add(database: Database, server: Simulator, name: str, person: Person = ROOT, **wish: Any) -> str:
    usual = {"base_url": server.base_url, "key": "k-123456789", "input_price": 10.0, "output_price": 20.0, "room": 0}
    with database.transaction() as session:
        said = {"name": name, "provider": "compatible", "model": name, **usual, **wish}
        return models.add(session, person, said).id


def revision(database: Database, draft_id: str) -> Revision:
    with database.read() as session:
        return session.scalars(sa.select(Revision).where(Revision.draft_id == draft_id)).one()


def used(database: Database, agent: Agent) -> quotas.Amount:
    with database.read() as session:
        return quotas.used(session, agent.id, now(session).date().isoformat())


def test_it_writes_with_its_own_prompt_and_model_and_pays_for_it(either_database: Database, server: Simulator) -> None:
    database = either_database
    add(database, server, "first")
    second = add(database, server, "second")
    with database.transaction() as session:
        copied = prompting.copy(session, ADA, "explainer", "Our explainer")
    shelved(database, "Tide gates of Port Ellis to be rebuilt", GATES)
    agent = make(database, model_id="second", prompt_id="Our explainer", length="short")
    assert (agent.model_id, agent.prompt_id) == (second, copied.id)
    told = result(database, ask(database, "agents.run", agent_id=agent.id))
    assert [each.question["model"] for each in server.exchanges] == ["second"] * 2, "asked once more: it is too short"
    written, [run] = revision(database, told["post_id"]), runs(database, agent)
    assert (written.writer, written.model, written.prompt_version) == ("model", "second", f"{copied.slug}@1")
    assert (written.cost_micro, written.input_tokens, written.output_tokens) == (4000, 200, 100)
    known = written.provenance
    assert (known["model_id"], known["prompt"]["id"], known["prompt"]["version"]) == (second, copied.id, 1)
    assert known["tokens"] == {"input": 200, "output": 100}
    assert (run.model, run.prompt, run.tokens, run.cost_micro) == ("second", written.prompt_version, 300, 4000)
    assert used(database, agent) == quotas.Amount(1, 300, 4000)
    with database.read() as session:
        for call in session.scalars(sa.select(LlmCall)):
            assert (call.agent_id, call.model_id, call.purpose) == (agent.id, second, "drafts.write")
        assert tools.prompt_name(session, agent.prompt_id) == "Our explainer"


def test_over_its_budget_it_writes_offline_and_says_so(database: Database, server: Simulator) -> None:
    add(database, server, "tiny")
    shelved(database, "Tide gates of Port Ellis to be rebuilt", GATES)
    agent = make(database)
    with database.transaction() as session:
        budgets.put(session, ROOT, "agent", agent.id, "day", 0.0, None)
    told = result(database, ask(database, "agents.run", agent_id=agent.id))
    assert server.exchanges == []
    written, [run] = revision(database, told["post_id"]), runs(database, agent)
    assert (written.writer, written.model, run.model) == ("offline", None, "")
    assert "the agent's budget for language models today (0) does not cover" in run.note
    assert (run.note, run.cost_micro) == (written.notes, 0)


def test_a_prompt_or_model_that_does_not_fit_is_refused(database: Database, server: Simulator) -> None:
    editor = Person("ed", "", "Ed", "editor", frozenset({"read", "edit"}))
    add(database, server, "off", is_enabled=False)
    add(database, server, "own", editor, is_own=True, base_url="https://api.example.com/v1")
    agent = make(database)
    for wish, words in {
        "prompt_id=nothing": "there is no prompt 'nothing'; .* an agent can write by news-piece",
        "prompt_id=digest": "is there to digest, not to write a piece",
        "model_id=nothing": "there is no model 'nothing'; an agent can write with off",
        "model_id=off": "is switched off",
        "model_id=own": "serves only the one who added it",
    }.items():
        name, _, value = wish.partition("=")
        with pytest.raises(AgentUnfit, match=words), database.transaction() as session:
            service.change(session, ADA, agent.id, {name: value})
    with database.transaction() as session:
        session.get_one(Agent, agent.id).model_id = "long-gone"
    with database.transaction() as session:
        assert service.change(session, ADA, agent.id, {"tone": "dry"}).model_id == "long-gone", "what is kept may stay"


def test_twenty_runs_at_once_on_a_model_that_uses_every_token_stay_within_the_quota(
    database: Database, server: Simulator
) -> None:
    """Two models answer nonsense, one after the other and twice: four calls a piece, each at its worst."""
    server.script = greedy
    add(database, server, "cheap", output_price=1.0)
    add(database, server, "dear")
    for number in range(20):
        shelved(
            database, f"Herons of marsh number {number} return", f"{HERONS} Marsh {number} is “small”: größer < 3. " * 9
        )
    limits = Quotas(tokens_per_day=400_000, micro_per_month=4_500_000)
    agent = make(database, length="short", quotas=limits)
    with database.transaction() as session:
        for number in range(20):
            wish = {"agent_id": agent.id, "topic": f"herons of marsh number {number}"}
            jobs.enqueue(session, "agents.write", wish, asked_by="Ada")
    together = threading.Barrier(4)

    def work(_: int) -> None:
        together.wait(30)
        for _ in range(4):
            run_all(database, queues=("generation", "reviews", "analysis"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    finish(database)
    found = runs(database, agent)
    ended = [run.state for run in found]
    assert len(found) == 20
    assert set(ended) == {"written", "refused"}
    assert len(server.exchanges) >= 4
    for run in found:
        assert run.tokens <= run.reserved_tokens
        assert run.cost_micro <= run.reserved_micro
    gone = used(database, agent)
    assert gone.tokens <= 400_000
    assert gone.micro <= 4_500_000
    with database.read() as session:
        ids = sa.select(LlmCall.job_id)
        paid = ledger.of_jobs(session, ids)
    assert (gone.tokens, gone.micro) == (paid.tokens, paid.micro), "all that was paid stands in the quota"
    assert gone.posts == ended.count("written")


def test_two_hundred_pieces_at_once_on_a_dollar_spend_at_most_a_dollar(database: Database, server: Simulator) -> None:
    """Through the real jobs: who comes too late is written about offline, and says why."""
    server.script = greedy
    add(database, server, "tiny", output_price=20.0)
    article = shelved(database, "Tide gates of Port Ellis to be rebuilt", GATES)
    with database.transaction() as session:
        budgets.put(session, ROOT, "all", "", "day", 1.0, None)
    for start in range(0, 200, 25):  # no transaction may compute for long
        with database.transaction() as session:
            for number in range(start, start + 25):
                drafting.commission_piece(session, Wish(f"Tide gates, part {number}", "Ada", (article,)))

    def work(_: int) -> None:
        run_all(database, queues=("generation",))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with database.read() as session:
        spent = ledger.committed(session, now(session).date().isoformat())
        states = set(session.scalars(sa.select(Draft.state)))
        notes = session.scalars(sa.select(Revision.notes)).all()
        costs = session.scalar(sa.select(sa.func.sum(LlmCall.cost_micro)))
    assert 500_000 < spent <= 1_000_000
    assert spent == costs
    assert states == {"in_review"}
    assert len(notes) == 200
    assert sum("starts anew" in note for note in notes) > 150
