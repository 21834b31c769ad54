"""Looking at sources."""

from __future__ import annotations

from typing import Any

from stonehand import jobs, log, registry
from stonehand.db import Session
from stonehand.errors import Rejected, StonehandError, Unavailable
from stonehand.http_client import Reply, Request
from stonehand.jobs import Attempt, task
from stonehand.jobs import queries as jobs_queries
from stonehand.sources import asking, queries, service, surveys
from stonehand.sources.asking import HostBusy
from stonehand.sources.errors import SourceNotFound
from stonehand.sources.interfaces import Asked, Collected, SourceKind
from stonehand.sources.models import Source

PATIENCE = 2.0  # seconds a worker waits for its turn at a host; longer waits are slept in the queue
MOST_PAGES = 100  # addresses of one job
SHOWN = 20  # of what was found
SOON = 60.0  # seconds; a host that wants to be left alone for longer is asked at the next poll


@task("sources.poll", queue="sources", role="editor", retries=1)
def poll(attempt: Attempt, source_id: str) -> None:
    """Look at one source. What is wrong with it goes to its health; only a passing trouble is tried again at once."""
    try:
        with attempt.read() as session:
            source = service.get(session, source_id)
    except SourceNotFound:
        return  # removed while the job waited
    try:
        collected = _collect(source)
    except HostBusy as busy:
        raise jobs.Snooze(busy.retry_after or PATIENCE, str(busy)) from busy
    except (Rejected, Unavailable) as error:
        _fail(attempt, source_id, error)
        return
    with attempt.finish() as session:
        polled = service.record_poll(session, source_id, collected)
        attempt.note(session, {"found": polled.found, "new": polled.new, "elsewhere": polled.elsewhere})


def _collect(source: Source) -> Collected:
    kind: SourceKind = registry.find("source", source.kind)
    turn = iter((PATIENCE,))

    def fetch(request: Request) -> Reply:
        # Only the first question can be put off: later ones belong to an answer that we already have.
        patience = next(turn, None)
        return asking.ask(request) if patience is None else asking.ask(request, patience)

    return kind.collect(Asked(source.url, source.etag, source.modified), fetch)


def _fail(attempt: Attempt, source_id: str, error: StonehandError) -> None:
    passing = isinstance(error, Unavailable) and (error.retry_after or 0) <= SOON
    if passing and attempt.job.attempts < attempt.job.max_retries:
        raise error
    with attempt.finish() as session:
        service.record_failure(session, source_id, error)
        attempt.note(session, {"error": str(error)[:300]})


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
        reading = _collect(source).reading
        found |= {"found": len(reading.entries), "items": [each.title or each.url for each in reading.entries[:SHOWN]]}
    except HostBusy as busy:
        raise jobs.Snooze(busy.retry_after or PATIENCE, str(busy)) from busy
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
        failing = [source.title or source.url for source in queries.in_trouble(session)]
        attempt.note(session, {"kinds": surveys.by_kind(session), "failing": failing[:SHOWN]})
    if failing:
        log.logger(__name__).warning("sources are failing", count=len(failing), first=failing[0])


@task("sources.poll_due", queue="sources", role="editor", priority=8)
def poll_due(attempt: Attempt) -> None:
    """Ask for a look at every source whose time has come."""
    with attempt.finish() as session:
        service.enqueue_due(session)
