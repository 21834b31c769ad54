"""`/metrics` for Prometheus: open to this machine alone, or to a token that may read."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address

import psutil
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse

from stonehand import config, db
from stonehand.alerts import queries as alerts
from stonehand.alerts import rules
from stonehand.errors import NotFound, StonehandError
from stonehand.jobs.broker import engine
from stonehand.metrics import exposition, gathering, totals
from stonehand.metrics.exposition import Family
from stonehand.web.counting import COUNTS
from stonehand.web.deps import SignInNeeded, Visitor

router = APIRouter(tags=["metrics"], include_in_schema=False)
WORK_FRESH = 5.0  # seconds
CONTENT_FRESH = 60.0
BROKER_FRESH = 30.0
BROKER_PATIENCE = 1.0
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
Look = Callable[[], list[Family]]


class NoMetrics(NotFound):
    """Metrics are switched off."""


@router.get("/metrics")
def metrics(request: Request, person: Visitor) -> PlainTextResponse:
    """Everything as Prometheus reads it."""
    _check_open(request, may_read=person is not None and person.may("read"))
    found = [*_work(), *_content(), *_broker(), *COUNTS.families(), *_process()]
    return PlainTextResponse(exposition.text(found), media_type=exposition.MEDIA_TYPE)


def _check_open(request: Request, may_read: bool) -> None:
    mode = config.settings().metrics
    if mode == "off":
        raise NoMetrics("metrics are switched off; set STONEHAND_METRICS to loopback or token")
    if not may_read and not (mode == "loopback" and _is_from_here(request)):
        raise SignInNeeded("metrics are open to this machine alone; from elsewhere, send a token that may read")


def _is_from_here(request: Request) -> bool:
    """Whether this machine asks, and not a proxy on it for somebody else."""
    if config.settings().public_url or any(name in request.headers for name in FORWARDED):
        return False
    return _is_loopback(request.client.host if request.client else "") and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Kept:
    """What was found is shown again for some seconds, so that scraping often costs nothing."""

    def __init__(self, look: Look, seconds: float) -> None:
        self._look, self._seconds = look, seconds
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Look anew the next time."""
        self._found: list[Family] = []
        self._until = 0.0

    def __call__(self) -> list[Family]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._look()
                self._until = time.monotonic() + self._seconds
            return self._found


def _look_at_work() -> list[Family]:
    up = Family("stonehand_database_up", "gauge", "Whether the database answers.")
    try:
        totals.count_ends(db.database())
        with db.database().read() as session:
            found = [*gathering.work(session), _alerts(session)]
    except StonehandError:
        found = []
    up.add(bool(found))
    return [up, *found]


def _alerts(session: db.Session) -> Family:
    found = Counter(alert.rule for alert in alerts.going_on(session))
    made = Family("stonehand_alerts", "gauge", "What is wrong now, by rule.")
    for rule in rules.NAMES:
        made.add(found[rule], {"rule": rule})
    return made


def _look_at_content() -> list[Family]:
    try:
        with db.database().read() as session:
            return gathering.content(session)
    except StonehandError:
        return []


def _look_at_broker() -> list[Family]:
    up = Family("stonehand_broker_up", "gauge", "Whether the broker answers. While it does not, accepted work waits.")
    try:
        up.add(bool(engine.reach(BROKER_PATIENCE)))
    except StonehandError:
        up.add(0)
    return [up]


def _process() -> list[Family]:
    """The web process, by the names that Prometheus' own clients use."""
    this = psutil.Process()
    times = this.cpu_times()
    numbers = {
        "process_resident_memory_bytes": float(this.memory_info().rss),
        "process_start_time_seconds": this.create_time(),
        "process_open_fds": float(this.num_fds()),
    }
    found = [Family(name, "gauge", "Of the web process.") for name in numbers]
    for family in found:
        family.add(numbers[family.name])
    seconds = Family("process_cpu_seconds_total", "counter", "Of the web process.")
    seconds.add(times.user + times.system)
    return [*found, seconds]


_work, _content = Kept(_look_at_work, WORK_FRESH), Kept(_look_at_content, CONTENT_FRESH)
_broker = Kept(_look_at_broker, BROKER_FRESH)
