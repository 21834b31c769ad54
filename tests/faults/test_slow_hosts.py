"""Hosts that drip, say nothing, never end or break off: each try ends in time, and nobody else waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stonehand import config
from tests.faults import tally
from tests.faults.gatherers import Gatherers
from tests.faults.stacks import Stack, on
from tests.faults.tally import IS_LONG, SLACK
from tests.lookalikes.slow_web import SlowWeb
from tests.servers import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600 if IS_LONG else 180)]

HEALTHY, PAGES, ILL = (100, 80, 200) if IS_LONG else (20, 40, 40)
DEADLINE = 6.0 if IS_LONG else 4.0  # seconds
SHARE = 0.9 if IS_LONG else 0.5  # of their throughput alone; a short run beside others says little


@pytest.fixture
def web() -> Iterator[SlowWeb]:
    made = SlowWeb(HEALTHY, ILL)
    made.start()
    yield made
    made.remove()


@pytest.fixture
def gatherers(stack: Stack, web: SlowWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gatherers]:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("STONEHAND_FETCH_TIMEOUT_SECONDS", f"{DEADLINE:g}")
    monkeypatch.setenv("STONEHAND_LEASE_SECONDS", "60")
    config.settings.cache_clear()
    made = Gatherers(tmp_path)
    yield made
    made.close()


def _parts(urls: list[str], count: int) -> list[list[str]]:
    size = len(urls) // count
    return [urls[start : start + size] for start in range(0, size * count, size)]


@on("sqlite-filesystem")
def test_healthy_hosts_keep_their_pace(gatherers: Gatherers, web: SlowWeb, stack: Stack) -> None:
    gatherers.start_worker(2)
    good, bad = web.urls(PAGES + 1)
    gatherers.seconds_for([good.pop() for _ in range(HEALTHY)])  # their robots.txt are known then
    first, second, third, fourth = _parts(good, 4)
    # Later pages cost a little more, so each kind has an early turn and a late one.
    alone = gatherers.seconds_for(first)
    beside = sum(map(gatherers.seconds_for, (second, third), _parts(bad, 2)))
    alone += gatherers.seconds_for(fourth)
    # Endless bodies wait for room, so the last of them ends late.
    wait_until(lambda: len(gatherers.failures()) == len(bad), "every other try has ended", 240)
    lasted = [seconds for tries in gatherers.failures().values() for seconds in tries]
    tally.count("slow hosts", stack.name, len(bad), len(good), 0, 0, seconds=beside)
    tally.say(f"beside slow hosts: {alone / beside:.2f} of the pages a second of healthy ones alone, {stack.name}")
    assert max(lasted) < DEADLINE + 2 * SLACK
    assert alone / beside > SHARE, f"{beside:.1f} s beside slow hosts, {alone:.1f} s alone"
