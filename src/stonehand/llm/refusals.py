"""A model whose server does not take our key is left alone for a while: asking again would only annoy it.

A person is told once (`alerts`); another key, address or name is another matter and asked at once.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from stonehand import db, log
from stonehand.llm.configured import Candidate, ensure_row
from stonehand.llm.errors import KeyRefused
from stonehand.llm.models import ConfiguredModel

PAUSE = timedelta(minutes=10)


def check(candidate: Candidate) -> None:
    """Raise `KeyRefused` without asking if it was refused a moment ago."""
    if candidate.refused_at is None:
        return
    with db.database().read() as session:
        again = candidate.refused_at + PAUSE
        if db.now(session) < again:
            raise KeyRefused(f"{candidate.refused_words} (it is asked again at {again:%H:%M} UTC)")


def note(candidate: Candidate, error: KeyRefused) -> None:
    """Remember a refusal."""
    with db.database().transaction() as session:
        ensure_row(session, candidate.id)
        words = log.redact(str(error))[:500]
        said = {"refused_at": db.now(session), "refused_words": words, "refused_key": candidate.print}
        session.execute(sa.update(ConfiguredModel).where(ConfiguredModel.id == candidate.id).values(**said))


def forget(candidate: Candidate) -> None:
    """It answered."""
    if candidate.refused_at is not None:
        with db.database().transaction() as session:
            gone = {"refused_at": None, "refused_words": None, "refused_key": None}
            session.execute(sa.update(ConfiguredModel).where(ConfiguredModel.id == candidate.id).values(**gone))
