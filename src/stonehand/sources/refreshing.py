"""Pages that their source announces again as changed: fetched again by themselves, within bounds.

A feed that touches all its dates each hour must not become a flood, so a page is asked for once in six hours at most,
and a source may ask for so many in a look and in a day. What is left over stays due for the next look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Session
from stonehand.sources.events import EntryChanged
from stonehand.sources.models import Entry, EntryState, Source
from stonehand.sources.queries import KnownEntry
from stonehand.sources.readings import FeedEntry

APART = timedelta(hours=6)
MOST_OF_A_LOOK = 20
MOST_OF_A_DAY = 100
DAY = timedelta(days=1)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Refreshed:
    """How many pages are fetched again, and how many would be but for the bounds of their source."""

    asked: int = 0
    left: int = 0


def due(found: Sequence[FeedEntry], known: Mapping[str, KnownEntry], moment: datetime) -> list[FeedEntry]:
    """Those that changed after their page was asked for, the latest change first. Pure."""
    changed = [each for each in found if each.key in known and _is_due(each, known[each.key], moment)]
    return sorted(changed, key=lambda each: each.updated or NEVER, reverse=True)


def _is_due(found: FeedEntry, known: KnownEntry, moment: datetime) -> bool:
    if not found.updated or not known.article_id or known.state not in (EntryState.FETCHED, EntryState.FAILED):
        return False
    asked_at = known.fetched_at or known.seen_at
    # A date that was acted upon once is no news, even if it lies in the future.
    return found.updated > max(asked_at, known.changed_at or NEVER) and moment - asked_at >= APART


def ask_again(
    session: Session, source: Source, found: Sequence[FeedEntry], known: Mapping[str, KnownEntry], moment: datetime
) -> Refreshed:
    """Fetch again what `source` says has changed, as jobs."""
    changed = due(found, known, moment)
    if not changed:
        return Refreshed()
    if source.refreshes_since is None or moment - source.refreshes_since >= DAY:
        source.refreshes, source.refreshes_since = 0, moment
    taken = changed[: min(MOST_OF_A_LOOK, max(MOST_OF_A_DAY - source.refreshes, 0))]
    source.refreshes += len(taken)
    for each in taken:
        _renew(session, known[each.key].id, each)
    jobs.announce_many(session, [EntryChanged(known[each.key].id) for each in taken], f"source:{source.id}")
    return Refreshed(len(taken), len(changed) - len(taken))


def _renew(session: Session, entry_id: str, found: FeedEntry) -> None:
    said = {"title": found.title, "summary": found.summary, "content_html": found.content_html}
    values = {name: value for name, value in said.items() if value}
    waits = {"state": EntryState.NEW, "error": None, "changed_at": found.updated}
    session.execute(sa.update(Entry).where(Entry.id == entry_id).values(**values, **waits))
