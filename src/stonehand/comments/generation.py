"""The third stage: let a model write, and let what it wrote wait for a person, or for a policy."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from stonehand import db
from stonehand.comments import course, gate, policies, queries, stages
from stonehand.comments.models import Comment, CommentProcess, FoundArticle
from stonehand.comments.states import CommentState, ProcessState, Stage
from stonehand.comments.subjects import Subject, Written
from stonehand.db import Session
from stonehand.llm.payers import Payer
from stonehand.platforms import queries as platforms
from stonehand.platforms.models import Platform
from stonehand.prompts import queries as prompts
from stonehand.prompts.library import PromptText

LONGEST_ERROR = 500  # characters


@dataclass(frozen=True)
class Brief:
    """What a model is asked, and who pays. `is_first` of the first comment since the start of its process."""

    process_id: str
    subject: Subject
    prompt: PromptText
    payer: Payer
    model_id: str
    is_first: bool


def brief(session: Session, comment_id: str) -> Brief | None:
    """What to write; None if it is not to be written any more. Raises `PromptNotFound`."""
    comment = session.get(Comment, comment_id)
    if comment is None or comment.state != CommentState.PREPARED:
        return None
    process = session.get_one(CommentProcess, comment.process_id)
    if process.state != ProcessState.RUNNING:
        return None
    article = queries.article(session, comment.article_id)
    return Brief(
        process_id=process.id,
        subject=_subject(platforms.platform(session, process.platform_id), article, comment),
        prompt=prompts.prompt(session, comment.prompt_key),
        payer=Payer(user_id=process.owner_id or ""),
        model_id=process.model_id,
        is_first=process.first_written_at is None,
    )


def _subject(platform: Platform, article: FoundArticle, comment: Comment) -> Subject:
    return Subject(
        title=article.title,
        author=article.author,
        category=article.category,
        task=article.task,
        text=article.text,
        html=article.html,
        url=article.url,
        published_at=article.published_at,
        edited_at=article.edited_at,
        language=platform.language,
        disclosure=platform.disclosure,
        login_name=comment.login_name,
    )


def begun(session: Session, process_id: str) -> None:
    """The first comment since the start is being written."""
    first = sa.update(CommentProcess).where(CommentProcess.id == process_id, CommentProcess.first_written_at.is_(None))
    session.execute(first.values(first_written_at=db.now(session)))


def record(session: Session, comment_id: str, written: Written, job_id: str) -> None:
    """Keep a text. Where a policy says so, it is approved and goes on at once; else it waits for a person.

    A text that was paid for is kept even if its process was stopped meanwhile.
    """
    process = queries.held(session, queries.comment(session, comment_id).process_id)
    comment = queries.held_comment(session, comment_id)
    if comment is None or comment.state != CommentState.PREPARED:
        return
    comment.html, comment.language, comment.reasoning = written.html, written.language, written.reasoning
    comment.warnings, comment.writer, comment.model = list(written.warnings), "model", written.model
    comment.prompt_label, comment.cost_micro = written.prompt_label, comment.cost_micro + written.cost_micro
    comment.input_tokens, comment.output_tokens = written.input_tokens, written.output_tokens
    comment.state, comment.error, comment.job_id, comment.attempts = CommentState.GENERATED, "", job_id, 0
    comment.updated_at = db.now(session)
    if process is not None:
        process.last_activity_at = comment.updated_at
        if process.state == ProcessState.RUNNING:
            _by_policy(session, process, comment)
        course.settle(session, process)


def _by_policy(session: Session, process: CommentProcess, comment: Comment) -> None:
    approver, comment.decision_note = policies.approver(session, process)
    if approver:
        gate.approve(session, comment, approver)
        session.flush()
        asked = stages.ask_each(session, process.id, Stage.POSTING, [comment.id])
        process.posting_job_id = asked[-1] if asked else process.posting_job_id


def failed(session: Session, comment_id: str, words: str, job_id: str) -> None:
    """It could not be written; a person can have it tried again."""
    process = queries.held(session, queries.comment(session, comment_id).process_id)
    comment = queries.held_comment(session, comment_id)
    if comment is not None and comment.state == CommentState.PREPARED:
        comment.state, comment.failed_at_stage, comment.error = (
            CommentState.FAILED,
            Stage.GENERATION,
            words[:LONGEST_ERROR],
        )
        comment.job_id, comment.updated_at = job_id, db.now(session)
    if process is not None:
        course.settle(session, process)


def delayed(session: Session, comment_id: str, words: str) -> None:
    """Why it is not written yet."""
    comment = queries.held_comment(session, comment_id)
    if comment is not None and comment.state == CommentState.PREPARED:
        comment.error, comment.attempts = words[:LONGEST_ERROR], comment.attempts + 1


def jobless(session: Session, process_id: str, stage: Stage) -> list[str]:
    """The comments of a process that wait for this stage and have no job, the oldest first."""
    mine = sa.select(Comment.id).where(Comment.process_id == process_id, stages.jobless(stage))
    return list(session.scalars(mine.order_by(Comment.id)))
