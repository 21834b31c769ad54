"""Sends what changed to a Qdrant server: read, wait, remember how far it has come."""

from __future__ import annotations

from datetime import datetime

from stonehand import db
from stonehand.db import Session
from stonehand.vectors import reading
from stonehand.vectors.following import AT_ONCE, Opened
from stonehand.vectors.models import VectorIndex
from stonehand.vectors.qdrant import QdrantIndex


def send(read: Opened, write: Opened, index: QdrantIndex, model: str, anew: bool = False) -> int:
    """Put what is not there yet; `read` and `write` open transactions. Returns how many were sent.

    Those of the last minute before are sent again, for they may have shown up late. Raises `IndexUnavailable`.
    """
    name = f"{index.url}/{index.collection}"
    if anew:
        index.clear()
    with read() as session:
        until = None if anew else _until(session, name)
    since = until - reading.LATE if until else None
    sent, complete = 0, False
    while not complete:
        with read() as session:
            found = reading.changes(session, model, since, AT_ONCE)
        complete, since = found.complete, found.until
        if found.ids:
            sent += index.put(found.ids, found.rows)
            with write() as session:
                _note(session, name, found.until)
    return sent


def _until(session: Session, name: str) -> datetime | None:
    kept = session.get(VectorIndex, name)
    return kept.until if kept else None


def _note(session: Session, name: str, until: datetime | None) -> None:
    kept, moment = session.get(VectorIndex, name), db.now(session)
    if kept is None:
        session.add(VectorIndex(name=name, until=until, updated_at=moment))
    else:
        kept.until, kept.updated_at = until, moment
