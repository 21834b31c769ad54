"""Counting deeds: by the database's own addition, so that no update is lost however many count at once."""

from __future__ import annotations

from collections import Counter as Sums
from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.reports.errors import CountUnfit
from stonehand.reports.models import Counter
from stonehand.reports.periods import Period

NAMES = ("views", "reads", "seconds", "shares")
SUBJECTS = ("article", "publication")
MOST = 1_000_000  # of one report of deeds
Counts = dict[str, int]


def count(session: Session, subject: str, subject_id: str, counts: Mapping[str, int], day: date | None = None) -> None:
    """Add to what is counted of a subject on a day, today if none is named. Raises `CountUnfit`."""
    _check(subject, counts)
    when = (day or db.now(session).date()).isoformat()
    rows = [
        {"subject": subject, "subject_id": subject_id, "day": when, "name": name, "count": number}
        for name, number in sorted(counts.items())  # in one order: two that count at once never deadlock
        if number
    ]
    if rows:
        added = db.insert(session, Counter)
        newer = {"count": Counter.count + added.excluded["count"]}
        keys = ["subject", "subject_id", "day", "name"]
        session.execute(added.on_conflict_do_update(index_elements=keys, set_=newer), rows)


def _check(subject: str, counts: Mapping[str, int]) -> None:
    if subject not in SUBJECTS:
        raise CountUnfit(f"{subject[:20]!r} is nothing that is counted; count an article or a publication")
    for name, number in counts.items():
        if name not in NAMES:
            raise CountUnfit(f"{name[:20]!r} is not counted; choose from {', '.join(NAMES)}")
        if not 0 <= number <= MOST:
            raise CountUnfit(f"{name} is {number}; give 0 to {MOST}")


def of_subject(session: Session, subject: str, subject_id: str) -> Counts:
    """All that was ever counted of a subject."""
    wish = sa.select(Counter.name, sa.func.sum(Counter.count)).group_by(Counter.name)
    rows = session.execute(wish.where(Counter.subject == subject, Counter.subject_id == subject_id))
    return {name: int(total) for name, total in rows}


def by_subject(session: Session, subject: str, period: Period, most: int) -> dict[str, Counts]:
    """What was counted in a period, by the subject's id; of the `most` numbers that are largest."""
    total = sa.func.sum(Counter.count)
    wish = sa.select(Counter.subject_id, Counter.name, total).where(Counter.subject == subject, *_days(period))
    found: dict[str, Counts] = defaultdict(dict)
    for key, name, number in session.execute(
        wish.group_by(Counter.subject_id, Counter.name).order_by(total.desc()).limit(most)
    ):
        found[key][name] = int(number)
    return dict(found)


def by_name(session: Session, subject: str, period: Period) -> Counts:
    """What was counted in a period of all subjects of a kind."""
    wish = sa.select(Counter.name, sa.func.sum(Counter.count)).where(Counter.subject == subject, *_days(period))
    return {name: int(number) for name, number in session.execute(wish.group_by(Counter.name))}


def _days(period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    return Counter.day >= period.since.isoformat(), Counter.day < period.until.isoformat()


def sums(*many: Mapping[str, int]) -> Counts:
    """Added up by name."""
    added: Sums[str] = Sums()
    for each in many:
        added.update(each)
    return dict(added)
