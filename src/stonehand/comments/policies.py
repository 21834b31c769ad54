"""When comments may go without a person: a process says why, how many a day and until when, and who decided it."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.comments.errors import ProcessUnfit
from stonehand.comments.models import Comment, CommentProcess
from stonehand.db import Session

PREFIX = "policy: "
DAY = timedelta(hours=24)


def check(process: CommentProcess, moment: datetime) -> None:
    """Raise `ProcessUnfit` unless a process that lets comments go by itself says everything about it."""
    if process.generate_only:
        return
    wanted = [
        *([] if process.auto_reason.strip() else ["the reason (auto_reason)"]),
        *([] if process.auto_per_day > 0 else ["how many a day (auto_per_day)"]),
        *([] if process.auto_until and process.auto_until > moment else ["until when, in the future (auto_until)"]),
    ]
    if wanted:
        raise ProcessUnfit(
            f"to send comments that no person has seen, say {', '.join(wanted)}; or leave generate_only on"
        )


def approver(session: Session, process: CommentProcess) -> tuple[str, str]:
    """As whom the policy approves the next comment, or nobody and in words why not. Hold the process."""
    if process.generate_only:
        return "", ""
    moment = db.now(session)
    if process.auto_until is None or process.auto_until <= moment:
        return "", "the time for sending without a person is over"
    if approved_since(session, process.id, moment - DAY) >= process.auto_per_day:
        return "", f"the {process.auto_per_day} that may be sent a day without a person are used up"
    return f"{PREFIX}{process.auto_by}", ""


def approved_since(session: Session, process_id: str, since: datetime) -> int:
    """How many comments of a process its policy has approved since then."""
    mine = sa.select(sa.func.count()).where(
        Comment.process_id == process_id, Comment.approved_by.startswith(PREFIX), Comment.approved_at > since
    )
    return session.scalar(mine) or 0


def is_by_policy(comment: Comment) -> bool:
    """Whether no person has approved it."""
    return comment.approved_by.startswith(PREFIX)
