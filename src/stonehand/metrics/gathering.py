"""Every number of the newsroom, from a few indexed counts. Labels name queues, tasks, states; no host, user or URL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

import sqlalchemy as sa

from stonehand import __version__, config
from stonehand.articles.models import Article
from stonehand.backups import queries as backups
from stonehand.db import Session, now
from stonehand.drafts.models import Draft
from stonehand.jobs import queries
from stonehand.jobs.desk import loads
from stonehand.jobs.models import Schedule
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence
from stonehand.limits.models import Breaker
from stonehand.llm import budgets, configured
from stonehand.llm.models import LlmDay
from stonehand.metrics import totals
from stonehand.metrics.exposition import Family
from stonehand.publications.models import Publication
from stonehand.reviews import queries as reviews
from stonehand.sources.models import Source
from stonehand.stories import queries as stories

MOST_DEAD = 100_000  # dead letters counted, each a step in an index
LATE = timedelta(minutes=1)  # after which a schedule is late


def work(session: Session) -> list[Family]:
    """Queues, jobs, workers and what stands in their way. To be asked every few seconds at most."""
    return [*_queues(session), *_ended(session), *_hands(session), *_obstacles(session), *_money(session)]


def content(session: Session) -> list[Family]:
    """Sources, articles, stories, drafts, publications. To be asked every minute at most."""
    found = [
        _by_state(session, "stonehand_sources", "Sources by state.", Source),
        _by_state(session, "stonehand_drafts", "Drafts by state.", Draft),
        _by_state(session, "stonehand_publications", "Publications by state.", Publication),
    ]
    articles = sa.select(sa.func.count()).select_from(Article)
    found.append(_gauge("stonehand_articles", "Articles that are kept, copies too.", session.scalar(articles) or 0))
    found.append(_gauge("stonehand_stories", "Stories.", stories.count(session)))
    found.append(_gauge("stonehand_reviews_waiting", "Drafts that wait for a person.", reviews.waiting(session)))
    return found


def _gauge(name: str, help: str, value: float | None = None, labels: Mapping[str, str] | None = None) -> Family:  # noqa: A002
    made = Family(name, "gauge", help)
    if value is not None:
        made.add(value, labels)
    return made


def _by_state(session: Session, name: str, help: str, table: type[Source | Draft | Publication]) -> Family:  # noqa: A002
    made = Family(name, "gauge", help)
    counted = sa.select(table.state, sa.func.count()).group_by(table.state).order_by(table.state)
    for state, count in session.execute(counted):
        made.add(count, {"state": state})
    return made


def _queues(session: Session) -> Iterator[Family]:
    jobs = Family("stonehand_jobs", "gauge", "Jobs that have not ended, by queue and state.")
    oldest = Family(
        "stonehand_oldest_ready_seconds", "gauge", "How long the oldest ready job of a queue has been ready."
    )
    workers = Family("stonehand_queue_workers", "gauge", "Workers that serve a queue.")
    paused = Family("stonehand_queue_paused", "gauge", "Whether somebody has paused the queue.")
    moment, counts = now(session), queries.counts_by_queue(session)
    for load in loads.loads(session):
        queue = {"queue": load.name}
        for state in (State.AVAILABLE, State.EXECUTING, State.SCHEDULED, State.RETRYABLE, State.BLOCKED):
            jobs.add(counts.get(load.name, {}).get(state, 0), {**queue, "state": state.value})
        age = (moment - load.oldest_ready_at).total_seconds() if load.oldest_ready_at else 0.0
        oldest.add(max(0.0, age), queue)
        workers.add(load.workers, queue)
        paused.add(load.paused_by is not None, queue)
    yield from (jobs, oldest, workers, paused)
    dead = Family("stonehand_dead_letters", "gauge", "Jobs that a person must look at, by state.")
    for state in (State.DISCARDED, State.NEEDS_RECONCILE):
        dead.add(queries.count_up_to(session, (state,), MOST_DEAD), {"state": state.value})
    yield dead


def _ended(session: Session) -> Iterator[Family]:
    """Counters of what has ended, over all workers."""
    finished = Family("stonehand_jobs_finished_total", "counter", "Jobs that have ended, by task and how.")
    tries = Family("stonehand_tries_failed_total", "counter", "Tries that did not complete their job, by task and how.")
    claims = Family("stonehand_job_claims_total", "counter", "How often the jobs that have ended were claimed.")
    waited = Family("stonehand_job_waited_seconds_total", "counter", "Seconds that completed jobs waited when ready.")
    found = totals.totals(session)
    for (name, task, label), value in sorted(found.items()):
        if name == "finished":
            finished.add(value, {"task": task, "outcome": label})
        elif name == "tries":
            tries.add(value, {"task": task, "outcome": label})
        elif name == "claims":
            claims.add(value, {"task": task})
        elif name == "waited":
            waited.add(value, {"task": task})
    yield from (finished, tries, claims, waited, _durations(found))


def _durations(found: totals.Totals) -> Family:
    made = Family("stonehand_job_seconds", "histogram", "How long completed jobs ran, by task.")
    for task in sorted({task for name, task, _ in found if name == "seconds"}):
        buckets = [found.get(("bucket", task, f"{bound:g}"), 0) for bound in totals.BOUNDS]
        count = found.get(("finished", task, State.COMPLETED), 0)
        made.add_histogram(totals.BOUNDS, buckets, count, found["seconds", task, ""], {"task": task})
    return made


def _hands(session: Session) -> Iterator[Family]:
    alive = presence.alive(session)
    yield _gauge("stonehand_workers", "Workers that are alive.", len(alive))
    yield _gauge("stonehand_worker_slots", "Jobs that they can run at once.", sum(each.concurrency for each in alive))
    memory = sum(process.get("memory") or 0 for each in alive for process in each.processes)
    yield _gauge("stonehand_worker_memory_bytes", "Resident memory of all workers together.", memory)


def _obstacles(session: Session) -> Iterator[Family]:
    late = sa.select(sa.func.count()).where(Schedule.is_enabled, Schedule.next_at < now(session) - LATE)
    yield _gauge(
        "stonehand_schedules_late", "Schedules that should have begun a minute ago.", session.scalar(late) or 0
    )
    breakers = Family("stonehand_breakers_open", "gauge", "Circuit breakers that are not closed, by kind.")
    kinds = Counter(
        name.partition(":")[0] for name in session.scalars(sa.select(Breaker.name).where(Breaker.state != "CLOSED"))
    )
    for kind in sorted({"host", "provider", "channel"} | set(kinds)):
        breakers.add(kinds[kind], {"kind": kind})
    yield breakers
    good = backups.last_good(session)
    made_at = good.made_at.timestamp() if good else 0
    yield _gauge("stonehand_backup_last_success_timestamp_seconds", "When the last backup was made; 0: never.", made_at)


def _money(session: Session) -> Iterator[Family]:
    micro = float(session.scalar(sa.select(sa.func.sum(LlmDay.committed_micro))) or 0)
    spent = "What language models have cost or may cost just now, in the budget's currency."
    yield _gauge("stonehand_llm_spend", spent, micro / 1e6)
    day = next(each for each in budgets.standings(session) if each.span.is_common_day)
    budget = (day.limit.micro or 0) / 1e6
    yield _gauge("stonehand_llm_daily_budget", "The most that a day may cost.", budget)
    spent_up = sum(1 for each in budgets.standings(session) if each.turned_away)
    yield _gauge("stonehand_llm_budgets_spent", "Budgets that have turned calls away in their day or month.", spent_up)
    refused = sum(1 for each in configured.every(session) if each.is_enabled and each.refused_at is not None)
    yield _gauge("stonehand_llm_models_refused", "Language models whose key is refused.", refused)
    kind = config.settings().database.partition(":")[0].partition("+")[0]
    labels = {"version": __version__, "database": kind, "broker": config.settings().broker.partition(":")[0]}
    yield _gauge("stonehand_info", "What this is.", 1, labels)
