"""The steps of a run, each in a transaction of its own, so that a lost attempt goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from stonehand import jobs
from stonehand.agents import planning, queries, running, subjects
from stonehand.agents.errors import (
    AgentPaused,
    QuotaSpent,
    SubjectUnready,
    TopicCovered,
    TopicUnsupported,
)
from stonehand.agents.models import Agent, AgentRun
from stonehand.agents.planning import Choice, Look, Vector
from stonehand.agents.states import RunState, Why, WritesOf
from stonehand.agents.subjects import Subject
from stonehand.db import Session
from stonehand.jobs import Attempt
from stonehand.nlp import embedding

WAIT, LONG_WAIT = 1.0, 5.0  # seconds until it looks again at what others do
TRIES = 5  # topics that others may take away before a run gives up
REFUSALS = (AgentPaused, QuotaSpent, TopicCovered, TopicUnsupported)


class Course:
    """One attempt at a run."""

    def __init__(self, attempt: Attempt, agent_id: str) -> None:
        self.attempt = attempt
        with attempt.read() as session:
            self.agent = queries.agent(session, agent_id)
            self.asked = running.asked(session, attempt.job.id)
            self.run = queries.run_of_job(session, attempt.job.id)

    @property
    def why(self) -> Why:
        """For what a run of this job is made, unless it is about something that was named."""
        if self.asked.due_at or self.asked.by.startswith("the schedule "):
            return Why.SCHEDULE
        return Why.HAND

    def by_itself(self) -> None:
        """Write about the best topic, or ask for pieces about the new items of its feeds."""
        run, vector = self.run, None if self.run else self._brief()
        for _ in range(TRIES if run is None else 0):
            chosen, others, looked = self._choose(vector)
            if not chosen:
                self._end(RunState.NOTHING, self.why, planning.nothing(self.agent, looked))
                return
            if self.agent.writes_of == WritesOf.ITEMS:
                self._items(chosen, others)
                return
            with suppress(TopicCovered):  # then another run was quicker
                run = self._begin_or_end(subjects.of_choice(chosen[0], self.why))
                break
        else:
            if run is None:
                self._end(RunState.NOTHING, self.why, "other runs took every topic; it will look again next time")
        if run is not None:
            self.follow(run)

    def _choose(self, vector: Vector) -> tuple[tuple[Choice, ...], tuple[Choice, ...], Look]:
        with self.attempt.read() as session:
            looked = planning.look(session, self.agent)
        most = planning.MOST_ITEMS if self.agent.writes_of == WritesOf.ITEMS else 1
        return *planning.choose(self.agent, looked, vector, most), looked

    def about(self, asked: dict[str, str], why: Why) -> None:
        """Write about what somebody named."""
        run = self.run
        if run is None:
            try:
                run = self._begin(self._subject(asked, why))
            except SubjectUnready as error:
                raise jobs.Snooze(LONG_WAIT, f"waits until its subject is read: {error}") from error
            except REFUSALS as error:
                self._end(RunState.REFUSED, why, str(error), asked.get("topic", ""))
                return
        self.follow(run)

    def _subject(self, asked: dict[str, str], why: Why) -> Subject:
        topic = asked.get("topic", "")
        vector = embedded(f"{topic} {asked.get('keyword', '')}".strip()) if topic else None
        with self.attempt.read() as session:
            return subjects.find(session, self.agent, asked, why, vector)

    def follow(self, run: AgentRun) -> None:
        """Wait until the draft of a run is written, and settle the run with this job."""
        self.attempt.check_cancelled()
        if run.state == RunState.WRITING:
            with self.attempt.read() as session:
                waiting = running.is_waiting(session, run)
            if waiting:
                raise jobs.Snooze(WAIT, "waits until its draft is written")
        with self.attempt.finish() as session:
            fresh = session.get_one(AgentRun, run.id)
            self.attempt.note(session, running.settle(session, fresh) if fresh.draft_id else {"message": fresh.note})

    def _begin(self, subject: Subject) -> AgentRun:
        with self.attempt.write() as session:
            return running.begin(session, queries.agent(session, self.agent.id), subject, self.asked)

    def _begin_or_end(self, subject: Subject) -> AgentRun | None:
        """The run; none if it was refused. Raises `TopicCovered`."""
        try:
            return self._begin(subject)
        except (AgentPaused, QuotaSpent) as error:
            self._end(RunState.REFUSED, self.why, str(error), subject.title)
            return None

    def _items(self, chosen: tuple[Choice, ...], others: tuple[Choice, ...]) -> None:
        def deed(session: Session) -> str:
            made = running.take_items(session, self.agent, chosen, passed(others))
            return f"asked for {len(made)} pieces about new feed items" if made else "others took the new feed items"

        self._finish(RunState.ASKED, self.why, deed)

    def _end(self, state: RunState, why: Why, note: str, topic: str = "") -> None:
        self._finish(state, why, lambda _: note, topic)

    def _finish(self, state: RunState, why: Why, deed: Callable[[Session], str], topic: str = "") -> None:
        with self.attempt.finish() as session:
            note = deed(session)
            said = running.end_at_once(session, self.agent, why, state, self.asked, note, topic)
            self.attempt.note(session, said)

    def _brief(self) -> Vector:
        """What the agent's brief means, found out now if nobody has."""
        return planning.vector_of(self.agent) or embedded(text_of(self.agent))


def text_of(agent: Agent) -> str:
    """The text by which topics are compared with an agent; empty if it says nothing of them."""
    return ". ".join(filter(None, (", ".join(agent.keywords), agent.expertise, agent.brief)))


def embedded(text: str) -> Vector:
    """A text's vector and the model that made it; none of an empty one."""
    return (embedding.name(), embedding.embed([text])[0]) if text else None


def passed(others: tuple[Choice, ...]) -> list[Choice]:
    """Feed items that will never be written about: excluded, covered, or beside the agent's brief."""
    return [each for each in others if each.why_not != planning.BETTER]
