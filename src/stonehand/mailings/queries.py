"""Reads of mailings that deserve a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.mailings.errors import MailNotFound
from stonehand.mailings.models import DigestMail


def mail(session: Session, digest_id: str, user_id: str) -> DigestMail:
    """The letter of a digest to a reader. Raises `MailNotFound`."""
    found = session.get(DigestMail, (digest_id, user_id))
    if found is None:
        raise MailNotFound(f"digest {digest_id} was not addressed to user {user_id}")
    return found


def counts(session: Session, digest_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """How many letters of each of these digests are in each state."""
    count = sa.func.count()
    wish = sa.select(DigestMail.digest_id, DigestMail.state, count).where(DigestMail.digest_id.in_(digest_ids))
    found: dict[str, dict[str, int]] = {id_: {} for id_ in digest_ids}
    for digest_id, state, number in session.execute(wish.group_by(DigestMail.digest_id, DigestMail.state)):
        found[digest_id][state] = number
    return found


def mails(session: Session, digest_id: str, limit: int, after: str = "") -> Sequence[DigestMail]:
    """The letters of a digest, by reader; `after` is the reader of the last one seen."""
    wish = sa.select(DigestMail).where(DigestMail.digest_id == digest_id, DigestMail.user_id > after)
    return session.scalars(wish.order_by(DigestMail.user_id).limit(limit)).all()
