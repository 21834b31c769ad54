"""For administrators: the people, and the audit log of what they did."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import doors, queries, service
from stonehand.accounts.errors import EmailMalformed, EmailTaken, NameMissing, PasswordUnfit
from stonehand.accounts.models import AuditRecord, User
from stonehand.accounts.permissions import ROLES, Person
from stonehand.errors import StonehandError
from stonehand.web import flash, rendering
from stonehand.web.api.contract import Before, ById
from stonehand.web.deps import Admin
from stonehand.web.flash import Flash
from stonehand.web.pages.account_routes import tabs
from stonehand.web.pages.accounts import AuditRow, AuditView, UserRow, UsersView
from stonehand.web.pages.chrome import chrome
from stonehand.web.pages.door_routes import Secret, Short
from stonehand.web.pages.parts import Badge, Field, Pager

router = APIRouter(include_in_schema=False)
RECORDS = 50
LONGEST_DETAIL = 160  # characters
PLACES = {"story": "/stories/{}", "review": "/review/{}", "job": "/jobs/{}", "article": "/articles/{}"}
PLACES |= {"user": "/users", "source": "/sources", "channel": "/channels", "queue": "/jobs"}
RoleName = Annotated[str, Form(max_length=20)]


@router.get("/users")
def users(request: Request, person: Admin) -> Response:
    """Everybody with an account."""
    return _people(request, person)


@router.post("/users")
def add_user(
    request: Request,
    person: Admin,
    name: Short = "",
    email: Short = "",
    password: Secret = "",
    role: RoleName = "viewer",
) -> Response:
    """Add somebody with a first password, which they should change."""
    try:
        added = doors.add_user(db.database(), person, email, name, role, password)
    except (EmailMalformed, EmailTaken, NameMissing, PasswordUnfit) as error:
        return _people(request, person, error.status, **_filled(error, name, email, role))
    return flash.redirect("/users", Flash(f"{added.name} can sign in now."))


def _filled(error: StonehandError, name: str, email: str, role: str) -> dict[str, Field]:
    wrong = "name" if isinstance(error, NameMissing) else "password" if isinstance(error, PasswordUnfit) else "email"
    fields = {"name": Field(name), "email": Field(email), "role": Field(role), "password": Field()}
    return fields | {wrong: replace(fields[wrong], error=f"{error}.")}


@router.post("/users/{user_id}/role")
def set_role(user_id: ById, person: Admin, role: RoleName = "") -> Response:
    """Give somebody another role, from now on."""
    with db.database().transaction() as session:
        service.set_role(session, person, user_id, role)
        name = queries.user(session, user_id).name
    return flash.redirect("/users", Flash(f"{name} is {role} now."))


@router.post("/users/{user_id}/deactivate")
def deactivate(user_id: ById, person: Admin) -> Response:
    """Close an account."""
    with db.database().transaction() as session:
        service.deactivate(session, person, user_id)
        name = queries.user(session, user_id).name
    return flash.redirect("/users", Flash(f"{name} can no longer sign in.", "quiet", undo=f"/users/{user_id}/activate"))


@router.post("/users/{user_id}/activate")
def activate(user_id: ById, person: Admin) -> Response:
    """Open a closed account again."""
    with db.database().transaction() as session:
        service.activate(session, person, user_id)
        name = queries.user(session, user_id).name
    return flash.redirect("/users", Flash(f"{name} can sign in again."))


@router.get("/audit")
def audit(request: Request, person: Admin, before: Before = None) -> Response:
    """Who did what, newest first."""
    with db.database().read() as session:
        found, frame = queries.audit(session, RECORDS + 1, before), chrome(session, person)
    older = f"/audit?before={found[RECORDS - 1].id}" if len(found) > RECORDS else ""
    newer = "/audit" if before else ""
    records = tuple(_record(record) for record in found[:RECORDS])
    view = AuditView(records, tabs(person, "/audit"), Pager(newer, older))
    return rendering.page(request, "accounts/audit.html", view, frame)


def _people(request: Request, person: Person, status: int = 200, **changes: Any) -> Response:
    with db.database().read() as session:
        rows = tuple(_user(user, person) for user in queries.users(session))
        frame = chrome(session, person)
    view = UsersView(rows, tuple(ROLES), tabs(person, "/users"), role=Field("viewer"))
    return rendering.page(request, "accounts/users.html", replace(view, **changes), frame, status)


def _user(user: User, person: Person) -> UserRow:
    return UserRow(
        id=user.id,
        name=user.name,
        email=user.email,
        role=user.role,
        badge=Badge("Open", "good") if user.is_active else Badge("Closed"),
        is_active=user.is_active,
        is_self=user.id == person.id,
        created_at=user.created_at,
        last_seen_at=user.last_seen_at,
    )


def _record(record: AuditRecord) -> AuditRow:
    detail = ", ".join(f"{name}: {_plain(value)}" for name, value in record.detail.items())
    href = PLACES.get(record.object_kind, "").format(record.object_id)
    shown = detail if len(detail) <= LONGEST_DETAIL else detail[:LONGEST_DETAIL] + " …"
    return AuditRow(record.at, record.actor_name, record.verb, record.object_kind, shown, href)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
