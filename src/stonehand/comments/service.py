"""The verbs of comment processes: make, change, start, stop, copy, delete."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.comments import course, gate, policies, queries, stages, starting
from stonehand.comments.errors import NotYours, ProcessBusy, ProcessUnfit
from stonehand.comments.models import Comment, CommentProcess, ProcessLogin, ProcessPrompt
from stonehand.comments.schemas import ProcessChange, ProcessIn
from stonehand.comments.states import AT_WORK, STARTABLE, CommentState, ProcessState, Stage
from stonehand.db import Session
from stonehand.llm import configured
from stonehand.platforms import queries as platforms
from stonehand.prompts import queries as prompts
from stonehand.prompts.purposes import COMMENT

POLICY = ("generate_only", "auto_reason", "auto_per_day", "auto_until")
COPIED = (
    *("description", "platform_id", "model_id", "generate_only", "is_hidden", "looks_once", "tab", "category", "task"),
    *("search", "most_articles", "max_duration_minutes", "auto_reason", "auto_per_day", "auto_until"),
)
ON_THE_WAY = (CommentState.APPROVED, CommentState.POSTING, CommentState.NEEDS_RECONCILE)


def create(session: Session, person: Person, wish: ProcessIn) -> CommentProcess:
    """A new process, which does nothing before it is started.

    Raises `ProcessUnfit`, `PlatformNotFound`, `LoginNotFound`, `PromptNotFound`, `ModelNotFound`, `PermissionMissing`.
    """
    person.require("edit")
    platform = platforms.platform(session, wish.platform_id)
    values = wish.model_dump(exclude={"login_ids", "prompt_ids", "name"})
    process = _made(session, person, wish.name, values)
    _check(session, person, process)
    _join(session, process, wish.login_ids, wish.prompt_ids)
    accounts.record(session, person, "added", "process", process.id, {"name": process.name, "platform": platform.name})
    return process


def _made(session: Session, person: Person, name: str, values: dict[str, Any]) -> CommentProcess:
    moment = db.now(session)
    made = CommentProcess(
        **values, name=_line(name), owner_id=person.id or None, created_by=person.name or person.email,
        created_at=moment, updated_at=moment,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _check(session: Session, person: Person, process: CommentProcess) -> None:
    """What is said of it must fit together; only who may publish lets comments go without a person."""
    if not process.name:
        raise ProcessUnfit("a process needs a name")
    if not process.generate_only:
        person.require("publish")
        process.auto_by = person.name or person.email
    policies.check(process, db.now(session))
    if process.model_id:
        configured.get(session, process.model_id)


def _join(
    session: Session, process: CommentProcess, login_ids: Sequence[str] | None, prompt_ids: Sequence[str] | None
) -> None:
    """Its logins and prompts from now on; None leaves them. Raises `LoginNotFound`, `PromptNotFound`."""
    if login_ids is not None:
        ids = {platforms.login_of(session, process.platform_id, each).id for each in login_ids}
        session.execute(sa.delete(ProcessLogin).where(ProcessLogin.process_id == process.id))
        session.add_all(ProcessLogin(process_id=process.id, login_id=each) for each in sorted(ids))
    if prompt_ids is not None:
        keys = {_prompt(session, each) for each in prompt_ids}
        session.execute(sa.delete(ProcessPrompt).where(ProcessPrompt.process_id == process.id))
        session.add_all(ProcessPrompt(process_id=process.id, prompt_key=each) for each in sorted(keys))
    session.flush()


def _prompt(session: Session, key: str) -> str:
    found = prompts.prompt(session, key)
    if found.purpose != COMMENT:
        raise ProcessUnfit(f"the prompt “{found.name}” is not for comments; choose another, or copy it as one")
    return found.id


def update(session: Session, person: Person, process_id: str, change: ProcessChange) -> CommentProcess:
    """Change a process that is not at work. With another policy, what the old one approved waits for a person again.

    Raises `ProcessBusy`, and what `create` raises.
    """
    process = _held(session, person, process_id)
    _refuse_at_work(process)
    said = change.model_dump(exclude_unset=True, exclude={"login_ids", "prompt_ids"})
    values = {name: value for name, value in said.items() if value is not None or name == "auto_until"}
    is_other_policy = any(values.get(name, getattr(process, name)) != getattr(process, name) for name in POLICY)
    for name, value in values.items():
        setattr(process, name, _line(value) if name == "name" else value)
    _check(session, person, process)
    if is_other_policy:
        _take_back(session, process)
    _join(session, process, change.login_ids, change.prompt_ids)
    process.updated_at = db.now(session)
    accounts.record(session, person, "changed", "process", process_id, {"changed": sorted(change.model_fields_set)})
    return process


def _take_back(session: Session, process: CommentProcess) -> None:
    mine = sa.select(Comment.id).where(
        Comment.process_id == process.id,
        Comment.state == CommentState.APPROVED,
        Comment.approved_by.startswith(policies.PREFIX),
    )
    for comment in queries.held_comments(session, session.scalars(mine).all()):
        if comment.state == CommentState.APPROVED:
            gate.take_back(comment, "the policy that approved it was changed")


def start(session: Session, person: Person, process_id: str) -> CommentProcess:
    """Let it work, from what an earlier run left behind. Raises `ProcessBusy`, `CannotStart`."""
    _hold_others(session, process_id)
    process = _held(session, person, process_id)
    if process.state not in STARTABLE:
        raise ProcessBusy(f"“{process.name}” is {process.state} already")
    policies.check(process, db.now(session))
    starting.check(session, process)
    stages.stop(session, process_id)
    course.take_away(session, process_id, at_once=True)
    moment = db.now(session)
    process.state, process.reason, process.trouble = ProcessState.RUNNING, "", ""
    process.trouble_streak = process.empty_streak = 0
    process.started_at = process.next_look_at = process.last_activity_at = process.updated_at = moment
    process.ended_at = process.first_written_at = None
    session.flush()
    by = person.name or person.email
    for stage in Stage:
        if stage != Stage.POSTING or not process.generate_only:
            stages.ask(session, process, stage, by)
    accounts.record(session, person, "started", "process", process_id, {"name": process.name})
    return process


def _hold_others(session: Session, process_id: str) -> None:
    """All processes of its owner, so that starts of theirs follow one another."""
    owner_id = queries.process(session, process_id).owner_id
    mine = CommentProcess.owner_id == owner_id if owner_id else CommentProcess.owner_id.is_(None)
    session.execute(
        sa.select(CommentProcess.id).where(mine).order_by(CommentProcess.id).with_for_update(key_share=True)
    )


def stop(session: Session, person: Person, process_id: str) -> CommentProcess:
    """End its work within seconds. Nothing is lost, and what a person has approved is sent all the same.

    Raises `ProcessBusy` if it is not at work.
    """
    process = _held(session, person, process_id)
    if process.state not in AT_WORK:
        raise ProcessBusy(f"“{process.name}” is {process.state}; it does not run")
    if process.state == ProcessState.RUNNING:
        course.end(session, process, ProcessState.STOPPING, f"stopped by {person.name or person.email}")
        accounts.record(session, person, "stopped", "process", process_id, {"name": process.name})
    return process


def clone(session: Session, person: Person, process_id: str, name: str = "") -> CommentProcess:
    """Another process with the same settings. It has found nothing yet."""
    person.require("edit")
    process = queries.process(session, process_id)
    values = {each: getattr(process, each) for each in COPIED}
    made = _made(session, person, name or _copied_name(session, process.name[:80]), values)
    if not may_send_alone(person, made, db.now(session)):
        made.generate_only = True
    _check(session, person, made)
    logins = [each.id for each in queries.logins_of(session, process_id)]
    _join(session, made, logins, None)
    keys = queries.prompts_of(session, process_id)
    session.add_all(ProcessPrompt(process_id=made.id, prompt_key=each) for each in keys)
    accounts.record(session, person, "copied", "process", made.id, {"name": made.name, "from": process_id})
    return made


def _copied_name(session: Session, name: str) -> str:
    """`NAME (copy)`, or with a number where there are such."""
    taken = set(session.scalars(sa.select(CommentProcess.name).where(CommentProcess.deleted_at.is_(None))))
    names = (f"{name} (copy{f' {number}' if number > 1 else ''})" for number in itertools.count(1))
    return next(each for each in names if each not in taken)


def may_send_alone(person: Person, process: CommentProcess, moment: Any) -> bool:
    """Whether a copy may keep the policy: it must still hold, and be made by somebody who may decide it."""
    return person.may("publish") and process.auto_until is not None and process.auto_until > moment


def delete(session: Session, person: Person, process_id: str) -> None:
    """Show it no longer; its comments stay on record. Raises `ProcessBusy` while it or its comments are on the way."""
    process = _held(session, person, process_id)
    _refuse_at_work(process)
    going = sa.select(sa.func.count()).where(Comment.process_id == process_id, Comment.state.in_(ON_THE_WAY))
    if count := session.scalar(going):
        raise ProcessBusy(
            f"{count} of its comments are approved or on their way; let them arrive, or reject them first"
        )
    process.deleted_at = process.updated_at = db.now(session)
    accounts.record(session, person, "deleted", "process", process_id, {"name": process.name})


def post_all(session: Session, person: Person, process_id: str) -> str:
    """Send whatever is approved and waits, whether the process runs or not. Returns the job."""
    person.require("publish")
    process = queries.held(session, process_id) or queries.process(session, process_id)
    accounts.record(session, person, "sent what is approved of", "process", process_id, {"name": process.name})
    return stages.ask(session, process, Stage.POSTING, person.name or person.email)


def _held(session: Session, person: Person, process_id: str) -> CommentProcess:
    """A process that this person may steer, held. Raises `ProcessNotFound`, `NotYours`."""
    person.require("edit")
    process = queries.held(session, process_id) or queries.process(session, process_id)
    if process.owner_id and process.owner_id != person.id and not person.may("admin"):
        raise NotYours(f"“{process.name}” belongs to somebody else, whose models it may ask; make a copy of it")
    return process


def _refuse_at_work(process: CommentProcess) -> None:
    if process.state in AT_WORK:
        raise ProcessBusy(f"“{process.name}” is {process.state}; stop it first")


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
