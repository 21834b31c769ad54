"""Verbs of alerts: find out what is wrong, say so once, say when it is over, mute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.alerts import queries, rules, ways
from stonehand.alerts.errors import MuteUnfit, NoWay
from stonehand.alerts.models import Alert, Mute
from stonehand.alerts.rules import Finding
from stonehand.db import Session

CALM = timedelta(seconds=90)  # without the trouble before it is said to be over, so that none flickers
LONGEST_MUTE = timedelta(days=30)
KEPT = timedelta(days=90)
SUBJECT_LENGTH = 150


def evaluate(session: Session) -> list[Alert]:
    """Look, remember what is wrong and what is over, and ask for the messages. Returns what is wrong now."""
    findings = {finding.key: finding for finding in rules.look(session)}
    moment = db.now(session)
    going_on = {alert.key: alert for alert in queries.going_on(session)}
    for key, finding in findings.items():
        going_on[key] = _seen(session, finding, going_on.get(key))
    for key, alert in going_on.items():
        if key not in findings and alert.seen_at <= moment - CALM:
            alert.ended_at = moment
    session.flush()
    _tell(session, going_on.values())
    session.execute(sa.delete(Alert).where(Alert.ended_at < moment - KEPT))
    return [alert for alert in going_on.values() if alert.ended_at is None]


def _seen(session: Session, finding: Finding, known: Alert | None) -> Alert:
    moment = db.now(session)
    if known is None:
        subject = finding.subject[:SUBJECT_LENGTH]
        known = Alert(key=finding.key, rule=finding.rule, subject=subject, began_at=moment)
        session.add(known)
    known.seen_at, known.sentence = moment, finding.sentence
    return known


def _tell(session: Session, alerts: Iterable[Alert]) -> None:
    """Ask for a message about what began and has not been told, and about what was told and is over."""
    open_ways, muted = ways.configured(), {mute.target for mute in queries.mutes(session)}
    for alert in alerts:
        if alert.ended_at is not None and alert.told_at is not None:
            _ask(session, open_ways, alert, "over")
        elif alert.ended_at is None and alert.told_at is None and open_ways and not muted & {alert.rule, alert.key}:
            alert.told_at = db.now(session)
            _ask(session, open_ways, alert, "began")


def _ask(session: Session, open_ways: Iterable[str], alert: Alert, event: str) -> None:
    for way in open_ways:
        args = {"alert_id": alert.id, "event": event, "way": way}
        jobs.enqueue(session, "alerts.tell", args, unique_key=f"alerts.tell:{alert.id}:{event}:{way}", priority=8)


def test(session: Session, person: Person) -> list[str]:
    """Ask for a test message by every way that is set. Returns the ways. Raises `NoWay`, `PermissionMissing`."""
    person.require("admin")
    open_ways = require_ways()
    for way in open_ways:
        jobs.enqueue(session, "alerts.tell", {"alert_id": "", "event": "test", "way": way}, priority=8)
    accounts.record(session, person, "tested", "alerts", "", {"ways": open_ways})
    return open_ways


def require_ways() -> list[str]:
    """The ways that are set. Raises `NoWay` if there is none."""
    found = ways.configured()
    if not found:
        raise NoWay(
            "nobody would be told: set STONEHAND_ALERT_EMAIL_TO and STONEHAND_SMTP_HOST, STONEHAND_ALERT_WEBHOOK_URL "
            "or STONEHAND_ALERT_NTFY_URL"
        )
    return found


def mute(session: Session, person: Person, target: str, lasting: timedelta) -> Mute:
    """Send nothing of a rule, or of one alert by its key, for a while. Raises `MuteUnfit`, `PermissionMissing`."""
    person.require("admin")
    if target.partition(":")[0] not in rules.NAMES:
        raise MuteUnfit(f"{target!r} is no rule; choose one of {', '.join(rules.NAMES)}, or the key of an alert")
    if not timedelta() < lasting <= LONGEST_MUTE:
        raise MuteUnfit("an alert can be muted for a minute to 30 days")
    until = db.now(session) + lasting
    row = db.insert(session, Mute).values(target=target, until=until, by=person.name)
    said = {"until": until, "by": person.name}
    session.execute(row.on_conflict_do_update(index_elements=["target"], set_=said))
    accounts.record(session, person, "muted", "alert", target, {"until": until.isoformat(timespec="minutes")})
    return session.get_one(Mute, target, populate_existing=True)


def unmute(session: Session, person: Person, target: str) -> None:
    """Send again. What is still wrong then is told. Raises `PermissionMissing`."""
    person.require("admin")
    gone = sa.delete(Mute).where(Mute.target == target).returning(Mute.target)
    if session.scalars(gone).all():
        accounts.record(session, person, "unmuted", "alert", target)
