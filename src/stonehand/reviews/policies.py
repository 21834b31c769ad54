"""Approval without a person, by a policy for one channel: written reason, daily cap, expiry, conditions. Off at first.

A channel without a policy of its own is never chosen. The cap holds whoever counts: taking one of its places is a
single conditional statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.brakes import queries as brakes
from stonehand.channels import queries as channels
from stonehand.channels.models import Channel
from stonehand.db import Session
from stonehand.reviews import eyes, votes
from stonehand.reviews.conditions import SUPPORTS
from stonehand.reviews.errors import PolicyNotFound, PolicyUnfit
from stonehand.reviews.models import ApprovalPolicy

LONGEST_LIFE = timedelta(days=366)
REASON = (10, 500)  # characters
MOST_A_DAY = 500
MOST_WORDS = 5000
MOST_LISTED = 200
DECIDES, OFF, EXPIRED, RESTS = "decides", "off", "expired", "rests"
WHY_NOT = {EXPIRED: "its policy has expired", RESTS: "its policy rests: more people than one must look"}


@dataclass(frozen=True)
class PolicyTerms:
    """What somebody wants a policy to be."""

    reason: str
    daily_cap: int
    expires_at: datetime
    support: str = "verbatim"
    source_ids: tuple[str, ...] = ()
    agent_ids: tuple[str, ...] = ()
    max_words: int = 600


def of_channel(session: Session, channel_id: str) -> ApprovalPolicy:
    """The policy of a channel. Raises `PolicyNotFound`, `ChannelNotFound`."""
    wish = sa.select(ApprovalPolicy).where(ApprovalPolicy.channel_id == channel_id)
    found = session.scalar(wish.execution_options(populate_existing=True))
    if found is None:
        name = channels.channel(session, channel_id).name
        raise PolicyNotFound(f"the channel {name} has no policy: a person approves what goes there")
    return found


def policies(session: Session) -> Sequence[tuple[ApprovalPolicy, Channel]]:
    """All policies with their channels, by the channel's name."""
    wish = sa.select(ApprovalPolicy, Channel).join(Channel, Channel.id == ApprovalPolicy.channel_id)
    return [(policy, channel) for policy, channel in session.execute(wish.order_by(Channel.name))]


def put(session: Session, person: Person, channel_id: str, terms: PolicyTerms) -> ApprovalPolicy:
    """Write a channel's policy, new and switched off, or with other terms.

    Raises `PermissionMissing`, `ChannelNotFound`, `PolicyUnfit`.
    """
    person.require("admin")
    channel, moment = channels.channel(session, channel_id), db.now(session)
    _check(terms, moment)
    facts = asdict(terms) | {"source_ids": list(terms.source_ids), "agent_ids": list(terms.agent_ids)}
    facts |= {"reason": " ".join(terms.reason.split()), "updated_by": person.name, "updated_at": moment}
    born = {"id": db.new_id(), "channel_id": channel_id, "is_on": False, "day": "", "used": 0}
    born |= {"created_by": person.name, "created_at": moment}
    insert = db.insert(session, ApprovalPolicy).values(born | facts)
    session.execute(insert.on_conflict_do_update(index_elements=["channel_id"], set_=facts))
    _record(session, person, "wrote the policy of", channel, facts)
    return of_channel(session, channel_id)


def _check(terms: PolicyTerms, moment: datetime) -> None:
    least, most = REASON
    if not least <= len(" ".join(terms.reason.split())) <= most:
        raise PolicyUnfit(f"give a reason of {least} to {most} characters: why may nobody look?")
    if not 1 <= terms.daily_cap <= MOST_A_DAY:
        raise PolicyUnfit(f"the daily cap is 1 to {MOST_A_DAY} pieces, not {terms.daily_cap}")
    if not moment < terms.expires_at <= moment + LONGEST_LIFE:
        raise PolicyUnfit(f"a policy expires in the future, {LONGEST_LIFE.days} days from now at most")
    if terms.support not in SUPPORTS:
        raise PolicyUnfit(f"every sentence must be one of {', '.join(SUPPORTS)}, not {terms.support!r}")
    if not 1 <= terms.max_words <= MOST_WORDS:
        raise PolicyUnfit(f"the longest text has 1 to {MOST_WORDS} words, not {terms.max_words}")
    if max(len(terms.source_ids), len(terms.agent_ids)) > MOST_LISTED:
        raise PolicyUnfit(f"at most {MOST_LISTED} sources and as many agents can be named")


def switch(session: Session, person: Person, channel_id: str, is_on: bool) -> ApprovalPolicy:
    """Let a policy decide, or no longer. Whoever publishes may switch one off; on takes an administrator.

    Raises `PermissionMissing`, `PolicyNotFound`, `PolicyUnfit` where more people than one must look.
    """
    person.require("admin" if is_on else "publish")
    policy, channel = of_channel(session, channel_id), channels.channel(session, channel_id)
    if is_on and votes.rule(channel) != eyes.ONE:
        raise PolicyUnfit(f"what goes to {channel.name} is approved as follows: {eyes.WORDS[votes.rule(channel)]}")
    if is_on and policy.expires_at <= db.now(session):
        raise PolicyUnfit("the policy has expired; give it a later day first")
    if policy.is_on != is_on:
        policy.is_on, channel.requires_review = is_on, not is_on
        verb = "switched on the policy of" if is_on else "switched off the policy of"
        _record(session, person, verb, channel, {"reason": policy.reason})
    session.flush()
    return policy


def remove(session: Session, person: Person, channel_id: str) -> None:
    """Have a person approve again what goes to this channel. Raises `PermissionMissing`, `PolicyNotFound`."""
    person.require("admin")
    policy, channel = of_channel(session, channel_id), channels.channel(session, channel_id)
    channel.requires_review = True
    session.delete(policy)
    _record(session, person, "removed the policy of", channel, {})


def spend(session: Session, policy_id: str) -> bool:
    """Take one of today's places of a policy; whether there was one, and the policy is on and not over."""
    moment = db.now(session)
    today = f"{moment:%Y-%m-%d}"
    mine, count = ApprovalPolicy, sa.case((ApprovalPolicy.day == today, ApprovalPolicy.used), else_=0)
    taken = (
        sa.update(mine)
        .where(mine.id == policy_id, mine.is_on, mine.expires_at > moment, count < mine.daily_cap)
        .values(used=count + 1, day=today)
        .returning(mine.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(taken) is not None


def standing(session: Session, policy: ApprovalPolicy, channel: Channel) -> str:
    """Whether a policy decides now, or is off, expired, or rests since more people than one must look."""
    if not policy.is_on:
        return OFF
    if policy.expires_at <= db.now(session):
        return EXPIRED
    return DECIDES if votes.rule(channel) == eyes.ONE else RESTS


def expired(session: Session) -> Sequence[tuple[ApprovalPolicy, Channel]]:
    """The policies that somebody has switched on, and whose last day is over."""
    return [each for each in policies(session) if standing(session, *each) == EXPIRED]


def in_force(session: Session) -> Sequence[tuple[ApprovalPolicy, Channel]]:
    """The policies that may decide now. Raises `Stopped` while everything is stopped."""
    brakes.check(session)
    return deciding(session)


def deciding(session: Session) -> Sequence[tuple[ApprovalPolicy, Channel]]:
    """The policies that are on and not over, for a channel that is on and where one person would do."""
    return [each for each in policies(session) if each[1].is_enabled and standing(session, *each) == DECIDES]


def resting(session: Session) -> dict[str, str]:
    """By the name of the channel, why a policy that is on decides nothing now."""
    found = {channel.name: standing(session, policy, channel) for policy, channel in policies(session)}
    return {name: WHY_NOT[word] for name, word in found.items() if word in WHY_NOT}


def _record(session: Session, person: Person, verb: str, channel: Channel, facts: dict[str, Any]) -> None:
    told = {name: str(value) if isinstance(value, datetime) else value for name, value in facts.items()}
    accounts.record(session, person, verb, "channel", channel.id, {"name": channel.name, **told})
