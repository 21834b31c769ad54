"""From the room of jobs to the page of one job."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand import config, leftovers
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.errors import StonehandError
from stonehand.jobs import declaration, dependencies, logs, queries
from stonehand.jobs.desk import explanation, filters, parameters
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.models import Attempt, Job, JobLog
from stonehand.jobs.service import REPLAYABLE
from stonehand.jobs.states import DEAD, UNFINISHED, WAITING, State
from stonehand.llm.models import LlmCall
from stonehand.web import timelines
from stonehand.web.pages.job_rows import STATES, badge, counted, meter, others, tries, worker_name
from stonehand.web.pages.jobs import Argument, AttemptRow, JobView, LogLine, Others
from stonehand.web.pages.parts import Badge, Field, Link
from stonehand.web.pages.subjects import subjects
from stonehand.web.words import clock, plural

SOME = 20  # jobs of each kind beside this one
OUTCOMES = {"crashed": Badge("Crashed", "bad"), "cancelled": Badge("Cancelled"), "snoozed": Badge("Put back")}
_LEFT_OUT = {"timestamp", "level", "event", "exception"}


def one(session: Session, person: Person, job_id: str, after: str = "") -> JobView:
    """One job with its tries. `after` is the last item of the page before. Raises `JobNotFound`."""
    job = queries.job(session, job_id)
    state, said = State(job.state), explanation.why_not_running(session, job)
    quiet = (State.EXECUTING, State.COMPLETED, State.CANCELLED, *DEAD)
    resolved = state is State.CANCELLED and "dead letter" in said
    return JobView(
        id=job.id,
        task=job.task,
        about=subjects(session, [job]).get(job.id),
        queue=job.queue,
        badge=badge(job),
        asked_at=job.created_at,
        attempts=_attempts(job, queries.attempts(session, job_id)),
        facts=_facts(session, job),
        results=_results(job),
        alive=state in UNFINISHED,
        why="" if state in quiet and not resolved else said,
        error=said if state in DEAD else explanation.not_done(job),
        meter=meter(job),
        others=tuple(_others(session, job, after)),
        way=others(session, timelines.timeline(session, job), job.id, by_task=True),
        log=_log(logs.of(session, job_id, 1)),
        arguments=arguments(job.task, [job.args]),
        priority=job.priority,
        asked_by=Link("another job", f"/jobs/{job.parent_id}") if job.parent_id else None,
        asker=job.asked_by or "",
        left=len(leftovers.of(job)) if person.may("edit") else 0,
        again=Link("another job", f"/jobs/{again}") if (again := leftovers.asked_by(job)) else None,
        alike=Link("Letters that died of the same", f"/jobs/dead/{job.fingerprint}") if _is_alike(job) else None,
        **_rights(job, person.may("edit")),
    )


def _is_alike(job: Job) -> bool:
    return job.state == State.DISCARDED and job.fingerprint is not None


def _rights(job: Job, may: bool) -> dict[str, bool]:
    state = State(job.state)
    can = {
        "can_cancel": state in UNFINISHED and job.cancel_requested_at is None,
        "can_retry": state in REPLAYABLE and state is not State.NEEDS_RECONCILE,
        "can_hurry": state in (State.SCHEDULED, State.RETRYABLE),
        "can_prioritise": state in WAITING,
        "can_decide": state is State.NEEDS_RECONCILE,
        "can_resolve": state is State.DISCARDED,
        "can_mend": state in (State.DISCARDED, State.CANCELLED) and bool(job.args),
    }
    return {name: may and value for name, value in can.items()}


def _attempts(job: Job, failed: Sequence[Attempt]) -> tuple[AttemptRow, ...]:
    rows = [
        AttemptRow(
            number,
            each.started_at,
            each.ended_at,
            worker_name(each.worker),
            OUTCOMES.get(each.outcome, Badge("Failed", "bad")),
            each.error or "",
            each.detail or "",
        )
        for number, each in enumerate(failed, 1)
    ]
    if job.state in (State.EXECUTING, State.COMPLETED) and job.started_at:
        now = STATES[State(job.state)]
        rows.append(AttemptRow(len(rows) + 1, job.started_at, job.finished_at, worker_name(job.worker), now))
    return tuple(rows)


def _others(session: Session, job: Job, after: str) -> list[Others]:
    found = [_items(session, job, after), _needs(session, job), _waiting(session, job)]
    found += [_flow(session, job), _children(session, job)]
    return [each for each in found if each.jobs or each.counts]


def _items(session: Session, job: Job, after: str) -> Others:
    jobs = queries.items(session, job, after, SOME + 1)
    more = Link("More items", f"/jobs/{job.id}?after={jobs[SOME - 1].id}#others") if len(jobs) > SOME else None
    counts = counted(queries.items_by_state(session, job))
    return Others("Held together by one worker", counts, others(session, jobs[:SOME], job.id), more)


def _needs(session: Session, job: Job) -> Others:
    if not (job.flow_id or job.needs):
        return Others("")
    title = f"Waits for {plural(job.needs, 'job')}" if job.needs else "Waited for"
    return Others(title, (), others(session, dependencies.needed(session, job.id)[:SOME], by_task=True))


def _waiting(session: Session, job: Job) -> Others:
    if not job.has_dependents:
        return Others("")
    ids = dependencies.waiting_for(session, [job.id])[:SOME]
    jobs = session.scalars(sa.select(Job).where(Job.id.in_(ids)).order_by(Job.id)).all()
    return Others("Waits for this one", (), others(session, jobs, by_task=True))


def _flow(session: Session, job: Job) -> Others:
    if not job.flow_id:
        return Others("")
    wish = Filter(flow=job.flow_id)
    jobs = list(reversed(filters.part(session, wish, limit=SOME).jobs))
    more = Link("All of them", f"/jobs?show=all&flow={job.flow_id}")
    return Others(
        "Its chain or group", counted(filters.counts(session, wish)), others(session, jobs, job.id, by_task=True), more
    )


def _children(session: Session, job: Job) -> Others:
    wish = Filter(parent=job.id)
    found = filters.part(session, wish, limit=SOME)
    more = Link("All of them", f"/jobs?show=all&parent={job.id}") if found.next else None
    return Others(
        "Asked for by it", counted(filters.counts(session, wish)), others(session, found.jobs, by_task=True), more
    )


def _log(kept: Sequence[JobLog]) -> tuple[LogLine, ...]:
    return tuple(_line(line) for each in kept for line in each.lines)


def _line(line: Mapping[str, Any]) -> LogLine:
    more = " ".join(f"{name}={value}" for name, value in line.items() if name not in _LEFT_OUT)
    words = " ".join(part for part in (str(line.get("event", "")), more, str(line.get("exception", ""))) if part)
    return LogLine(_time(str(line.get("timestamp", ""))), str(line.get("level", "")), words)


def _time(stamp: str) -> str:
    try:
        return f"{datetime.fromisoformat(stamp).astimezone(config.settings().zone):%H:%M:%S}"
    except ValueError:
        return ""


def _facts(session: Session, job: Job) -> tuple[tuple[str, str], ...]:
    zone = config.settings().zone
    held = f"at once with {plural(job.claim_size - 1, 'other')}" if job.claim_size > 1 else ""
    facts: list[tuple[str, Any]] = [
        ("Priority", f"{job.priority} of 9"),
        ("Tries", f"{tries(job)} of {job.max_retries + 1}"),
        ("Crashes", job.crash_count or ""),
        ("Held", held),
        ("Runs at", clock(job.run_at, zone) if job.state in UNFINISHED else ""),
        ("Ended", clock(job.finished_at, zone) if job.finished_at else ""),
        ("Cost", _cost(session, job.id)),
        ("Owner", job.fair_key),
        ("Unique key", job.unique_key or ""),
        *((_named(word), value) for word, value in _short(job)),
    ]
    return tuple((name, str(value)) for name, value in facts if value not in ("", None))


def _short(job: Job) -> list[tuple[str, Any]]:
    """What it answered in a word or a number, but for what the page says otherwise."""
    said = (job.result or {}).items()
    return [(word, value) for word, value in said if word != leftovers.AGAIN and not isinstance(value, (list, dict))]


def _named(word: str) -> str:
    return word.replace("_", " ").capitalize()


def _results(job: Job) -> tuple[tuple[str, int, str], ...]:
    """What it answered that is long: its name, how much it is, and all of it."""
    long = {word: value for word, value in (job.result or {}).items() if isinstance(value, (list, dict)) and value}
    return tuple(
        (_named(word), len(value), json.dumps(value, indent=1, ensure_ascii=False)) for word, value in long.items()
    )


def _cost(session: Session, job_id: str) -> str:
    """What language models cost for it."""
    spent = sa.func.coalesce(LlmCall.cost_micro, LlmCall.reserved_micro)
    tokens = sa.func.coalesce(LlmCall.input_tokens, 0) + sa.func.coalesce(LlmCall.output_tokens, 0)
    columns = sa.select(sa.func.count(), sa.func.sum(spent), sa.func.sum(tokens))
    count, micro, words = session.execute(columns.where(LlmCall.job_id == job_id)).one()
    return (
        f"{micro / 1_000_000:.4f} for {plural(count, 'answer')} of a model, {plural(words, 'token')}" if count else ""
    )


def arguments(
    name: str, known: Sequence[Mapping[str, Any]], given: Mapping[str, str] | None = None
) -> tuple[Argument, ...]:
    """The fields of a task's form, with what all the jobs `known` have in common."""
    try:
        takes = parameters.of(declaration.find(name))
    except StonehandError:  # a task of another version
        takes = None
    found = takes or [parameters.Parameter(each) for each in (known[0] if known else {})]
    return tuple(_argument(each, known, given or {}) for each in found)


def _argument(
    parameter: parameters.Parameter, known: Sequence[Mapping[str, Any]], given: Mapping[str, str]
) -> Argument:
    values = {str(args.get(parameter.name, parameter.default or "")) for args in known}
    same = values.pop() if len(values) == 1 else parameter.default or ""
    return Argument(parameter.name, parameter.label, Field(given.get(parameter.name, same)), parameter.default is None)
