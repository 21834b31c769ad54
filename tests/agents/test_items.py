"""Feed items: only those that an agent has not seen, three in a run, whoever asks and how often."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from stonehand import config, formerly
from stonehand.agents import planning, queries, running
from stonehand.agents.models import AgentCovered
from stonehand.db import Database
from stonehand.jobs.broker import calling
from stonehand.jobs.models import Job
from stonehand.sources import intake
from stonehand.sources import service as sources
from stonehand.web.pages import job_page_reading
from tests.agents.conftest import ADA, FINAL, GATES, HERONS, ask, item, make, result, runs
from tests.articles.test_duplicates import HARBOUR, OTHER_WORDS
from tests.articles.test_tasks import html
from tests.library.conftest import source
from tests.sources.conftest import Site, site

__all__ = ["site"]
TITLES = (
    "Ferry rams the pier",
    "Bakers strike for bread",
    "Comet seen over Velm",
    "School roof collapses",
    "Otter wins",
)


def titles(database: Database) -> list[str]:
    """What pieces about feed items were asked for, in order."""
    with database.read() as session:
        rows = session.scalars(sa.select(Job).where(Job.task == "agents.write").order_by(Job.id))
        return [str(row.args["entry_id"]) for row in rows]


def test_three_a_run_and_each_once(database: Database, feed_source: str) -> None:
    """The first three items used to be written about in every run."""
    entries = [
        item(database, feed_source, title, f"{title}, said the mayor of Velm on Sunday. It is number {at}. " * 3, at)
        for at, title in enumerate(TITLES, 1)
    ]
    agent = make(database, source_ids=(feed_source,), writes_of="items")
    counts = []
    for _ in range(4):
        ask(database, "agents.run", agent_id=agent.id)
        counts.append(len(titles(database)))
    assert counts == [3, 5, 5, 5]
    assert titles(database) == entries, "the newest first, each once"
    found = runs(database, agent)
    assert sorted(run.state for run in found) == ["asked", "asked", "nothing", "nothing", *["written"] * 5]
    assert {run.topic for run in found if run.why == "item"} == set(TITLES)
    assert all(run.keyword for run in found if run.why == "item")


def test_excluded_ones_and_those_that_say_the_same_are_seen_and_left(database: Database, feed_source: str) -> None:
    item(database, feed_source, "Rovers lose the cup final", FINAL)
    item(database, feed_source, "Herons return to the marsh of Orne", HERONS)
    item(database, feed_source, "To the marsh of Orne herons return", HERONS + GATES)
    agent = make(database, source_ids=(feed_source,), writes_of="items", excluded=("cup final",))
    ask(database, "agents.run", agent_id=agent.id)
    assert len(titles(database)) == 1
    with database.read() as session:
        seen = session.scalars(sa.select(AgentCovered.key).where(AgentCovered.key.startswith("entry:"))).all()
        plan = planning.plan(session, queries.agent(session, agent.id))
    assert len(seen) == 3
    assert plan.chosen == ()


def test_two_runs_at_once_share_the_items(either_database: Database) -> None:
    feed_source = source(either_database, "Feed")
    for at, title in enumerate(TITLES, 1):
        item(either_database, feed_source, title, f"{title}, said the mayor. " * 3, at)
    agent, together = make(either_database, source_ids=(feed_source,), writes_of="items"), threading.Barrier(4)
    with either_database.read() as session:
        looked = planning.look(session, agent)
    chosen, _ = planning.choose(agent, looked, None, 3)

    def one(_: int) -> int:
        together.wait(30)
        with either_database.transaction() as session:
            return len(running.take_items(session, agent, chosen, ()))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 3
    assert len(titles(either_database)) == 3


def _feed(*names: str, base: str) -> str:
    told = {"one": "Quay shut after the storm", "two": "Ferry rams the pier of Velm"}
    items = "".join(
        f"<item><guid>{name}</guid><title>{told[name]}</title><link>{base}/{name}</link></item>" for name in names
    )
    return f"<rss><channel><title>Harbour</title>{items}</channel></rss>"


def test_monitoring_a_source_generates_posts_of_what_is_new(database: Database, site: Site) -> None:
    site.put("/one", html(HARBOUR), Content_Type="text/html")
    site.put("/two", html(OTHER_WORDS, "<title>Ferry rams the pier of Velm</title>"), Content_Type="text/html")
    url = site.put("/rss", _feed("one", base=site.url), Content_Type="application/rss+xml")
    found = intake.identify(url)[0]
    with database.transaction() as session:
        source_id = sources.add(session, found).source_id
    agent = make(database, source_ids=(source_id,))
    make(database, name="Another desk")
    wish = calling.understand("app.tasks.source_tasks.monitor_rss_feed", [source_id], {"auto_generate": True})
    assert (wish.task.name, wish.args) == ("agents.monitor", {"source_id": source_id, "auto_generate": "yes"})
    told = result(database, ask(database, "agents.monitor", **wish.args))
    assert (told["success"], told["agents"], told["posts_generated"]) == (True, 1, 1)
    again = result(database, ask(database, "agents.monitor", source_id=source_id))
    assert (again["new_items"], again["posts_generated"]) == (0, 0)
    site.put("/rss", _feed("one", "two", base=site.url), Content_Type="application/rss+xml")
    more = result(database, ask(database, "agents.monitor", source_id=source_id))
    assert (more["new_items"], more["posts_generated"]) == (1, 1)
    assert [(run.topic, run.state) for run in runs(database, agent)] == [
        ("Quay shut after the storm", "written"),
        ("Ferry rams the pier of Velm", "written"),
    ]
    site.pages.pop("/rss")
    job_id = ask(database, "agents.monitor", source_id=source_id)
    failed = result(database, job_id)
    assert failed["success"] is False
    assert "404" in failed["error"]
    with database.read() as session:
        assert "404" in job_page_reading.one(session, ADA, job_id).error
    assert config.settings().sample
    plain = calling.understand("monitor_rss_feed", [source_id])
    assert (plain.task.name, dict(plain.args)) == ("sources.poll", {"source_id": source_id})


def test_the_old_names() -> None:
    wish = calling.understand("app.tasks.post_tasks.generate_post_for_agent", ["a1", "tide gates", "gates"])
    assert (wish.task.name, wish.args) == (
        "agents.write",
        {"agent_id": "a1", "topic": "tide gates", "keyword": "gates"},
    )
    assert calling.understand("process_agent_schedules").task.name == "agents.process_schedules"
    former = formerly.find("generate_post_for_agent")
    assert former
    made = {"success": True, "post_id": "d", "title": "T", "word_count": 3, "status": "draft", "run_id": "r"}
    assert former.answers(made) == {name: made[name] for name in list(made)[:5]}
