"""A class under fire: comments on a busy platform, by a model that takes its time. `python -m tests.faults.classroom`
is a worker.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from stonehand import db, pipeline
from stonehand.accounts.permissions import Person, granted
from stonehand.comments import discovery, sending, service
from stonehand.comments.models import Comment, CommentProcess, FoundArticle
from stonehand.comments.schemas import ProcessIn
from stonehand.db import Database
from stonehand.jobs import retries
from stonehand.jobs.clock import schedules
from stonehand.jobs.desk import explanation
from stonehand.jobs.models import Job
from stonehand.jobs.states import UNFINISHED
from stonehand.jobs.worker import heartbeat, presence, serving
from stonehand.limits import breakers
from stonehand.platforms import service as platforms
from stonehand.platforms import sessions
from stonehand.platforms.models import Platform
from stonehand.platforms.schemas import LoginIn, PlatformIn
from tests.faults.place import Yard
from tests.llm.simulator import Exchange
from tests.lookalikes.busy_platform import PASSWORD, BusyPlatform

ADMIN = Person("", "a@example.org", "Ada", "admin", granted("admin"))
QUEUES = ["sources", "fetch", "generation", "publishing", "control", "default"]
PACE = 20  # questions a second
ENDED = {"posted", "failed", "needs_reconcile", "skipped"}


class Writer:
    """A model that answers after `seconds`, never twice the same."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.number = seconds, itertools.count(1)
        self.asked: list[tuple[float, str]] = []
        self.answered: list[float] = []
        """How long it took for each."""

    def __call__(self, exchange: Exchange) -> None:
        """Answer with a comment that holds."""
        began = time.monotonic()
        self.asked.append((began, exchange.question["messages"][-1]["content"]))
        time.sleep(self.seconds)
        said = f"Die Stelle Nummer {next(self.number)} gefällt mir: Ich sehe das Tier vor mir. Wohin läuft es danach?"
        with suppress(OSError):
            exchange.answer(json.dumps({"reasoning": "Es geht um ein Tier.", "comment": f"<p>{said}</p>"}))
        self.answered.append(time.monotonic() - began)


def join(
    database: Database, site: BusyPlatform, name: str = "Schreibwerkstatt", pace: float = PACE
) -> tuple[str, list[str]]:
    """A platform with its logins, asked so often a second. Returns their ids."""
    wish = PlatformIn(
        name=name, base_url=site.url, permission="Frau von Arx, 3 March 2026", interval=1 / pace,
        config={"preset": "mymoment", "comments": {"settle_seconds": 2}},
    )  # fmt: skip
    with database.transaction() as session:
        made = platforms.add(session, ADMIN, wish)
        values = {"language": "de", "most_per_login_a_day": 1000, "most_a_day": 1000}
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
    """An installation with a process for each category of a platform, as so many prompts want it."""

    module = __name__

    def __init__(self, folder: Path, site: BusyPlatform, prompts: list[str], pace: float = PACE) -> None:
        pipeline.install_worker()
        super().__init__(folder)
        self.site = site
        with self.database.transaction() as session:
            schedules.install(session, [schedules.every("comments.tick", queue="control", seconds=5)])
        platform, logins = join(self.database, site, pace=pace)
        found = Counter(each.category for each in site.texts.values())
        self.wanted = len(site.texts) * len(logins) * len(prompts)
        for each in found:
            made = process(self.database, platform, logins, category=each, prompt_ids=prompts, most_articles=100)
            start(self.database, made)

    def is_done(self) -> bool:
        """Whether every comment that there should be has come to its end."""
        self.tend()
        counts = states(self.database)
        return sum(counts.values()) == self.wanted and set(counts) <= ENDED

    def lost(self) -> list[str]:
        """What should be on the site and is not, or is and nobody here knows."""
        there = {(str(each.id), str(each.article), each.by) for each in self.site.comments}
        with self.database.read() as session:
            rows = session.execute(sa.select(Comment, FoundArticle.remote_id).join(FoundArticle)).all()
        known = {(row.remote_id, article, row.login_name) for row, article in rows if row.state == "posted"}
        gone = [f"{row.id} {row.state}: {row.error}" for row, _ in rows if row.state != "posted"]
        return [*gone, *map(str, known ^ there), *["never made"] * (self.wanted - len(rows))]

    def state(self) -> str:
        """What is where, for whoever must find out why it does not get on."""
        with self.database.read() as session:
            waiting = session.scalars(sa.select(Job).where(Job.state.in_(UNFINISHED)).limit(8)).all()
            why = [f"{job.task} {job.attempts}: {explanation.why_not_running(session, job)}" for job in waiting]
            troubled = session.execute(
                sa.select(Comment.state, Comment.error).where(Comment.error != "").limit(5)
            ).all()
            looks = [
                (each.state, each.trouble, each.next_look_at) for each in session.scalars(sa.select(CommentProcess))
            ]
        return "\n".join(map(str, [states(self.database), *looks, *why, *troubled]))


if __name__ == "__main__":
    presence.EVERY = float(sys.argv[2])
    heartbeat.GRACE = 5.0
    retries.CAP, sending.ASK_AGAIN, breakers.COOLDOWN = 1.0, 0.5, 0.5
    sessions.LEASE, sessions.REST, discovery.SHORTEST, discovery.LONGEST = timedelta(seconds=10), 0.5, 1, 5
    pipeline.install_worker()  # once for the whole pool, whose processes are killed and made again
    serving.work(QUEUES, int(sys.argv[1]), lambda: None)
