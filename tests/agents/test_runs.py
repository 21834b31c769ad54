"""Runs of agents: from a topic to a written draft, what they refuse, and what they remember."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from stonehand.agents import forgetting, queries, service
from stonehand.agents.errors import AgentBusy, AgentPaused, AgentUnfit
from stonehand.agents.models import AgentCovered, AgentRun
from stonehand.curation import service as curation
from stonehand.curation.wishes import Wish as CurationWish
from stonehand.db import Database
from stonehand.drafts.models import Draft
from stonehand.jobs.testing import run_all
from stonehand.stories.models import Placement
from tests.agents.conftest import ADA, FINAL, GATES, HERONS, ask, finish, item, job, make, placed, result, runs, shelved
from tests.library.conftest import source


def draft(database: Database, draft_id: str) -> Draft:
    with database.read() as session:
        return session.get_one(Draft, draft_id)


def test_a_topic_becomes_a_draft_as_the_agent_wants_it(either_database: Database) -> None:
    one = shelved(either_database, "Tide gates of Port Ellis to be rebuilt", GATES)
    two = shelved(either_database, "Harbour board pays for tide gates", GATES + HERONS)
    shelved(either_database, "Rovers lose", FINAL)
    agent = make(either_database, persona="A patient engineer", tone="dry", length="short", prompt_id="Explainer")
    told = result(
        either_database,
        ask(either_database, "agents.write", agent_id=agent.id, topic="tide gates of Port Ellis", keyword="tide gates"),
    )
    assert (told["success"], told["status"]) == (True, "draft")
    made = draft(either_database, told["post_id"])
    assert (made.title, made.state, made.agent_id) == (told["title"], "in_review", agent.id)
    assert set(made.article_ids) == {one, two}
    nothing = {"most_micro": 0, "most_tokens": 0}  # no model is configured
    wanted = {
        "agent_id": agent.id,
        "persona": "A patient engineer",
        "tone": "dry",
        "words": 500,
        "prompt_id": "explainer",
    }
    assert made.instructions == wanted | nothing | {"keyword": "tide gates"}
    [run] = runs(either_database, agent)
    assert (run.state, run.why, run.article_count, run.draft_id) == ("written", "hand", 2, made.id)
    assert told["word_count"] > 20
    with either_database.read() as session:
        used = queries.usage(session, [agent.id], run.day)[agent.id]
    assert (used.posts, used.tokens) == (1, 0)


def test_a_topic_that_nothing_bears_out_is_refused_and_costs_nothing(database: Database) -> None:
    shelved(database, "Rovers lose", FINAL)
    agent = make(database)
    told = result(database, ask(database, "agents.write", agent_id=agent.id, topic="zeppelins over Reykjavik"))
    assert told["success"] is False
    assert "bears out “zeppelins over Reykjavik”" in told["error"]
    [run] = runs(database, agent)
    assert (run.state, run.draft_id, run.day) == ("refused", None, "")
    with database.read() as session:
        assert queries.usage(session, [agent.id], "2026-11") == {}
        assert session.scalars(sa.select(Draft)).all() == []


def test_only_allowed_sources_bear_out_a_topic(database: Database) -> None:
    mine, other = source(database, "Mine"), source(database, "Other")
    shelved(database, "Tide gates of Port Ellis to be rebuilt", GATES, source_id=other)
    agent = make(database, source_ids=(mine,))
    told = result(database, ask(database, "agents.write", agent_id=agent.id, topic="tide gates of Port Ellis"))
    assert "its sources" in told["error"]
    own = shelved(database, "Tide gates will be rebuilt", GATES, source_id=mine)
    told = result(database, ask(database, "agents.write", agent_id=agent.id, topic="tide gates of Port Ellis"))
    assert draft(database, told["post_id"]).article_ids == [own]


def test_by_itself_it_writes_about_the_best_topic_and_never_twice(either_database: Database) -> None:
    shelved(either_database, "Tide gates of Port Ellis to be rebuilt", GATES)
    shelved(either_database, "Herons return to the marsh of Orne", HERONS)
    shelved(either_database, "Rovers lose the cup final", FINAL)
    agent = make(either_database, brief="Coast, harbour, tide gates and birds such as herons", keywords=("tide gates",))
    titles = [result(either_database, ask(either_database, "agents.run", agent_id=agent.id)) for _ in range(3)]
    first, second, third = titles
    assert (first["success"], second["success"]) == (True, True)
    assert "nothing new" in third["message"]
    found = runs(either_database, agent)
    assert [run.topic for run in found] == [
        "Tide gates of Port Ellis to be rebuilt",
        "Herons return to the marsh of Orne",
        "",
    ]
    assert [run.state for run in found] == ["written", "written", "nothing"]
    assert set(found[0].reasons) == {"relevance", "freshness", "search"}


def test_what_says_the_same_or_is_excluded_is_left_out(database: Database) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent = make(database, brief="herons and cups", excluded=("cup final",))
    assert result(database, ask(database, "agents.run", agent_id=agent.id))["success"]
    shelved(database, "Marsh of Orne: herons return", HERONS + GATES, url="https://other.example/1")
    shelved(database, "Rovers lose the cup final", FINAL)
    assert "nothing new" in result(database, ask(database, "agents.run", agent_id=agent.id))["message"]


def test_a_story_is_covered_as_one(database: Database) -> None:
    one = shelved(database, "Herons return to the marsh of Orne", HERONS, url="https://a.example/1")
    two = shelved(database, "Eleven nests of herons counted in Orne", HERONS + "Mayor Okafor was glad of the herons.",
                  url="https://b.example/1")  # fmt: skip
    placed(database, one, two)
    with database.read() as session:
        [story_id] = set(session.scalars(sa.select(Placement.story_id)))
    agent = make(database)
    told = result(database, ask(database, "agents.run", agent_id=agent.id))
    assert draft(database, told["post_id"]).story_id == story_id
    assert "nothing new" in result(database, ask(database, "agents.run", agent_id=agent.id))["message"]
    other = make(database, name="Second desk")
    assert "nothing new" in result(database, ask(database, "agents.run", agent_id=other.id))["message"]
    told = result(database, ask(database, "agents.write", agent_id=other.id, story_id=story_id))
    assert "somebody writes about" in told["error"]


def test_an_article_that_somebody_writes_about_is_left_to_them(database: Database, feed_source: str) -> None:
    item(database, feed_source, "Herons return to the marsh of Orne", HERONS)
    shelved(database, "Tide gates of Port Ellis to be rebuilt", GATES)
    herons = make(database, name="Bird desk", source_ids=(feed_source,), writes_of="items")
    ask(database, "agents.run", agent_id=herons.id)
    assert runs(database, herons)[-1].state == "written"
    finish(database)
    other = make(database, name="Second desk")
    told = result(database, ask(database, "agents.run", agent_id=other.id))
    assert (told["success"], told["title"].startswith("Herons")) == (True, False)
    assert "nothing new" in result(database, ask(database, "agents.run", agent_id=other.id))["message"]
    third = make(database, name="Third desk", source_ids=(feed_source,), writes_of="items")
    ask(database, "agents.run", agent_id=third.id)
    assert runs(database, third)[-1].state == "written", "of an item, each makes its own"


def test_from_a_story_a_curation_and_an_item(database: Database, feed_source: str) -> None:
    entry = item(database, feed_source, "Tide gates of Port Ellis to be rebuilt", GATES)
    bird = shelved(database, "Herons return to the marsh of Orne", HERONS)
    placed(database, bird)
    agent = make(database, source_ids=(feed_source,))
    told = result(database, ask(database, "agents.write", agent_id=agent.id, entry_id=entry))
    assert draft(database, told["post_id"]).title == told["title"]
    with database.read() as session:
        story_id = session.get_one(Placement, bird).story_id
    refused = result(database, ask(database, "agents.write", agent_id=agent.id, story_id=story_id))
    assert "holds no article of the sources" in refused["error"]
    free = make(database, name="Free desk")
    assert result(database, ask(database, "agents.write", agent_id=free.id, story_id=story_id))["success"]
    with database.transaction() as session:
        curation_id = curation.submit(session, CurationWish(topic="herons marsh", rules=curation.rules(5)), "Ada").id
    finish(database)
    told = result(database, ask(database, "agents.write", agent_id=free.id, curation_id=curation_id))
    assert draft(database, told["post_id"]).article_ids[0] == bird
    assert [run.why for run in runs(database, free)] == ["story", "curation"]
    assert [run.why for run in runs(database, agent)] == ["item", "story"]


def test_a_paused_agent_does_nothing(database: Database) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent = make(database)
    with database.transaction() as session:
        service.pause(session, ADA, agent.id, "holidays")
        with pytest.raises(AgentPaused, match="by Ada: holidays"):
            service.run_now(session, ADA, agent.id)
    told = result(database, ask(database, "agents.run", agent_id=agent.id))
    assert "is paused" in told["error"]
    with database.transaction() as session:
        service.resume(session, ADA, agent.id)
    assert result(database, ask(database, "agents.run", agent_id=agent.id))["success"]


def test_asked_for_twice_it_runs_once(database: Database) -> None:
    agent = make(database)
    with database.transaction() as session:
        service.run_now(session, ADA, agent.id)
        with pytest.raises(AgentBusy, match="at it already"):
            service.run_now(session, ADA, agent.id)
        with pytest.raises(AgentUnfit, match="say what to write about"):
            service.write_about(session, ADA, agent.id, {"topic": "x", "story_id": "y"})


def test_a_lost_attempt_goes_on_with_the_same_draft(database: Database) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent = make(database)
    with database.transaction() as session:
        job_id = service.run_now(session, ADA, agent.id)
    run_all(database, rounds=1, queues=("generation",))
    [begun] = runs(database, agent)
    assert (begun.state, job(database, job_id).state) == ("writing", "scheduled")
    finish(database)
    [ended] = runs(database, agent)
    assert (ended.id, ended.state) == (begun.id, "written")
    with database.read() as session:
        assert len(session.scalars(sa.select(Draft)).all()) == 1


def test_a_draft_that_cannot_be_written_gives_everything_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stonehand.drafts import writing
    from stonehand.drafts.errors import NothingToQuote

    def refuse(brief: object) -> object:
        raise NothingToQuote("no sentence can be quoted")

    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent = make(database)
    monkeypatch.setattr(writing, "write", refuse)
    told = result(database, ask(database, "agents.run", agent_id=agent.id))
    assert (told["success"], told["error"]) == (False, "no sentence can be quoted")
    [run] = runs(database, agent)
    with database.read() as session:
        assert queries.usage(session, [agent.id], run.day)[agent.id].posts == 0
        assert session.scalars(sa.select(AgentCovered)).all() == []
    monkeypatch.undo()


def test_runs_whose_job_died_are_settled_by_the_safety_net(database: Database) -> None:
    from stonehand.jobs import service as working

    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent = make(database)
    with database.transaction() as session:
        job_id = service.run_now(session, ADA, agent.id)
    run_all(database, rounds=1, queues=("generation",))
    with database.transaction() as session:
        working.cancel(session, job_id)
    run_all(database)
    assert [run.state for run in runs(database, agent)] == ["writing"]
    told = result(database, ask(database, "agents.process_schedules"))
    assert (told["runs_settled"], told["agents_triggered"]) == (1, 0)
    assert [run.state for run in runs(database, agent)] == ["written"]


def test_what_is_forgotten_on_request_leaves_the_history(database: Database) -> None:
    one = shelved(database, "Herons return to the marsh of Orne", HERONS)
    two = shelved(database, "Rovers lose the cup final", FINAL)
    agent = make(database)
    for _ in range(2):
        ask(database, "agents.run", agent_id=agent.id)
    with database.transaction() as session:
        forgetting.forget(session, [one])
    assert sorted(run.topic for run in runs(database, agent)) == ["Rovers lose the cup final", "forgotten on request"]
    with database.read() as session:
        keys = set(session.scalars(sa.select(AgentCovered.key)))
    assert not any("heron" in key or one in key for key in keys)
    assert any(two in key for key in keys)


def test_removing_an_agent_keeps_its_history(database: Database) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent = make(database)
    ask(database, "agents.run", agent_id=agent.id)
    with database.transaction() as session:
        service.remove(session, ADA, agent.id)
    make(database, name=agent.name)
    with database.read() as session:
        assert queries.ever(session, agent.id).state == "removed"
        assert len(session.scalars(sa.select(AgentRun).where(AgentRun.agent_id == agent.id)).all()) == 1
        assert [each.name for each in queries.agents(session)] == [agent.name]
