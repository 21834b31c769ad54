"""Comments under fire: workers killed in the middle, answers lost, sessions ended. Nothing lost or doubled."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from stonehand import config, jobs
from stonehand.platforms.models import Platform
from tests.comments.conftest import Model
from tests.faults.commentators import Commentators
from tests.faults.stacks import Stack, on
from tests.faults.tally import IS_LONG
from tests.llm import simulator
from tests.lookalikes.writing_platform import WritingPlatform

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if IS_LONG else 300)]

ARTICLES, KILLS = (250, 50) if IS_LONG else (8, 3)


@pytest.fixture
def yard(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commentators]:
    model = Model()
    with WritingPlatform.running() as site, simulator.running(model) as server:
        monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
        monkeypatch.setenv("STONEHAND_LLM_BASE_URL", server.base_url)
        monkeypatch.setenv("STONEHAND_LLM_MODEL", "simulated")
        config.settings.cache_clear()
        made = Commentators(tmp_path, site, model, server, ARTICLES)
        quick = {"preset": "mymoment", "comments": {"settle_seconds": 2}}
        made.desk.set(Platform, made.desk.platform_id, config=quick)
        yield made
        made.close()


@on("sqlite-filesystem")
def test_workers_are_killed_while_they_comment(yard: Commentators, stack: Stack) -> None:
    desk, count = yard.desk, 2 * ARTICLES
    desk.site.script["POST comment"] = ["lost", "", "unheard"]
    yard.keep_worker(2)
    desk.alone(most_articles=100)
    for number in range(KILLS):
        before = desk.states().get("posted", 0)
        yard.wait_until(partial(has_moved, yard, before, count), "it comments")
        yard.shoot()
        if number == 1:
            desk.site.end_sessions()
        tick(yard)
    until = time.monotonic() + (1800 if IS_LONG else 150)
    while not yard.is_done(count) and time.monotonic() < until:
        time.sleep(1)
        tick(yard)
    assert desk.states() == {"posted": count}, yard.log()[-3000:]
    said = Counter((each.article, each.by) for each in desk.site.comments)
    assert len(said) == count
    assert set(said.values()) == {1}


def has_moved(yard: Commentators, before: int, count: int) -> bool:
    return yard.is_done(count) or yard.desk.states().get("posted", 0) > before


def tick(yard: Commentators) -> None:
    """What the clock would do."""
    with yard.database.transaction() as session:
        jobs.enqueue(session, "comments.tick", {}, unique_key="comments.tick")
