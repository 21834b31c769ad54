"""A writing platform with two logins, a model that answers at once, and processes on them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, db, pipeline
from stonehand.accounts.permissions import Person, granted
from stonehand.comments import service
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.schemas import ProcessIn
from stonehand.db import Database
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.platforms import service as platforms
from stonehand.platforms.models import Platform
from stonehand.platforms.schemas import LoginIn, PlatformIn
from tests.llm import simulator
from tests.llm.simulator import Exchange, Simulator
from tests.lookalikes.writing_platform import Account, Text, WritingPlatform

PASSWORD = "hunter-two-words"
ADMIN = Person("u1", "ada@example.org", "Ada", "admin", granted("admin"))
EDITOR = Person("u2", "ed@example.org", "Ed", "editor", granted("editor"))
BOTS = ("bot3a", "bot3b")
WORDS = "Dein Text gefällt mir, weil du genau beschreibst, was du gesehen hast. Wie ging es danach weiter, Nummer"
PROMPT = "encouraging-comment"


def text(number: int, **more: Any) -> Text:
    """An article that somebody published."""
    return Text(number, f"Text {number}", f"Kind {number}", f"<p>Am Bach {number} war es kalt.</p>", **more)


class Model:
    """A model that never says the same twice. `script` may answer in its place."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.script: Callable[[Exchange], None] | None = None

    def __call__(self, exchange: Exchange) -> None:
        if self.script:
            self.script(exchange)
        else:
            self.answer(exchange)

    def answer(self, exchange: Exchange, words: str = WORDS) -> None:
        said = {"reasoning": "Es ist freundlich.", "comment": f"<p>{words} {next(self.numbers)}?</p>"}
        exchange.answer(json.dumps(said))


@dataclass
class Desk:
    """Everything that a process needs."""

    database: Database
    site: WritingPlatform
    model: Model
    server: Simulator
    platform_id: str = ""
    logins: list[str] = field(default_factory=list)

    def process(self, start: bool = True, person: Person = ADMIN, **wish: Any) -> str:
        """A process of both logins, started."""
        usual: dict[str, Any] = {"name": "Klasse 3a", "tab": "alle", "prompt_ids": [PROMPT]}
        usual |= {"platform_id": self.platform_id, "login_ids": self.logins}
        with self.database.transaction() as session:
            made = service.create(session, person, ProcessIn(**{**usual, **wish})).id
        if start:
            self.start(made, person)
        return made

    def alone(self, **wish: Any) -> str:
        """A process whose comments go without a person."""
        until = db.utc_now() + timedelta(days=1)
        policy = {"generate_only": False, "auto_reason": "a trial", "auto_per_day": 500, "auto_until": until}
        return self.process(**{**policy, **wish})

    def start(self, process_id: str, person: Person = ADMIN) -> None:
        with self.database.transaction() as session:
            service.start(session, person, process_id)

    def stop(self, process_id: str) -> None:
        with self.database.transaction() as session:
            service.stop(session, ADMIN, process_id)

    def run(self) -> int:
        """Whatever is ready, and all that follows from it."""
        return run_all(self.database)

    def later(self, seconds: float = 3600) -> None:
        """Let time pass for jobs that wait, and for the looks of processes."""
        by = timedelta(seconds=seconds)
        with self.database.transaction() as session:
            for job in session.scalars(sa.select(Job).where(Job.state.in_([State.SCHEDULED, State.RETRYABLE]))):
                job.run_at -= by
            for process in session.scalars(sa.select(CommentProcess).where(CommentProcess.next_look_at.is_not(None))):
                process.next_look_at = db.utc_now() - by
        sweeper.sweep(self.database)

    def ask(self, task: str, **args: str) -> None:
        """A job, run with all that follows."""
        from stonehand import jobs

        with self.database.transaction() as session:
            jobs.enqueue(session, task, args)
        self.run()

    def tick(self) -> None:
        self.ask("comments.tick")

    def comments(self, *states: str) -> Sequence[Comment]:
        with self.database.read() as session:
            wish = sa.select(Comment).order_by(Comment.id)
            return session.scalars(wish.where(Comment.state.in_(states)) if states else wish).all()

    def ids(self, *states: str) -> list[str]:
        return [each.id for each in self.comments(*states)]

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for each in self.comments():
            found[each.state] = found.get(each.state, 0) + 1
        return found

    def row(self, process_id: str) -> CommentProcess:
        with self.database.read() as session:
            return session.get_one(CommentProcess, process_id)

    def set(self, table: Any, key: str, **values: Any) -> None:
        """Change a row behind everybody's back."""
        with self.database.transaction() as session:
            session.execute(sa.update(table).where(table.id == key).values(**values))

    def caps(self, **values: int) -> None:
        self.set(Platform, self.platform_id, **values)

    def jobs(self, task: str, *states: str) -> Sequence[Job]:
        with self.database.read() as session:
            wish = sa.select(Job).where(Job.task == task).order_by(Job.id)
            return session.scalars(wish.where(Job.state.in_(states)) if states else wish).all()


def settle_in(database: Database, site: WritingPlatform, model: Model, server: Simulator) -> Desk:
    """The platform and its logins, in this database."""
    desk = Desk(database, site, model, server)
    site.texts = {number: text(number) for number in (1, 2, 3)}
    site.accounts["bot3b"] = Account(PASSWORD, "Zweiter Bot")
    wish = PlatformIn(
        name="Schreibwerkstatt",
        base_url=site.url,
        permission="Frau von Arx, head of school, 3 March 2026",
        config={"preset": "mymoment"},
        interval=0,
    )
    with database.transaction() as session:
        desk.platform_id = platforms.add(session, ADMIN, wish).id
        for name in BOTS:
            login = platforms.add_login(session, ADMIN, desk.platform_id, LoginIn(username=name, password=PASSWORD))
            desk.logins.append(login.id)
    desk.caps(language="de")  # type: ignore[arg-type]
    return desk


@pytest.fixture(autouse=True)
def _rooms() -> None:
    pipeline.install_worker()


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[WritingPlatform, Model, Simulator]]:
    """The site and the model."""
    model = Model()
    with WritingPlatform.running() as site, simulator.running(model) as server:
        monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
        monkeypatch.setenv("STONEHAND_LLM_BASE_URL", server.base_url)
        monkeypatch.setenv("STONEHAND_LLM_MODEL", "simulated")
        config.settings.cache_clear()
        yield site, model, server


@pytest.fixture
def desk(outside: tuple[WritingPlatform, Model, Simulator], database: Database) -> Desk:
    """On SQLite."""
    config.settings.cache_clear()
    return settle_in(database, *outside)


@pytest.fixture
def either_desk(outside: tuple[WritingPlatform, Model, Simulator], either_database: Database) -> Desk:
    """On SQLite, then on PostgreSQL."""
    config.settings.cache_clear()
    return settle_in(either_database, *outside)
