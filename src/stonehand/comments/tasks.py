"""Jobs of comments: a pass of each of the four stages, one for each comment, and the clock's."""

from __future__ import annotations

from stonehand import db, jobs
from stonehand.comments import (
    course,
    delivering,
    discovery,
    gate,
    generation,
    hiding,
    looking,
    preparation,
    queries,
    sending,
    stages,
    ticking,
    writing,
)
from stonehand.comments.discovery import Plan
from stonehand.comments.gate import Later
from stonehand.comments.reading import Reading
from stonehand.comments.states import ProcessState, Stage
from stonehand.comments.subjects import Written
from stonehand.errors import NotFound, Rejected, Unavailable
from stonehand.jobs import Attempt, Snooze, task
from stonehand.limits.errors import NotYet
from stonehand.llm.errors import BudgetSpent
from stonehand.platforms import visiting
from stonehand.platforms.models import LoginState

NOBODY_LET_IN = "the site lets none of its logins in; enter a password again on the page Platforms"
BUDGET_PAUSE = 600.0  # seconds until it is tried again whether a budget has room


@task("comments.discover", queue="sources", role="editor", waits=True, retries=2)
def discover(attempt: Attempt, process_id: str) -> None:
    """Look at the site as each login of a process, for articles that it has no comments for."""
    with attempt.read() as session:
        queries.require(session, process_id)
        plan = discovery.plan(session, process_id)
    found, troubles = looking.look_as_each(attempt, plan) if plan else ([], {})
    with attempt.finish() as session:
        new = sum(each.new for each in found)
        if plan:
            _conclude(session, plan, new, troubles)
        course.settle_id(session, process_id)
        left_out = sum(each.left_out for each in found)
        attempt.note(session, {"new": new, "left_out": left_out, "troubles": troubles})


def _conclude(session: db.Session, plan: Plan, new: int, troubles: dict[str, str]) -> None:
    discovery.conclude(session, plan.process_id, new, troubles)
    if not any(each.state == LoginState.READY for each in queries.logins_of(session, plan.process_id)):
        process = queries.held(session, plan.process_id)
        if process is not None and process.state == ProcessState.RUNNING:
            course.end(
                session,
                process,
                ProcessState.FAILED,
                NOBODY_LET_IN,
            )


@task("comments.prepare", queue="fetch", role="editor", waits=True, lane="platform_id", version=2)
def prepare(attempt: Attempt, process_id: str, platform_id: str = "") -> None:
    """Read each article that comments of a process wait for, and let them be written as soon as it is read."""
    with attempt.read() as session:
        queries.require(session, process_id)
    work = Reading(attempt, process_id)
    work.go()
    if work.trouble and work.has_left_something():
        raise work.trouble
    with attempt.finish() as session:
        preparation.conclude(session, process_id, work.tried)
        course.settle_id(session, process_id)
        attempt.note(session, {"articles": work.read, "not_read": len(work.tried) - work.handed})


@task("comments.generate", queue="generation", role="editor")
def generate(attempt: Attempt, process_id: str) -> None:
    """Ask for a text for each prepared comment of a process that has no job."""
    with attempt.finish() as session:
        asked = _ask_each(session, process_id, Stage.GENERATION)
        course.settle_id(session, process_id)
        attempt.note(session, {"asked": asked})


@task("comments.post", queue="publishing", role="publisher")
def post(attempt: Attempt, process_id: str) -> None:
    """Ask for the sending of each approved comment of a process that has no job."""
    with attempt.finish() as session:
        attempt.note(session, {"asked": _ask_each(session, process_id, Stage.POSTING)})


def _ask_each(session: db.Session, process_id: str, stage: Stage) -> int:
    queries.require(session, process_id)
    process = queries.held(session, process_id)
    if process is None or (stage == Stage.GENERATION and process.state != ProcessState.RUNNING):
        return 0
    return len(stages.ask_each(session, process_id, stage, generation.jobless(session, process_id, stage)))


@task("comments.write", queue="generation", waits=True, concurrency=4)
def write(attempt: Attempt, comment_id: str) -> None:
    """Let a model write one comment."""
    try:
        written = _written(attempt, comment_id)
    except BudgetSpent as error:
        with attempt.write() as session:
            generation.delayed(session, comment_id, str(error))
        raise Snooze(BUDGET_PAUSE, str(error)) from error
    except (Rejected, NotFound, Unavailable) as error:
        if isinstance(error, NotYet) or (isinstance(error, Unavailable) and not delivering.is_last(attempt)):
            raise
        with attempt.finish() as session:
            generation.failed(session, comment_id, str(error), attempt.job.id)
        return
    with attempt.finish() as session:
        if written:
            generation.record(session, comment_id, written, attempt.job.id)


def _written(attempt: Attempt, comment_id: str) -> Written | None:
    with attempt.read() as session:
        brief = generation.brief(session, comment_id)
    if brief is None:
        return None
    if brief.is_first:
        with attempt.write() as session:
            generation.begun(session, brief.process_id)
    return writing.write(brief.subject, brief.prompt, brief.payer, brief.model_id)


@task("comments.send", queue="publishing", waits=True, lane="platform_id", retries=8, version=2)
def send(attempt: Attempt, comment_id: str, platform_id: str = "") -> None:
    """Send one approved comment, and read it back. After a crash, the same again with the same notes."""
    with attempt.write() as session:
        order = gate.begin(session, comment_id, attempt.job.id)
    if isinstance(order, Later):
        raise Snooze(order.seconds, order.words)
    seen = delivering.send(attempt, order) if order else None
    with attempt.finish() as session:
        if order and seen:
            sending.arrived(session, comment_id, seen)
            attempt.note(session, {"remote_id": seen.id, "url": seen.url})


@task(hiding.TASK, queue="publishing", waits=True, lane="platform_id")
def hide(attempt: Attempt, comment_id: str, platform_id: str = "") -> None:
    """Hide a comment that stands at its site from all but the author of the article."""
    with attempt.read() as session:
        wish = hiding.wish(session, comment_id)
    try:
        if wish:
            visiting.at(db.database(), wish.login_id, lambda kind, visit: kind.change(visit, wish.seen, wish.words))
    except (Rejected, NotFound) as error:
        with attempt.finish() as session:
            hiding.failed(session, comment_id, str(error))
        return
    with attempt.finish() as session:
        if wish:
            hiding.done(session, comment_id)


@task("comments.tick", queue="control", role="editor")
def tick(attempt: Attempt) -> None:
    """Look where it is time to, and take up whatever was left behind."""
    with attempt.finish() as session:
        attempt.note(session, {"asked": ticking.tick(session)})


@task("comments.check_timeouts", queue="control", role="editor")
def check_timeouts(attempt: Attempt) -> None:
    """End processes that have run for too long, and what did not stop when it was told to."""
    with attempt.finish() as session:
        attempt.note(session, {**ticking.check_timeouts(session)})


@task("comments.trigger", queue="control", role="editor")
def trigger(attempt: Attempt, process_id: str = "") -> None:
    """Look now, for a process or for all that run, and take up what was left behind; for all, look at sources as well.

    In older installations one task watched whatever there was to watch.
    """
    with attempt.finish() as session:
        if process_id:
            queries.require(session, process_id)
        ticking.look_now(session, process_id)
        asked = ticking.tick(session)
        if not process_id:
            jobs.enqueue(session, "sources.poll_due", {})
        attempt.note(session, {"asked": asked})
