"""Platforms, sites on which comments are made, and the logins we have there."""

from __future__ import annotations

from fastapi import APIRouter

from stonehand import db
from stonehand.platforms import choices, queries, service
from stonehand.platforms.schemas import (
    Choices,
    LoginChange,
    LoginIn,
    LoginOut,
    PlatformChange,
    PlatformIn,
    PlatformOut,
    StartedOut,
)
from stonehand.web.api.contract import ById, Page, problems, whole
from stonehand.web.deps import Admin, Reader

router = APIRouter(tags=["platforms"])


@router.get("/platforms", summary="Every platform")
def listing(person: Reader) -> Page[PlatformOut]:
    """By name."""
    with db.database().read() as session:
        return whole([PlatformOut.model_validate(each) for each in queries.platforms(session)])


@router.post("/platforms", status_code=201, responses=problems(404, 409), summary="Add a platform")
def add(wish: PlatformIn, person: Admin) -> PlatformOut:
    """Its plugin checks the configuration; the site is not asked."""
    with db.database().transaction() as session:
        return PlatformOut.model_validate(service.add(session, person, wish))


@router.get("/platforms/{platform_id}", responses=problems(404), summary="One platform")
def one(platform_id: ById, person: Reader) -> PlatformOut:
    """Its configuration holds no secrets."""
    with db.database().read() as session:
        return PlatformOut.model_validate(queries.platform(session, platform_id))


@router.patch("/platforms/{platform_id}", responses=problems(404, 409), summary="Change a platform")
def change(platform_id: ById, wish: PlatformChange, person: Admin) -> PlatformOut:
    """Its name, permission, pace, caps, language, disclosure or configuration; what is left out stays."""
    with db.database().transaction() as session:
        return PlatformOut.model_validate(service.change(session, person, platform_id, wish))


@router.delete("/platforms/{platform_id}", status_code=204, responses=problems(404), summary="Forget a platform")
def remove(platform_id: ById, person: Admin) -> None:
    """With its logins and sessions. What was written there stays."""
    with db.database().transaction() as session:
        service.remove(session, person, platform_id)


@router.get("/platforms/{platform_id}/choices", responses=problems(404), summary="What its articles are filtered by")
def offered(platform_id: ById, person: Reader) -> Choices:
    """Tabs, categories and tasks that its logins have seen: at a test of the sign-in, and whenever a process looks."""
    with db.database().read() as session:
        queries.platform(session, platform_id)
        return Choices.model_validate(choices.offered(session, platform_id))


@router.get("/platforms/{platform_id}/logins", responses=problems(404), summary="The logins of a platform")
def logins(platform_id: ById, person: Reader) -> Page[LoginOut]:
    """By username, without their passwords."""
    with db.database().read() as session:
        queries.platform(session, platform_id)
        return whole([LoginOut.model_validate(each) for each in queries.logins(session, platform_id)])


@router.post("/platforms/{platform_id}/logins", status_code=201, responses=problems(404, 409), summary="Add a login")
def add_login(platform_id: ById, wish: LoginIn, person: Admin) -> LoginOut:
    """The password is sealed at once. Nobody signs in yet."""
    with db.database().transaction() as session:
        return LoginOut.model_validate(service.add_login(session, person, platform_id, wish))


@router.patch("/platforms/{platform_id}/logins/{login_id}", responses=problems(404), summary="Change a login")
def change_login(platform_id: ById, login_id: ById, wish: LoginChange, person: Admin) -> LoginOut:
    """Give it another password, or switch it on or off. Both let one that was refused try again."""
    with db.database().transaction() as session:
        queries.login_of(session, platform_id, login_id)
        if wish.password is not None:
            service.set_password(session, person, login_id, wish.password)
        if wish.is_enabled is not None:
            service.enable(session, person, login_id, wish.is_enabled)
        return LoginOut.model_validate(queries.login(session, login_id))


@router.post(
    "/platforms/{platform_id}/logins/{login_id}/test",
    status_code=202,
    responses=problems(404),
    summary="Try a login out",
)
def test_login(platform_id: ById, login_id: ById, person: Admin) -> StartedOut:
    """Start a job that signs in, unless there is a session that holds. Its result says who we are there."""
    with db.database().transaction() as session:
        queries.login_of(session, platform_id, login_id)
        return StartedOut(job_id=service.try_out(session, person, login_id))


@router.delete(
    "/platforms/{platform_id}/logins/{login_id}", status_code=204, responses=problems(404), summary="Forget a login"
)
def remove_login(platform_id: ById, login_id: ById, person: Admin) -> None:
    """With its sessions."""
    with db.database().transaction() as session:
        queries.login_of(session, platform_id, login_id)
        service.remove_login(session, person, login_id)
