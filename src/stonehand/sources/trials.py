"""What a look would bring, seen against what is there: new, duplicate or filtered. Nothing is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from stonehand import db
from stonehand.db import Session
from stonehand.sources import queries, rules
from stonehand.sources.addresses import canonical_url
from stonehand.sources.letters import queries as letters
from stonehand.sources.letters.keeping import Packed
from stonehand.sources.models import Entry, EntryState
from stonehand.sources.readings import FeedEntry
from stonehand.sources.rules import Rule

NEW, DUPLICATE, FILTERED = "new", "duplicate", "filtered"
REPLAYED_DAYS = 30
MOST_REPLAYED = 2_000  # entries


@dataclass(frozen=True)
class Judged:
    """One entry, and what would become of it."""

    entry: FeedEntry
    outcome: str
    reason: str = ""


def judge(session: Session, found: Sequence[FeedEntry], followed: Sequence[Rule], source_id: str = "") -> list[Judged]:
    """What would become of each; `source_id` is the source that names them, if it is here already."""
    keys = queries.known_keys(session, source_id, found) if source_id else set()
    addresses = queries.known_addresses(session, found)
    judged = list[Judged]()
    for each in found:
        address = canonical_url(each.url) if each.url else None
        decision = rules.decide(followed, each)
        if each.key in keys:
            judged.append(Judged(each, DUPLICATE, "this source has named it before"))
        elif not decision.kept:
            judged.append(Judged(each, FILTERED, decision.reason))
        elif address and address in addresses:
            judged.append(Judged(each, DUPLICATE, "another source has named this page before"))
        else:
            judged.append(Judged(each, NEW))
            addresses |= {address} if address else set()
    return judged


def judge_letters(session: Session, found: Sequence[Packed]) -> list[Judged]:
    """What would become of letters: each is kept once, by whatever way it comes, and what is none is only named."""
    known = letters.known(session, [each.identity for each in found])
    return [_judge_letter(each, each.identity in known) for each in found]


def _judge_letter(each: Packed, is_known: bool) -> Judged:
    title = each.subject or "A letter without a subject"
    shown = FeedEntry(key=each.identity, title=title, author=each.sender or None, published=each.sent_at)
    if is_known:
        return Judged(shown, DUPLICATE, "the letter is here already")
    return Judged(shown, FILTERED, each.error) if each.error else Judged(shown, NEW)


def counts(judged: Sequence[Judged]) -> dict[str, int]:
    """How many are new, duplicate, filtered."""
    counted = Counter(each.outcome for each in judged)
    return {outcome: counted[outcome] for outcome in (NEW, DUPLICATE, FILTERED)}


@dataclass(frozen=True)
class Replayed:
    """An entry of the last days: whether it was kept, and what new rules would do with it."""

    entry: Entry
    was_kept: bool
    is_kept: bool
    reason: str


def replay(session: Session, source_id: str, followed: Sequence[Rule]) -> list[Replayed]:
    """What these rules would have done with what the source named in the last 30 days, the newest first."""
    since = db.now(session) - timedelta(days=REPLAYED_DAYS)
    found = [each for each in queries.entries_of(session, source_id, MOST_REPLAYED) if each.seen_at >= since]
    decided = [(each, rules.decide(followed, each)) for each in found]
    return [Replayed(each, not _was_dropped(each), it.kept, it.reason) for each, it in decided]


def _was_dropped(entry: Entry) -> bool:
    """What a rule dropped has no claim to its address."""
    return entry.state == EntryState.SKIPPED and bool(entry.url) and entry.address is None
