"""Answers that are kept, so that a request that is sent twice does its work once."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts.errors import KeyReused, RequestUnfinished
from stonehand.accounts.models import IdempotencyKey
from stonehand.db import Session

KEPT = timedelta(hours=24)
PATIENCE = timedelta(minutes=2)  # longer than any request may take


@dataclass(frozen=True)
class Kept:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def begin(session: Session, user_id: str, key: str, fingerprint: str) -> Kept | None:
    """Note that a request begins; or the answer, if it has been given already.

    Raises `KeyReused` if the key belongs to another request, `RequestUnfinished` while the first has no answer.
    """
    moment = db.now(session)
    _forget(session, user_id, key)
    row = {"user_id": user_id, "key": key, "fingerprint": fingerprint, "begun_at": moment}
    made = db.insert(session, IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if session.scalar(made) is not None:
        return None
    found = session.execute(_mine(user_id, key)).scalar_one()
    if found.fingerprint != fingerprint:
        raise KeyReused("this Idempotency-Key belongs to another request; send each new request with a new key")
    if found.status is None or found.body is None:
        raise _unfinished(moment - found.begun_at > PATIENCE)
    return Kept(found.status, found.headers, zlib.decompress(found.body))


def _unfinished(was_cut_off: bool) -> RequestUnfinished:
    if was_cut_off:
        return RequestUnfinished(
            "the first request with this key was cut off, and may have done its work; look whether it did, and if not, "
            "send it with a new key"
        )
    return RequestUnfinished("the first request with this key has not been answered yet; try again in a moment")


def end(session: Session, user_id: str, key: str, answer: Kept | None) -> None:
    """Keep the answer of a request that began; without one, the request may be sent anew."""
    if answer is None:
        session.execute(sa.delete(IdempotencyKey).where(*_which(user_id, key)))
        return
    values = {"status": answer.status, "headers": answer.headers, "body": zlib.compress(answer.body)}
    session.execute(sa.update(IdempotencyKey).where(*_which(user_id, key)).values(**values))


def prune(session: Session) -> int:
    """Forget the answers of more than a day ago. Returns how many."""
    old = sa.delete(IdempotencyKey).where(IdempotencyKey.begun_at < db.now(session) - KEPT)
    return len(session.scalars(old.returning(IdempotencyKey.key)).all())


def _forget(session: Session, user_id: str, key: str) -> None:
    expired = IdempotencyKey.begun_at < db.now(session) - KEPT
    session.execute(sa.delete(IdempotencyKey).where(*_which(user_id, key), expired))


def _which(user_id: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)


def _mine(user_id: str, key: str) -> sa.Select[IdempotencyKey]:
    return sa.select(IdempotencyKey).where(*_which(user_id, key))
