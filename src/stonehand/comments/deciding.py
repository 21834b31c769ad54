"""What a person decides about comments: another text, yes, no, again, away, and whether a doubtful one has arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.comments import gate, optouts, queries, stages, wording
from stonehand.comments.errors import CommentMoved, CommentUnfit
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.schemas import Decided
from stonehand.comments.states import EDITABLE, CommentState, ProcessState, Stage
from stonehand.db import Session
from stonehand.jobs import service as job_service
from stonehand.platforms import queries as platforms
from stonehand.platforms.models import Platform

AT_THE_SITE = (CommentState.POSTING, CommentState.POSTED, CommentState.NEEDS_RECONCILE)
"""What stands there, or may."""
LONGEST_NOTE = 500  # characters
Verdict = Callable[[Session, Comment], str]
"""Carries a decision out for a comment that is held. Returns why it cannot, or nothing."""


def edit(session: Session, person: Person, comment_id: str, html: str) -> Comment:
    """Give it another text, which takes an approval back. Raises `CommentMoved`, `CommentUnfit`."""
    person.require("edit")
    comment = _held(session, comment_id)
    if words := not_editable(comment):
        raise CommentMoved(f"the comment cannot be edited: {words}")
    said = gate.disclosure(_platform(session, comment), comment)
    text = wording.normalised(html, said)
    if text == wording.normalised("", said):
        raise CommentUnfit("nothing is left of the text but its disclosure; write something, or reject the comment")
    about = queries.article(session, comment.article_id)
    found = wording.faults(text, said, "", f"{about.title}\n{about.text}")  # in what language, is the person's affair
    keep(session, person, comment, text, found)
    return comment


def not_editable(comment: Comment) -> str:
    """Why it takes no other text any more; empty if it does."""
    if comment.state not in EDITABLE or (comment.state == CommentState.FAILED and not comment.html):
        return f"it is {_said(comment)}"
    return ""


def keep(session: Session, person: Person, comment: Comment, text: str, faults: Sequence[str]) -> None:
    """Another text that was checked; an approval is taken back. Hold the comment."""
    comment.html, comment.writer = text, "person"
    comment.warnings = [{"kind": "fault", "text": each} for each in faults]
    gate.take_back(comment)
    comment.updated_at = db.now(session)
    accounts.record(session, person, "edited", "comment", comment.id)


def approve(session: Session, person: Person, ids: Sequence[str], note: str = "") -> Decided:
    """Let exactly these texts go; each is sent as soon as it can, whether its process runs or not."""
    person.require("publish")
    by = person.name or person.email

    def decide(session: Session, comment: Comment) -> str:
        words = _not_approvable(session, comment)
        if not words:
            gate.approve(session, comment, by, note.strip()[:LONGEST_NOTE])
            session.flush()
            stages.ask_each(session, comment.process_id, Stage.POSTING, [comment.id])
        return words

    return _decided(session, person, "approved", ids, decide)


def _not_approvable(session: Session, comment: Comment) -> str:
    if comment.state != CommentState.GENERATED:
        return f"it is {_said(comment)}"
    platform, article = _platform(session, comment), queries.article(session, comment.article_id)
    if words := optouts.why(optouts.keys(session, platform.id), article.author):
        return words
    if not gate.is_disclosed(platform, comment):
        return "it does not begin with the disclosure that the platform has now; edit it once, and look at it again"
    return ""


def reject(session: Session, person: Person, ids: Sequence[str], note: str = "") -> Decided:
    """Do not send these."""
    person.require("edit")

    def decide(_session: Session, comment: Comment) -> str:
        if comment.state in (*AT_THE_SITE, CommentState.DELETED):
            return f"it is {_said(comment)}"
        gate.take_back(comment)
        comment.state, comment.decision_note = CommentState.REJECTED, note.strip()[:LONGEST_NOTE]
        return ""

    return _decided(session, person, "rejected", ids, decide)


def retry(session: Session, person: Person, ids: Sequence[str]) -> Decided:
    """Try what failed or was skipped again, from the stage in which it came to its end."""
    person.require("edit")
    return _decided(session, person, "tried again", ids, _again)


def _again(session: Session, comment: Comment) -> str:
    if comment.state == CommentState.SKIPPED:
        comment.failed_at_stage = Stage.POSTING if comment.html else Stage.PREPARATION
    elif comment.state != CommentState.FAILED:
        return f"it is {_said(comment)}"
    stage = Stage(comment.failed_at_stage or Stage.PREPARATION)
    comment.error, comment.failed_at_stage, comment.attempts = "", "", 0
    if stage == Stage.POSTING:
        _send_again(session, comment)
    else:
        comment.state = CommentState.PREPARED if stage == Stage.GENERATION else CommentState.DISCOVERED
        session.flush()
        _hurry(session, comment, stage)
    return ""


def _send_again(session: Session, comment: Comment) -> None:
    """The approval stands if it was of this very text."""
    if comment.approved_sha256 != gate.digest(comment, queries.article(session, comment.article_id)):
        gate.take_back(comment)
        return
    comment.state = CommentState.APPROVED
    session.flush()
    stages.ask_each(session, comment.process_id, Stage.POSTING, [comment.id])


def _hurry(session: Session, comment: Comment, stage: Stage) -> None:
    """What its process does not do now waits for the next start."""
    process = session.get_one(CommentProcess, comment.process_id)
    if process.state != ProcessState.RUNNING:
        return
    if stage == Stage.GENERATION:
        stages.ask_each(session, process.id, stage, [comment.id])
    else:
        stages.ask(session, process, stage)


def remove(session: Session, person: Person, ids: Sequence[str]) -> Decided:
    """Show these no longer; the same article, login and prompt are not taken up again."""
    person.require("edit")

    def decide(_session: Session, comment: Comment) -> str:
        if comment.state in AT_THE_SITE:
            return f"it is {_said(comment)}: what stands at the site is kept on record here"
        gate.take_back(comment)
        comment.state = CommentState.DELETED
        return ""

    return _decided(session, person, "deleted", ids, decide)


def settle(session: Session, person: Person, comment_id: str, arrived: bool, remote_id: str = "") -> Comment:
    """A person has looked at the site: it stands there, or it does not and is sent again. Raises `CommentMoved`."""
    person.require("publish")
    comment = _held(session, comment_id)
    if comment.state != CommentState.NEEDS_RECONCILE:
        raise CommentMoved(f"the comment is {_said(comment)}; nobody needs to look for it")
    comment.error, comment.doubt_since, comment.updated_at = "", None, db.now(session)
    job_service.reconciled(session, f"{stages.SEND}:{comment_id}", f"{person.name or person.email} has looked")
    if arrived:
        comment.state, comment.posted_at, comment.remote_id = CommentState.POSTED, comment.updated_at, remote_id.strip()
    else:
        comment.state, comment.notes = CommentState.APPROVED, {}
        session.flush()
        stages.ask_each(session, comment.process_id, Stage.POSTING, [comment_id])
    accounts.record(session, person, "found" if arrived else "did not find", "comment", comment_id)
    return comment


def _decided(session: Session, person: Person, verb: str, ids: Sequence[str], decide: Verdict) -> Decided:
    held = {each.id: each for each in queries.held_comments(session, list(dict.fromkeys(ids)))}
    refused = {key: "there is no such comment" for key in ids if key not in held}
    for key, comment in held.items():
        words = decide(session, comment)
        if words:
            refused[key] = words
            continue
        comment.updated_at = db.now(session)
        accounts.record(session, person, verb, "comment", key)
    return Decided(len(held) - sum(key in held for key in refused), refused)


def _held(session: Session, comment_id: str) -> Comment:
    return queries.held_comment(session, comment_id) or queries.comment(session, comment_id)


def _platform(session: Session, comment: Comment) -> Platform:
    return platforms.platform(session, queries.article(session, comment.article_id).platform_id)


def _said(comment: Comment) -> str:
    return comment.state.replace("_", " ")
