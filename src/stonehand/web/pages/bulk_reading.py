"""From the rooms to the page of a decision about many."""

from __future__ import annotations

from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.reviews import bulk
from stonehand.web.pages.parts import Badge, Link, Meter
from stonehand.web.pages.reviews import BulkView
from stonehand.web.words import plural

TITLES = {"approve": "Approving {}", "request_changes": "Sending back {}", "reject": "Rejecting {}"}
BADGES = {"running": Badge("Going on", "busy"), "done": Badge("Done", "good"), "undone": Badge("Taken back")}


def view(session: Session, bulk_id: str, person: Person) -> BulkView:
    """A decision about many. Raises `BulkNotFound`."""
    found = bulk.bulk(session, bulk_id)
    looked = found.decided + len(found.skipped)
    return BulkView(
        id=found.id,
        title=TITLES[found.verb].format(plural(found.total, "draft")),
        badge=BADGES[found.state],
        meter=Meter(looked, max(found.total, looked)),
        by=found.user_name,
        at=found.created_at,
        decided=found.decided,
        skipped=tuple((Link(each["title"], f"/review/{each['review_id']}"), each["reason"]) for each in found.skipped),
        job=Link("The job", f"/jobs/{found.job_id}") if found.job_id else None,
        can_undo=found.state != "undone" and found.decided > 0 and person.may(bulk.PERMISSION[found.verb]),
        is_over=found.state != "running",
    )
