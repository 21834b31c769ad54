"""The fourth stage: what becomes of a comment whose sending has begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stonehand import config, db
from stonehand.brakes import queries as brakes
from stonehand.comments import course, queries
from stonehand.comments.models import Comment
from stonehand.comments.states import CommentState, Stage
from stonehand.db import Session
from stonehand.jobs import Attempt, OutcomeUnknown, Snooze, doubts
from stonehand.platforms.interfaces import Comment as Seen

ASK_AGAIN = 15.0  # seconds between two looks whether it has arrived, at least
LONGEST_ERROR, LONGEST_TEXT = 500, 20_000  # characters


class FencedNotes:
    """What the tries at sending one comment have written down.

    New facts are kept only while the job is ours, and nothing is sent once everything is stopped.
    """

    def __init__(self, attempt: Attempt, comment_id: str, kept: Mapping[str, Any]) -> None:
        self._attempt, self._comment_id = attempt, comment_id
        self.kept = kept

    def remember(self, **facts: Any) -> None:
        """Commit these facts under the fence, right before they come true. Raises `LeaseLost`, `Stopped`."""
        with self._attempt.write() as session:
            brakes.check(session)
            comment = queries.comment(session, self._comment_id)
            comment.notes = {**comment.notes, **facts}
        self.kept = {**self.kept, **facts}


def arrived(session: Session, comment_id: str, seen: Seen) -> None:
    """It was read back, or waits for somebody of the site."""
    process = queries.held(session, queries.comment(session, comment_id).process_id)
    comment = queries.held_comment(session, comment_id)
    assert comment is not None
    comment.state, comment.posted_at = CommentState.POSTED, db.now(session)
    comment.remote_id, comment.remote_url, comment.remote_text = seen.id, seen.url, seen.text[:LONGEST_TEXT]
    comment.is_pending_there, comment.error, comment.doubt_since = seen.is_pending, "", None
    comment.attempts, comment.updated_at = 0, db.now(session)
    if process is not None:
        process.last_activity_at = comment.updated_at
        course.settle(session, process)


def may_be_there(comment: Comment) -> bool:
    """Whether it was sent and nobody has said yet that it did not arrive."""
    return bool(comment.notes.get("sent_at"))


def put_back(session: Session, comment_id: str, words: str) -> None:
    """Nothing was sent, or nobody can look now: it waits, and counts for no cap if it has not been sent."""
    comment = queries.held_comment(session, comment_id)
    if comment is None or comment.state != CommentState.POSTING:
        return
    comment.error, comment.updated_at = words[:LONGEST_ERROR], db.now(session)
    if not may_be_there(comment):
        comment.state, comment.begun_at = CommentState.APPROVED, None


def refused(session: Session, comment_id: str, words: str) -> None:
    """It was not taken, and will not be. A person can have it tried again."""
    process = queries.held(session, queries.comment(session, comment_id).process_id)
    comment = queries.held_comment(session, comment_id)
    if comment is not None and comment.state == CommentState.POSTING:
        comment.state, comment.failed_at_stage = CommentState.FAILED, Stage.POSTING
        comment.error, comment.attempts, comment.updated_at = words[:LONGEST_ERROR], 0, db.now(session)
    if process is not None:
        course.settle(session, process)


def doubt(session: Session, comment_id: str, words: str, retry_after: float | None) -> Exception:
    """What to raise when nobody knows whether it arrived: look again later, or ask a person."""
    comment, moment = queries.held_comment(session, comment_id), db.now(session)
    assert comment is not None
    comment.doubt_since = comment.doubt_since or moment
    comment.error, comment.updated_at = words[:LONGEST_ERROR], moment
    window, kept = config.settings().ambiguity_seconds, comment.notes.get("asking", {})
    asking, wait = doubts.next_question(kept, moment, window, ASK_AGAIN, retry_after)
    comment.notes = {**comment.notes, "asking": asking}
    if wait is None:
        return ask_a_person(session, comment_id, words)
    return Snooze(wait, f"nobody knows yet whether it arrived: {words}")


def ask_a_person(session: Session, comment_id: str, words: str) -> OutcomeUnknown:
    """Stop until a person has looked. Returns what to raise, which stops the job and alerts."""
    comment = queries.held_comment(session, comment_id)
    assert comment is not None
    comment.state, comment.error = CommentState.NEEDS_RECONCILE, words[:LONGEST_ERROR]
    comment.doubt_since, comment.updated_at = comment.doubt_since or db.now(session), db.now(session)
    return OutcomeUnknown(words)
