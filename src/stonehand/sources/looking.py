"""Looking at sources, one or many side by side: each in a thread of its own, since every kind asks in its own way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from stonehand import db
from stonehand.errors import StonehandError
from stonehand.http_client import Reply, Request, StillSilent
from stonehand.limits.pacing import HORIZON
from stonehand.sources import asking, kinds, rules, turns
from stonehand.sources.errors import OptionsUnfit
from stonehand.sources.interfaces import Asked, AsksOnce, Collected, Document, IsPatient, ReadsDocuments, ReadsPages
from stonehand.sources.models import Source
from stonehand.sources.recognition import Found, Wanted, brought, counted
from stonehand.sources.robots import asking as robots

PATIENCE = 2.0  # seconds a worker waits for its turn at a host; longer waits are slept in the queue


def look(
    source: Source, hurried: bool = False, anew: bool = False, came: Reply | StonehandError | None = None
) -> Collected:
    """Ask a source; `anew` for all of it, changed or not. No transaction may be open.

    If `hurried`, a slow one raises `StillSilent`. `came` is the answer to the first question, if it was asked already.

    Raises `HostBusy` if it will not be our turn at its host soon, and what its kind raises.
    """
    kind = kinds.find(source.kind)
    if hurried and isinstance(kind, IsPatient) and kind.patient:
        raise StillSilent(f"{kinds.called(kind)} may take its time")
    turn, moved, asked_before = iter((PATIENCE,)), list[str](), iter((came,) if came else ())
    needs_leave = isinstance(kind, ReadsPages) and kind.reads_pages and not source.robots_overruled

    def fetch(request: Request) -> Reply:
        if needs_leave:
            robots.require(request.url, PATIENCE, hurried)
        # Only the first question can be put off: later ones belong to an answer that we already have.
        reply = next(asked_before, None) or asking.ask(request, next(turn, HORIZON), hurried)
        if isinstance(reply, StonehandError):
            raise reply
        if reply.moved and request.url == source.url:
            moved.append(reply.moved)
        return reply

    question = asked(source)
    collected = kind.collect(replace(question, etag=None, modified=None) if anew else question, fetch)
    dropped = rules.dropped(rules.read(source.rules), collected.reading.entries)
    return replace(collected, moved=moved[0] if moved else None, dropped=dropped)


def asked(source: Source) -> Asked:
    """What its kind is asked about a source. Raises `SecretUnreadable`, `SecretMissing`."""
    secret = kinds.opened(source.id, source.kind, source.url, source.options, source.secret)
    options = MappingProxyType(kinds.whole(source.kind, source.options))
    return Asked(source.url, source.etag, source.modified, options, source.last_ok_at, secret)


def look_all(sources: Sequence[Source], hurried: bool) -> dict[str, Collected | Exception]:
    """What each source said, or why it did not, by its id."""
    if not sources:
        return {}
    alike = [each for each in sources if isinstance(kinds.find(each.kind), AsksOnce)]
    outcomes = _together(alike, hurried) if alike else {}
    others = [each for each in sources if each.id not in outcomes]
    if not others:
        return outcomes
    with ThreadPoolExecutor(len(others), thread_name_prefix="look") as threads:
        looks = [(each.id, threads.submit(copy_context().run, _outcome, each, hurried)) for each in others]
    return outcomes | {source_id: look.result() for source_id, look in looks}


def _together(sources: Sequence[Source], hurried: bool) -> dict[str, Collected | Exception]:
    """Looks that are one question each: turns, breakers and answers for all of them at once, and no threads."""
    questions = {each.id: _question(each) for each in sources}
    urls = {each.id: each.url for each in sources}
    with db.database().transaction() as session:
        waits = dict(zip(urls, turns.turns(session, list(urls.values())), strict=True))
    near = {key: question for key, question in questions.items() if waits[key] <= PATIENCE}
    replies = turns.ask(near, waits, hurried)
    asking.heed({urls[key]: reply for key, reply in replies.items()})
    busy = {key: asking.busy(urls[key], wait) for key, wait in waits.items() if wait > PATIENCE}
    return {each.id: busy.get(each.id) or _outcome(each, hurried, replies[each.id]) for each in sources}


def _question(source: Source) -> Request:
    kind = kinds.find(source.kind)
    assert isinstance(kind, AsksOnce)
    return kind.question(asked(source))


def _outcome(source: Source, hurried: bool, came: Reply | StonehandError | None = None) -> Collected | Exception:
    try:
        return look(source, hurried, came=came)
    except Exception as error:  # whatever a kind raises, it is this source's alone
        return error


def try_again(source: Source) -> Found:
    """What a source says now, as if it were to be added. No transaction may be open. Raises as `look` does."""
    collected = look(source, anew=True)
    reading = collected.reading
    return Found(
        what=source.kind,
        kind=source.kind,
        url=source.url,
        sentence=f"{source.title or source.url}: {brought(collected)}",
        title=source.title,
        entries=reading.entries,
        letters=tuple(collected.letters),
        warnings=reading.warnings,
        options=source.options,
        wanted=Wanted(rules=tuple(source.rules)),
        document=collected.document,
        source_id=source.id,
    )


def read_otherwise(source: Source, document: Document, options: Mapping[str, Any]) -> Found:
    """What other options would read of a kept document. Raises `OptionsUnfit`, `SelectorsBroken`."""
    kind = kinds.find(source.kind)
    if not isinstance(kind, ReadsDocuments):
        raise OptionsUnfit(f"{kinds.called(kind)} is not read by its options")
    checked = kinds.checked(source.kind, options)
    reading = kind.read(document, kinds.whole(source.kind, checked))
    return Found(
        what=source.kind,
        kind=source.kind,
        url=source.url,
        sentence=f"{counted(len(reading.entries), 'entry', 'entries')} read from what was kept",
        title=source.title,
        entries=reading.entries,
        options=checked,
        wanted=Wanted(rules=tuple(source.rules)),
        document=document,
        source_id=source.id,
    )
