"""The pages of models, budgets and what they cost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand.db import Database
from stonehand.llm import asking
from stonehand.llm.errors import BudgetSpent, ModelUnavailable
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
    assert "The budget counts from now on." in words(admin.send("/budgets", whose="all:", period="day", amount="0,05"))
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


def test_everything_of_a_model_is_changed_on_its_form(visit: Visit, server: Simulator) -> None:
    page = added(visit, server)
    at = page.split('action="/models/')[1].split("/")[0]
    admin = visit("admin")
    form = admin.go(f"/models/{at}/edit")
    assert 'value="House"' in form
    assert f'value="{server.base_url}"' in form
    assert KEY not in form
    said = {
        "name": "Home",
        "model": "small",
        "input_price": "1",
        "output_price": "2,5",
        "per_minute": "",
    }
    more = {
        "room": "100",
        "at_once": "3",
        "timeout_seconds": "20",
        "day_budget": "0,5",
        "month_budget": "9",
        "whose": "all",
    }
    page = words(admin.send(f"/models/{at}/edit", **said, **more))
    assert "Home is changed." in page
    assert "1 in, 2.5 out" in page
    assert "3 at once" in page
    assert "Model Home 0.5 a day" in page
    assert "not asked in 7 days" in page
    form = admin.go(f"/models/{at}/edit")
    assert 'name="timeout_seconds" type="text" value="20"' in form
    page = words(admin.send(f"/models/{at}/edit", name="Home", model="small", day_budget="", month_budget="8"))
    assert "Model Home 0.5 a day" not in page
    assert "Model Home 8 a month" in page
    wrong = admin.send(f"/models/{at}/edit", 422, name="Home", model="small", at_once="many", key=KEY)
    assert "At once" in words(wrong)
    assert 'value="many"' in wrong
    assert KEY not in wrong
    moved = admin.send(f"/models/{at}/edit", 422, name="Home", model="small", base_url="http://127.0.0.2:9/v1")
    assert "enter it again for this one" in words(moved)
    own = {"name": "Home", "model": "small", "whose": "own"}
    assert "yours alone" in words(admin.send(f"/models/{at}/edit", **own))
    assert visit("editor").go(f"/models/{at}/edit", 404)


def test_a_budget_is_of_somebody_with_a_name_and_health_is_told(visit: Visit, server: Simulator) -> None:
    added(visit, server)
    admin = visit("admin")
    page = admin.go("/models")
    model = page.split('<option value="model:')[2].split('"')[0]
    assert "Model House 3 a day" in words(admin.send("/budgets", whose=f"model:{model}", period="day", amount="3"))
    asking.ask(QUESTION, Count, purpose="drafts.write")
    assert "1 call in 7 days, 0." in words(admin.go("/models"))
    server.script = lambda exchange: exchange.send(429, b"{}", {"Retry-After": "90"})
    with pytest.raises(ModelUnavailable):
        asking.ask(QUESTION, Count, purpose="drafts.write")
    page = words(admin.go("/models"))
    assert "Rests" in page
    assert "it asked to be left alone until" in page
    assert " s" in words(admin.go("/usage?days=7")).split("By model")[1]
