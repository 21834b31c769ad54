"""Ways in that lead nowhere any more are forgotten; the audit log keeps what was done with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts.models import SetupLink, SignIn, SignInAttempts, Token
from stonehand.accounts.throttle import FORGET_AFTER
from stonehand.db import Session

TOKENS_SHOWN = timedelta(days=90)  # after their end, so that their owner can see what they were


def sessions(session: Session) -> int:
    """Delete sessions that have expired. Returns how many."""
    return _count(session, sa.delete(SignIn).where(SignIn.expires_at < db.now(session)).returning(SignIn.id))


def ended(session: Session) -> dict[str, int]:
    """Delete tokens and setup links that ended long ago, and old counts of attempts to sign in. Returns how many."""
    moment = db.now(session)
    long_ago = sa.func.coalesce(Token.revoked_at, Token.expires_at) < moment - TOKENS_SHOWN
    return {
        "tokens": _count(session, sa.delete(Token).where(long_ago).returning(Token.id)),
        "links": _count(session, sa.delete(SetupLink).where(SetupLink.expires_at < moment).returning(SetupLink.id)),
        "attempts": _count(
            session,
            sa.delete(SignInAttempts)
            .where(SignInAttempts.last_at < moment - FORGET_AFTER, SignInAttempts.wait_until < moment)
            .returning(SignInAttempts.key),
        ),
    }


def _count(session: Session, statement: Any) -> int:
    return len(session.scalars(statement).all())
