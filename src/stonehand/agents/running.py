"""Beginning and settling runs. What a run begins with commits together: quota, memory, draft and its own row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.agents import covering, queries, questions, quotas, spending
from stonehand.agents.errors import AgentPaused, TopicCovered
from stonehand.agents.models import Agent, AgentRun
from stonehand.agents.planning import Choice
from stonehand.agents.quotas import Amount
from stonehand.agents.states import AgentState, RunState, Why
from stonehand.agents.subjects import Subject
from stonehand.db import Session
from stonehand.drafts import metrics
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as writing
from stonehand.drafts.models import Revision
from stonehand.drafts.pieces import Wish
from stonehand.drafts.states import DraftState
from stonehand.jobs.models import Job, ScheduleRun
from stonehand.jobs.states import UNFINISHED, State

LONGEST_NOTE = 1000
Result = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """The job that a run is made by: who asked, and for which due time of a schedule, if for one."""

    job_id: str
    by: str
    due_at: datetime | None = None


def asked(session: Session, job_id: str) -> Asked:
    """Who asked for this job, and when it was due."""
    by = session.scalar(sa.select(Job.asked_by).where(Job.id == job_id))
    due_at = session.scalar(sa.select(ScheduleRun.due_at).where(ScheduleRun.job_id == job_id))
    return Asked(job_id, by or "a program", due_at)


def begin(session: Session, agent: Agent, subject: Subject, ask: Asked) -> AgentRun:
    """Set aside what it may cost, remember what it is about, and commission it.

    Raises `AgentPaused`, `QuotaSpent`, `TopicCovered`; then nothing was written.
    """
    if agent.state != AgentState.ACTIVE:
        raise AgentPaused(f"{agent.name} is paused {agent.note}".strip() + "; resume it first")
    moment = db.now(session)
    wanted = spending.estimate(session, agent, subject.article_ids, subject.title, subject.keyword)
    run = _row(agent, subject.why, RunState.WRITING, ask, moment)
    run.day = quotas.reserve(session, agent, wanted, moment)
    run.reserved_tokens, run.reserved_micro = wanted.tokens, wanted.micro
    run.topic, run.keyword, run.article_count = subject.title[:500], subject.keyword[:200], len(subject.article_ids)
    run.reasons = {name: [round(part.score, 3), part.reason] for name, part in subject.reasons.items()}
    session.add(run)
    session.flush()
    new = covering.cover(session, agent.id, subject.claims, run.id)
    if len(new) < len(set(subject.claims)):
        raise TopicCovered(f"{agent.name} has written about “{subject.title[:120]}” already; choose something else")
    covering.cover(session, agent.id, subject.keys, run.id)
    run.draft_id = _commission(session, agent, subject, ask.by, wanted)
    return run


def _commission(session: Session, agent: Agent, subject: Subject, by: str, most: Amount) -> str:
    """A piece about a story that may use all of it is the story's draft; else it rests on the chosen articles.

    Its writer may spend what was set aside, and not more, however often it has to begin anew.
    """
    whole, by = subject.story_id and not agent.source_ids, agent.name if by == agent.name else f"{agent.name}, {by}"
    draft_id = writing.commission_piece(
        session,
        Wish(
            title=subject.title,
            by=by,
            article_ids=subject.article_ids,
            instructions=replace(
                questions.instructions(agent, subject.keyword), most_micro=most.micro, most_tokens=most.tokens
            ),
            story_id=subject.story_id if whole else "",
            is_sample=subject.is_sample,
        ),
    )
    made = drafts.draft(session, draft_id)
    earlier = sa.select(AgentRun.id).where(AgentRun.draft_id == draft_id)
    if made.agent_id != agent.id or made.created_by != by or session.scalar(earlier):
        raise TopicCovered(f"somebody writes about “{subject.title[:120]}” already; its draft is {draft_id}")
    return draft_id


def _row(agent: Agent, why: Why, state: RunState, ask: Asked, moment: datetime) -> AgentRun:
    return AgentRun(
        id=db.new_id(),
        agent_id=agent.id,
        why=why,
        state=state,
        job_id=ask.job_id,
        due_at=ask.due_at,
        asked_by=ask.by[:120],
        began_at=moment,
    )


def end_at_once(
    session: Session, agent: Agent, why: Why, state: RunState, ask: Asked, note: str, topic: str = ""
) -> Result:
    """Keep a run that writes nothing: refused, with nothing to do, or one that has asked others."""
    moment = db.now(session)
    run = _row(agent, why, state, ask, moment)
    run.note, run.topic, run.ended_at = note[:LONGEST_NOTE], topic[:500], moment
    session.add(run)
    return {"success": state == RunState.ASKED, "agent_id": agent.id, "run_id": run.id, _said(state): note}


def _said(state: RunState) -> str:
    return "error" if state in (RunState.REFUSED, RunState.FAILED) else "message"


def take_items(session: Session, agent: Agent, chosen: Sequence[Choice], passed: Sequence[Choice]) -> list[str]:
    """Ask for a piece about each chosen feed item that nobody has taken meanwhile. Returns the jobs.

    Chosen or not, they are not looked at again, but for those that only others were better than.
    """
    seen = {choice.candidate.entry_id: choice for choice in chosen}
    new = covering.cover(session, agent.id, [f"entry:{entry_id}" for entry_id in seen], None)
    covering.cover(session, agent.id, [f"entry:{each.candidate.entry_id}" for each in passed], None)
    asked_for = [
        jobs.enqueue(
            session,
            "agents.write",
            {"agent_id": agent.id, "entry_id": entry_id},
            unique_key=f"agents.write:{agent.id}:entry_id:{entry_id}",
            fair_key=f"agent:{agent.id}",
            asked_by=agent.name,
        )
        for entry_id in seen
        if f"entry:{entry_id}" in new
    ]
    return [job_id for job_id in asked_for if job_id]


def is_waiting(session: Session, run: AgentRun) -> bool:
    """Whether its draft is still to be written."""
    draft = drafts.draft(session, run.draft_id or "")
    return draft.state == DraftState.COMMISSIONED and _writer(session, run, UNFINISHED) is not None


def _writer(session: Session, run: AgentRun, states: Sequence[State]) -> Job | None:
    """The job that writes its draft."""
    mine = sa.select(Job).where(Job.parent_id == run.job_id, Job.task == spending.WRITE)
    return session.scalars(mine.where(Job.state.in_(states)).order_by(Job.id.desc())).first()


def settle(session: Session, run: AgentRun) -> Result:
    """Say what became of a run whose draft waits no more, and give back what it did not use. Done once."""
    draft, spent = drafts.draft(session, run.draft_id or ""), spending.actual(session, run)
    revision = drafts.revision(session, draft.current_revision_id) if draft.current_revision_id else None
    state = RunState.WRITTEN if revision else RunState.FAILED
    _close(session, run, state, spent, revision.notes if revision else _trouble(session, run, draft.note))
    if revision:
        run.model, run.prompt = revision.model or "", revision.prompt_version or ""
    return _written(run, revision) if revision else {"success": False, "post_id": draft.id, "error": run.note}


def _trouble(session: Session, run: AgentRun, note: str) -> str:
    ended = _writer(session, run, [state for state in State if state not in UNFINISHED])
    return note or (ended and ended.error) or "its draft was not written; look at its job"


def _close(session: Session, run: AgentRun, state: RunState, spent: Amount, note: str) -> None:
    values = {"state": state, "tokens": spent.tokens, "cost_micro": spent.micro, "note": note[:LONGEST_NOTE]}
    closing = sa.update(AgentRun).where(AgentRun.id == run.id, AgentRun.state == RunState.WRITING)
    closed = session.scalar(closing.values(**values, ended_at=db.now(session)).returning(AgentRun.id))
    if closed is None:
        return
    posts = 0 if state == RunState.WRITTEN else -1
    change = Amount(posts, spent.tokens - run.reserved_tokens, spent.micro - run.reserved_micro)
    quotas.settle(session, run.agent_id, run.day, change)
    if state == RunState.FAILED:
        covering.uncover(session, run.id)
    session.refresh(run)


def _written(run: AgentRun, revision: Revision) -> Result:
    """What became of it, in the words that older clients wait for."""
    return {
        "success": True,
        "post_id": revision.draft_id,
        "title": revision.title,
        "word_count": metrics.words(revision.markdown),
        "status": "draft",
        "agent_id": run.agent_id,
        "run_id": run.id,
        "tokens": run.tokens,
        "cost_micro": run.cost_micro,
    }


def sweep(session: Session) -> int:
    """Settle runs whose own job has ended before their draft had, or died. Returns how many."""
    settled = 0
    for run in queries.open_runs(session):
        job = session.get(Job, run.job_id)
        if (job is None or job.state not in UNFINISHED) and not is_waiting(session, run):
            settle(session, run)
            settled += 1
    return settled
