"""A class under fire: comments on a busy platform, by a model that takes its time. `python -m tests.faults.classroom`
is a worker.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from stonehand import db, pipeline
from stonehand.accounts.permissions import Person, granted
from stonehand.comments import queries, service
from stonehand.comments.models import Comment
from stonehand.comments.schemas import ProcessIn
from stonehand.db import Database
from stonehand.jobs.worker import heartbeat, presence, serving
from stonehand.limits import breakers
from stonehand.platforms import service as platforms
from stonehand.platforms import sessions
from stonehand.platforms.models import Platform
from stonehand.platforms.schemas import LoginIn, PlatformIn
from tests.faults.conftest import Yard
from tests.llm.simulator import Exchange
from tests.lookalikes.busy_platform import PASSWORD, BusyPlatform

ADMIN = Person("", "a@example.org", "Ada", "admin", granted("admin"))
QUEUES = ["sources", "fetch", "generation", "publishing", "control", "default"]
PACE = 20  # questions a second


class Writer:
    """A model that answers after `seconds`, never twice the same."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.number = seconds, itertools.count(1)
        self.asked: list[tuple[float, str]] = []

    def __call__(self, exchange: Exchange) -> None:
        """Answer with a comment that holds."""
        self.asked.append((time.monotonic(), exchange.question["messages"][-1]["content"]))
        time.sleep(self.seconds)
        said = f"Die Stelle Nummer {next(self.number)} gefällt mir: Ich sehe das Tier vor mir. Wohin läuft es danach?"
        with suppress(OSError):
            exchange.answer(json.dumps({"reasoning": "Es geht um ein Tier.", "comment": f"<p>{said}</p>"}))


def join(database: Database, site: BusyPlatform, **changes: object) -> tuple[str, list[str]]:
    """A platform with its logins. Returns their ids."""
    wish = PlatformIn(
        name="Schreibwerkstatt", base_url=site.url, permission="Frau von Arx, 3 March 2026", interval=1 / PACE,
        config={"preset": "mymoment", "comments": {"settle_seconds": 2}},
    )  # fmt: skip
    with database.transaction() as session:
        made = platforms.add(session, ADMIN, wish)
        values = {"language": "de", "most_per_login_a_day": 1000, "most_a_day": 1000, **changes}
        session.execute(sa.update(Platform).where(Platform.id == made.id).values(**values))
        logins = [
            platforms.add_login(session, ADMIN, made.id, LoginIn(username=each, password=PASSWORD)).id
            for each in site.accounts
        ]
        return made.id, logins


def process(database: Database, platform_id: str, logins: list[str], **changes: object) -> str:
    """A process that sends what it writes, by a policy. Returns its id."""
    wish = ProcessIn(
        name="Klasse 3a", platform_id=platform_id, login_ids=logins, prompt_ids=["encouraging-comment"], tab="alle",
        generate_only=False, auto_reason="a proof", auto_per_day=1000, auto_until=db.utc_now() + timedelta(days=1),
    )  # fmt: skip
    with database.transaction() as session:
        return service.create(session, ADMIN, wish.model_copy(update=changes)).id


def start(database: Database, process_id: str) -> None:
    """Let it work."""
    with database.transaction() as session:
        service.start(session, ADMIN, process_id)


def states(database: Database) -> dict[str, int]:
    """How many comments are in each state."""
    with database.read() as session:
        rows = session.execute(sa.select(Comment.state, sa.func.count()).group_by(Comment.state))
        return dict(rows.all())


class Classroom(Yard):
    """An installation with one process at one platform."""

    module = __name__

    def __init__(self, folder: Path, site: BusyPlatform) -> None:
        pipeline.install_worker()
        super().__init__(folder)
        self.site = site
        self.platform, self.logins = join(self.database, site)
        self.process = process(self.database, self.platform, self.logins, most_articles=100)

    def posted(self) -> int:
        """How many comments have arrived."""
        return states(self.database).get("posted", 0)

    def lost(self, wanted: int) -> list[str]:
        """What is not on the site as it stands here."""
        there = {str(each.id): each.article for each in self.site.comments}
        with self.database.read() as session:
            rows = session.scalars(sa.select(Comment)).all()
            ids = {each.id: queries.article(session, each.article_id).remote_id for each in rows}
        gone = [f"{each.id} {each.state}: {each.error}" for each in rows if each.state != "posted"]
        gone += [each.id for each in rows if each.state == "posted" and str(there.get(each.remote_id)) != ids[each.id]]
        return gone + ["never made"] * (wanted - len(rows))

    def tick(self) -> Callable[[], bool]:
        """A question whether everything has arrived, which tends the workers."""

        def all_posted() -> bool:
            self.tend()
            counts = states(self.database)
            return bool(counts) and set(counts) == {"posted"}

        return all_posted


if __name__ == "__main__":
    presence.EVERY = float(sys.argv[2])
    heartbeat.GRACE = 5.0
    sessions.LEASE, sessions.REST, breakers.COOLDOWN = timedelta(seconds=10), 1.0, 1.0
    serving.work(QUEUES, int(sys.argv[1]), pipeline.install_worker)
