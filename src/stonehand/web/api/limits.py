"""What holds work up on purpose: breakers of what does not answer, limits, and what somebody has paused."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.channels import pausing
from stonehand.db import Session
from stonehand.jobs.limits import limit_queries, limit_targets
from stonehand.jobs.limits.limit_schemas import BreakerOut, LimitIn, LimitOut, PauseIn, PauseOut
from stonehand.jobs.limits.limit_targets import LimitNotFound
from stonehand.jobs.service import QueueUnknown
from stonehand.limits import breakers, names
from stonehand.limits.errors import TargetUnknown
from stonehand.web.api.contract import Page, problems, whole
from stonehand.web.deps import Admin, Reader

router = APIRouter(tags=["limits"])
Name = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", description="Such as `host:example.org:443`.")]


@router.get("/breakers", summary="What outside answers, and what does not")
def list_breakers(person: Reader) -> Page[BreakerOut]:
    """Those that ever failed lately or are paused, the open ones first."""
    with db.database().read() as session:
        rows, moment = breakers.every(session), db.now(session)
        waits = limit_queries.waiting(session, [row.name for row in rows])
        return whole([BreakerOut.of(row, moment, waits.get(row.name, 0)) for row in rows])


@router.post("/breakers/{name}/hold", responses=problems(404), summary="Ask nothing of it any more")
def hold(name: Name, person: Admin) -> BreakerOut:
    """Until somebody resets it. `host:NAME`, `provider:NAME` or `channel:NAME`; it need not have failed before."""
    with db.database().transaction() as session:
        return _out(session, pausing.pause(session, person, names.named(name)))


@router.post("/breakers/{name}/reset", responses=problems(404), summary="Ask it again, now")
def reset(name: Name, person: Admin) -> BreakerOut:
    """Whoever holds it and whatever failed. What waits for it goes on."""
    with db.database().transaction() as session:
        return _out(session, pausing.reset(session, person, name))


def _out(session: Session, name: str) -> BreakerOut:
    session.expire_all()
    waits = limit_queries.waiting(session, [name])
    return BreakerOut.of(breakers.get(session, name), db.now(session), waits.get(name, 0))


@router.get("/limits", summary="How often and how many at once")
def list_limits(person: Reader) -> Page[LimitOut]:
    """Of tasks, over all workers; of hosts and providers, what a person has set."""
    with db.database().read() as session:
        return whole([LimitOut.of(limit) for limit in limit_targets.every(session)])


@router.put("/limits/{target}", summary="Set a limit")
def set_limit(target: Name, wish: LimitIn, person: Admin) -> LimitOut:
    """Of `task:NAME`: a rate, a concurrency or both. Of `host:NAME` or `provider:NAME`: a rate. It counts at once."""
    with db.database().transaction() as session:
        name = limit_targets.set_limit(session, target, person.name, wish.rate, wish.concurrency)
        accounts.record(session, person, "limited", "limit", name, wish.model_dump())
        return LimitOut.of(next(limit for limit in limit_targets.every(session) if limit.target == name))


@router.delete("/limits/{target}", status_code=204, summary="Forget a limit that a person has set")
def unset_limit(target: Name, person: Admin) -> None:
    """What the task declares, or the settings say, counts again. No matter if there was none."""
    with db.database().transaction() as session:
        name = limit_targets.unset(session, target)
        accounts.record(session, person, "lifted", "limit", name)


@router.get("/pauses", summary="What somebody has stopped")
def list_pauses(person: Reader) -> Page[PauseOut]:
    """Queues, tasks, owners of jobs, hosts, providers and channels."""
    with db.database().read() as session:
        return whole(limit_queries.paused(session))


@router.post("/pauses", responses=problems(404), summary="Pause anything")
def pause(wish: PauseIn, person: Admin) -> PauseOut:
    """`queue:`, `task:`, `source:`, `agent:`, `process:`, `host:`, `provider:` or `channel:`; what runs goes on."""
    with db.database().transaction() as session:
        name = pausing.pause(session, person, wish.target)
        return next(each for each in limit_queries.paused(session) if each.target == name)


@router.delete("/pauses/{target}", status_code=204, responses=problems(404), summary="Let it go on")
def resume(target: Name, person: Admin) -> None:
    """No matter if it was not paused."""
    try:
        with db.database().transaction() as session:
            pausing.resume(session, person, target)
    except (QueueUnknown, TargetUnknown) as error:
        raise LimitNotFound(str(error)) from error
