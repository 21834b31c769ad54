"""Filling the page of alerts and backups."""

from __future__ import annotations

from datetime import datetime

from stonehand import config
from stonehand.accounts.permissions import Person
from stonehand.alerts import queries, ways
from stonehand.alerts.models import Alert
from stonehand.alerts.rules import BY_ID, NEWS, TITLES
from stonehand.backups import queries as backups
from stonehand.backups.models import DONE, Backup
from stonehand.db import Session
from stonehand.web.pages.alerts import AlertRow, AlertsView, BackupRow, MuteRow
from stonehand.web.pages.parts import Badge

FEW = 20
OFF = "No backup is made by itself: set STONEHAND_BACKUP_DIR to a folder, best on another disk."


def index(session: Session, person: Person) -> AlertsView:
    """Everything of the page."""
    mutes = queries.mutes(session)
    until = {mute.target: mute.until for mute in mutes}
    is_admin = person.may("admin")
    return AlertsView(
        going_on=tuple(_alert(alert, until) for alert in queries.going_on(session)),
        over=tuple(_alert(alert, until) for alert in queries.over(session, FEW)),
        mutes=tuple(MuteRow(mute.target, mute.until, mute.by) for mute in mutes),
        ways=", ".join(ways.configured()),
        backups=tuple(_backup(each) for each in backups.newest(session, 7)) if is_admin else (),
        backup_note="" if config.settings().backup_dir else OFF,
        can_admin=is_admin,
    )


def _alert(alert: Alert, muted: dict[str, datetime]) -> AlertRow:
    subject = f": {alert.subject}" if alert.subject and alert.rule not in BY_ID else ""
    badge = Badge("Now", "warn" if alert.rule in NEWS else "bad") if alert.ended_at is None else Badge("Over", "quiet")
    return AlertRow(
        key=alert.key,
        title=f"{TITLES.get(alert.rule, alert.rule)}{subject}",
        sentence=f"{alert.sentence[:1].upper()}{alert.sentence[1:]}.",
        badge=badge,
        began_at=alert.began_at,
        ended_at=alert.ended_at,
        muted_until=muted.get(alert.key) or muted.get(alert.rule),
    )


def _backup(backup: Backup) -> BackupRow:
    is_done = backup.state == DONE
    badge = Badge("Made", "good") if is_done else Badge("Failed", "bad")
    size = f"{backup.size / 2**20:,.1f} MB" if is_done else ""
    return BackupRow(backup.made_at, badge, size, backup.path if is_done else backup.error or "")
