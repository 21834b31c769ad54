"""What would mend a source: proposals for a person to accept.

`moved`: its server says so, or its site names another feed. `gone`: there is nothing any more. `options`: its page has
changed, and other options would read it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.errors import Rejected, StonehandError, Unavailable
from stonehand.http_client import AccessDenied, PageMissing, Request
from stonehand.sources import asking, discovery, intake, kinds
from stonehand.sources.errors import AddressTaken, NothingToMend, SelectorsBroken, Unreadable
from stonehand.sources.health import FAILING
from stonehand.sources.interfaces import Collected, Document, ReadsDocuments
from stonehand.sources.models import Source, SourceState
from stonehand.sources.recognition import Found, counted

SEEK = "sources.seek_repair"
GONE = 410
Proposal = dict[str, Any]


def after_look(source: Source, collected: Collected) -> Proposal | None:
    """What is proposed after a good look: only what its server says about another address."""
    if not collected.moved or collected.moved == source.url or source.secret:
        return None
    if source.proposal and source.proposal.get("url") == collected.moved:
        return source.proposal  # also if somebody has set it aside
    why = f"its server says that it moved for good to {collected.moved}"
    return {"what": "moved", "url": collected.moved, "why": why}


def after_failure(source: Source, error: StonehandError) -> Proposal | None:
    """What is proposed after a failure: what was, or that it is gone, if its server says so or there is nothing."""
    if source.proposal and source.proposal["what"] != "gone":
        return source.proposal
    missing = isinstance(error, PageMissing) and (error.code == GONE or source.failure_streak >= FAILING)
    return {"what": "gone", "why": str(error)[:300]} if missing else None


def is_worth_seeking(source: Source, error: StonehandError) -> bool:
    """Whether to look for what would mend it: once, when it is failing, and at once where it says that it is gone."""
    if not isinstance(error, (PageMissing, AccessDenied, Unreadable)) or source.secret:
        return False
    first = isinstance(error, SelectorsBroken) or (isinstance(error, PageMissing) and error.code == GONE)
    return source.failure_streak == (1 if first else FAILING)


def seek(source: Source) -> Proposal | None:
    """Look for what would mend a source: other options, or another address. No transaction may be open."""
    kind = kinds.find(source.kind)
    try:
        if isinstance(kind, ReadsDocuments):
            return _other_options(source, kind)
        return _other_address(source) if source.kind in ("feed", "sitemap") else None
    except (Rejected, Unavailable):
        return None  # then nothing is proposed, and the failure speaks for itself


def _other_options(source: Source, kind: ReadsDocuments) -> Proposal | None:
    reply = asking.ask(Request(source.url))
    for way in kind.ways(Document(reply.url, reply.body, reply.charset)):
        options = dict(way.options)
        if options != source.options:
            items = counted(len(way.reading.entries), "item", "items")
            first = way.reading.entries[0].title
            return {
                "what": "options",
                "options": options,
                "why": f"it has changed; these options read {items}: ‘{first}’",
            }
    return None


def _other_address(source: Source) -> Proposal | None:
    """The feed that the site names now: on its home page, else on its front page, else in the usual places."""
    front = discovery.front_of(source.url)
    for place in dict.fromkeys(each for each in (source.url, source.home_url, front) if each):
        try:
            (found, *_) = intake.identify(place)
        except (Rejected, Unavailable):
            continue
        if found.kind in ("feed", "sitemap") and found.url != source.url:
            return {"what": "moved", "url": found.url, "kind": found.kind, "why": f"{place} is {_sentence(found)}"}
    return None


def _sentence(found: Found) -> str:
    return f"{found.sentence}, at {found.url}"[:300]


def note(session: Session, source: Source, proposal: Proposal | None) -> None:
    """Keep what was found, unless the source has come back meanwhile."""
    if proposal and source.failure_streak:
        source.proposal = proposal


def set_aside(source: Source) -> None:
    """Leave the source as it is, and do not propose the same again."""
    if source.proposal:
        source.proposal = {**source.proposal, "set_aside": True}


def accept(session: Session, source: Source) -> str:
    """Do what is proposed. Returns what was done, for the record. Raises `NothingToMend`, `AddressTaken`."""
    proposal = source.proposed
    if not proposal:
        raise NothingToMend(f"nothing is proposed for {source.title or source.url}; it may have been done already")
    source.proposal = None
    if proposal["what"] == "gone":
        source.state, source.next_poll_at = SourceState.PAUSED, None
        return "paused, since it is gone"
    options = kinds.checked(source.kind, proposal.get("options", source.options))
    point(session, source, proposal.get("url", source.url), options, proposal.get("kind", source.kind))
    return f"now at {source.url}" if proposal["what"] == "moved" else "reads with other options"


def point(session: Session, source: Source, url: str, options: dict[str, Any], kind: str = "") -> None:
    """Let a source be asked elsewhere or otherwise, from now on and in full. Raises `AddressTaken`."""
    kind = kind or source.kind
    address = kinds.address(kind, url, options)
    taken = sa.select(Source.id).where(Source.address == address, Source.id != source.id)
    if session.scalar(taken) is not None:
        raise AddressTaken(f"there is a source at {url} already; remove one of the two")
    source.kind, source.url, source.options, source.address = kind, url, options, address
    source.etag = source.modified = source.proposal = None
    if source.state != SourceState.PAUSED:
        source.state, source.failure_streak, source.next_poll_at = SourceState.ACTIVE, 0, db.now(session)
