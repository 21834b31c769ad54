"""Keeps an index up with the database: what changed is read in order of its time, and put in."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from stonehand.db import Session
from stonehand.vectors import reading
from stonehand.vectors.local import LocalIndex

AT_ONCE = 2000  # vectors in one transaction
LATECOMERS = 5000  # ids of the last minute that are looked at again
COMPARED = 3600.0  # seconds after which the numbers of both sides are compared
WASTE = 0.3  # share of empty rows from which on an index is made anew
Opened = Callable[[], AbstractContextManager[Session]]


def follow(session: Session, index: LocalIndex, model: str, most: int = AT_ONCE) -> bool:
    """Put in up to `most` changes, unless another process does so now. Returns whether it has them all."""
    with index.writing(wait=False) as mine:
        if not mine:
            return True  # the other one does what there is to do
        until = _moment(index.head().until)
        ids: list[str] = []
        if until is not None:
            missing = index.lacking(reading.late(session, model, until, LATECOMERS))
            ids, rows = reading.vectors_of(session, missing, model)
            if ids:
                index.put_locked(ids, rows)
        found = reading.changes(session, model, until, most)
        if found.ids and found.until:
            index.put_locked(found.ids, found.rows, found.until.isoformat())
        return found.complete


def compare(opened: Opened, index: LocalIndex, model: str) -> None:
    """Once an hour, see that both sides have the same articles: not so after a backup was restored, when articles went
    in another way than by `forget`, or when a disk lost what was written. `opened` opens a transaction."""
    head = index.head()
    if time.time() - head.compared_at < COMPARED:
        return
    with opened() as session:
        there = reading.count(session, model)
    if index.count() != there:
        _mend(opened, index, model)
    if head.dead > WASTE * max(head.count, AT_ONCE):
        rebuild(opened, index, model)
    index.note_comparison(time.time())


def _mend(opened: Opened, index: LocalIndex, model: str) -> None:
    known, after = set(index.ids()), ""
    while True:
        with opened() as session:
            ids = reading.all_ids(session, model, after, AT_ONCE)
            missing, rows = reading.vectors_of(session, [each for each in ids if each not in known], model)
        if missing:
            index.put(missing, rows)
        known.difference_update(ids)
        if len(ids) < AT_ONCE:
            break
        after = ids[-1]
    if known:  # what came meanwhile is in the index as well, so ask before anything goes
        with opened() as session:
            index.remove(known - reading.present(session, known, model))


def rebuild(opened: Opened, index: LocalIndex, model: str, anew: bool = True) -> int:
    """Empty the index unless told otherwise, and fill it in short transactions; `opened` opens one. Returns how many
    vectors are in it."""
    if anew:
        index.clear()
    complete = False
    while not complete:
        with opened() as session:
            complete = follow(session, index, model)
    return index.count()


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
