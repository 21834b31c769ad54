"""Fetching the pages of entries, and reading them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from stonehand import aside, jobs
from stonehand.articles import fetching, leave, queries, reading, rereading, service
from stonehand.articles.copies import Finding
from stonehand.articles.events import ArticleExtracted, PageStored
from stonehand.articles.fetching import Outcome, Wanted
from stonehand.articles.leave import Unmet
from stonehand.articles.reading import KeptPage
from stonehand.articles.rereading import Selection
from stonehand.articles.service import Arrival, Failure, Same
from stonehand.db import Session
from stonehand.errors import StonehandError, Unavailable
from stonehand.http_client import StillSilent
from stonehand.jobs import Attempt, Batch, Item, task
from stonehand.limits.errors import NotYet
from stonehand.sources import turns

MEETING = "articles.fetch_meeting"
PATIENTLY = "articles.fetch_patiently"


@task("articles.fetch", queue="fetch", role="editor", batch=32, waits=True)
def fetch(batch: Batch) -> None:
    """Fetch the pages of entries. An entry that was removed or settled meanwhile is done."""
    _fetch(batch, hurried=True, meets=False)


@task(MEETING, queue="fetch", role="editor", batch=64, concurrency=1, waits=True)
def fetch_meeting(batch: Batch) -> None:
    """Fetch pages of sites that have to be asked for their robots.txt first, and may take long to answer."""
    _fetch(batch, hurried=True)


@task(PATIENTLY, queue="fetch", role="editor", batch=100, concurrency=1, waits=True)
def fetch_patiently(batch: Batch) -> None:
    """Fetch pages whose hosts are slower than others: all of them wait together, and nothing waits behind them."""
    _fetch(batch, hurried=False)


def _fetch(batch: Batch, hurried: bool, meets: bool = True) -> None:
    with batch.read() as session:
        wanted = fetching.wanted(session, [item.args["entry_id"] for item in batch.items])
        shut = fetching.shut(session, list(wanted.values()))
    for item in batch.items:
        if item.args["entry_id"] in shut:
            item.fail(shut[item.args["entry_id"]])
    asked = {key: wanted[key] for key in wanted if key not in shut}
    allowed = leave.before(batch, asked, hurried, meets)
    _put_off(batch, allowed.waits)
    ready = [asked[key] for item in batch.remaining if (key := item.args["entry_id"]) in allowed.decisions]
    fetched = fetching.fetch(ready, allowed.waits, hurried)
    outcomes = leave.after(batch, asked, allowed, fetched, hurried)
    arrivals, failures = _told_apart(batch, asked, {**allowed.refused, **outcomes})
    with batch.finish() as session:
        held = {item.args["entry_id"] for item in batch.remaining}
        came = [arrivals[key] for key in arrivals if key in held]
        new = service.settle_arrivals(session, [each for each in came if isinstance(each, Arrival)])
        service.settle_unchanged(session, [each for each in came if isinstance(each, Same)])
        service.settle_failures(session, failures)
        _note_facts(session, batch, failures)
        jobs.announce_many(session, [PageStored(article_id) for article_id in new])


def _note_facts(session: Session, batch: Batch, failures: Sequence[Failure]) -> None:
    said = {each.entry_id: each for each in failures if each.is_fact}
    for item in batch.remaining:
        if found := said.get(item.args["entry_id"]):
            item.note(session, {found.kind: str(found.error)})


def _put_off(batch: Batch, waits: Mapping[str, float]) -> None:
    for item in batch.items:
        wait = waits.get(item.args["entry_id"], 0.0)
        if wait > turns.PATIENCE:
            item.snooze(wait, f"waits {wait:.0f} s for its turn at the host")


def _told_apart(
    batch: Batch, wanted: Mapping[str, Wanted], outcomes: Mapping[str, Outcome]
) -> tuple[dict[str, Arrival | Same], list[Failure]]:
    arrivals, failures = {}, []
    for item in batch.remaining:
        key = item.args["entry_id"]
        outcome = outcomes.get(key)
        if isinstance(outcome, NotYet):
            item.fail(outcome)
            continue
        if isinstance(outcome, StillSilent | Unmet):
            item.hand_over(MEETING if isinstance(outcome, Unmet) else PATIENTLY, str(outcome))
            continue
        final = _is_final(item, outcome)
        if isinstance(outcome, StonehandError) and final and wanted[key].content_html and not wanted[key].article_id:
            outcome = leave.from_content(wanted[key], outcome)
        if isinstance(outcome, StonehandError):
            failure = Failure(key, wanted[key].url or "", outcome, final, wanted[key].article_id)
            if not failure.is_fact:  # a fact is an answer, and the job has done its work
                item.fail(outcome)
            failures.append(failure)
        elif outcome:
            arrivals[key] = outcome
    return arrivals, failures


def _is_final(item: Item, outcome: object) -> bool:
    return not isinstance(outcome, Unavailable) or item.held.attempts >= item.held.max_retries


@task("articles.extract", queue="extract", role="editor", batch=48)
def extract(batch: Batch) -> None:
    """Read pages. A page without text is a fact, kept with its reason, and the job has done its work."""
    with batch.read() as session:
        kept = queries.kept_pages(session, [item.args["article_id"] for item in batch.items])
    outcomes = aside.run(partial(_read, batch, kept))
    with batch.finish() as session:
        held = {item.args["article_id"] for item in batch.remaining}
        read = service.record_outcomes(session, {key: outcomes[key] for key in outcomes if key in held})
        jobs.announce_many(session, [ArticleExtracted(article_id) for article_id in read])


def _read(batch: Batch, kept: Mapping[str, KeptPage]) -> dict[str, Finding | str]:
    """What is on each page, or why it cannot be read."""
    outcomes: dict[str, Finding | str] = {}
    for item in batch.items:
        batch.check_cancelled()
        page = kept.get(item.args["article_id"])
        if page and not item.failed:
            try:
                outcomes[page.article_id] = reading.read(page)
            except Exception as error:  # one page must not take the others of its batch with it
                item.fail(error)
    return outcomes


@task("articles.reprocess", queue="extract", role="editor")
def reprocess(attempt: Attempt, source_id: str = "", state: str = "", since: str = "", after: str = "") -> None:
    """Ask for kept pages to be read again: of a source, in a state, fetched since a moment; or of all articles.

    A text that comes out as it was changes nothing. One that does not becomes a new version of its article.
    """
    selection = Selection(source_id, state, datetime.fromisoformat(since) if since else None)
    with attempt.finish() as session:
        if last := rereading.ask_some(session, selection, after):
            rest = {"source_id": source_id, "state": state, "since": since, "after": last}
            jobs.enqueue(session, "articles.reprocess", rest)
