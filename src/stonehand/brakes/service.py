"""Stop everything, and let it go on."""

from __future__ import annotations

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.brakes.errors import ReasonTooLong
from stonehand.brakes.models import Brake
from stonehand.brakes.queries import EVERYTHING, GATE, Stop
from stonehand.db import Session
from stonehand.jobs import service as jobs

LONGEST_REASON = 500  # characters


def stop_everything(session: Session, person: Person, reason: str = "") -> Stop:
    """Let nothing leave the machine from now on, over all workers; whoever pulled the brake first stays named.

    Raises `PermissionMissing`, `ReasonTooLong`.
    """
    person.require("publish")
    words = " ".join(reason.split())
    if len(words) > LONGEST_REASON:
        raise ReasonTooLong(f"the reason has {len(words)} characters; {LONGEST_REASON} are kept")
    row = {"name": EVERYTHING, "reason": words, "pulled_by": person.name or person.email, "pulled_at": db.now(session)}
    pulled = db.insert(session, Brake).values(row).on_conflict_do_nothing().returning(Brake.name)
    if session.scalar(pulled) is not None:
        accounts.record(session, person, "stopped", "everything", "", {"reason": words})
    held = session.get_one(Brake, EVERYTHING, populate_existing=True)
    return Stop(held.pulled_by, held.pulled_at, held.reason)


def resume_everything(session: Session, person: Person, reason: str = "") -> bool:
    """Let it go on. Returns whether anything was stopped. Raises `PermissionMissing`."""
    person.require("publish")
    found = session.get(Brake, EVERYTHING, with_for_update={"key_share": True}, populate_existing=True)
    if found is None:
        return False
    session.delete(found)
    session.flush()
    accounts.record(session, person, "let go on", "everything", "", {"reason": reason[:LONGEST_REASON]})
    jobs.open_gate(session, GATE)
    return True
