"""Questions about processes and comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from stonehand.comments import progress
from stonehand.comments.errors import CommentNotFound, ProcessNotFound
from stonehand.comments.models import Comment, CommentProcess, FoundArticle, ProcessLogin, ProcessPrompt
from stonehand.comments.schemas import CommentFilter, PipelineStatus
from stonehand.comments.states import CommentState, ProcessState
from stonehand.db import Session
from stonehand.platforms.models import Login

MOST = 500


@dataclass(frozen=True)
class Row:
    """A comment beside the article that it is about."""

    comment: Comment
    article: FoundArticle


def processes(
    session: Session, platform_id: str = "", states: Sequence[ProcessState] = (), limit: int = 100, offset: int = 0
) -> tuple[Sequence[CommentProcess], int]:
    """Processes that were not deleted, the newest first, and how many there are in all."""
    wish = sa.select(CommentProcess).where(CommentProcess.deleted_at.is_(None))
    if platform_id:
        wish = wish.where(CommentProcess.platform_id == platform_id)
    if states:
        wish = wish.where(CommentProcess.state.in_(states))
    total = session.scalar(sa.select(sa.func.count()).select_from(wish.subquery())) or 0
    ordered = wish.order_by(CommentProcess.created_at.desc(), CommentProcess.id.desc())
    return session.scalars(ordered.limit(min(limit, MOST)).offset(offset)).all(), total


def process(session: Session, process_id: str) -> CommentProcess:
    """A process by id. Raises `ProcessNotFound`."""
    found = session.get(CommentProcess, process_id)
    if found is None or found.deleted_at is not None:
        raise ProcessNotFound(f"there is no process {process_id}; it may have been deleted")
    return found


def require(session: Session, process_id: str) -> None:
    """Raises `ProcessNotFound` if there has never been such a process. One that was deleted has nothing to do."""
    if session.get(CommentProcess, process_id) is None:
        raise ProcessNotFound(f"there is no process {process_id}")


def held(session: Session, process_id: str) -> CommentProcess | None:
    """A process, locked until the transaction ends; None if it is gone. Lock it before any of its comments."""
    mine = sa.select(CommentProcess).where(CommentProcess.id == process_id, CommentProcess.deleted_at.is_(None))
    return session.scalar(mine.with_for_update(key_share=True).execution_options(populate_existing=True))


def logins_of(session: Session, process_id: str) -> Sequence[Login]:
    """The logins that a process comments as, by name."""
    mine = sa.select(ProcessLogin.login_id).where(ProcessLogin.process_id == process_id)
    return session.scalars(sa.select(Login).where(Login.id.in_(mine)).order_by(Login.username)).all()


def prompts_of(session: Session, process_id: str) -> list[str]:
    """The prompts that a process writes by."""
    mine = sa.select(ProcessPrompt.prompt_key).where(ProcessPrompt.process_id == process_id)
    return list(session.scalars(mine.order_by(ProcessPrompt.prompt_key)))


def links(session: Session, ids: Sequence[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The ids of the logins of each of these processes, by the names of the logins, and of their prompts."""
    logins: dict[str, list[str]] = {each: [] for each in ids}
    keys: dict[str, list[str]] = {each: [] for each in ids}
    mine = sa.select(ProcessLogin).join(Login, Login.id == ProcessLogin.login_id).order_by(Login.username)
    for login in session.scalars(mine.where(ProcessLogin.process_id.in_(ids))):
        logins[login.process_id].append(login.login_id)
    theirs = sa.select(ProcessPrompt).where(ProcessPrompt.process_id.in_(ids)).order_by(ProcessPrompt.prompt_key)
    for prompt in session.scalars(theirs):
        keys[prompt.process_id].append(prompt.prompt_key)
    return logins, keys


def comment(session: Session, comment_id: str) -> Comment:
    """A comment by id. Raises `CommentNotFound`."""
    found = session.get(Comment, comment_id)
    if found is None:
        raise CommentNotFound(f"there is no comment {comment_id}")
    return found


def comments_of(session: Session, ids: Sequence[str]) -> Sequence[Comment]:
    """Those of these comments that there are, in the order of their ids."""
    return session.scalars(sa.select(Comment).where(Comment.id.in_(ids)).order_by(Comment.id)).all()


def held_comments(session: Session, ids: Sequence[str]) -> Sequence[Comment]:
    """Comments, locked until the transaction ends, in the order of their ids."""
    mine = sa.select(Comment).where(Comment.id.in_(ids)).order_by(Comment.id)
    return session.scalars(mine.with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def held_comment(session: Session, comment_id: str) -> Comment | None:
    """One of them; None if it is gone."""
    return next(iter(held_comments(session, [comment_id])), None)


def article(session: Session, article_id: str) -> FoundArticle:
    """The article that a comment is about; it lives as long as the comment."""
    return session.get_one(FoundArticle, article_id)


def articles_of(session: Session, comments: Sequence[Comment]) -> dict[str, FoundArticle]:
    """The articles that these comments are about, by their ids."""
    wanted = {each.article_id for each in comments}
    return {each.id: each for each in session.scalars(sa.select(FoundArticle).where(FoundArticle.id.in_(wanted)))}


def row(session: Session, comment_id: str) -> Row:
    """A comment with its article. Raises `CommentNotFound`."""
    found = comment(session, comment_id)
    return Row(found, article(session, found.article_id))


def comments(session: Session, wish: CommentFilter, limit: int = 50, offset: int = 0) -> tuple[Sequence[Row], int]:
    """Comments with their articles, what changed last first, and how many there are in all."""
    joined = sa.select(Comment, FoundArticle).join(FoundArticle, FoundArticle.id == Comment.article_id)
    joined = joined.where(fits(wish))
    total = session.scalar(sa.select(sa.func.count()).select_from(joined.subquery())) or 0
    ordered = joined.order_by(Comment.updated_at.desc(), Comment.id.desc())
    rows = session.execute(ordered.limit(min(limit, MOST)).offset(offset))
    return [Row(each[0], each[1]) for each in rows], total


def fits(wish: CommentFilter) -> sa.ColumnElement[bool]:
    """Of comments joined with their articles: those that fit."""
    found = [
        column == value
        for column, value in (
            (Comment.process_id, wish.process_id),
            (FoundArticle.platform_id, wish.platform_id),
            (Comment.article_id, wish.article_id),
            (Comment.login_id, wish.login_id),
        )
        if value
    ]
    shown = Comment.state.in_(wish.states) if wish.states else Comment.state != CommentState.DELETED
    texts = (FoundArticle.title, FoundArticle.author, Comment.html)
    words = sa.or_(*(each.icontains(wish.search, autoescape=True) for each in texts))
    return sa.and_(shown, *found, *([words] if wish.search else []))


def counts(session: Session, process_id: str) -> dict[str, int]:
    """How many comments of a process are in each state."""
    return progress.by_state(session, [process_id])[process_id]


def status(session: Session, process_id: str) -> PipelineStatus:
    """How far a process is, stage by stage. Raises `ProcessNotFound`."""
    return progress.statuses(session, [process(session, process_id)])[process_id]
