"""What a kind keeps that can do more with what it has shown: change it, take it back, tidy up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle

import pytest

from stonehand.channels.interfaces import CanRetract, CanUpdate, Delivery, LeavesDrafts, Piece
from stonehand.errors import Rejected, Unavailable
from tests.channels.conftest import KEY, Kept, make_piece
from tests.channels.contract.bench import MOST_TRIES, Bench

PIECE = make_piece()
NEWER = replace(
    PIECE,
    title="Bridge opens, corrected",
    excerpt="Two bridges are open.",
    markdown="Two bridges are **open** [1].",
)
NEW_KEY = KEY[::-1]
FAULTS = ("lost", "unheard", "error", "error after", "login page")


def update(bench: Bench, delivery: Delivery, notes: Kept, piece: Piece = NEWER) -> Delivery:
    """Update as a job would, again and again until it is done."""
    assert isinstance(bench.kind, CanUpdate)
    for _ in range(MOST_TRIES):
        try:
            with bench.silent():
                return bench.kind.update(piece, delivery, KEY, bench.target, notes)
        except Unavailable:
            bench.catch_up()
            bench.pass_time()
    raise AssertionError(f"not updated after {MOST_TRIES} tries")


def retract(bench: Bench, delivery: Delivery) -> None:
    """Retract as a job would."""
    assert isinstance(bench.kind, CanRetract)
    for _ in range(MOST_TRIES):
        try:
            with bench.silent():
                return bench.kind.retract(delivery, KEY, bench.target, "It was wrong.")
        except Unavailable:
            bench.catch_up()
            bench.pass_time()
    raise AssertionError(f"not retracted after {MOST_TRIES} tries")


def test_an_update_takes_the_place_of_what_was_there(bench: Bench) -> None:
    if not isinstance(bench.kind, CanUpdate):
        return
    first, notes = bench.deliver(PIECE, KEY, Kept()), Kept()
    second = update(bench, first, notes)
    assert second.remote_id == first.remote_id
    assert update(bench, first, notes) == second
    assert bench.copies(NEWER, KEY) == 1
    assert not bench.doubled()
    shown = bench.text(NEWER, KEY)
    assert NEWER.label in shown
    assert "wo bridges are" in shown
    assert "Nobody was surprised" not in shown


def test_one_update_follows_another_even_back_to_the_first_text(bench: Bench) -> None:
    if not isinstance(bench.kind, CanUpdate):
        return
    first = bench.deliver(PIECE, KEY, Kept())
    for piece, words in ((NEWER, "wo bridges are"), (PIECE, "The bridge is"), (NEWER, "wo bridges are")):
        update(bench, first, Kept(), piece)
        assert words in bench.text(piece, KEY)
        assert bench.copies(piece, KEY) == 1
    assert not bench.doubled()


def test_an_update_that_fails_on_its_way_is_repeated(bench: Bench) -> None:
    if not isinstance(bench.kind, CanUpdate):
        return
    first = bench.deliver(PIECE, KEY, Kept())
    cases = [(step, fault) for step in bench.update_steps for fault in FAULTS]
    for (step, fault), piece in zip(cases, cycle((NEWER, PIECE)), strict=False):  # another text each time
        bench.befall(step, fault)
        update(bench, first, Kept(), piece)
        assert bench.unhappened() == []
        assert bench.copies(piece, KEY) == 1
    assert not bench.doubled()


def test_what_is_gone_cannot_be_updated(bench: Bench) -> None:
    if isinstance(bench.kind, CanUpdate):
        first = bench.deliver(PIECE, KEY, Kept())
        bench.vanish(KEY)
        with pytest.raises(Rejected):
            bench.kind.update(NEWER, first, KEY, bench.target, Kept())


def test_what_is_retracted_is_seen_by_no_reader(bench: Bench) -> None:
    if not isinstance(bench.kind, CanRetract):
        return
    first = bench.deliver(PIECE, KEY, Kept())
    retract(bench, first)
    assert bench.copies(PIECE, KEY) == 0
    retract(bench, first)
    bench.vanish(KEY)
    retract(bench, first)
    if bench.looks:
        assert bench.kind.verify(KEY, bench.target) is None


def test_a_retraction_that_fails_on_its_way_is_repeated(bench: Bench) -> None:
    if not isinstance(bench.kind, CanRetract):
        return
    for number, (step, fault) in enumerate((step, fault) for step in bench.retract_steps for fault in FAULTS):
        piece, key = make_piece(number), f"{number:020}"
        first = bench.deliver(piece, key, Kept())
        bench.befall(step, fault)
        with bench.silent():
            for _ in range(2):
                try:
                    bench.kind.retract(first, key, bench.target, "It was wrong.")
                except Unavailable:
                    continue
        assert bench.unhappened() == []
        assert bench.copies(piece, key) == 0


def test_what_a_lost_answer_left_behind_is_found_and_removed(bench: Bench) -> None:
    if not isinstance(bench.kind, LeavesDrafts):
        return
    bench.leave(PIECE, KEY)
    bench.deliver(make_piece(2), NEW_KEY, Kept())
    now = datetime.now(UTC)
    assert bench.kind.leftovers(bench.target, now - timedelta(hours=1)) == []
    (found,) = bench.kind.leftovers(bench.target, now + timedelta(hours=1))
    assert found.key == KEY
    for _ in range(2):
        bench.kind.discard(found, bench.target)
    assert bench.hidden() == 0
    assert bench.copies(make_piece(2), NEW_KEY) == 1


def test_what_was_shown_meanwhile_is_not_removed(bench: Bench) -> None:
    if not isinstance(bench.kind, LeavesDrafts):
        return
    bench.leave(PIECE, KEY)
    (found,) = bench.kind.leftovers(bench.target, datetime.now(UTC) + timedelta(hours=1))
    bench.deliver(PIECE, KEY, Kept(remote_id=found.remote_id))
    bench.kind.discard(found, bench.target)
    assert bench.copies(PIECE, KEY) == 1
