"""The gate: nothing is sent but what was approved, with its disclosure, where it is wanted, and within the caps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stonehand import db
from stonehand.brakes import queries as brakes
from stonehand.comments import caps, optouts, policies, queries, wording
from stonehand.comments.models import Comment, CommentProcess, FoundArticle
from stonehand.comments.states import CommentState, ProcessState, Stage
from stonehand.db import Session
from stonehand.jobs.models import Job
from stonehand.jobs.states import UNFINISHED
from stonehand.platforms.interfaces import Words
from stonehand.platforms.models import Login, LoginState, Platform


@dataclass(frozen=True)
class Order:
    """A comment whose sending has begun. `notes` are what earlier tries wrote down."""

    comment_id: str
    process_id: str
    login_id: str
    words: Words
    notes: Mapping[str, Any]


@dataclass(frozen=True)
class Later:
    """It cannot be sent yet, in words."""

    seconds: float
    words: str


def digest(comment: Comment, article: FoundArticle) -> str:
    """Of what is approved: the text, as which login, under which article, hidden or not."""
    said = [comment.html, comment.login_id, article.platform_id, article.remote_id, comment.is_hidden]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def disclosure(platform: Platform, comment: Comment) -> str:
    """What this comment begins with."""
    return wording.disclosure_of(platform.disclosure, comment.language or platform.language)


def approve(session: Session, comment: Comment, by: str, note: str = "") -> None:
    """Let exactly this text go. Hold the comment."""
    moment = db.now(session)
    comment.state, comment.approved_by, comment.approved_at = CommentState.APPROVED, by, moment
    comment.approved_sha256 = digest(comment, queries.article(session, comment.article_id))
    comment.decision_note, comment.error, comment.updated_at = note, "", moment


def take_back(comment: Comment, words: str = "") -> None:
    """Let it wait for a person again. Hold the comment."""
    comment.state, comment.approved_by, comment.approved_sha256 = CommentState.GENERATED, "", ""
    comment.approved_at, comment.error = None, words


def begin(session: Session, comment_id: str, job_id: str) -> Order | Later | None:
    """Begin to send, or say why not yet; None if it is not to be sent, as its row then says.

    Raises `Stopped` while everything is stopped.
    """
    platform = _held_platform(session, comment_id)
    comment = queries.held_comment(session, comment_id)
    if comment is None or platform is None or comment.state not in (CommentState.APPROVED, CommentState.POSTING):
        return None
    if _is_held_by_another(session, comment, job_id):
        return None
    article = queries.article(session, comment.article_id)
    if not _is_passed(session, platform, article, comment):
        return None
    brakes.check(session)
    if comment.state == CommentState.APPROVED:
        full = caps.reached(session, platform, comment)
        if full:
            return _full(session, comment, full)
        comment.begun_at = db.now(session)
    comment.state, comment.job_id, comment.updated_at = CommentState.POSTING, job_id, db.now(session)
    comment.attempts, comment.error = comment.attempts + 1, ""
    words = Words(article.remote_id, comment.html, comment.is_hidden)
    return Order(comment.id, comment.process_id, comment.login_id, words, comment.notes)


def _held_platform(session: Session, comment_id: str) -> Platform | None:
    comment = session.get(Comment, comment_id)
    return caps.hold(session, queries.article(session, comment.article_id).platform_id) if comment else None


def _is_held_by_another(session: Session, comment: Comment, job_id: str) -> bool:
    """Whether another job has begun to send it and has not come to its end."""
    if comment.state != CommentState.POSTING or comment.job_id in (None, job_id):
        return False
    other = session.get(Job, comment.job_id)
    return other is not None and other.state in UNFINISHED


def _is_passed(session: Session, platform: Platform, article: FoundArticle, comment: Comment) -> bool:
    """Whether everything but the caps lets it through. What has begun to be sent may stand there already: its state
    does not change any more for a reason that was none when it began.
    """
    if not _login_is_ready(session, comment):
        return False
    if comment.state == CommentState.POSTING and comment.notes.get("sent_at"):
        return True
    if words := optouts.why(optouts.keys(session, platform.id), article.author):
        comment.state, comment.error = CommentState.SKIPPED, words
        return False
    if words := _unfit(platform, article, comment):
        take_back(comment, words)
        return False
    return not _waits_for_its_process(session, comment)


def _unfit(platform: Platform, article: FoundArticle, comment: Comment) -> str:
    """In words, what is wrong with the approval."""
    if not platform.permission.strip():
        return f"nobody has said who of {platform.name} allows comments"
    if comment.approved_sha256 != digest(comment, article):
        return "this is not what was approved; look at it again"
    if not is_disclosed(platform, comment):
        return "it does not begin with the disclosure that the platform has now; look at it again"
    return ""


def is_disclosed(platform: Platform, comment: Comment) -> bool:
    """Whether the text is as it must be, the disclosure in front."""
    return wording.normalised(comment.html, disclosure(platform, comment)) == comment.html


def _login_is_ready(session: Session, comment: Comment) -> bool:
    login = session.get(Login, comment.login_id)
    if login is not None and login.state == LoginState.READY:
        return True
    comment.error = "its login is gone" if login is None else f"{login.username} is {login.state}: {login.trouble}"
    if login is None:
        comment.state, comment.failed_at_stage = CommentState.FAILED, Stage.POSTING
    return False


def _waits_for_its_process(session: Session, comment: Comment) -> bool:
    """What no person has approved goes only while its process runs."""
    if not policies.is_by_policy(comment):
        return False
    process = session.get_one(CommentProcess, comment.process_id)
    return process.state != ProcessState.RUNNING


def _full(session: Session, comment: Comment, full: caps.Full) -> Later | None:
    comment.error, comment.updated_at = full.words, db.now(session)
    if full.seconds is None:
        comment.state, comment.failed_at_stage = CommentState.FAILED, Stage.POSTING
        return None
    return Later(full.seconds, full.words)
