"""Whether a process could do anything if it were started, and in words why not."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand.comments import caps, optouts, queries
from stonehand.comments.errors import CannotStart
from stonehand.comments.models import CommentProcess
from stonehand.comments.states import AT_WORK
from stonehand.db import Session
from stonehand.llm import configured
from stonehand.platforms import queries as platforms
from stonehand.platforms.models import Login, LoginState
from stonehand.prompts import queries as prompts
from stonehand.prompts.errors import PromptNotFound

MOST_RUNNING = 10  # processes of one owner


def check(session: Session, process: CommentProcess) -> None:
    """Raise `CannotStart`, saying everything that stands in the way and how to mend it."""
    logins = queries.logins_of(session, process.id)
    found = [
        _platform(session, process, logins),
        _logins(logins),
        _prompts(session, process),
        _model(session, process),
        _others(session, process),
    ]
    words = [each for each in found if each]
    if words:
        raise CannotStart(f"“{process.name}” cannot start: {'; '.join(words)}")


def _platform(session: Session, process: CommentProcess, logins: Sequence[Login]) -> str:
    platform = platforms.platform(session, process.platform_id)
    if not platform.permission.strip():
        return f"nobody has said who of {platform.name} allows comments; write it down on the page Platforms"
    if "" in optouts.keys(session, platform.id):
        return f"{platform.name} wants no comments of ours"
    if logins and not caps.left(session, platform, [each.id for each in logins]):
        return "its logins have sent as many comments in 24 hours as they may; wait, or raise the caps of the platform"
    return ""


def _logins(logins: Sequence[Login]) -> str:
    if not logins:
        return "it has no login; choose one"
    if not any(each.state == LoginState.READY for each in logins):
        said = ", ".join(f"{each.username} is {each.state}" for each in logins)
        return f"none of its logins can be used ({said}); mend one on the page Platforms"
    return ""


def _prompts(session: Session, process: CommentProcess) -> str:
    keys = queries.prompts_of(session, process.id)
    if not keys:
        return "it has no prompt; choose one"
    if not any(is_usable(session, key) for key in keys):
        return "its prompts are retired or gone; choose another"
    return ""


def is_usable(session: Session, key: str) -> bool:
    """Whether a prompt exists and is offered."""
    try:
        found = prompts.prompt(session, key)
    except PromptNotFound:
        return False
    row = None if found.is_builtin else prompts.row(session, found.id)
    return row is None or row.retired_at is None


def _model(session: Session, process: CommentProcess) -> str:
    if configured.to_ask(session, process.owner_id or "", process.model_id):
        return ""
    return "no language model is configured that it may ask; add one on the page Models"


def _others(session: Session, process: CommentProcess) -> str:
    """Hold the processes of the owner, so that no two starts take the last place."""
    mine = sa.select(CommentProcess.id).where(
        CommentProcess.owner_id == process.owner_id if process.owner_id else CommentProcess.owner_id.is_(None),
        CommentProcess.state.in_(AT_WORK),
        CommentProcess.deleted_at.is_(None),
    )
    if len(session.scalars(mine).all()) < MOST_RUNNING:
        return ""
    return f"{MOST_RUNNING} processes of its owner run already, as many as may; stop one"
