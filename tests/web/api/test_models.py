"""Models, budgets and usage by the API: who may do what, and that no key ever comes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config
from stonehand.accounts.models import AuditRecord
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.llm import asking
from stonehand.llm.models import ConfiguredModel
from stonehand.llm.payers import Payer
from tests.llm import simulator
from tests.llm.conftest import QUESTION, Count
from tests.llm.simulator import Simulator
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

KEY = "canary-key-1234567890"


@pytest.fixture
def server(database: Database) -> Iterator[Simulator]:
    with simulator.running(lambda exchange: exchange.answer('{"total": 42, "count": 3}')) as running:
        yield running


def wish(server: Simulator, **more: Any) -> dict[str, Any]:
    usual = {"name": "House", "provider": "compatible", "model": "tiny", "base_url": server.base_url, "key": KEY}
    return usual | {"input_price": 10, "output_price": 20} | more


def test_a_model_is_added_tried_changed_and_removed_and_its_key_never_comes_out(
    as_: As, server: Simulator, database: Database
) -> None:
    admin, seen = as_("admin"), []
    made = admin.post("/api/v1/models", json=wish(server))
    assert made.status_code == 201
    at = f"/api/v1/models/{made.json()['id']}"
    seen += [made, admin.get("/api/v1/models"), admin.get(at)]
    assert (made.json()["has_key"], made.json()["input_price"], made.json()["room"]) == (True, 10, 0)
    tried = admin.post(f"{at}/test").json()
    assert (tried["is_well"], tried["cost"], tried["input_tokens"]) == (True, 0.002, 100)
    assert tried["model"] == "<script>simulated</script>"  # as data; a page escapes it
    server.script = lambda exchange: exchange.send(401, KEY.encode())
    seen.append(admin.post(f"{at}/test"))
    assert "refused our key" in seen[-1].json()["trouble"]
    assert "refused our key" in admin.get(at).json()["trouble"]
    seen.append(admin.patch(at, json={"model": "small", "per_minute": 30, "at_once": 2}))
    assert (seen[-1].json()["model"], seen[-1].json()["per_minute"], seen[-1].json()["has_key"]) == ("small", 30, True)
    seen.append(admin.patch(at, json={"base_url": "https://elsewhere.example/v1"}))
    assert is_problem(seen[-1], 422)
    assert "another host" in seen[-1].json()["detail"]
    assert admin.patch(at, json={"base_url": "https://elsewhere.example/v1", "key": KEY + "2"}).status_code == 200
    assert admin.delete(at).status_code == 204
    assert is_problem(admin.get(at), 404)
    assert all(KEY not in answer.text for answer in seen)
    with database.read() as session:
        records = session.scalars(sa.select(AuditRecord).where(AuditRecord.object_kind == "model")).all()
    assert [each.verb for each in records] == ["added", "edited", "edited", "removed"]
    assert all(KEY not in str(each.detail) for each in records)


def test_keys_are_sealed_for_their_host(as_: As, server: Simulator, database: Database) -> None:
    made = as_("admin").post("/api/v1/models", json=wish(server)).json()
    with database.transaction() as session:
        row = session.get_one(ConfiguredModel, made["id"])
        assert KEY not in str(row.secret)
        row.base_url = row.base_url.replace("127.0.0.1", "localhost")  # by somebody who can write the database
    tried = as_("admin").post(f"/api/v1/models/{made['id']}/test").json()
    assert "was not sealed for" in tried["trouble"]
    assert server.exchanges == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"provider": "nobody"}, "choose one of openai"),
        ({"provider": "openai", "key": None}, "wants a key"),
        ({"input_price": None, "output_price": None}, "without a price no budget holds"),
        ({"input_price": None}, "both prices"),
        ({"base_url": "ftp://x"}, "no base address"),
        ({"base_url": "https://user:pass@x.example"}, "no base address"),
        ({"model": " "}, "needs a name"),
        ({"key": "ключ"}, "no key"),
        ({"name": "settings"}, "another model is called"),
    ],
)
def test_what_cannot_work_is_refused_and_says_why(
    as_: As, server: Simulator, change: dict[str, Any], words: str
) -> None:
    answer = as_("admin").post("/api/v1/models", json=wish(server, **change))
    assert answer.status_code in {409, 422}
    assert words in answer.json()["detail"]


def test_known_prices_need_not_be_said_and_own_machines_cost_nothing(as_: As) -> None:
    admin = as_("admin")
    asked = {"name": "a", "provider": "openai", "model": "gpt-5-mini-2025-08-07", "key": KEY}
    made = admin.post("/api/v1/models", json=asked).json()
    assert (made["input_price"], made["output_price"], made["price_is_own"]) == (0.25, 2.0, False)
    free = admin.post("/api/v1/models", json={"name": "b", "provider": "ollama", "model": "llama3.3"}).json()
    assert (free["input_price"], free["base_url"]) == (0, "http://127.0.0.1:11434/v1")
    prices = admin.get("/api/v1/models/prices").json()["items"]
    assert {"model": "gpt-5-mini", "input": 0.25, "output": 2.0, "as_of": "2026-11-05"} in prices
    assert {each["name"] for each in admin.get("/api/v1/models/providers").json()["items"]} >= {"anthropic", "google"}


def test_editors_have_models_of_their_own_that_nobody_else_sees(
    as_: As, server: Simulator, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, publisher, viewer = as_("editor"), as_("publisher"), as_("viewer")
    assert is_problem(editor.post("/api/v1/models", json=wish(server)), 403)
    assert is_problem(viewer.post("/api/v1/models", json=wish(server, is_own=True)), 403)
    own = editor.post("/api/v1/models", json=wish(server, is_own=True)).json()
    at = f"/api/v1/models/{own['id']}"
    for stranger in (publisher, viewer):
        assert stranger.get("/api/v1/models").json()["items"] == []
        assert is_problem(stranger.get(at), 404)
    assert is_problem(publisher.patch(at, json={"name": "mine"}), 404)
    assert is_problem(publisher.post(f"{at}/test"), 404)
    trouble = editor.post(f"{at}/test").json()["trouble"]
    assert "127.0.0.1" in trouble, "an address inside our networks is an administrator's affair"
    assert server.exchanges == []
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    config.settings.cache_clear()
    assert editor.post(f"{at}/test").json()["is_well"]
    answer = asking.ask(QUESTION, Count, purpose="test", payer=Payer(user_id=people["editor"].id))
    assert answer.model_id == own["id"]


def test_the_order_is_set(as_: As, server: Simulator) -> None:
    admin = as_("admin")
    ids = [admin.post("/api/v1/models", json=wish(server, name=name)).json()["id"] for name in ("a", "b", "c")]
    ordered = admin.put("/api/v1/models/order", json={"ids": [ids[2], ids[0]]}).json()["items"]
    assert [each["name"] for each in ordered] == ["c", "a", "b"]
    assert is_problem(admin.put("/api/v1/models/order", json={"ids": ["nobody"]}), 404)
    assert is_problem(as_("editor").put("/api/v1/models/order", json={"ids": [ids[1]]}), 403)
    assert is_problem(admin.post("/api/v1/models", json=wish(server, name="a")), 409)


def test_budgets_are_set_and_taken_away(as_: As) -> None:
    admin = as_("admin")
    assert [each["id"] for each in admin.get("/api/v1/budgets").json()["items"]] == ["settings"]
    said = {"scope": "agent", "subject_id": "agent-1", "period": "month", "amount": 2.5, "tokens": 1000}
    made = admin.put("/api/v1/budgets", json=said).json()
    assert (made["amount"], made["tokens"], made["spent"]) == (2.5, 1000, 0)
    again = admin.put("/api/v1/budgets", json=said | {"amount": 3}).json()
    assert (again["id"], again["amount"]) == (made["id"], 3)
    assert is_problem(as_("editor").put("/api/v1/budgets", json=said), 403)
    assert is_problem(admin.put("/api/v1/budgets", json={"scope": "agent"}), 422)
    assert is_problem(admin.put("/api/v1/budgets", json=said | {"amount": -1}), 422)
    assert admin.delete(f"/api/v1/budgets/{made['id']}").status_code == 204
    assert is_problem(admin.delete("/api/v1/budgets/settings"), 404)


def test_usage_is_told_by_every_side_and_as_csv(as_: As, server: Simulator, people: dict[str, Person]) -> None:
    admin = as_("admin")
    admin.post("/api/v1/models", json=wish(server, name="=House"))
    for user in (people["editor"].id, ""):
        asking.ask(QUESTION, Count, purpose="drafts.write", payer=Payer("agent-1", "", user))
    days = admin.get("/api/v1/usage").json()["items"]
    assert len(days) == 30
    assert (days[-1]["calls"], days[-1]["cost"], days[-2]["calls"]) == (2, 0.004, 0)
    users = admin.get("/api/v1/usage", params={"by": "user"}).json()["items"]
    assert {each["name"] for each in users} == {"Editor", "nobody in particular"}
    only = admin.get("/api/v1/usage", params={"by": "purpose", "user_id": people["editor"].id}).json()["items"]
    assert [(each["key"], each["calls"]) for each in only] == [("drafts.write", 1)]
    sheet = admin.get("/api/v1/usage/csv", params={"by": "configuration"})
    assert "'=House" in sheet.text
    assert sheet.headers["content-type"].startswith("text/csv")
    assert is_problem(admin.get("/api/v1/usage", params={"since": "2026-05-02", "until": "2026-05-01"}), 422)
    assert is_problem(admin.get("/api/v1/usage", params={"by": "colour"}), 422)
