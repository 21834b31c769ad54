"""Fetching the pages of a source although their robots.txt forbids it: an administrator decides so, and says why."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.db import Session
from stonehand.sources.events import EntryFound
from stonehand.sources.models import Entry, EntryState, Source
from stonehand.sources.robots.errors import ReasonMissing
from stonehand.sources.robots.rules import REFUSAL

LONGEST = 500  # characters
AT_ONCE = 100  # pages that were refused and are fetched now


def overrule(session: Session, source: Source, reason: str, by: str) -> int:
    """Fetch its pages from now on, and those that were refused last. Returns how many of these.

    Raises `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing(
            "say why its pages are fetched although their site forbids it, such as ‘the owner has agreed, 3 May’"
        )
    source.robots_overruled = {"by": by, "reason": reason.strip()[:LONGEST], "at": db.now(session).isoformat()}
    mine = sa.select(Entry.id).where(Entry.source_id == source.id, Entry.state == EntryState.SKIPPED)
    refused = mine.where(Entry.error.contains(REFUSAL, autoescape=True)).order_by(Entry.id.desc()).limit(AT_ONCE)
    ids = list(session.scalars(refused))
    session.execute(sa.update(Entry).where(Entry.id.in_(ids)).values(state=EntryState.NEW, error=None))
    jobs.announce_many(session, [EntryFound(entry_id) for entry_id in ids], f"source:{source.id}")
    return len(ids)


def heed(source: Source) -> bool:
    """Do as the sites say again. Returns whether that is new. Articles that were read stay."""
    was, source.robots_overruled = source.robots_overruled, None
    return was is not None
