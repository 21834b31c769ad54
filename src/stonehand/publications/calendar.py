"""What goes out when: publications, wishes, and approvals that have not taken effect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand import db
from stonehand.channels import queries as channels
from stonehand.db import Session
from stonehand.publications import telling
from stonehand.publications.models import Publication
from stonehand.publications.scheduling import MOVABLE, was_taken_off
from stonehand.publications.states import PublicationState
from stonehand.reviews import queries as reviews
from stonehand.timing import cadence, cadences, wishes

MOST = 500  # of each kind


@dataclass(frozen=True)
class Entry:
    """Something that happens at a time. `at` is when, as far as anybody knows now; `due_at` is when it was wanted.

    `kind` is `publication`, `wish` or `approval`; the run of an agent is a `run`. `note` says what it waits for.
    """

    kind: str
    id: str
    title: str
    at: datetime
    due_at: datetime
    state: str
    channel_id: str = ""
    channel_name: str = ""
    draft_id: str = ""
    note: str = ""
    url: str = ""
    can_move: bool = False


def entries(session: Session, since: datetime, until: datetime, channel_id: str = "") -> list[Entry]:
    """Everything from `since` on and before `until`, by time."""
    found = [*_publications(session, since, until), *_wishes(session, since, until)]
    found += _approvals(session, since, until)
    return sorted((each for each in found if not channel_id or each.channel_id == channel_id), key=order)


def order(each: Entry) -> tuple[datetime, str, str]:
    """By time."""
    return each.at, each.kind, each.id


def _publications(session: Session, since: datetime, until: datetime) -> Iterator[Entry]:
    shown = sa.func.coalesce(Publication.published_at, Publication.due_at)
    there = sa.select(Publication).where(shown >= since, shown < until).order_by(shown).limit(MOST)
    waiting = sa.select(Publication).where(Publication.state == PublicationState.SCHEDULED)
    found = {each.id: each for each in session.scalars(there)}
    found |= {each.id: each for each in session.scalars(waiting.order_by(Publication.due_at).limit(MOST))}
    expected, moment = _expected(session, list(found.values())), db.now(session)
    for each in found.values():
        at, note = expected.get(each.id, (each.published_at or each.due_at, each.error or ""))
        note = note or (telling.waits_for(session, each) if each.due_at <= moment else "")
        if since <= at < until:
            yield _publication(each, at, note)


def _publication(each: Publication, at: datetime, note: str) -> Entry:
    state = "taken off" if was_taken_off(each) else each.state
    return Entry(
        "publication",
        each.id,
        each.title,
        at,
        each.due_at,
        state,
        each.channel_id,
        each.channel_name,
        each.draft_id,
        note,
        each.url or "",
        each.state in MOVABLE or was_taken_off(each),
    )


def _expected(session: Session, found: Sequence[Publication]) -> dict[str, tuple[datetime, str]]:
    """When those that are scheduled will go out, and why not when they are due, by their ids."""
    limits, moment = cadences.all_limits(session), db.now(session)
    by_channel = defaultdict(list)
    for each in found:
        if each.state == PublicationState.SCHEDULED and each.channel_id in limits:
            by_channel[each.channel_id].append(each)
    told: dict[str, tuple[datetime, str]] = {}
    for channel_id, rows in by_channel.items():
        rows.sort(key=lambda each: (each.due_at, each.id))
        taken = cadences.taken_of(session, channel_id)
        waits = cadence.expected(limits[channel_id], taken, moment, [each.due_at for each in rows])
        told |= {each.id: (wait.until, wait.why) for each, wait in zip(rows, waits, strict=True)}
    return told


def _wishes(session: Session, since: datetime, until: datetime) -> Iterator[Entry]:
    names = {each.id: each.name for each in channels.channels(session)}
    for wish, draft in wishes.between(session, since, until, MOST):
        yield Entry(
            "wish",
            f"{wish.draft_id}/{wish.channel_id}",
            draft.title,
            wish.due_at,
            wish.due_at,
            "wish",
            wish.channel_id,
            names.get(wish.channel_id, "a channel that was removed"),
            wish.draft_id,
            "goes out once somebody has approved it",
            "",
            True,
        )


def _approvals(session: Session, since: datetime, until: datetime) -> Iterator[Entry]:
    for review, draft in reviews.approved_to_come(session, MOST):
        at = review.due_at or review.opened_at
        if since <= at < until:
            note = "the approval takes effect then; it can be taken back before"
            url = f"/review/{review.id}"
            yield Entry("approval", review.id, draft.title, at, at, "approved", draft_id=draft.id, note=note, url=url)
