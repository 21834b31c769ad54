"""Each kind of channel in turn, and cases of its steps and faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.contract.bench import Bench
from tests.channels.contract.benches import BENCHES


@pytest.fixture
def bench(name: str, near: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """The bench of the kind that the test is about."""
    with BENCHES[name].opened(tmp_path, monkeypatch) as made:
        yield made


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`name` is every kind; with `step` and `fault`, or `refusal`, every step of every kind with each of them."""
    wanted = set(metafunc.fixturenames)
    if {"step", "fault"} <= wanted:
        cases = [(name, step, what) for name, each in BENCHES.items() for step in each.steps for what in each.faults]
        metafunc.parametrize(("name", "step", "fault"), cases)
    elif {"step", "refusal"} <= wanted:
        cases = [(name, step, what) for name, each in BENCHES.items() for step in each.steps for what in each.refusals]
        metafunc.parametrize(("name", "step", "refusal"), cases)
    elif "step" in wanted:
        steps = [(name, step) for name, each in BENCHES.items() for step in each.steps if each.refusals]
        metafunc.parametrize(("name", "step"), steps)
    elif "name" in wanted:
        metafunc.parametrize("name", list(BENCHES))
