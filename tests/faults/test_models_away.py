"""A language model that says 429 or garbage, stops halfway or hangs: no draft is lost, no budget broken."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from stonehand import config
from tests.drafts.test_model import GOOD
from tests.faults import tally
from tests.faults.bureau import TIMEOUT, Bureau
from tests.faults.stacks import Stack, on
from tests.faults.tally import IS_LONG, SLACK
from tests.llm import simulator
from tests.llm.simulator import Exchange, Simulator

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800 if IS_LONG else 180)]

DRAFTS, KILLS = (200, 20) if IS_LONG else (16, 1)
BUDGET = 0.02  # for each draft: less than what the worst call may cost, and more than a usual one does
USAGE = {"prompt_tokens": 1000, "completion_tokens": 500}
PRICE = 10  # for a million tokens of output, and as much of input


class Moody:
    """A model's server that answers one question in three, and counts what befell the others."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.befell: Counter[str] = Counter()

    def __call__(self, exchange: Exchange) -> None:
        deed = self.draw.choice(["answer", "answer", "garbage", "busy", "error", "half", "hang", "cut", "not json"])
        self.befell[deed] += 1
        with suppress(OSError):
            getattr(self, deed.replace(" ", "_"))(exchange)

    def answer(self, exchange: Exchange) -> None:
        exchange.answer(json.dumps(GOOD), usage=USAGE)

    def garbage(self, exchange: Exchange) -> None:
        exchange.answer("As a large language model I cannot {{{", usage=USAGE)

    def busy(self, exchange: Exchange) -> None:
        exchange.send(429, b"{}", {"Retry-After": "1"})

    def error(self, exchange: Exchange) -> None:
        exchange.send(503, b"<html>overloaded</html>")

    def half(self, exchange: Exchange) -> None:
        exchange.send(200, b'{"choices": [{"mess', length=4000)
        exchange.cut()

    def hang(self, exchange: Exchange) -> None:
        exchange.released.wait(2 * TIMEOUT)
        exchange.handler.close_connection = True

    def cut(self, exchange: Exchange) -> None:
        exchange.cut()

    def not_json(self, exchange: Exchange) -> None:
        exchange.send(200, b"<html>please sign in</html>")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    with simulator.running(Moody(20261127)) as running:
        monkeypatch.setenv("STONEHAND_LLM_BASE_URL", running.base_url)
        monkeypatch.setenv("STONEHAND_LLM_MODEL", "tiny")
        monkeypatch.setenv("STONEHAND_LLM_INPUT_PRICE", str(PRICE))
        monkeypatch.setenv("STONEHAND_LLM_OUTPUT_PRICE", str(PRICE))
        monkeypatch.setenv("STONEHAND_LLM_DAILY_BUDGET", f"{BUDGET * DRAFTS:.4f}")
        config.settings.cache_clear()
        yield running


@on("postgresql-redis")
def test_a_model_that_fails_loses_no_draft_and_breaks_no_budget(stack: Stack, model: Simulator, tmp_path: Path) -> None:
    bureau, began = Bureau(tmp_path), time.monotonic()
    try:
        asked = bureau.commission(DRAFTS)
        bureau.keep_worker(2)
        for number in range(1, KILLS + 1):
            bureau.kill_after(number * DRAFTS // (KILLS + 2), 120 * SLACK)
        bureau.wait_until_quiet(600 if IS_LONG else 120)
        written, (committed, known) = bureau.written(), bureau.spent()
    finally:
        bureau.close()
    doubled = [draft for draft, writers in written.items() if len(writers) > 1]
    assert isinstance(model.script, Moody)
    failures = sum(count for deed, count in model.script.befell.items() if deed != "answer")
    tally.count("model fails, kills", stack.name, failures + KILLS, DRAFTS, len(set(asked) - set(written)),
                len(doubled), 0, time.monotonic() - began)  # fmt: skip
    assert set(written) == set(asked), bureau.log()[-3000:]
    assert doubled == []
    assert {"model", "offline"} == {writers[0] for writers in written.values()}
    assert bureau.states() == {"in_review"}
    budget = round(config.settings().llm_daily_budget * 1_000_000)
    assert known <= committed <= budget
    answered = (model.script.befell["answer"] + model.script.befell["garbage"]) * sum(USAGE.values()) * PRICE
    assert answered <= committed, "what the server may have charged is counted as spent"
