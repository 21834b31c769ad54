"""Models to ask, on the simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.db import Database, now
from stonehand.llm import asking, ledger, service
from stonehand.llm.configured import Candidate
from stonehand.llm.prices import Message
from tests.llm import simulator
from tests.llm.simulator import Exchange, Simulator

ADA = Person("", "", "Ada", "admin", frozenset(PERMISSIONS))
EDITOR = Person("editor-1", "", "Ed", "editor", frozenset({"read", "edit"}))
KEY = "test-key-9876543210"
QUESTION = [Message("system", "Be brief."), Message("user", "How many?")]
Add = Callable[..., Candidate]


class Count(BaseModel):
    count: int


@pytest.fixture
def running() -> Iterator[Simulator]:
    with simulator.running(lambda exchange: exchange.answer('{"count": 3}')) as made:
        yield made


@pytest.fixture
def add(request: pytest.FixtureRequest, running: Simulator) -> Add:
    """Add a model of a provider on the simulator, at 10 and 20 a million tokens."""
    name = "either_database" if "either_database" in request.fixturenames else "database"
    database: Database = request.getfixturevalue(name)

    def made(name: str, provider: str = "compatible", person: Person = ADA, **wish: Any) -> Candidate:
        usual = {
            "base_url": running.address(provider),
            "key": KEY,
            "input_price": 10.0,
            "output_price": 20.0,
            "room": 0,
        }
        with database.transaction() as session:
            return service.add(session, person, {"name": name, "provider": provider, "model": name, **usual, **wish})

    return made


def ask(model_id: str = "", **more: Any) -> asking.Answer[Count]:
    return asking.ask(QUESTION, Count, purpose="test", max_tokens=500, model_id=model_id, **more)


def spent(database: Database) -> int:
    with database.read() as session:
        return ledger.committed(session, now(session).date().isoformat())


def refuse(exchange: Exchange) -> None:
    exchange.send(401, b'{"error": "no such key"}')


def down(exchange: Exchange) -> None:
    exchange.send(503, b"<html>overloaded</html>")
