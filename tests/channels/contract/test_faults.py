"""What every kind keeps when its target fails: each request of a delivery, in each way. Readers see one copy."""

from __future__ import annotations

import pytest

from stonehand import config
from stonehand.channels.interfaces import ArrivalUnknown, LoginRefused
from stonehand.errors import StonehandError, Unavailable
from tests.channels.conftest import KEY, Kept, make_piece
from tests.channels.contract.bench import Bench

PIECE = make_piece()


def outcome(bench: Bench, notes: Kept) -> StonehandError | None:
    """What the first try ends with."""
    try:
        bench.deliver(PIECE, KEY, notes)
    except StonehandError as error:
        return error
    return None


def once(bench: Bench) -> None:
    assert bench.copies(PIECE, KEY) == 1
    assert not bench.doubled()


def test_whatever_befalls_a_request_a_repeat_shows_it_once(
    bench: Bench, step: str, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.befall(step, fault)
    notes = Kept()
    error = outcome(bench, notes)
    assert bench.unhappened() == [], "the step does not belong to a delivery"
    assert error is None or isinstance(error, Unavailable), "what may pass is tried again"
    assert error or fault != "login page", "a page is not taken for an answer"
    bench.settle(PIECE, KEY, notes)
    once(bench)
    logged = "".join(capfd.readouterr())
    assert not any(secret in logged for secret in bench.secrets())


def test_what_comes_late_comes_beside_the_repeat_and_readers_see_one(bench: Bench, step: str) -> None:
    bench.befall(step, "late")
    notes = Kept()
    outcome(bench, notes)
    outcome(bench, notes)  # before the late one is done
    bench.catch_up()
    bench.settle(PIECE, KEY, notes)
    once(bench)


def test_a_refusal_is_understood(bench: Bench, step: str, refusal: str) -> None:
    bench.befall(step, refusal)
    notes = Kept()
    error = outcome(bench, notes)
    if refusal in ("401", "403"):
        assert isinstance(error, LoginRefused)
    elif refusal.startswith("429"):
        assert isinstance(error, Unavailable)
        assert notes.kept or not isinstance(error, ArrivalUnknown), "a target that sends us away has taken nothing"
        assert error.retry_after is None or error.retry_after >= (7 if refusal.endswith("7") else 0)
        assert error.retry_after or not refusal.endswith("7")
    bench.settle(PIECE, KEY, notes)
    once(bench)


def test_who_hangs_is_given_up(bench: Bench, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if step != bench.steps[-1]:
        return  # it is waited for, so one step is enough
    monkeypatch.setenv("STONEHAND_FETCH_TIMEOUT_SECONDS", "1")
    config.settings.cache_clear()
    bench.befall(step, "hang")
    notes = Kept()
    assert isinstance(outcome(bench, notes), Unavailable)
    bench.settle(PIECE, KEY, notes)
    once(bench)
