"""The second stage: read each article once for all logins and prompts, and hand its comments over at once.

What goes wrong with one article is of no concern to the others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.comments import optouts, queries, stages
from stonehand.comments.models import Comment, CommentProcess, FoundArticle
from stonehand.comments.states import CommentState, ProcessState, Stage
from stonehand.db import Session
from stonehand.platforms.interfaces import Article
from stonehand.platforms.models import Login, LoginState

FRESH = timedelta(minutes=10)  # after it was read, an article is not read again
TRIES = 4  # of reading one article, before its comments fail
LONGEST_ERROR = 500  # characters
Tried = Collection[tuple[str, str]]


@dataclass(frozen=True)
class ToRead:
    """An article that comments wait for. `author` is that of its card."""

    article_id: str
    remote_id: str
    author: str


@dataclass(frozen=True)
class Round:
    """Articles to read as one login."""

    login_id: str
    articles: Sequence[ToRead]


def next_round(session: Session, process_id: str, tried: Tried) -> Round | None:
    """What to read now, as which login, the oldest first; None if nothing is left, or the process does not run."""
    waiting = (
        sa.select(Comment.article_id, Comment.login_id, FoundArticle.remote_id, FoundArticle.author)
        .join(FoundArticle, FoundArticle.id == Comment.article_id)
        .join(Login, sa.and_(Login.id == Comment.login_id, Login.state == LoginState.READY))
        .join(CommentProcess, CommentProcess.id == Comment.process_id)
        .where(Comment.process_id == process_id, Comment.state == CommentState.DISCOVERED)
        .where(CommentProcess.state == ProcessState.RUNNING)
        .order_by(Comment.id)
    )
    rows = [row for row in session.execute(waiting) if (row.article_id, row.login_id) not in tried]
    if not rows:
        return None
    login_id = rows[0].login_id
    mine = {
        row.article_id: ToRead(row.article_id, row.remote_id, row.author) for row in rows if row.login_id == login_id
    }
    return Round(login_id, list(mine.values()))


def is_fresh(session: Session, article_id: str) -> bool:
    """Whether it was read so lately that it need not be read again."""
    read_at = queries.article(session, article_id).read_at
    return read_at is not None and read_at > db.now(session) - FRESH


def record(session: Session, process_id: str, article_id: str, page: Article | None) -> bool:
    """Keep what was read, and let its comments be written. None keeps what is there. Whether the process still runs."""
    process = queries.held(session, process_id)
    if process is None or process.state != ProcessState.RUNNING:
        return False
    article = queries.article(session, article_id)
    if page is not None:
        _keep(session, article, page)
    rows = _waiting(session, process_id, article_id)
    words = optouts.why(optouts.keys(session, article.platform_id), article.author)
    for row in rows:
        row.state = CommentState.SKIPPED if words else CommentState.PREPARED
        row.error, row.attempts, row.updated_at = words, 0, db.now(session)
    session.flush()
    asked = [] if words else stages.ask_each(session, process_id, Stage.GENERATION, [row.id for row in rows])
    process.generation_job_id = asked[-1] if asked else process.generation_job_id
    process.last_activity_at = db.now(session)
    return True


def _keep(session: Session, article: FoundArticle, page: Article) -> None:
    article.title, article.text, article.html = page.title or article.title, page.text, page.html
    article.author = page.author or article.author
    article.category, article.task, article.edited_at = page.category, page.task, page.edited_at
    article.url = page.url or article.url
    article.read_at = db.now(session)


def _waiting(session: Session, process_id: str, article_id: str, login_id: str = "") -> Sequence[Comment]:
    mine = sa.select(Comment).where(
        Comment.process_id == process_id, Comment.article_id == article_id, Comment.state == CommentState.DISCOVERED
    )
    mine = mine.where(Comment.login_id == login_id) if login_id else mine
    return session.scalars(mine.order_by(Comment.id).with_for_update(key_share=True)).all()


def gone(session: Session, process_id: str, article_id: str, login_id: str, words: str) -> None:
    """This login cannot see the article any more; another may."""
    for row in _waiting(session, process_id, article_id, login_id):
        row.state, row.error, row.updated_at = CommentState.SKIPPED, words[:LONGEST_ERROR], db.now(session)


def failed(session: Session, process_id: str, article_id: str, login_id: str, words: str, for_good: bool) -> None:
    """It could not be read as this login; after some tries its comments fail."""
    for row in _waiting(session, process_id, article_id, login_id):
        row.attempts, row.error, row.updated_at = row.attempts + 1, words[:LONGEST_ERROR], db.now(session)
        if for_good or row.attempts >= TRIES:
            row.state, row.failed_at_stage, row.attempts = CommentState.FAILED, Stage.PREPARATION, 0


def conclude(session: Session, process_id: str, tried: Tried) -> None:
    """What was found while the pass came to its end is not left to the clock."""
    process = queries.held(session, process_id)
    if process is not None and process.state == ProcessState.RUNNING and next_round(session, process_id, tried):
        stages.ask(session, process, Stage.PREPARATION)
