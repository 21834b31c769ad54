"""Alerts: what is wrong, whether messages arrive, silence for a while."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from pydantic import Field

from stonehand import db
from stonehand.alerts import queries, service
from stonehand.alerts.schemas import AlertOut, MuteOut, TestOut
from stonehand.backups import queries as backups
from stonehand.backups.schemas import BackupOut
from stonehand.web.api.contract import Before, Limit, Page, Wish, page, whole
from stonehand.web.deps import Admin, Reader

router = APIRouter()


class MuteIn(Wish):
    """What to be silent about: a rule such as `queue_depth`, or one alert by its key."""

    target: str = Field(max_length=200)
    minutes: int = Field(default=60, ge=1, le=30 * 24 * 60)


class UnmuteIn(Wish):
    """What to speak of again."""

    target: str = Field(max_length=200)


@router.get("/alerts", tags=["alerts"], summary="What is or was wrong, newest first")
def listing(person: Reader, before: Before = None, limit: Limit = 50) -> Page[AlertOut]:
    """What goes on has no `ended_at`. What nobody was told of has no `told_at`."""
    with db.database().read() as session:
        return page(queries.newest(session, limit + 1, before), limit, AlertOut.model_validate)


@router.get("/alerts/mutes", tags=["alerts"], summary="What is muted now")
def mutes(person: Reader) -> Page[MuteOut]:
    """Rules and alerts of which nothing is sent."""
    with db.database().read() as session:
        return whole([MuteOut.model_validate(mute) for mute in queries.mutes(session)])


@router.post("/alerts/mutes", tags=["alerts"], summary="Send nothing of a rule or an alert for a while")
def mute(wish: MuteIn, person: Admin) -> MuteOut:
    """It is still watched and shown. What is wrong when the silence ends is told then."""
    with db.database().transaction() as session:
        return MuteOut.model_validate(service.mute(session, person, wish.target, timedelta(minutes=wish.minutes)))


@router.post("/alerts/unmute", tags=["alerts"], summary="Send again", status_code=204)
def unmute(wish: UnmuteIn, person: Admin) -> None:
    """What is still wrong is told at the next look, within a minute."""
    with db.database().transaction() as session:
        service.unmute(session, person, wish.target)


@router.post("/alerts/test", tags=["alerts"], summary="Send a test message by every way", status_code=202)
def test(person: Admin) -> TestOut:
    """Its jobs say whether it arrived. Without a way by which anybody could be told, this is refused."""
    with db.database().transaction() as session:
        return TestOut(ways=service.test(session, person))


@router.get("/backups", tags=["backups"], summary="The latest backups, those that failed too")
def latest_backups(person: Admin) -> Page[BackupOut]:
    """The newest first. The files are on the machine whose worker made them."""
    with db.database().read() as session:
        return whole([BackupOut.model_validate(each) for each in backups.newest(session)])
