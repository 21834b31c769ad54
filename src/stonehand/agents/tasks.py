"""Jobs of agents. A run is one job from its choice of a topic to the written draft, which is its result."""

from __future__ import annotations

from datetime import datetime, timedelta

from stonehand import db, jobs
from stonehand.agents import candidates, course, planning, queries, running
from stonehand.agents.course import Course
from stonehand.agents.errors import AgentUnfit
from stonehand.agents.models import Agent
from stonehand.agents.planning import Choice
from stonehand.agents.service import SUBJECTS
from stonehand.agents.states import Why
from stonehand.brakes import queries as brakes
from stonehand.jobs import Attempt, task
from stonehand.jobs import queries as jobs_queries
from stonehand.jobs.clock import schedules
from stonehand.jobs.models import Schedule
from stonehand.nlp import embedding, vectors
from stonehand.sources import surveys

PATIENCE = timedelta(minutes=10)  # what a source named and nobody could read by then waits for the next look
NAMED = {"story_id": Why.STORY, "entry_id": Why.ITEM, "curation_id": Why.CURATION, "digest_id": Why.DIGEST}


@task("agents.run", queue="generation", role="editor")
def run(attempt: Attempt, agent_id: str) -> None:
    """Let an agent do what it does by its schedule: write about its best topic, or about new items of its feeds.

    While everything is stopped, it waits.
    """
    with attempt.read() as session:
        brakes.check(session)
    Course(attempt, agent_id).by_itself()


@task("agents.write", queue="generation", role="editor")
def write(  # noqa: PLR0913, PLR0917  what a person may name in the form of a job
    attempt: Attempt,
    agent_id: str,
    topic: str = "",
    keyword: str = "",
    story_id: str = "",
    entry_id: str = "",
    curation_id: str = "",
    digest_id: str = "",
) -> None:
    """Let an agent write about a topic that its sources bear out, or a story, a feed item, a curation or a digest."""
    given = {"story_id": story_id, "entry_id": entry_id, "curation_id": curation_id, "digest_id": digest_id}
    asked = {name: value for name, value in {"topic": topic.strip(), "keyword": keyword, **given}.items() if value}
    named = [name for name in SUBJECTS if name in asked]
    if len(named) != 1:
        raise AgentUnfit(f"say what to write about by one of {', '.join(SUBJECTS)}")
    with attempt.read() as session:
        by_program = jobs_queries.job(session, attempt.job.id).called_as is not None
    usual = Why.API if by_program else Why.HAND
    Course(attempt, agent_id).about(asked, NAMED.get(named[0], usual))


@task("agents.learn", queue="analysis")
def learn(attempt: Attempt, agent_id: str) -> None:
    """Find out what an agent's brief means, so that its plan can be shown where there is no model."""
    with attempt.read() as session:
        text = course.text_of(queries.ever(session, agent_id))
    row = embedding.embed([text])[0] if text else None
    with attempt.finish() as session:
        agent = queries.ever(session, agent_id)
        if course.text_of(agent) == text:
            agent.vector = None if row is None else vectors.pack(row)
            agent.vector_model = None if row is None else embedding.name()


@task("agents.process_schedules", queue="control", role="editor")
def process_schedules(attempt: Attempt) -> None:
    """A safety net: fire what agents' schedules are due, if nobody has, and settle runs whose job has died.

    A due time fires once, whoever asks and how often, so this does nothing while a scheduler runs.
    """
    with attempt.read() as session:
        names = [found.name for found in queries.schedules(session, queries.agents(session)).values()]
    with attempt.finish() as session:
        fired = schedules.tick(session, Schedule.name.in_(names)) if names else 0
        attempt.note(session, {"success": True, "agents_triggered": fired, "runs_settled": running.sweep(session)})


@task("agents.monitor", queue="sources", role="editor")
def monitor(attempt: Attempt, source_id: str, auto_generate: str = "yes") -> None:
    """Look at a source, wait until what it names is read, and let its agents write about new items, three each."""
    with attempt.read() as session:
        noted = jobs_queries.job(session, attempt.job.id).result or {}
    if "looks" not in noted:
        with attempt.write() as session:
            noted = {"looks": surveys.ask_all(session, [source_id]), "began_at": db.now(session).isoformat()}
            attempt.note(session, noted)
    with attempt.read() as session:
        told = surveys.tally(session, noted["looks"])
        is_read = _is_read(session, source_id, noted["began_at"])
        writers = queries.writing_about(session, source_id) if auto_generate == "yes" else []
    if told is None or not is_read:
        raise jobs.Snooze(course.WAIT, "waits for the source, and until what it names is read")
    choices = {agent.id: _choices(attempt, agent, source_id) for agent in writers}
    with attempt.finish() as session:
        asked = [
            job_id
            for agent in writers
            for job_id in running.take_items(session, agent, choices[agent.id][0], choices[agent.id][1])
        ]
        said = {"source_id": source_id, "new_items": told["items_collected"], "posts_generated": len(asked)}
        why = next(iter(told.get("errors", {}).values()), "")
        ended = {"success": not told["failed"], "error": why or None, "agents": len(writers), "jobs": asked}
        attempt.note(session, noted | said | ended)


def _is_read(session: db.Session, source_id: str, since: str) -> bool:
    """Whether all that the source named since then was read, or has had long enough to be."""
    began_at = datetime.fromisoformat(since)
    return db.now(session) > began_at + PATIENCE or not candidates.unread(session, source_id, began_at)


def _choices(attempt: Attempt, agent: Agent, source_id: str) -> tuple[tuple[Choice, ...], list[Choice]]:
    """The new items that an agent writes about, and those that it never will."""
    vector = planning.vector_of(agent) or course.embedded(course.text_of(agent))
    with attempt.read() as session:
        looked = planning.look(session, agent, source_id)
    chosen, others = planning.choose(agent, looked, vector, planning.MOST_ITEMS)
    return chosen, course.passed(others)
