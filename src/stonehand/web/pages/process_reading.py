"""From processes to the board: their states in words, their stages, and their comments under a filter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from stonehand.accounts.permissions import Person
from stonehand.agents import tools
from stonehand.comments import paragraphs, progress, queries
from stonehand.comments.models import CommentProcess
from stonehand.comments.queries import Row
from stonehand.comments.schemas import CommentFilter, PipelineStatus, StageStatus
from stonehand.comments.states import AT_WORK, STARTABLE, CommentState, ProcessState, Stage
from stonehand.db import Session, now
from stonehand.platforms import choices
from stonehand.platforms import queries as platforms
from stonehand.platforms.models import Login
from stonehand.prompts import queries as prompts
from stonehand.prompts.errors import PromptNotFound
from stonehand.web.pages.agents import Option
from stonehand.web.pages.comments import (
    CommentLine,
    Count,
    Deeds,
    Filter,
    ProcessesView,
    ProcessRow,
    ProcessView,
    StageBox,
)
from stonehand.web.pages.parts import Badge, Link, Pager, Tab
from stonehand.web.words import ago, day, number, plural

LIMIT = 25
SEVERAL = 2  # looks in a row without anything new, from which the next comes later than usual
LONGEST = 400  # characters of a comment in a list
STATES = {
    ProcessState.CREATED: Badge("Not started"),
    ProcessState.RUNNING: Badge("Running", "busy"),
    ProcessState.STOPPING: Badge("Stopping", "warn"),
    ProcessState.STOPPED: Badge("Stopped", "warn"),
    ProcessState.COMPLETED: Badge("Completed", "good"),
    ProcessState.FAILED: Badge("Failed", "bad"),
    ProcessState.TIMED_OUT: Badge("Its time is over", "warn"),
}
STARTS = {ProcessState.CREATED: "Start", ProcessState.STOPPED: "Resume", ProcessState.TIMED_OUT: "Resume"}
NAMES = {
    Stage.DISCOVERY: ("Look", "Finds articles"),
    Stage.PREPARATION: ("Read", "Reads each article"),
    Stage.GENERATION: ("Write", "Asks the model"),
    Stage.POSTING: ("Send", "Sends what is approved"),
}
WAITING = {Stage.PREPARATION: "discovered", Stage.GENERATION: "prepared", Stage.POSTING: "approved"}
COMMENTS = {
    CommentState.DISCOVERED: Badge("Found"),
    CommentState.PREPARED: Badge("Read"),
    CommentState.GENERATED: Badge("To decide", "warn"),
    CommentState.APPROVED: Badge("Approved", "busy"),
    CommentState.POSTING: Badge("Being sent", "busy"),
    CommentState.POSTED: Badge("Sent", "good"),
    CommentState.FAILED: Badge("Failed", "bad"),
    CommentState.NEEDS_RECONCILE: Badge("In doubt", "warn"),
    CommentState.SKIPPED: Badge("Skipped"),
    CommentState.REJECTED: Badge("Rejected"),
    CommentState.DELETED: Badge("Taken off"),
}
WHILE = {"preparation": "reading", "generation": "writing", "posting": "sending"}
BEFORE_SENDING = (CommentState.DISCOVERED, CommentState.PREPARED, CommentState.APPROVED)
ON_THE_WAY = (*BEFORE_SENDING, CommentState.POSTING)
SHOWN: dict[str, tuple[str, tuple[CommentState, ...]]] = {
    "": ("All", ()),
    "decide": ("To decide", (CommentState.GENERATED,)),
    "way": ("Under way", ON_THE_WAY),
    "sent": ("Sent", (CommentState.POSTED,)),
    "failed": ("Failed", (CommentState.FAILED,)),
    "doubt": ("In doubt", (CommentState.NEEDS_RECONCILE,)),
    "aside": ("Set aside", (CommentState.SKIPPED, CommentState.REJECTED)),
}


def index(session: Session, person: Person, platform_id: str = "", offset: int = 0) -> ProcessesView:
    """Processes, the newest first, perhaps of one platform."""
    known = platforms.platforms(session)
    names = {each.id: each.name for each in known}
    found, total = queries.processes(session, platform_id=platform_id, limit=LIMIT, offset=offset)
    tabs = [Tab("All", "/comments", active=not platform_id)]
    tabs += [Tab(each.name, f"/comments?platform={each.id}", active=each.id == platform_id) for each in known]
    how_far, moment = progress.statuses(session, found), now(session)
    return ProcessesView(
        tuple(row(each, names.get(each.platform_id, ""), how_far[each.id], moment) for each in found),
        tuple(tabs) if len(known) > 1 else (),
        person.may("edit"),
        bool(known),
        pager("/comments", {"platform": platform_id}, offset, total),
    )


def row(process: CommentProcess, platform: str, status: PipelineStatus, moment: datetime) -> ProcessRow:
    """A process with its stages, as they are at a moment."""
    state, here = ProcessState(process.state), f"/comments/processes/{process.id}"
    return ProcessRow(
        process.id,
        process.name,
        platform,
        STATES[state],
        _why(process, moment),
        _boxes(process, status, here),
        status.total - status.counts[CommentState.DELETED],
        status.counts[CommentState.POSTED],
        process.next_look_at if state == ProcessState.RUNNING else None,
        process.started_at if state in AT_WORK else process.ended_at,
        Deeds(
            STARTS.get(state, "Start again") if state in STARTABLE else "",
            state == ProcessState.RUNNING,
            state not in AT_WORK,
            state not in AT_WORK,
        ),
    )


def _why(process: CommentProcess, moment: datetime) -> str:
    if process.state == ProcessState.RUNNING and process.trouble:
        again = f" It tries again {ago(process.next_look_at, moment)}." if process.next_look_at else ""
        return f"It could not look: {process.trouble.rstrip('.')}.{again}"
    if process.state == ProcessState.RUNNING and process.empty_streak >= SEVERAL:
        return f"It found nothing new {process.empty_streak} times in a row, so it looks less and less often."
    return sentence(process.reason)


def sentence(words: str) -> str:
    """Words as a sentence; nothing stays nothing, and an address what it is."""
    first = words[:1] if words.startswith(("http://", "https://")) else words[:1].upper()
    return f"{first}{words[1:].rstrip('.')}." if words else ""


def _boxes(process: CommentProcess, status: PipelineStatus, here: str) -> tuple[StageBox, ...]:
    of = {each.stage: each for each in status.stages}
    people = (
        Count("To decide", status.counts[CommentState.GENERATED], f"{here}?show=decide"),
        Count("In doubt", status.counts[CommentState.NEEDS_RECONCILE], f"{here}?show=doubt", True),
    )
    deed = "Somebody approves" if process.generate_only else f"As a rule of {process.auto_by} says"
    decide = StageBox("Decide", deed, people, is_person=True)
    boxes = [_box(process, of[stage], here) for stage in Stage]
    return (*boxes[:3], decide, boxes[3])


def _box(process: CommentProcess, of: StageStatus, here: str) -> StageBox:
    name, deed = NAMES[of.stage]
    if of.stage == Stage.DISCOVERY:
        counts = (Count("Looks", process.looks), Count("Found nothing new", process.empty_looks))
    else:
        counts = (
            Count("Waiting", of.waiting, f"{here}?show={WAITING[of.stage]}"),
            Count("Failed", of.failed, f"{here}?show=failed", True),
        )
    at_work = Count("At work", of.at_work)
    job = Link(f"Latest job: {of.job_state}", f"/jobs/{of.job_id}") if of.job_id and of.job_state else None
    return StageBox(name, deed, (counts[0], at_work, *counts[1:]), "", job, of.at_work > 0)


def pager(path: str, fields: dict[str, str], offset: int, total: int) -> Pager:
    """The neighbouring parts of a list that is read by offset."""

    def at(start: int) -> str:
        said = {name: value for name, value in fields.items() if value} | ({"offset": str(start)} if start else {})
        return f"{path}?{urlencode(said)}" if said else path

    newer, older = at(max(offset - LIMIT, 0)) if offset else "", at(offset + LIMIT) if offset + LIMIT < total else ""
    return Pager(newer, older)


def wish(process_id: str, chosen: Filter) -> CommentFilter:
    """What a filter of the page asks for. A `show` that is no tab is a state."""
    states = SHOWN[chosen.show][1] if chosen.show in SHOWN else (CommentState(chosen.show),)
    return CommentFilter(process_id=process_id, login_id=chosen.login, states=list(states), search=chosen.search)


def board(session: Session, person: Person, process_id: str, chosen: Filter, offset: int = 0) -> ProcessView:
    """A process and a part of its comments. Raises `ProcessNotFound`."""
    process = queries.process(session, process_id)
    platform = platforms.platform(session, process.platform_id)
    status = queries.status(session, process_id)
    logins = queries.logins_of(session, process_id)
    asked = wish(process_id, chosen)
    found, total = queries.comments(session, asked, LIMIT, offset)
    here = f"/comments/processes/{process_id}"
    return ProcessView(
        row(process, platform.name, status, now(session)),
        _facts(session, process, logins),
        chosen,
        _tabs(here, chosen, status.counts),
        tuple(Option(each.id, each.username, each.id == chosen.login) for each in logins),
        tuple(line(each) for each in found),
        total,
        process.description,
        person.may("edit"),
        person.may("publish"),
        _decisions(person, asked.states),
        pager(here, chosen.sent(), offset, total),
    )


def _decisions(person: Person, states: Sequence[CommentState]) -> tuple[str, ...]:
    """What makes sense for all of them. All states together are too many for one decision."""
    if not states or not person.may("edit"):
        return ()
    able = {
        "approve": set(states) == {CommentState.GENERATED} and person.may("publish"),
        "retry": not set(states) - {CommentState.FAILED, CommentState.SKIPPED, CommentState.REJECTED},
        "reject": not set(states) - {CommentState.GENERATED, CommentState.FAILED, *BEFORE_SENDING},
    }
    return tuple(verb for verb, is_able in able.items() if is_able)


def _tabs(here: str, chosen: Filter, counts: dict[str, int]) -> tuple[Tab, ...]:
    kept = Filter(search=chosen.search, login=chosen.login).sent()
    every = sum(count for state, count in counts.items() if state != CommentState.DELETED)
    made = []
    for key, (words, states) in SHOWN.items():
        count = sum(counts[state] for state in states) if states else every
        if count or key in ("", chosen.show):
            said = ({"show": key} if key else {}) | kept
            made.append(Tab(words, f"{here}?{urlencode(said)}" if said else here, count, key == chosen.show))
    if chosen.show not in SHOWN:
        badge = COMMENTS[CommentState(chosen.show)]
        made.append(Tab(badge.words, f"{here}?show={chosen.show}", counts[chosen.show], True))
    return tuple(made)


def line(found: Row) -> CommentLine:
    """A comment in a list."""
    comment, article = found.comment, found.article
    said = [paragraphs.words(each) for each in paragraphs.read(comment.html)] if comment.html else []
    text = "\n".join(said[1:])  # the first is the disclosure, the same in all of them
    remote = Link(f"No. {comment.remote_id}", comment.remote_url or article.url) if comment.remote_id else None
    return CommentLine(
        comment.id,
        badge(comment.state, comment.failed_at_stage),
        article.title,
        article.author,
        comment.login_name,
        comment.prompt_label,
        comment.updated_at,
        f"{text[:LONGEST]}…" if len(text) > LONGEST else text,
        sentence(comment.error or comment.decision_note),
        remote,
    )


def badge(state: str, stage: str = "") -> Badge:
    """The state of a comment in words."""
    if state == CommentState.FAILED and stage in WHILE:
        return Badge(f"Failed while {WHILE[stage]}", "bad")
    return COMMENTS[CommentState(state)]


def _facts(session: Session, process: CommentProcess, logins: Sequence[Login]) -> tuple[tuple[str, str], ...]:
    known = choices.offered(session, process.platform_id)
    looked = {
        "tab": known.name("tabs", process.tab),
        "category": known.name("categories", process.category),
        "task": known.name("tasks", process.task),
        "title with": process.search,
    }
    looks = ", ".join(f"{name} {value}" for name, value in looked.items() if value) or "all that its logins see"
    how = "once" if process.looks_once else "again and again"
    goes = "when somebody has approved it"
    if not process.generate_only:
        until = f", until {day(process.auto_until)}" if process.auto_until else ""
        goes = f"by itself, {number(process.auto_per_day)} a day{until}, because: {process.auto_reason}"
    return (
        ("Comments as", ", ".join(each.username for each in logins) or "nobody yet"),
        (
            "Writes by",
            ", ".join(prompt_name(session, key) for key in queries.prompts_of(session, process.id)) or "no prompt yet",
        ),
        ("Asks", tools.model_name(session, process.model_id) or "models in the usual order"),
        ("Looks", f"{how} at {looks}, {plural(process.most_articles, 'article')} at most"),
        ("A comment goes out", goes + (", shown to the author only" if process.is_hidden else "")),
        ("Runs", f"{plural(process.max_duration_minutes, 'minute')} at most"),
        ("Made by", process.created_by),
    )


def prompt_name(session: Session, key: str) -> str:
    """What a prompt is called; its key if it is gone."""
    try:
        return prompts.prompt(session, key).name
    except PromptNotFound:
        return f"{key}, which is gone"
