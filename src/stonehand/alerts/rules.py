"""What is worth waking somebody for. Each rule looks at the database and names what is wrong."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import config, vault
from stonehand.backups import queries as backups
from stonehand.backups.models import FAILED
from stonehand.channels.models import Channel
from stonehand.config import Settings
from stonehand.db import Session, now
from stonehand.jobs import queries
from stonehand.jobs.desk import loads
from stonehand.jobs.desk.loads import Load
from stonehand.jobs.models import Schedule
from stonehand.jobs.states import State
from stonehand.llm import budgets, configured
from stonehand.platforms import queries as platforms
from stonehand.publications import watching
from stonehand.reviews import policies
from stonehand.sources import queries as sources
from stonehand.trends import queries as trends

MOST = 100_000  # dead letters counted
BY_ID = ("viral_trend", "source_broken")  # rules whose subject is an id, which tells people nothing
NEWS = ("viral_trend",)  # rules that find something to know, and nothing to mend
SOURCES = ("source_changed", "source_gone")


@dataclass(frozen=True)
class Finding:
    """Something that is wrong now. `subject` is what it is about, such as a queue; the sentence says how to mend it."""

    rule: str
    subject: str
    sentence: str

    @property
    def key(self) -> str:
        """The same for the same trouble."""
        return f"{self.rule}:{self.subject}" if self.subject else self.rule


@dataclass(frozen=True)
class View:
    """What the rules look at."""

    session: Session
    settings: Settings
    moment: datetime
    loads: list[Load]


Rule = Callable[[View], Iterator[Finding]]


def look(session: Session) -> list[Finding]:
    """Everything that is wrong now. A threshold of 0 switches its rule off."""
    view = View(session, config.settings(), now(session), loads.loads(session))
    return [finding for rule in RULES.values() for finding in rule(view)]


def _queue_depth(view: View) -> Iterator[Finding]:
    most = view.settings.alert_queue_depth
    for load in view.loads:
        if most and load.ready >= most:
            words = f"{_waiting(load.ready, 'job')} in the queue {load.name}; add workers: stonehand worker"
            yield Finding("queue_depth", load.name, f"{words} --queue {load.name}")


def _oldest_ready(view: View) -> Iterator[Finding]:
    longest = view.settings.alert_oldest_seconds
    for load in view.loads:
        waited = _waited(view, load)
        if longest and waited >= longest and not load.paused_by:
            words = f"a job of the queue {load.name} has been ready for {waited} s and does not run"
            yield Finding("oldest_ready", load.name, f"{words}; ask: stonehand doctor")


def _no_worker(view: View) -> Iterator[Finding]:
    longest = view.settings.alert_no_worker_seconds
    for load in view.loads:
        if longest and not load.workers and _waited(view, load) >= longest:
            words = f"no worker serves the queue {load.name}, where {_waiting(load.ready, 'job')}; start one"
            yield Finding("no_worker", load.name, f"{words}: stonehand worker --queue {load.name}")


def _waited(view: View, load: Load) -> int:
    return int((view.moment - load.oldest_ready_at).total_seconds()) if load.oldest_ready_at else 0


def _waiting(count: int, thing: str) -> str:
    return f"1 {thing} waits" if count == 1 else f"{count} {thing}s wait"


def _key_missing(view: View) -> Iterator[Finding]:
    least = view.settings.alert_key_missing
    waiting = queries.behind(view.session, vault.GATE) if least else []
    if least and len(waiting) >= least:
        words = f"{_waiting(len(waiting), 'job')} for a secret that no key of their worker opens"
        yield Finding("key_missing", "", f"{words}; see: stonehand why {waiting[0]}, and stonehand doctor")


def _dead_letters(view: View) -> Iterator[Finding]:
    most = view.settings.alert_dead_letters
    count = queries.count_up_to(view.session, (State.DISCARDED,), MOST) if most else 0
    if most and count >= most:
        words = f"{_waiting(count, 'dead letter')} for somebody to look; see: stonehand job list --state discarded"
        yield Finding("dead_letters", "", words)


def _needs_reconcile(view: View) -> Iterator[Finding]:
    most = view.settings.alert_needs_reconcile
    count = queries.count_up_to(view.session, (State.NEEDS_RECONCILE,), MOST) if most else 0
    if most and count >= most:
        things = "1 job" if count == 1 else f"{count} jobs"
        words = f"{things} may have been done outside, and only a person can tell; see: stonehand job list"
        yield Finding("needs_reconcile", "", f"{words} --state needs_reconcile")


def _channel_stopped(view: View) -> Iterator[Finding]:
    """One alert for one cause, however many pieces wait for it."""
    stopped = sa.select(Channel).where(Channel.is_enabled.is_(False), Channel.trouble.is_not(None))
    for channel in view.session.scalars(stopped.order_by(Channel.name)) if view.settings.alert_channel_stopped else ():
        words = f"the channel {channel.name} was switched off, and what is meant for it waits: {channel.trouble}"
        yield Finding("channel_stopped", channel.name, words)


def _schedule_late(view: View) -> Iterator[Finding]:
    longest = view.settings.alert_schedule_late_seconds
    late = sa.select(Schedule).where(Schedule.is_enabled, Schedule.next_at < view.moment - timedelta(seconds=longest))
    for schedule in view.session.scalars(late.order_by(Schedule.name)) if longest else ():
        words = f"{schedule.name} should have begun at {schedule.next_at:%H:%M:%S} UTC"
        yield Finding("schedule_late", schedule.name, f"{words}; start a scheduler: stonehand scheduler")


def _disk(view: View) -> Iterator[Finding]:
    least, folder = view.settings.alert_disk_free_mb, view.settings.data_dir
    free = shutil.disk_usage(folder).free // 2**20
    if least and free < least:
        yield Finding("disk", "", f"only {free} MB are free on the disk of {folder}; make room")


def _backup(view: View) -> Iterator[Finding]:
    hours = view.settings.alert_backup_hours
    if not view.settings.backup_dir or not hours:
        return
    latest, good = backups.newest(view.session, 1), backups.last_good(view.session)
    if latest and latest[0].state == FAILED:
        yield Finding(
            "backup_failed", "", f"the backup of {latest[0].made_at:%Y-%m-%d %H:%M} failed: {latest[0].error}"
        )
    if good and good.made_at < view.moment - timedelta(hours=hours):
        words = f"the last backup is of {good.made_at:%Y-%m-%d %H:%M} UTC; make one: stonehand backup"
        yield Finding("backup_old", "", words)


def _viral_trend(view: View) -> Iterator[Finding]:
    """The first to turn viral go before later ones, so that none of them ends because another one began."""
    most = view.settings.alert_viral_trends
    for trend, story in trends.viral(view.session, most) if most else ():
        words = f"“{story.title[:120]}” is viral since {trend.state_since:%Y-%m-%d %H:%M} UTC: {trend.why.rstrip('.')}"
        yield Finding("viral_trend", story.id, f"{words}; see /stories/{story.id}, where a draft can be asked for")


def _model_refused(view: View) -> Iterator[Finding]:
    for each in configured.every(view.session) if view.settings.alert_model_refused else ():
        if each.is_enabled and each.refused_at is not None:
            words = f"the key of the language model {each.name} is refused since {each.refused_at:%Y-%m-%d %H:%M} UTC"
            yield Finding("model_refused", each.id, f"{words}; enter another: stonehand models edit {each.id}")


def _login_refused(view: View) -> Iterator[Finding]:
    for login, platform in platforms.refused(view.session) if view.settings.alert_login_refused else ():
        words = f"{platform.name} does not let {login.username} in, and its work waits: {login.trouble}"
        yield Finding("login_refused", login.id, f"{words}; enter its password again on the page Platforms")


def _policy_expired(view: View) -> Iterator[Finding]:
    for policy, channel in policies.expired(view.session) if view.settings.alert_policy_expired else ():
        words = f"the policy of the channel {channel.name} is over since {policy.expires_at:%Y-%m-%d %H:%M} UTC"
        mend = f"give it another last day on the page Policies, or: stonehand policy off {shlex.quote(channel.name)}"
        yield Finding("policy_expired", channel.name, f"{words}, so what goes there waits for a person; {mend}")


def _budget_spent(view: View) -> Iterator[Finding]:
    told, least = set(), view.settings.alert_budget_spent
    for each in budgets.standings(view.session):
        subject = ":".join(filter(None, (each.span.scope, each.span.subject_id, each.span.period)))
        if least and each.turned_away >= least and subject not in told:
            told.add(subject)
            words = f"{each.span.words} did not cover {each.turned_away} calls, which did without"
            mend = f"it starts anew at {each.span.ends:%Y-%m-%d %H:%M} UTC, or raise it: stonehand budgets set"
            yield Finding("budget_spent", subject, f"{words}; {mend}")


def _cited_source(view: View) -> Iterator[Finding]:
    for page, article in watching.troubled(view.session) if view.settings.alert_cited_sources else ():
        pieces = plural_of(len(watching.shown(view.session, article.id)))
        what = "is gone" if page.trouble == watching.GONE else "no longer says what is cited from it"
        yield Finding(
            f"source_{page.trouble}",
            article.id,
            f"{article.title or article.url} {what}, and {pieces} on it; see Publications, then correct or retract",
        )


def _source_broken(view: View) -> Iterator[Finding]:
    """Those that broke first go before later ones, so that no alert ends because another source broke."""
    most = view.settings.alert_sources
    found = [each for each in sources.in_trouble(view.session) if not each.is_sample] if most else []
    found.sort(key=lambda each: (each.last_ok_at or each.created_at, each.id))
    for each in found[:most]:
        words = f"{each.title or each.url} cannot be read: {each.last_error}"
        yield Finding("source_broken", each.id, f"{words}; see /sources/{each.id}, where something may be proposed")
    if most < len(found):
        yield Finding("source_broken", "", f"{len(found) - most} more cannot be read; see the page Sources")


def plural_of(pieces: int) -> str:
    """How many pieces rest on something."""
    return "1 published piece rests" if pieces == 1 else f"{pieces} published pieces rest"


RULES: dict[str, Rule] = {
    "queue_depth": _queue_depth,
    "oldest_ready": _oldest_ready,
    "no_worker": _no_worker,
    "key_missing": _key_missing,
    "dead_letters": _dead_letters,
    "needs_reconcile": _needs_reconcile,
    "channel_stopped": _channel_stopped,
    "schedule_late": _schedule_late,
    "disk": _disk,
    "backup": _backup,
    "viral_trend": _viral_trend,
    "model_refused": _model_refused,
    "login_refused": _login_refused,
    "policy_expired": _policy_expired,
    "budget_spent": _budget_spent,
    "cited_source": _cited_source,
    "source_broken": _source_broken,
}
_SEVERAL = ("backup", "cited_source")
NAMES = (*(name for name in RULES if name not in _SEVERAL), "backup_failed", "backup_old", *SOURCES)
TITLES = {
    "queue_depth": "Many jobs wait",
    "oldest_ready": "A job does not run",
    "no_worker": "No worker serves a queue",
    "key_missing": "A worker lacks a key",
    "dead_letters": "Dead letters",
    "needs_reconcile": "A person must look",
    "channel_stopped": "A channel was switched off",
    "schedule_late": "A schedule is late",
    "disk": "The disk is nearly full",
    "backup_failed": "The backup failed",
    "backup_old": "The last backup is old",
    "viral_trend": "A story has turned viral",
    "model_refused": "A language model refuses its key",
    "login_refused": "A platform refuses a login",
    "policy_expired": "A policy is over",
    "budget_spent": "A budget is spent",
    "source_broken": "A source cannot be read",
    "source_changed": "A cited source has changed",
    "source_gone": "A cited source is gone",
    "test": "A test",
}
