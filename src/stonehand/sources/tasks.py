"""Looking at sources."""

from __future__ import annotations

from stonehand import jobs, registry
from stonehand.errors import Rejected, StonehandError, Unavailable
from stonehand.http_client import Reply, Request
from stonehand.jobs import Attempt, task
from stonehand.sources import asking, service
from stonehand.sources.asking import HostBusy
from stonehand.sources.errors import SourceNotFound
from stonehand.sources.interfaces import Asked, Collected, SourceKind
from stonehand.sources.models import Source

PATIENCE = 2.0  # seconds a worker waits for its turn at a host; longer waits are slept in the queue
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


@task("sources.poll_due", queue="sources", role="editor", priority=8)
def poll_due(attempt: Attempt) -> None:
    """Ask for a look at every source whose time has come."""
    with attempt.finish() as session:
        service.enqueue_due(session)
