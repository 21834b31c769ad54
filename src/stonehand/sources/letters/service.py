"""What can be done with letters: handing some in, keeping what was read of one, forgetting one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.sources import service as sources
from stonehand.sources.addresses import canonical_url
from stonehand.sources.letters import keeping, queries
from stonehand.sources.letters.errors import LetterNotFound, LetterNotKept
from stonehand.sources.letters.keeping import Kept, Packed
from stonehand.sources.letters.models import Letter, LetterItem, LetterState
from stonehand.sources.letters.queries import Raw
from stonehand.sources.letters.reading import Contents, Item
from stonehand.sources.models import Entry

MOST_TRIES = 3


def get(session: Session, letter_id: str) -> Letter:
    """The letter. Raises `LetterNotFound`."""
    found = session.get(Letter, letter_id)
    if found is None:
        raise LetterNotFound(f"there is no letter {letter_id}; it may have been removed")
    return found


def raw(session: Session, letter_id: str) -> Raw:
    """The letter's bytes. Raises `LetterNotFound`, `LetterNotKept`."""
    get(session, letter_id)
    found = queries.raw(session, letter_id)
    if found is None:
        raise LetterNotKept("this letter is too old to be kept itself (STONEHAND_LETTER_DAYS); what was read of it is")
    return found


def hand_in(session: Session, packed: Sequence[Packed], way: str) -> list[Kept]:
    """Keep letters that somebody handed in; they belong to the source of such letters."""
    return keeping.keep(session, sources.handed_in(session), packed, way)


def hand_in_and_read(session: Session, packed: Sequence[Packed], way: str) -> tuple[list[Kept], str | None]:
    """The same, and ask for the new ones to be read. Returns the job as well, or None if there is nothing new."""
    source_id = sources.handed_in(session)
    kept = keeping.keep(session, source_id, packed, way)
    return kept, keeping.ask_to_read(session, source_id, kept)


def begin(session: Session, letter_id: str) -> bool:
    """Note that a letter is being opened; False if there is nothing (more) to do.

    A letter that has ended its reader again and again is not opened any more.
    """
    letter = session.get(Letter, letter_id)
    if letter is None or letter.state != LetterState.NEW:
        return False
    if letter.tries >= MOST_TRIES:
        record_unreadable(
            session, letter_id, f"opening it has ended the worker {letter.tries} times; it is left closed"
        )
        return False
    letter.tries += 1
    return True


def record_unreadable(session: Session, letter_id: str, reason: str) -> None:
    """Keep why a letter cannot be read."""
    values = {"state": LetterState.UNREADABLE, "error": reason[:500], "read_at": db.now(session)}
    session.execute(sa.update(Letter).where(Letter.id == letter_id).values(**values))


def record_contents(session: Session, letter_id: str, contents: Contents) -> None:
    """Keep what a letter names: an entry for each thing that no source had named before."""
    letter = session.get(Letter, letter_id)
    if letter is None or letter.state != LetterState.NEW:
        return
    new = set(sources.name_entries(session, letter.source_id, [each.entry for each in contents.items if each.entry]))
    entries = _entries(session, letter.source_id, contents.items)
    rows = [_row(letter_id, each, entries, new) for each in contents.items]
    if rows:
        session.execute(sa.insert(LetterItem), rows)
    letter.state, letter.read_at = LetterState.READ, db.now(session)
    letter.notes = [note[:300] for note in contents.notes[:20]]


def _entries(session: Session, source_id: str, items: Sequence[Item]) -> dict[str, str]:
    """The ids of the entries that these are, by address or key: also of those that another source named first."""
    keys = [each.entry.key for each in items if each.entry]
    addresses = [canonical_url(each.url) for each in items if each.entry and each.url]
    by_address = sa.select(Entry.address, Entry.id).where(Entry.address.in_(addresses))
    by_key = sa.select(Entry.key, Entry.id).where(Entry.source_id == source_id, Entry.key.in_(keys))
    # By key, too: what a rule of the source dropped has no address.
    return {str(name): entry_id for query in (by_key, by_address) for name, entry_id in session.execute(query)}


def _row(letter_id: str, item: Item, entries: Mapping[str, str], new: set[str]) -> dict[str, Any]:
    names = [canonical_url(item.url)] if item.url and item.entry else []
    names += [item.entry.key] if item.entry else []
    entry_id = next((entries[name] for name in names if name in entries), None)
    return {
        "id": db.new_id(),
        "letter_id": letter_id,
        "kind": item.kind,
        "title": item.title[:500],
        "url": item.url,
        "entry_id": entry_id,
        "is_new": entry_id in new,
        "error": item.error and item.error[:500],
    }


def read_again(session: Session, letter_id: str) -> str | None:
    """Read a letter anew, such as after a better reader came. What it named before stays. Returns the job.

    Raises `LetterNotKept`.
    """
    letter = get(session, letter_id)
    raw(session, letter_id)
    session.execute(sa.delete(LetterItem).where(LetterItem.letter_id == letter_id))
    letter.state, letter.error, letter.tries, letter.notes, letter.read_at = LetterState.NEW, None, 0, [], None
    return keeping.ask_to_read(session, letter.source_id, [Kept(letter_id, True)])


def remove(session: Session, letter_id: str) -> None:
    """Forget a letter and the list of what it named. Entries and articles that came of it stay."""
    session.delete(get(session, letter_id))
