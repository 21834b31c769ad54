"""A platform with a login, a process there, and comments in the states that a test asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.comments import gate, wording
from stonehand.comments.models import Comment, CommentProcess, FoundArticle, ProcessLogin, ProcessPrompt
from stonehand.comments.states import CommentState, Stage
from stonehand.db import Database
from stonehand.llm.models import ConfiguredModel
from stonehand.platforms import service as platforms
from stonehand.platforms.schemas import LoginIn, PlatformIn

DISCLOSURE = "[Dieser Kommentar stammt von einem KI-ChatBot.]"
SAID = "Dein Bach gefällt mir sehr, weil du so genau beschreibst, wie kalt das Wasser war."
PROMPT = "comment"


@dataclass(frozen=True)
class World:
    """The ids of what was made."""

    platform_id: str
    login_id: str
    process_id: str
    comment_ids: tuple[str, ...]


def make(
    database: Database, admin: Person, states: Sequence[CommentState] = (), model: bool = True, **process: Any
) -> World:
    """All of it. A comment that failed did so while it was sent."""
    with database.transaction() as session:
        wish = PlatformIn(
            name="Werkstatt", base_url="https://w.example", permission="Frau von Arx", language="de",
            config={"preset": "mymoment"},
        )  # fmt: skip
        platform = platforms.add(session, admin, wish)
        login = platforms.add_login(session, admin, platform.id, LoginIn(username="bot3a", password="hunter-two-words"))
        if model:
            session.add(_model(session))
        made = _process(session, platform.id, login.id, **process)
        ids = [_comment(session, made, login.id, state, number) for number, state in enumerate(states)]
        return World(platform.id, login.id, made.id, tuple(ids))


def _model(session: db.Session) -> ConfiguredModel:
    said = {"provider": "compatible", "base_url": "http://127.0.0.1:9/v1", "model": "tiny", "position": 0}
    return ConfiguredModel(id="m1", name="House", created_at=db.now(session), **said)


def _process(session: db.Session, platform_id: str, login_id: str, **more: Any) -> CommentProcess:
    from stonehand.prompts import queries as prompts

    moment = db.now(session)
    told = {"name": "Klasse 5a", "platform_id": platform_id, "created_by": "Admin", **more}
    made = CommentProcess(**told, created_at=moment, updated_at=moment)
    session.add(made)
    session.flush()
    key = prompts.prompts(session, PROMPT)[0].text.id
    session.add_all(
        [ProcessLogin(process_id=made.id, login_id=login_id), ProcessPrompt(process_id=made.id, prompt_key=key)]
    )
    return made


def _comment(session: db.Session, process: CommentProcess, login_id: str, state: CommentState, number: int) -> str:
    moment = db.now(session)
    article = FoundArticle(
        platform_id=process.platform_id, remote_id=str(number), url=f"https://w.example/article/{number}/",
        title=f"Der Bach {number}", author="Mia", text="Der Bach ist kalt.\n<b>Ich</b> war dort.",
        read_at=moment, found_at=moment,
    )  # fmt: skip
    session.add(article)
    session.flush()
    is_written = state not in (CommentState.DISCOVERED, CommentState.PREPARED)
    comment = Comment(
        process_id=process.id, article_id=article.id, login_id=login_id, login_name="bot3a", prompt_key="k",
        state=state, html=wording.normalised(SAID, DISCLOSURE) if is_written else "", language="de", writer="model",
        model="tiny", prompt_label="Fragen 1", warnings=[{"kind": "short", "text": "It is short."}],
        created_at=moment, updated_at=moment,
    )  # fmt: skip
    if state == CommentState.FAILED:
        comment.error, comment.failed_at_stage = "the site refuses the comment: Zu schnell.", Stage.POSTING
    if state in (CommentState.POSTED, CommentState.POSTING, CommentState.NEEDS_RECONCILE):
        comment.approved_by, comment.approved_at, comment.begun_at = "Mira", moment, moment
        comment.approved_sha256 = gate.digest(comment, article)
    if state == CommentState.POSTED:
        comment.remote_id, comment.remote_url, comment.posted_at = "1234", f"{article.url}#c1234", moment
        comment.remote_text = f"{DISCLOSURE}\n{SAID}"
    session.add(comment)
    session.flush()
    return comment.id


@contextmanager
def told(database: Database) -> Iterator[list[str]]:
    """The statements that the database is told meanwhile."""
    asked: list[str] = []

    def note(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
