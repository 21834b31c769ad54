"""Comments under fire: workers killed, answers lost, sessions ended. Nothing is lost or doubled, and the pace kept."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from stonehand import config
from tests.faults import tally
from tests.faults.classroom import Classroom, Writer
from tests.faults.stacks import Stack, on
from tests.faults.tally import IS_LONG
from tests.llm import simulator
from tests.lookalikes.busy_platform import BusyPlatform
from tests.servers import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if IS_LONG else 240)]

ARTICLES = {"14": 50, "6": 50, "5": 25} if IS_LONG else {"14": 3, "6": 3}
PROMPTS = ["encouraging-comment", "helpful-comment"] if IS_LONG else ["encouraging-comment"]
KILLS, EXPIRIES = (20, 10) if IS_LONG else (1, 1)
WORKERS = 2 if IS_LONG else 1  # which share the pace
NAME = "comments: kills, answers lost, sessions end"
CHANCE = 0.05  # that the answer to a question is lost
LOST = {"POST comment": ["lost", "error after"], "GET again": ["error", "unheard"]}
"""What befalls the first comments, whatever else happens: no answer, and none to the question what became of them."""
PACE = 10 if IS_LONG else 5  # questions a second, less than so many workers would ask if nobody held them
WINDOWS, DELAY = (1, 10), 0.5  # seconds; a question may come so much later than its turn, and be near the next one


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[BusyPlatform]:
    with simulator.running(Writer(0.1)) as model, BusyPlatform.running() as made:
        said = {"ALLOW_NETWORKS": "127.0.0.0/8", "LLM_BASE_URL": model.base_url, "LLM_MODEL": "tiny"}
        for name, value in {**said, "COMMENT_LOOK_SECONDS": "5"}.items():
            monkeypatch.setenv(f"STONEHAND_{name}", value)
        config.settings.cache_clear()
        for category, count in ARTICLES.items():
            made.publish(count, category)
        yield made


@pytest.fixture
def room(stack: Stack, site: BusyPlatform, tmp_path: Path) -> Iterator[Classroom]:
    made = Classroom(tmp_path, site, PROMPTS, PACE)
    yield made
    made.close()


def kill(room: Classroom, draw: random.Random) -> None:
    """Each worker and its pool, or one process of the pool; what died is started again."""
    for worker in list(room.workers):
        with suppress(psutil.NoSuchProcess):
            children = room.children(worker)
            if children and draw.random() < 0.3:
                draw.choice(children).kill()
            else:
                room.kill(worker)
    room.tend()


def goes_on(room: Classroom, count: int) -> None:
    """Until so many more comments stand there, or all of them."""
    before = len(room.site.comments)
    wait_until(lambda: room.is_done() or len(room.site.comments) >= before + count, "comments arrive", 180 + 10 * count)


@on("sqlite-filesystem")
def test_nothing_is_lost_or_doubled_and_the_pace_is_kept(room: Classroom, stack: Stack) -> None:
    draw, began = random.Random(20261129), time.monotonic()
    room.site.draw, room.site.chance = random.Random(20261129), CHANCE
    room.site.script = {step: [*befalls] for step, befalls in LOST.items()}
    for _ in range(WORKERS):
        room.keep_worker(2 // WORKERS)
    stride = room.wanted // (KILLS + EXPIRIES + 1)
    try:
        for deed in draw.sample(["kill"] * KILLS + ["expiry"] * EXPIRIES, KILLS + EXPIRIES):
            goes_on(room, stride)
            time.sleep(draw.uniform(0, 0.3))
            kill(room, draw) if deed == "kill" else room.site.end_sessions()
        wait_until(room.is_done, "every comment has come to its end", 900 if IS_LONG else 120)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{room.state()}\n{room.log()[-4000:]}") from None
    finally:
        lost, doubled = room.lost(), room.site.doubled()
        seconds = time.monotonic() - began
        tally.count(NAME, stack.name, KILLS + EXPIRIES, room.wanted, len(lost), len(doubled), 0, seconds)
        most = ", ".join(f"{room.site.crowd(each)} in {each} s" for each in WINDOWS)
        tally.say(f"{len(room.site.moments)} questions, {room.site.signins} sign-ins; at most {most}")
    assert lost == [], room.log()[-3000:]
    assert doubled == []
    assert len(room.site.comments) == room.wanted
    assert all(room.site.crowd(each) <= PACE * (each + DELAY) + 1 for each in WINDOWS)
