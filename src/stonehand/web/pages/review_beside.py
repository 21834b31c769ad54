"""What stands beside a review: its comments, who has approved, who is still needed, and the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand.accounts import queries as accounts
from stonehand.accounts.models import AuditRecord
from stonehand.accounts.permissions import Person
from stonehand.channels import queries as channels
from stonehand.channels.models import Channel
from stonehand.db import Session
from stonehand.publications import queries as publications
from stonehand.reviews import eyes, queries, remarks, votes
from stonehand.reviews.models import ApprovalPolicy, Review, ReviewComment, ReviewState
from stonehand.web.pages.reviews import Beside, Deed, Thread

SHOWN = ("note", "reason", "needed", "why")
KINDS = {"review": "the review", "draft": "the draft", "publication": "the publication"}


def beside(session: Session, found: Review, person: Person) -> Beside:
    """All that stands beside it."""
    given = votes.of_review(session, found.id)
    return Beside(
        threads=threads(remarks.of_draft(session, found.draft_id)),
        holding=remarks.holding(session, found.draft_id),
        approved_by=tuple(each.user_name for each in given),
        can_withdraw=found.state == ReviewState.OPEN and person.id in {each.user_id for each in given},
        rules=_rules(session) if found.state == ReviewState.OPEN else (),
        trail=trail(session, found.draft_id),
        correction=found.correction,
        policies=_policies(session, found.policy_ids),
        can_comment=person.may("edit"),
        can_undo=_can_undo(found, person),
    )


def _can_undo(found: Review, person: Person) -> bool:
    if found.state == ReviewState.APPROVED:
        return found.released_at is None and person.may("publish")
    return found.state in (ReviewState.REJECTED, ReviewState.CHANGES_REQUESTED) and person.may("edit")


def _rules(session: Session) -> tuple[str, ...]:
    strict = ((each, votes.rule(each)) for each in channels.enabled(session))
    return tuple(f"{channel.name}: {eyes.WORDS[rule]}" for channel, rule in strict if rule != eyes.ONE)


def _policies(session: Session, ids: list[str]) -> tuple[str, ...]:
    found = (session.get(ApprovalPolicy, id_) for id_ in ids)
    told = ((policy, session.get(Channel, policy.channel_id)) for policy in found if policy)
    return tuple(f"{channel.name if channel else 'a channel'}: {policy.reason}" for policy, channel in told)


def threads(comments: Sequence[ReviewComment]) -> tuple[Thread, ...]:
    """Comments by thread, the oldest first; those that hold the draft up come first of all."""
    made = [
        _thread(each, [one for one in comments if one.thread_id == each.id])
        for each in comments
        if each.thread_id is None
    ]
    return tuple(sorted(made, key=lambda each: (bool(each.resolved), not each.must, each.at)))


def _thread(first: ReviewComment, answers: list[ReviewComment]) -> Thread:
    told = tuple((each.user_name, each.created_at, each.body) for each in answers)
    return Thread(
        first.id,
        first.user_name,
        first.created_at,
        first.body,
        first.sentence,
        first.must,
        first.resolved_by or "",
        told,
    )


def trail(session: Session, draft_id: str) -> tuple[Deed, ...]:
    """Who did what to a draft, its reviews and its publications, the newest first."""
    ids = [draft_id, *(each.id for each in queries.of_draft(session, draft_id))]
    ids += [each.id for each in publications.of_draft(session, draft_id)]
    return tuple(_deed(each) for each in accounts.audit_of(session, ids))


def _deed(record: AuditRecord) -> Deed:
    detail = next((str(record.detail[name]) for name in SHOWN if record.detail.get(name)), "")
    return Deed(
        record.actor_name, record.at, f"{record.verb} {KINDS.get(record.object_kind, record.object_kind)}", detail
    )
