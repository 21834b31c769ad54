"""Hiding a comment that stands at its site, so that only the author of the article sees it."""

from __future__ import annotations

from dataclasses import dataclass

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.brakes import queries as brakes
from stonehand.comments import queries, stages
from stonehand.comments.errors import CommentMoved
from stonehand.comments.states import CommentState
from stonehand.db import Session
from stonehand.platforms.interfaces import Comment as Seen
from stonehand.platforms.interfaces import Words

TASK = "comments.hide"
LONGEST_ERROR = 500  # characters


@dataclass(frozen=True)
class Wish:
    """What the site is asked for: as which login, of which comment of it, with which words."""

    login_id: str
    seen: Seen
    words: Words


def ask(session: Session, person: Person, comment_id: str) -> str | None:
    """Let a job hide it. Returns the job, or None if one does so already. Raises `CommentMoved`."""
    person.require("publish")
    comment = queries.held_comment(session, comment_id) or queries.comment(session, comment_id)
    if comment.state != CommentState.POSTED or not comment.remote_id:
        raise CommentMoved("only a comment that was read back at the site can be hidden there")
    if comment.is_hidden:
        raise CommentMoved("the comment is hidden already: only the author of the article sees it")
    accounts.record(session, person, "hid", "comment", comment_id)
    platform_id = queries.article(session, comment.article_id).platform_id
    args = {"comment_id": comment_id, "platform_id": platform_id}
    of_whom = stages.owner(comment.process_id)
    return jobs.enqueue(session, TASK, args, fair_key=of_whom, unique_key=f"{TASK}:{comment_id}")


def wish(session: Session, comment_id: str) -> Wish | None:
    """What to ask for; None if it is hidden, or stands there no longer. Raises `Stopped` while everything is."""
    comment = queries.comment(session, comment_id)
    if comment.state != CommentState.POSTED or comment.is_hidden:
        return None
    brakes.check(session)
    article = queries.article(session, comment.article_id)
    seen = Seen(comment.remote_id, comment.login_name, comment.remote_text, comment.remote_url)
    return Wish(comment.login_id, seen, Words(article.remote_id, comment.html, True))


def done(session: Session, comment_id: str) -> None:
    """The site has said yes."""
    comment = queries.held_comment(session, comment_id)
    if comment is not None:
        comment.is_hidden, comment.error, comment.updated_at = True, "", db.now(session)


def failed(session: Session, comment_id: str, words: str) -> None:
    """It stands there as before, and says why."""
    comment = queries.held_comment(session, comment_id)
    if comment is not None:
        comment.error, comment.updated_at = f"it could not be hidden: {words}"[:LONGEST_ERROR], db.now(session)
