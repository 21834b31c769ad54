"""The pages of dead letters: by what they died of, and what a person must look at."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.errors import NotFound, Rejected
from stonehand.jobs import declaration, queries
from stonehand.jobs.desk import bulk, deadletters, filters, parameters
from stonehand.jobs.desk.bulk import Deed
from stonehand.jobs.desk.deadletters import Group
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.states import State
from stonehand.web import flash, starting
from stonehand.web.api.contract import Before, ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages.dead_letters import DeadView, GroupRow, GroupView
from stonehand.web.pages.job_page_reading import arguments
from stonehand.web.pages.job_routes import Given, Line, sentence, told
from stonehand.web.pages.job_rows import rows
from stonehand.web.pages.parts import Pager
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/jobs/dead", include_in_schema=False)
LIMIT = 50
MOST = 1000


@router.get("")
def index(request: Request, person: Reader, before: Before = None) -> Response:
    """Dead letters by what they died of; first what a person must decide."""
    deadletters.sort_out(db.database())
    return show(request, person, "jobs/dead.html", lambda session: _all(session, person, before or ""))


def _all(session: Session, person: Person, before: str) -> DeadView:
    unsure = deadletters.doubtful(session, before, LIMIT + 1)
    older = f"/jobs/dead?before={unsure[LIMIT - 1].id}" if len(unsure) > LIMIT else ""
    return DeadView(
        groups=tuple(map(_row, deadletters.groups(session))),
        doubtful=rows(session, unsure[:LIMIT]),
        total=queries.count_up_to(session, (State.DISCARDED,), MOST),
        can_edit=person.may("edit"),
        older=Pager("/jobs/dead" if before else "", older),
    )


def _row(group: Group) -> GroupRow:
    job = group.sample
    said = (job.task, job.error_kind or "", job.error or "")
    return GroupRow(group.fingerprint, group.count, *said, group.first_at, group.last_at, job.id)


@router.post("/retry")
def retry_all(person: Editor) -> Response:
    """Run every dead letter again that is one now."""
    wish, deed = Filter(states=(State.DISCARDED,)), Deed("retry", by=person.name)
    with db.database().read() as session:
        meant = bulk.count(session, wish, deed.verb)
    with db.database().transaction() as session:
        done, job_id = starting.many(session, person, wish, deed, meant)
    return told(deed.verb, done, job_id, "/jobs/dead")


@router.get("/{fingerprint}")
def group(request: Request, fingerprint: ById, person: Reader, before: Before = None) -> Response:
    """One group: its letters, and what can be done about all of them."""
    deadletters.sort_out(db.database())
    return show(
        request, person, "jobs/dead_group.html", lambda session: _one(session, person, fingerprint, before or "")
    )


def _one(session: Session, person: Person, fingerprint: str, before: str) -> GroupView:
    found = deadletters.group(session, fingerprint)
    part = filters.part(session, deadletters.of_group(fingerprint), before, LIMIT)
    older = f"/jobs/dead/{fingerprint}?before={part.next}" if part.next else ""
    tries = queries.attempts(session, found.sample.id)
    return GroupView(
        group=_row(found),
        letters=rows(session, part.jobs),
        pager=Pager(f"/jobs/dead/{fingerprint}" if before else "", older),
        trace=(tries[-1].detail or "") if tries else "",
        arguments=arguments(found.sample.task, [job.args for job in part.jobs]),
        can_edit=person.may("edit"),
    )


@router.post("/{fingerprint}/retry")
def retry(fingerprint: ById, person: Editor) -> Response:
    """Run all of them again."""
    return _act(person, fingerprint, Deed("retry", by=person.name))


@router.post("/{fingerprint}/resolve")
def resolve(fingerprint: ById, person: Editor, reason: Line = "") -> Response:
    """Resolve all of them: nothing is to be done any more."""
    return _act(person, fingerprint, Deed("resolve", reason, person.name))


@router.post("/{fingerprint}/fix")
def fix(fingerprint: ById, person: Editor, args: Given) -> Response:
    """Run all of them again with other arguments; what is left empty stays as it is."""
    changes = {name: value for name, value in args.items() if value}
    return _act(person, fingerprint, Deed("mend", json.dumps(changes), person.name), changes)


def _act(person: Person, fingerprint: str, deed: Deed, changes: dict[str, Any] | None = None) -> Response:
    try:
        deed.check()
        with db.database().read() as session:
            found = deadletters.group(session, fingerprint)
            starting.check_things(session, changes or {})
        if changes is not None:
            parameters.fitting(declaration.find(found.sample.task), {**found.sample.args, **changes})
        with db.database().transaction() as session:
            wish = deadletters.of_group(fingerprint)
            meant = bulk.count(session, wish, deed.verb)
            done, job_id = starting.many(session, person, wish, deed, meant)
    except NotFound as error:
        return flash.redirect("/jobs/dead", Flash(sentence(error), "bad"))
    except Rejected as error:
        return flash.redirect(f"/jobs/dead/{fingerprint}", Flash(sentence(error), "bad"))
    return told(deed.verb, done, job_id, "/jobs/dead")
