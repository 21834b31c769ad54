"""The pages of models, budgets and what they cost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand.db import Database
from stonehand.llm import asking
from stonehand.llm.errors import BudgetSpent
from tests.llm import simulator
from tests.llm.conftest import KEY, QUESTION, Count
from tests.llm.simulator import Simulator
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit


@pytest.fixture
def server(database: Database) -> Iterator[Simulator]:
    with simulator.running(lambda exchange: exchange.answer('{"total": 42, "count": 3}')) as running:
        yield running


def added(visit: Visit, server: Simulator, name: str = "House", **more: str) -> str:
    admin = visit("admin")
    admin.go("/models")
    said = {"name": name, "provider": "compatible", "model": "tiny", "base_url": server.base_url, "key": KEY}
    return admin.send("/models", **said, **{"input_price": "10", "output_price": "20,0", **more})


def test_a_viewer_sees_and_changes_nothing(visit: Visit) -> None:
    page = visit("viewer").go("/models")
    assert "No language model is configured." in words(page)
    assert "All together (from the settings)" in words(page)
    assert 'action="/models' not in page
    assert "No language model was asked" in words(visit("viewer").go("/usage"))


def test_a_model_is_added_tried_switched_off_and_removed(visit: Visit, server: Simulator) -> None:
    page = added(visit, server)
    assert "Added House." in words(page)
    assert "10 in, 20 out" in words(page)
    assert KEY not in page
    at = page.split('action="/models/')[1].split("/")[0]
    admin = visit("admin")
    admin.go("/models")
    tried = admin.send(f"/models/{at}/test")
    assert "<script>simulated" not in tried
    assert "answered after" in words(tried)
    server.script = lambda exchange: exchange.send(401, b"{}")
    assert "It does not answer" in words(admin.send(f"/models/{at}/test"))
    assert "Key refused" in words(admin.go("/models"))
    assert "has another key" in words(admin.send(f"/models/{at}/key", key="another-key-12345"))
    assert "Key refused" not in words(admin.go("/models"))
    assert "Switched off" in words(admin.send(f"/models/{at}/disable"))
    assert "No language model is configured." in words(admin.send(f"/models/{at}/remove"))


def test_what_is_wrong_is_said_and_the_key_is_typed_again(visit: Visit, server: Simulator) -> None:
    admin = visit("admin")
    admin.go("/models")
    said = {"name": "House", "provider": "openai", "model": "gpt-99", "key": KEY}
    page = admin.send("/models", 422, **said)
    assert "without a price no budget holds" in words(page)
    assert 'value="gpt-99"' in page
    assert KEY not in page
    assert "Input price" in words(admin.send("/models", 422, **said, input_price="much"))
    assert "Amount" in words(admin.send("/budgets", 422, amount="much"))
    assert "say how much" in words(admin.send("/budgets", 422, amount="")).lower()


def test_models_change_places(visit: Visit, server: Simulator) -> None:
    added(visit, server, "First")
    page = added(visit, server, "Second")
    ids = page.split('name="ids" value="')[1].split('"')[0]
    admin = visit("admin")
    admin.go("/models")
    page = words(admin.send("/models/order", ids=ids))
    assert page.index("Second tiny") < page.index("First tiny")


def test_a_budget_is_set_reached_told_and_taken_away(visit: Visit, server: Simulator) -> None:
    added(visit, server)
    admin = visit("admin")
    admin.go("/models")
    assert "The budget counts from now on." in words(admin.send("/budgets", scope="all", period="day", amount="0,05"))
    asking.ask(QUESTION, Count, purpose="drafts.write")
    for _ in range(20):
        try:
            asking.ask(QUESTION, Count, purpose="drafts.write")
        except BudgetSpent:
            break
    else:
        pytest.fail("the budget was never reached")
    page = admin.go("/models")
    assert "Spent: 1 call turned away" in words(page)
    usage = words(admin.go("/usage?days=7"))
    assert "drafts.write" in usage
    assert "By purpose" in usage
    at = page.split('action="/budgets/')[1].split("/")[0]
    assert "The budget is gone." in words(admin.send(f"/budgets/{at}/remove"))
