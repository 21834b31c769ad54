"""From the rooms to the page of policies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from stonehand import config
from stonehand.accounts.permissions import Person
from stonehand.agents import queries as agents
from stonehand.channels import queries as channels
from stonehand.channels.models import Channel
from stonehand.db import Session, now
from stonehand.reviews import eyes, policies, votes
from stonehand.reviews.models import ApprovalPolicy
from stonehand.sources import queries as sources
from stonehand.web.pages.parts import Badge
from stonehand.web.pages.policies import ChannelRule, Choice, PoliciesView, PolicyForm
from stonehand.web.words import plural

BADGES = {
    policies.DECIDES: Badge("Goes out by policy", "warn"),
    policies.OFF: Badge("Policy switched off"),
    policies.EXPIRED: Badge("Policy expired"),
    policies.RESTS: Badge("Policy rests: more people must look"),
}
SUPPORT = {"verbatim": "every sentence word for word", "supported": "every sentence with a source"}


def index(session: Session, person: Person) -> PoliciesView:
    """Every channel with its rule and its policy."""
    found = {channel.id: policy for policy, channel in policies.policies(session)}
    sourced = {each.id: each.title or each.url for each in sources.all_sources(session)}
    written = {each.id: each.name for each in agents.agents(session)}

    def form(policy: ApprovalPolicy | None) -> PolicyForm:
        boxes = (
            choices(sourced, policy.source_ids if policy else ()),
            choices(written, policy.agent_ids if policy else ()),
        )
        return _form(policy, *boxes)

    rules = [(each, found.get(each.id)) for each in channels.channels(session)]
    return PoliciesView(
        tuple(_rule(session, channel, policy, form(policy)) for channel, policy in rules),
        tuple((each, eyes.WORDS[each]) for each in eyes.EYES),
        eyes.WORDS[config.settings().review_eyes],
        person.may("admin"),
        person.may("publish"),
    )


def choices(known: Mapping[str, str], chosen: Collection[str]) -> tuple[Choice, ...]:
    """A box for each that is known. One that was removed stays ticked: without it, a policy would be of all."""
    gone = {each: f"one that was removed ({each[:8]})" for each in chosen if each not in known}
    return tuple(Choice(key, name, key in chosen) for key, name in {**known, **gone}.items())


def _rule(session: Session, channel: Channel, policy: ApprovalPolicy | None, form: PolicyForm) -> ChannelRule:
    rule = eyes.WORDS[votes.rule(channel)]
    if policy is None:
        return ChannelRule(channel.id, channel.name, channel.eyes, rule, Badge("A person approves", "good"), form)
    today = f"{now(session):%Y-%m-%d}"
    used = policy.used if policy.day == today else 0
    return ChannelRule(
        id=channel.id,
        name=channel.name,
        eyes=channel.eyes,
        rule=rule,
        badge=_badge(session, channel, policy),
        form=form,
        has_policy=True,
        is_on=policy.is_on,
        reason=policy.reason,
        used=f"{used} of {policy.daily_cap} today",
        expires_at=policy.expires_at,
        is_over=_is_over(session, policy),
        terms=_terms(policy),
    )


def _badge(session: Session, channel: Channel, policy: ApprovalPolicy) -> Badge:
    return BADGES[policies.EXPIRED if _is_over(session, policy) else policies.standing(session, policy, channel)]


def _is_over(session: Session, policy: ApprovalPolicy) -> bool:
    return policy.expires_at <= now(session)


def _terms(policy: ApprovalPolicy) -> str:
    parts = [SUPPORT[policy.support], f"up to {plural(policy.max_words, 'word')}", "no warnings"]
    parts += [f"only {plural(len(policy.source_ids), 'source')}"] if policy.source_ids else []
    parts += [f"only {plural(len(policy.agent_ids), 'agent')}"] if policy.agent_ids else []
    return ", ".join(parts)


def _form(policy: ApprovalPolicy | None, sourced: tuple[Choice, ...], written: tuple[Choice, ...]) -> PolicyForm:
    if policy is None:
        return PolicyForm(sources=sourced, agents=written)
    return PolicyForm(
        policy.reason,
        policy.daily_cap,
        f"{policy.expires_at.astimezone(config.settings().zone) - timedelta.resolution:%Y-%m-%d}",
        policy.support,
        policy.max_words,
        sourced,
        written,
    )
