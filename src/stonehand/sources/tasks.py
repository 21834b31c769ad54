"""Looking at sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from stonehand import db, jobs, log
from stonehand.db import Session
from stonehand.errors import Rejected, StonehandError, Unavailable
from stonehand.http_client import StillSilent
from stonehand.jobs import Attempt, Batch, Item, task
from stonehand.jobs import queries as jobs_queries
from stonehand.sources import looking, queries, repairs, rules, service, surveys, trials
from stonehand.sources.asking import HostBusy
from stonehand.sources.interfaces import Collected
from stonehand.sources.letters import tasks as _letters  # noqa: F401  they are tasks of this room
from stonehand.sources.robots import keeping as robots
from stonehand.vault import KeyMissing

PATIENTLY = "sources.poll_patiently"
PORTION = 500  # entries
MOST_PAGES = 100  # addresses of one job
SHOWN = 20  # of what was found
SOON = 60.0  # seconds; a host that wants to be left alone for longer is asked at the next poll


@task("sources.poll", queue="sources", role="editor", retries=1, batch=32, waits=True)
def poll(batch: Batch) -> None:
    """Look at sources. What is wrong with one goes to its health; only a passing trouble is tried again at once."""
    _poll(batch, hurried=True)


@task(PATIENTLY, queue="sources", role="editor", retries=1, batch=50, concurrency=1, waits=True)
def poll_patiently(batch: Batch) -> None:
    """Look at sources that are slower than others: all of them wait together, and nothing waits behind them."""
    _poll(batch, hurried=False)


def _poll(batch: Batch, hurried: bool) -> None:
    with batch.read() as session:
        sources = queries.by_ids(session, [item.args["source_id"] for item in batch.items])
    outcomes = looking.look_all(sources, hurried)
    for portion in _portions(batch, outcomes):
        with batch.finish(portion) as session:
            held = [item for item in portion if not item.failed]
            kept = queries.by_ids(session, [item.args["source_id"] for item in held])  # all in one question
            notes = {item.id: _record(session, item, outcomes.get(item.args["source_id"])) for item in held}
            batch.note_all(session, {key: said for key, said in notes.items() if said})
            del kept


def _portions(batch: Batch, outcomes: Mapping[str, Collected | Exception]) -> Iterator[list[Item]]:
    """What is kept in one transaction each: a few hundred entries. What is put off or tried again is in none."""
    portion, entries = list[Item](), 0
    for item in batch.items:
        outcome = outcomes.get(item.args["source_id"])
        if _goes_on(item, outcome):
            continue
        portion.append(item)
        entries += len(outcome.reading.entries) if isinstance(outcome, Collected) else 0
        if entries >= PORTION:
            yield portion
            portion, entries = [], 0
    if portion:
        yield portion


def _goes_on(item: Item, outcome: Collected | Exception | None) -> bool:
    """Whether this look has not ended yet."""
    match outcome:
        case HostBusy():
            item.snooze(outcome.retry_after or looking.PATIENCE, str(outcome))
        case KeyMissing():  # that is no trouble of the source
            item.fail(outcome)
        case StillSilent():
            item.hand_over(PATIENTLY, str(outcome))
        case Unavailable() if (outcome.retry_after or 0) <= SOON and item.held.attempts < item.held.max_retries:
            item.fail(outcome)
        case None | Collected() | Rejected() | Unavailable():
            return False  # a source that was removed while its look waited has no outcome
        case _:
            item.fail(outcome)
    return True


def _record(session: Session, item: Item, outcome: Collected | Exception | None) -> dict[str, Any]:
    """Keep what came of a look. Returns what is noted with its job."""
    source_id = item.args["source_id"]
    if isinstance(outcome, StonehandError):
        service.record_failure(session, source_id, outcome)
        return {"error": str(outcome)[:300]}
    if isinstance(outcome, Collected):
        polled = service.record_poll(session, source_id, outcome)
        more = {name: count for name in ("dropped", "refreshed", "left") if (count := getattr(polled, name))}
        return {"found": polled.found, "new": polled.new, "elsewhere": polled.elsewhere} | more
    return {"error": f"there is no source {source_id}; it was removed, or never was"}


@task("sources.poll_all", queue="sources", role="editor")
def poll_all(attempt: Attempt, kind: str = "", within: str = "") -> None:
    """Look at every source now, perhaps those of one kind, and say what it brought.

    `within` leaves out those that are looked at less often than every so many seconds.
    """
    with attempt.read() as session:
        looks = (jobs_queries.job(session, attempt.job.id).result or {}).get("looks")
        wanted = surveys.polled(session, kind, int(within) if within else None) if looks is None else []
    if looks is None:
        with attempt.write() as session:
            looks = surveys.ask_all(session, wanted)
            attempt.note(session, {"looks": looks})
    with attempt.read() as session:
        found = surveys.tally(session, looks)
    if found is None:
        raise jobs.Snooze(1, f"waits for {len(looks)} looks")
    with attempt.finish() as session:
        attempt.note(session, found)


@task("sources.test", queue="sources", role="editor", retries=0)
def try_out(attempt: Attempt, source_id: str = "", kind: str = "") -> None:
    """Look at a source, named or the first of a kind, keep nothing of it, and show what it would bring."""
    with attempt.read() as session:
        source = service.get(session, source_id or surveys.first_of(session, kind))
    found: dict[str, Any] = {"source_id": source.id, "success": True, "error": None}
    try:
        collected = looking.look(source, anew=True)
        with attempt.read() as session:
            judged = trials.judge(session, collected.reading.entries, rules.read(source.rules), source.id)
            judged += trials.judge_letters(session, collected.letters)
        titles = [each.entry.title or each.entry.url for each in judged[:SHOWN]]
        found |= {"found": len(judged), "items": titles} | trials.counts(judged)
    except HostBusy as busy:
        raise jobs.Snooze(busy.retry_after or looking.PATIENCE, str(busy)) from busy
    except (Rejected, Unavailable) as error:
        found |= {"success": False, "error": str(error)[:300]}
    with attempt.finish() as session:
        attempt.note(session, found)


@task("sources.add_pages", queue="sources", role="editor", rate="10/m")
def add_pages(attempt: Attempt, urls: str) -> None:
    """Put pages on the list of single pages, 100 at most: addresses, separated by blanks or lines."""
    wanted = list(dict.fromkeys(urls.split()))
    if not 0 < len(wanted) <= MOST_PAGES:
        raise surveys.AddressesMissing(f"give 1 to {MOST_PAGES} addresses, not {len(wanted)}")
    with attempt.finish() as session:
        found = [_add_page(session, url) for url in wanted]
        failed = [each["url"] for each in found if each["error"]]
        processed = [each["url"] for each in found if not each["error"]]
        attempt.note(session, {"articles": found, "processed_urls": processed, "failed_urls": failed})


def _add_page(session: Session, url: str) -> dict[str, Any]:
    try:
        added = service.add_page(session, url)
    except Rejected as error:
        return {"url": url, "entry_id": None, "is_new": False, "error": str(error)}
    return {"url": url, "entry_id": added.entry_id, "is_new": added.is_new, "error": None}


@task("sources.check_health", queue="sources", role="editor")
def check_health(attempt: Attempt) -> None:
    """Say how each kind of source is doing, and warn of those that fail."""
    with attempt.finish() as session:
        robots.tidy(session, db.now(session))
        failing = [source.title or source.url for source in queries.in_trouble(session)]
        attempt.note(session, {"kinds": surveys.by_kind(session), "failing": failing[:SHOWN]})
    if failing:
        log.logger(__name__).warning("sources are failing", count=len(failing), first=failing[0])


@task(repairs.SEEK, queue="sources", role="editor", retries=0)
def seek_repair(attempt: Attempt, source_id: str) -> None:
    """Look for what would mend a source that fails: a new address, or other options. A person accepts it, or not."""
    with attempt.read() as session:
        source = service.get(session, source_id)
    proposal = repairs.seek(source)
    with attempt.finish() as session:
        repairs.note(session, service.get(session, source_id), proposal)
        attempt.note(session, {"proposal": proposal})


@task("sources.collect_and_process", queue="sources", role="editor")
def collect_and_process(attempt: Attempt, kind: str = "") -> None:
    """Look at every source, perhaps those of one kind, wait until what they named is read, and say what came of all."""
    with attempt.read() as session:
        noted = jobs_queries.job(session, attempt.job.id).result or {}
        wanted = surveys.polled(session, kind) if "looks" not in noted else []
    if "looks" not in noted:
        with attempt.write() as session:
            noted = {"looks": surveys.ask_all(session, wanted), "since": db.now(session).isoformat(), "of": wanted}
            attempt.note(session, noted)
    with attempt.read() as session:
        found = surveys.tally(session, noted["looks"])
        read = surveys.processed(session, noted["of"], datetime.fromisoformat(noted["since"])) if found else None
    if not found or read is None:
        raise jobs.Snooze(
            1, "waits until what was found is read" if found else f"waits for {len(noted['looks'])} looks"
        )
    with attempt.finish() as session:
        attempt.note(session, {"looks": noted["looks"]} | found | read)


@task("sources.poll_due", queue="sources", role="editor", priority=8)
def poll_due(attempt: Attempt) -> None:
    """Ask for a look at every source whose time has come."""
    with attempt.finish() as session:
        service.enqueue_due(session)
