"""Publishing to a site that refuses: 401, 403, 409, 429, 500 in HTML, hangs, and a password that somebody has changed.

Nothing is lost or doubled, one alert tells of one cause, and nobody storms a site that has said no.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand import config
from stonehand.alerts import service as alerts
from stonehand.alerts.models import Alert
from stonehand.channels import queries as channel_queries
from stonehand.channels import service as channels
from stonehand.publications.errors import NoChannel
from tests.faults import tally
from tests.faults.press import ADMIN, Press
from tests.faults.stacks import STACKS, Stack, on, stacked
from tests.faults.tally import IS_LONG
from tests.faults.test_publishing import Fire, run
from tests.lookalikes import wordpress as lookalike
from tests.servers import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800 if IS_LONG else 240)]

PIECES = 1000 if IS_LONG else 12
CHANGES, KILLS = (5, 5) if IS_LONG else (1, 1)  # of the password, and of workers before each
BUSY = {"queue_depth:publishing", "oldest_ready:publishing", "no_worker:publishing"}
"""What may be told of so many pieces while workers are killed."""
AT_ONCE = 2  # deliveries of the worker
STACK = STACKS if IS_LONG else STACKS[:1]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[lookalike.WordPress]:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("STONEHAND_FETCH_TIMEOUT_SECONDS", "1")
    config.settings.cache_clear()
    with lookalike.running() as made:
        made.patience, made.misfortunes = 1.3, (*lookalike.MISFORTUNES, *lookalike.REFUSALS)
        yield made


@pytest.fixture
def press(stack: Stack, site: lookalike.WordPress, tmp_path: Path) -> Iterator[Press]:
    made = Press(tmp_path, site)
    yield made
    made.close()


class Passwords:
    """Somebody who changes the password at the site, again and again, and somebody who mends it."""

    def __init__(self, fire: Fire) -> None:
        self.fire, self.press, self.site = fire, fire.press, fire.press.site
        self.wrong: list[int] = []
        """For each change, how often a wrong password came."""

    def change(self) -> None:
        """Until the channel stops; then it rests, and a person mends it."""
        self.fire._until_it_works()
        before = self._refused()
        right, self.site.password = self.site.password, "changed by somebody"
        with suppress(NoChannel):  # those that were on their way have stopped it already
            self.press.order(1)  # all of them may have gone out before
        wait_until(self._is_stopped, "the channel is switched off", 60)
        self._alert()
        time.sleep(1.5)  # in which a storm would show
        self.wrong.append(self._refused() - before)
        self.site.password = right
        with self.press.database.transaction() as session:
            channels.enable(session, ADMIN, self.press.channel, True)
        self._alert()

    def _refused(self) -> int:
        return sum(not is_right for _, is_right in list(self.site.logins))

    def _is_stopped(self) -> bool:
        self.press.tend()
        with self.press.database.read() as session:
            return not channel_queries.channel(session, self.press.channel).is_enabled

    def _alert(self) -> None:
        """As the watch does every minute, and often at that."""
        for _ in range(3):
            with self.press.database.transaction() as session:
                alerts.evaluate(session)

    def told(self) -> Counter[str]:
        """How many alerts told of each cause, over or not."""
        self._alert()
        with self.press.database.read() as session:
            return Counter(session.scalars(sa.select(Alert.key)))


@pytest.mark.parametrize("stack", [stacked(name) for name in STACK], indirect=True)
def test_a_site_that_refuses_in_every_way(press: Press, stack: Stack) -> None:
    fire = Fire(press, stack, 20261128)
    somebody = Passwords(fire)
    deeds = [*[fire.kill_worker] * KILLS, somebody.change] * CHANGES
    began = time.monotonic()
    run("401, 403, 409, 429, 500, hangs, kills", fire, deeds, PIECES)
    minutes = max((time.monotonic() - began) / 60, 1 / 60)
    asked, told = sum(press.site.asked.values()), somebody.told()
    tally.say(
        f"{stack.name}: {len(press.site.logins) / minutes:.0f} requests with the login a minute, {asked / PIECES:.1f} "
        f"requests a piece, wrong logins after each change of the password: {somebody.wrong}, alerts: {dict(told)}"
    )
    assert all(wrong <= 2 * AT_ONCE for wrong in somebody.wrong), "nobody storms a site that has refused a login"
    assert 1 <= told.pop("channel_stopped:Blog") <= CHANGES, "one alert for one cause"
    assert set(told.values()) <= {1}
    assert set(told) <= BUSY, "nothing else is wrong"
    assert asked <= 15 * PIECES, "nobody storms a site that fails"


@on("sqlite-filesystem")
def test_a_site_that_asks_to_be_left_alone_is(press: Press, stack: Stack) -> None:
    """One piece is told 429 with Retry-After; until then nobody else asks either."""
    site, pieces = press.site, 3
    site.rest, site.draw = 3, random.Random(1)
    press.keep_worker(AT_ONCE)
    press.order(1)
    wait_until(lambda: len(site.shown) == 1, "the first is published", 60)
    site.script = {"GET /posts": ["too many"], "POST /posts": ["too many"]}
    before = len(site.logins)
    press.order(pieces)
    wait_until(lambda: not all(site.script.values()), "it is asked", 60)
    told = time.monotonic()
    wait_until(press.is_done, "everything is published", 120)
    during = [at for at, _ in site.logins[before:] if told + 0.5 < at < told + site.rest - 0.5]
    assert press.lost() == []
    assert site.doubled() == []
    assert len(during) <= AT_ONCE, "in all that time, whoever had begun"
