"""The gate: stopping everything, who must approve, and the policies that approve without a person."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter

from stonehand import db
from stonehand.brakes import queries as brakes
from stonehand.brakes import service as braking
from stonehand.brakes.schemas import BrakeOut, StopIn, StopOut
from stonehand.channels import looking
from stonehand.channels import queries as channels
from stonehand.channels.schemas import ChannelOut
from stonehand.db import Session
from stonehand.reviews import policies
from stonehand.reviews.models import ApprovalPolicy
from stonehand.reviews.policies import PolicyTerms
from stonehand.reviews.schemas import PolicyIn, PolicyOut
from stonehand.web.api.contract import ById, Page, Wish, problems, whole
from stonehand.web.deps import Admin, Publisher, Reader

router = APIRouter(tags=["gate"])


class EyesIn(Wish):
    """Who must approve what goes to a channel."""

    eyes: Literal["one", "another", "two"]


class SwitchIn(Wish):
    """Whether a policy decides."""

    is_on: bool


def _brake(session: Session) -> BrakeOut:
    found = brakes.stop(session)
    return BrakeOut(stopped=found is not None, stop=StopOut.model_validate(found) if found else None)


@router.get("/brake", summary="Whether everything is stopped")
def brake(person: Reader) -> BrakeOut:
    """And who stopped it, when and why."""
    with db.database().read() as session:
        return _brake(session)


@router.post("/brake/stop", summary="Stop everything")
def stop(wish: StopIn, person: Publisher) -> BrakeOut:
    """From now on nothing leaves the machine, over all workers, until somebody lets it go on."""
    with db.database().transaction() as session:
        braking.stop_everything(session, person, wish.reason)
        return _brake(session)


@router.post("/brake/resume", summary="Let everything go on")
def resume(wish: StopIn, person: Publisher) -> BrakeOut:
    """What waited goes out now."""
    with db.database().transaction() as session:
        braking.resume_everything(session, person, wish.reason)
        return _brake(session)


@router.put("/channels/{channel_id}/eyes", responses=problems(404), summary="Say who must approve for a channel")
def set_eyes(channel_id: ById, wish: EyesIn, person: Admin) -> ChannelOut:
    """One person, another than whoever wrote or last edited the text, or two different people."""
    with db.database().transaction() as session:
        return ChannelOut.model_validate(looking.set_eyes(session, person, channel_id, wish.eyes))


@router.get("/policies", summary="Every policy that approves without a person")
def listing(person: Reader) -> Page[PolicyOut]:
    """By the name of the channel."""
    with db.database().read() as session:
        found = policies.policies(session)
        return whole([PolicyOut.of(each[0], policies.standing(session, *each)) for each in found])


@router.put("/channels/{channel_id}/policy", responses=problems(404), summary="Write a channel's policy")
def put(channel_id: ById, wish: PolicyIn, person: Admin) -> PolicyOut:
    """A new one is switched off."""
    given = wish.model_dump() | {"source_ids": tuple(wish.source_ids), "agent_ids": tuple(wish.agent_ids)}
    with db.database().transaction() as session:
        return _policy(session, policies.put(session, person, channel_id, PolicyTerms(**given)))


def _policy(session: db.Session, found: ApprovalPolicy) -> PolicyOut:
    return PolicyOut.of(found, policies.standing(session, found, channels.channel(session, found.channel_id)))


@router.post("/channels/{channel_id}/policy/switch", responses=problems(404), summary="Switch a policy on or off")
def switch(channel_id: ById, wish: SwitchIn, person: Publisher) -> PolicyOut:
    """On takes an administrator."""
    with db.database().transaction() as session:
        return _policy(session, policies.switch(session, person, channel_id, wish.is_on))


@router.delete("/channels/{channel_id}/policy", status_code=204, responses=problems(404), summary="Remove a policy")
def remove(channel_id: ById, person: Admin) -> None:
    """A person approves again what goes there."""
    with db.database().transaction() as session:
        policies.remove(session, person, channel_id)
