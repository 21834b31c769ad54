"""How sources did, how work went, and what it cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.jobs.models import Attempt, Job
from stonehand.jobs.states import State
from stonehand.llm.models import LlmCall
from stonehand.publications.models import Publication
from stonehand.reports.periods import Period
from stonehand.reports.sections import Figure, Section, Table, share
from stonehand.sources.models import Entry, Source, SourceState

SHOWN = 15
TIMED = 5000  # jobs whose times are looked at
BROKEN = (SourceState.BACKING_OFF, SourceState.FAILING, SourceState.DEAD)


def sources(session: Session, period: Period) -> Section:
    """What sources named, and which of them are in trouble or silent. Their health is that of now."""
    since, until = period.ids
    count = sa.func.count()
    named = (
        sa.select(Source.id, Source.title, Source.url, count, count.filter(Entry.state == "failed"))
        .join(Entry, Entry.source_id == Source.id)
        .where(Entry.id >= since, Entry.id < until)
        .group_by(Source.id, Source.title, Source.url)
        .order_by(count.desc(), Source.id)
    )
    found = session.execute(named.limit(200)).all()
    states = {state: number for state, number in session.execute(sa.select(Source.state, count).group_by(Source.state))}  # noqa: C416
    looked, failed = session.execute(sa.select(sa.func.sum(Source.polls_total), sa.func.sum(Source.polls_failed))).one()
    trouble = sa.select(Source.id, Source.title, Source.url, Source.failure_streak, Source.last_error)
    bad = session.execute(
        trouble.where(Source.state.in_(BROKEN)).order_by(Source.failure_streak.desc()).limit(SHOWN)
    ).all()
    active = states.get(SourceState.ACTIVE, 0) + sum(states.get(state, 0) for state in BROKEN)
    return Section(
        "sources",
        "Sources",
        [
            Figure("active", "sources that are looked at", active),
            Figure("named", "entries named", sum(row[3] for row in found)),
            Figure("productive", "sources that named any", len(found)),
            Figure("broken", "in trouble now", sum(states.get(state, 0) for state in BROKEN)),
            Figure(
                "success",
                "of all looks ever went well",
                share(int(looked or 0) - int(failed or 0), int(looked or 0)),
                "%",
            ),
        ],
        [
            Table(
                "most",
                "Which named most",
                ("source", "entries", "failed"),
                [(title or url, number, wrong) for _, title, url, number, wrong in found[:SHOWN]],
                "bars",
                [f"/sources/{row[0]}" for row in found[:SHOWN]],
            ),
            Table(
                "trouble",
                "In trouble",
                ("source", "failures in a row", "reason"),
                [(title or url, streak, error or "") for _, title, url, streak, error in bad],
                "",
                [f"/sources/{row[0]}" for row in bad],
            ),
        ],
    )


def jobs(session: Session, period: Period) -> Section:
    """How many jobs ended how, how long they took, and how often they failed."""
    ended = (Job.finished_at >= period.begins, Job.finished_at < period.ends)
    count = sa.func.count()
    rows = session.execute(sa.select(Job.task, Job.state, count).where(*ended).group_by(Job.task, Job.state)).all()
    tasks: dict[str, dict[str, int]] = defaultdict(dict)
    for task, state, number in rows:
        tasks[task][state] = number
    times = sa.select(Job.task, Job.run_at, Job.started_at, Job.finished_at)
    timed = session.execute(
        times.where(*ended, Job.started_at.is_not(None)).order_by(Job.finished_at.desc()).limit(TIMED)
    )
    lasted: dict[str, list[float]] = defaultdict(list)
    waited: list[float] = []
    for task, run_at, started_at, finished_at in timed:
        if started_at is None or finished_at is None:
            continue
        lasted[task].append((finished_at - started_at).total_seconds())
        waited.append(max(0.0, (started_at - run_at).total_seconds()))
    retried = (
        sa.select(count).select_from(Attempt).where(Attempt.ended_at >= period.begins, Attempt.ended_at < period.ends)
    )
    done = sum(each.get(State.COMPLETED, 0) for each in tasks.values())
    dead = sum(each.get(State.DISCARDED, 0) for each in tasks.values())
    return Section(
        "jobs",
        "Work",
        [
            Figure("completed", "jobs completed", done),
            Figure("dead", "became dead letters", dead),
            Figure("success", "went well", share(done, done + dead), "%"),
            Figure("tries", "tries that failed", session.scalar(retried)),
            Figure("wait", "seconds waited, 95 of 100 less", _percentile(waited, 95)),
        ],
        [
            Table(
                "tasks", "By task", ("task", "completed", "dead", "median s", "95 % s"), _by_task(tasks, lasted), "bars"
            )
        ],
        f"Times are those of the last {TIMED} jobs." if len(waited) == TIMED else "",
    )


def _by_task(
    tasks: dict[str, dict[str, int]], lasted: dict[str, list[float]]
) -> list[tuple[str, int, int, float | None, float | None]]:
    rows = [
        (
            task,
            states.get(State.COMPLETED, 0),
            states.get(State.DISCARDED, 0),
            _percentile(lasted[task], 50),
            _percentile(lasted[task], 95),
        )
        for task, states in tasks.items()
    ]
    return sorted(rows, key=lambda row: (-row[1] - row[2], row[0]))[:SHOWN]


def _percentile(values: Sequence[float], percent: int) -> float | None:
    """The nearest rank."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 2) if ordered else None


def money(session: Session, period: Period) -> Section:
    """What language models cost, by the ledger: each call at its real cost, or what is set aside while it lasts."""
    since, until = period.ids
    cost = sa.func.sum(sa.func.coalesce(LlmCall.cost_micro, LlmCall.reserved_micro))
    tokens = (sa.func.sum(LlmCall.input_tokens), sa.func.sum(LlmCall.output_tokens))
    here = (LlmCall.id >= since, LlmCall.id < until)
    by = {
        column: session.execute(
            sa.select(column, cost, sa.func.count(), *tokens)
            .where(*here)
            .group_by(column)
            .order_by(cost.desc())
            .limit(SHOWN)
        ).all()
        for column in (LlmCall.model, LlmCall.purpose, LlmCall.day)
    }
    models = by[LlmCall.model]
    total = sum(int(row[1] or 0) for row in by[LlmCall.purpose])
    published = sa.select(sa.func.count(sa.distinct(Publication.draft_id))).where(
        Publication.published_at >= period.begins, Publication.published_at < period.ends
    )
    pieces = session.scalar(published) or 0
    columns = ("", "cost", "calls", "tokens in", "tokens out")
    return Section(
        "money",
        "Money",
        [
            Figure("cost", "spent on models", round(total / 1e6, 4)),
            Figure("calls", "calls", sum(row[2] for row in models)),
            Figure("tokens", "tokens", sum(int(row[3] or 0) + int(row[4] or 0) for row in models)),
            Figure("per_piece", "a published piece", round(total / 1e6 / pieces, 4) if pieces else None),
        ],
        [
            Table("models", "By model", ("model", *columns[1:]), _costs(models), "bars"),
            Table("purposes", "By purpose", ("purpose", *columns[1:]), _costs(by[LlmCall.purpose]), "bars"),
            Table("days", "By day", ("day", *columns[1:]), sorted(_costs(by[LlmCall.day])), "line"),
        ],
        "In the currency of the budget.",
    )


def _costs(rows: Sequence[Any]) -> list[tuple[str, float, int, int, int]]:
    return [(name, round(int(cost or 0) / 1e6, 4), calls, int(a or 0), int(b or 0)) for name, cost, calls, a, b in rows]
