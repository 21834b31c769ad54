"""One decision about all open reviews that a filter finds: in steps, each its own transaction, with one way back.

Whatever cannot be decided by the hundred, such as a text with sentences without a source, is left alone and said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import queries as accounts
from stonehand.accounts import service as accounting
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person
from stonehand.channels import queries as channels
from stonehand.db import Database, Session
from stonehand.drafts.models import Draft, Revision
from stonehand.errors import Conflict, Rejected
from stonehand.reviews import filters, service, undoing
from stonehand.reviews.errors import BulkNotFound, DecisionUnfit
from stonehand.reviews.filters import Filter
from stonehand.reviews.models import Review, ReviewBulk, ReviewState

CHUNK = 10  # reviews in one transaction
AT_ONCE = 20  # as many are decided while the person waits; more become a job
TIME_TO_UNDO = timedelta(seconds=60)  # of approvals; there is more to think about than with one
PERMISSION = {"approve": "publish", "request_changes": "edit", "reject": "edit"}


@dataclass(frozen=True)
class Decision:
    """What is decided. `note` is what to change, or why; `channel_ids` are those of an approval.

    A channel that is alone need not be named.
    """

    verb: str
    note: str = ""
    channel_ids: tuple[str, ...] = ()

    def check(self, person: Person) -> None:
        """Raise `PermissionMissing`, or `DecisionUnfit`."""
        if self.verb not in PERMISSION:
            raise DecisionUnfit(f"{self.verb!r} is no decision; choose one of {', '.join(PERMISSION)}")
        person.require(PERMISSION[self.verb])
        if self.verb == "request_changes" and not self.note.strip():
            raise DecisionUnfit("say what should change; whoever writes the next revisions reads it")


def count(session: Session, wish: Filter) -> int:
    """About how many reviews it would be decided now."""
    return session.scalar(sa.select(sa.func.count()).select_from(_found(session, wish).subquery())) or 0


def _found(session: Session, wish: Filter) -> sa.Select[str, str]:
    return (
        sa.select(Review.id, Revision.title)
        .join(Draft, Draft.id == Review.draft_id)
        .join(Revision, Revision.id == Review.revision_id)
        .where(Review.state == ReviewState.OPEN, *wish.check().conditions(db.now(session)))
    )


def ask(session: Session, person: Person, wish: Filter, decision: Decision) -> ReviewBulk:
    """Begin: `run` goes on with a few; many are a job. Raises `PermissionMissing`, `DecisionUnfit`."""
    decision.check(person)
    if decision.verb == "approve" and not decision.channel_ids and len(channels.enabled(session)) > 1:
        raise DecisionUnfit("choose at least one channel for them to go to")
    total = count(session, wish)
    made = ReviewBulk(
        verb=decision.verb,
        wish=wish.stored(),
        channel_ids=list(decision.channel_ids),
        note=decision.note.strip()[: service.LONGEST_NOTE],
        user_id=person.id,
        user_name=person.name or person.email,
        total=total,
        decided=0,
        skipped=[],
        created_at=db.now(session),
    )
    session.add(made)
    session.flush()
    detail = {"verb": made.verb, "filter": made.wish, "found": total, "note": made.note}
    accounting.record(session, person, "decided about many", "review bulk", made.id, detail)
    if total > AT_ONCE and person.id:
        made.job_id = jobs.enqueue(session, "reviews.bulk", {"bulk_id": made.id}, asked_by=person.id)
    return made


def run(database: Database, bulk_id: str, person: Person) -> None:
    """Decide about all of them now, step by step."""
    while True:
        with database.transaction() as session:
            if not step(session, bulk_id, person):
                return


def bulk(session: Session, bulk_id: str) -> ReviewBulk:
    """A decision about many, held for this transaction. Raises `BulkNotFound`."""
    wish = sa.select(ReviewBulk).where(ReviewBulk.id == bulk_id).with_for_update(key_share=True)
    found = session.scalar(wish.execution_options(populate_existing=True))
    if found is None:
        raise BulkNotFound(f"there is no decision about many {bulk_id}")
    return found


def decider(session: Session, bulk_id: str) -> Person:
    """Who decided, with what they may do now. Raises `PermissionMissing` if they may no longer come in."""
    user = accounts.user(session, bulk(session, bulk_id).user_id)
    if not user.is_active:
        raise PermissionMissing(f"{user.name} may no longer come in, so nothing more is decided in their name")
    return accounts.person(user)


def step(session: Session, bulk_id: str, person: Person) -> bool:
    """Decide about the next few. Returns whether there are more."""
    mine = bulk(session, bulk_id)
    if mine.state != "running":
        return False
    decide = _decision(session, mine, person)
    wish = _found(session, filters.of_stored(mine.wish))
    ahead = wish.where(Review.id > mine.cursor, Review.opened_at <= mine.created_at)
    rows = session.execute(ahead.order_by(Review.id).limit(CHUNK)).all()
    skipped = [refused for row in rows if (refused := _tried(session, decide, mine.id, row))]
    mine.skipped, mine.decided = [*mine.skipped, *skipped], mine.decided + len(rows) - len(skipped)
    if rows:
        mine.cursor = rows[-1][0]
    if len(rows) < CHUNK:
        mine.state, mine.ended_at = "done", db.now(session)
    return mine.state == "running"


def _decision(session: Session, mine: ReviewBulk, person: Person) -> Callable[[str], Review]:
    note = mine.note
    if mine.verb == "approve":
        chosen: Sequence[str] | None = mine.channel_ids or None
        return lambda review_id: service.approve(
            session, review_id, person, chosen, note=note, time_to_undo=TIME_TO_UNDO
        )
    verb = service.reject if mine.verb == "reject" else service.request_changes
    return lambda review_id: verb(session, review_id, person, note)


def _tried(
    session: Session, decide: Callable[[str], Review], bulk_id: str, row: sa.Row[str, str]
) -> dict[str, str] | None:
    """What to say of a review that was left alone; None if it was decided."""
    review_id, title = row
    try:
        with session.begin_nested():
            found = decide(review_id)
    except (Conflict, Rejected) as error:
        return {"review_id": review_id, "title": title, "reason": str(error)}
    if found.state == ReviewState.OPEN:
        return {"review_id": review_id, "title": title, "reason": "your approval counts; another person is needed too"}
    found.bulk_id = bulk_id
    return None


def undo(database: Database, bulk_id: str, person: Person) -> tuple[int, int]:
    """Take all of it back as far as that is possible. Returns how many were taken back, and for how many it was too
    late. Raises `PermissionMissing`, `BulkNotFound`."""
    with database.transaction() as session:
        mine = bulk(session, bulk_id)
        person.require(PERMISSION[mine.verb])
        mine.state, mine.ended_at = "undone", db.now(session)
        ids = session.scalars(sa.select(Review.id).where(Review.bulk_id == bulk_id).order_by(Review.id)).all()
        accounting.record(session, person, "took back", "review bulk", bulk_id, {"found": len(ids)})
    taken = sum(_taken_back(database, ids[at : at + CHUNK], person) for at in range(0, len(ids), CHUNK))
    return taken, len(ids) - taken


def _taken_back(database: Database, ids: Sequence[str], person: Person) -> int:
    count = 0
    with database.transaction() as session:
        for review_id in ids:
            try:
                with session.begin_nested():
                    undoing.undo(session, review_id, person)
            except (Conflict, Rejected):
                continue
            count += 1
    return count
