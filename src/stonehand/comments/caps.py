"""How many comments may begin to be sent: by a login and at a platform in 24 hours, and under one article ever.

They are counted while the platform is held, so that no two jobs take the last place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.comments.models import Comment, FoundArticle
from stonehand.comments.states import CommentState
from stonehand.db import Session
from stonehand.platforms.models import Platform

DAY = timedelta(hours=24)
STANDING = (CommentState.POSTING, CommentState.POSTED, CommentState.NEEDS_RECONCILE)
SOON = 60.0  # seconds until the next look, at least


@dataclass(frozen=True)
class Full:
    """A cap that is reached, in words. It has room again in `seconds`; None if that does not come by itself."""

    words: str
    seconds: float | None = None


def hold(session: Session, platform_id: str) -> Platform | None:
    """The platform, locked until the transaction ends: whoever counts holds it first."""
    mine = sa.select(Platform).where(Platform.id == platform_id)
    return session.scalar(mine.with_for_update(key_share=True).execution_options(populate_existing=True))


def reached(session: Session, platform: Platform, comment: Comment) -> Full | None:
    """The first cap that has no room for this comment. Hold the platform."""
    under = sa.select(sa.func.count()).where(
        Comment.article_id == comment.article_id, Comment.state.in_(STANDING), Comment.id != comment.id
    )
    if (session.scalar(under) or 0) >= platform.most_per_article:
        return Full(
            f"the article has {platform.most_per_article} comments of ours, as many as {platform.name} may have"
        )
    by_login = Comment.login_id == comment.login_id
    return _of_a_day(session, by_login, platform.most_per_login_a_day, f"{comment.login_name} has sent") or _of_a_day(
        session, of_platform(platform.id), platform.most_a_day, f"all logins of {platform.name} have sent"
    )


def of_platform(platform_id: str) -> sa.ColumnElement[bool]:
    """Comments at this platform."""
    return Comment.article_id.in_(sa.select(FoundArticle.id).where(FoundArticle.platform_id == platform_id))


def _of_a_day(session: Session, which: sa.ColumnElement[bool], most: int, who: str) -> Full | None:
    moment = db.now(session)
    begun = sa.select(Comment.begun_at).where(which, Comment.begun_at > moment - DAY)
    first = session.scalar(begun.order_by(Comment.begun_at.desc()).offset(max(most - 1, 0)).limit(1))  # that counts
    if most and first is None:
        return None
    free_at = _utc(first) + DAY if first else moment + DAY
    words = f"{who} {most} comments in 24 hours, as many as they may" if most else f"{who} all: none may be sent"
    return Full(
        f"{words}; there is room again at {free_at:%Y-%m-%d %H:%M} UTC", max((free_at - moment).total_seconds(), SOON)
    )


def _utc(value: datetime | None) -> datetime:
    assert value is not None
    return value


def left(session: Session, platform: Platform, login_ids: list[str]) -> int:
    """How many comments these logins together may begin now."""
    since = db.now(session) - DAY
    grouped = (
        sa.select(Comment.login_id, sa.func.count())
        .where(Comment.login_id.in_(login_ids), Comment.begun_at > since)
        .group_by(Comment.login_id)
    )
    used = dict(session.execute(grouped).all())
    of_logins = sum(max(platform.most_per_login_a_day - used.get(each, 0), 0) for each in login_ids)
    of_all = sa.select(sa.func.count()).where(of_platform(platform.id), Comment.begun_at > since)
    return max(min(of_logins, platform.most_a_day - (session.scalar(of_all) or 0)), 0)
