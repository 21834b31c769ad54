"""Asks the policies whether a draft may go out without a person, and says in either case why."""

from __future__ import annotations

from dataclasses import dataclass, field

from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.reviews import conditions, policies, remarks, service
from stonehand.reviews.conditions import Facts, Terms
from stonehand.reviews.errors import ReviewDecided
from stonehand.reviews.models import ApprovalPolicy, Review

POLICY = Person("policy", "", "an approval policy", "system", frozenset())
"""Who decides where a policy does. It has no permission: nothing but `consider` acts in its name."""
CAP_REACHED = "its policy has let out as many as it may today"


@dataclass
class Considered:
    """The channels for which policies approved, and for the others why not, by the channel's name."""

    approved: dict[str, str] = field(default_factory=dict)
    """The policy, by channel."""
    refused: dict[str, str] = field(default_factory=dict)


def consider(session: Session, review_id: str) -> Considered:
    """Let a text out where a policy allows it. Asked again, nothing more happens.

    Raises `ReviewNotFound`, and `Stopped` while everything is stopped.
    """
    found, active = Considered(), policies.in_force(session)
    try:
        review = service.current(session, review_id)
    except ReviewDecided:
        return found
    found.refused |= policies.resting(session)
    facts = facts_of(session, review)
    for policy, channel in active:
        reasons = conditions.refusals(_terms(policy), facts)
        if not reasons and not policies.spend(session, policy.id):
            reasons = [CAP_REACHED]
        if reasons:
            found.refused[channel.name] = "; ".join(reasons)
        else:
            found.approved[channel.id] = policy.id
    if found.approved:
        _approve(session, review, found.approved)
    return found


def _approve(session: Session, review: Review, chosen: dict[str, str]) -> None:
    detail = {"channels": list(chosen), "policies": list(chosen.values()), "content_sha256": review.content_sha256}
    accounts.record(session, POLICY, "approved", "review", review.id, detail)
    wait, by = service.TIME_TO_UNDO, list(chosen.values())
    service.let_out(session, review, POLICY, list(chosen), time_to_undo=wait, policy_ids=by)


def _terms(policy: ApprovalPolicy) -> Terms:
    return Terms(policy.support, frozenset(policy.source_ids), frozenset(policy.agent_ids), policy.max_words)


def facts_of(session: Session, review: Review) -> Facts:
    """What a policy may judge this text by."""
    revision, draft = drafts.revision(session, review.revision_id), drafts.draft(session, review.draft_id)
    found = articles.articles(session, revision.sources)
    return Facts(
        kinds=frozenset(each.kind for each in drafts.citations(session, revision.id)),
        warnings=frozenset(str(each["kind"]) for each in revision.warnings),
        words=len(revision.markdown.split()),
        agent_id=draft.agent_id or "",
        source_ids=frozenset((found[id_].source_id or "") if id_ in found else "" for id_ in revision.sources),
        by_person=revision.writer == "person",
        is_correction=bool(review.correction),
        is_sample=draft.is_sample,
        held=bool(remarks.holding(session, draft.id)),
    )
