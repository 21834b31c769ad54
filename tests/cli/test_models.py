"""Language models, budgets and usage, as an operator types them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stonehand import db
from stonehand.llm import asking
from tests.cli.conftest import Cli
from tests.llm import simulator
from tests.llm.conftest import KEY, QUESTION, Count
from tests.llm.simulator import Simulator


@pytest.fixture
def server(prepared: db.Database) -> Iterator[Simulator]:
    with simulator.running(lambda exchange: exchange.answer('{"total": 42, "count": 3}')) as running:
        yield running


def test_models_are_added_listed_tried_ordered_and_removed(cli: Cli, server: Simulator, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    there = ("--model", "tiny", "--base-url", server.base_url, "--input-price", "1", "--output-price", "2")
    added = cli("models", "add", "House", "--provider", "compatible", *there, "--key-file", str(tmp_path / "key"))
    assert "a million tokens cost 1 in and 2 out" in added.out
    assert cli("models", "add", "Other", "--provider", "openai", *there, "--json", stdin=f"{KEY}\n").code == 0
    listed = cli("models", "list", "--json").json
    assert [(each["name"], each["has_key"]) for each in listed] == [("House", True), ("Other", True)]
    assert KEY not in added.out + cli("models", "list").out
    tried = cli("models", "test", "House", "--json").json
    assert (tried["is_well"], tried["cost"]) == (True, 0.0002)
    assert [each["name"] for each in cli("models", "order", "Other", "--json").json] == ["Other", "House"]
    changed = cli("models", "edit", "House", "--name", "Home", "--off", "--at-once", "3", "--json").json
    assert (changed["name"], changed["is_enabled"], changed["at_once"]) == ("Home", False, 3)
    server.script = lambda exchange: exchange.send(401, b"{}")
    broken = cli("models", "test", "Other")
    assert (broken.code, "refused our key" in broken.out) == (1, True)
    server.script = lambda exchange: exchange.answer('{"total": 41}')
    said = cli("models", "test", "Other", "--json").json
    assert (said["is_well"], said["answered"]) == (False, True)
    assert "It answers, so address and key are right, but it says that 19 and 23 are 41" in said["trouble"]
    server.script = lambda exchange: exchange.answer("forty-two")
    assert "nobody can use what it says: the language model did not answer" in cli("models", "test", "Other").out
    assert cli("models", "remove", "Other", "--json").json["removed"]
    assert "there is no language model Other" in str(cli("models", "test", "Other").error)


def test_a_price_that_nobody_knows_must_be_said(cli: Cli, server: Simulator) -> None:
    refused = cli("models", "add", "X", "--provider", "openai", "--model", "gpt-99", stdin=f"{KEY}\n")
    assert "without a price no budget holds" in str(refused.error)


def test_budgets_are_set_and_usage_is_told(cli: Cli, server: Simulator) -> None:
    said = cli("budgets", "set", "--of", "user", "--amount", "0.5", "--tokens", "1000")
    assert said.out == "The budget of each user is 0.5 and 1000 tokens a day.\n"
    assert "say how much" in str(cli("budgets", "set").error)
    rows = cli("budgets", "list", "--json").json
    assert [(each["scope"], each["amount"]) for each in rows] == [("all", 1), ("user", 0.5)]
    assert cli("budgets", "remove", rows[1]["id"]).code == 0
    there = ("--model", "tiny", "--base-url", server.base_url)
    cli("models", "add", "House", "--provider", "vllm", *there)
    asking.ask(QUESTION, Count, purpose="drafts.write")
    assert cli("usage", "--by", "purpose", "--json").json[0]["calls"] == 1
    sheet = cli("usage", "--by", "configuration", "--csv").out.splitlines()
    assert sheet[0] == "key,name,calls,failed,cost,input_tokens,output_tokens,took_ms"
    assert sheet[1].split(",")[1:5] == ["House", "1", "0", "0.0"]
    assert len(cli("usage", "--days", "3", "--json").json) == 3
    told = cli("usage", "--days", "3").out.splitlines()
    assert [line.split()[:2] for line in told[1:]] == [[told[1].split()[0], "1"]], "no line of a day without calls"
    assert cli("usage", "--by", "agent").out.splitlines()[1].startswith("no agent")
