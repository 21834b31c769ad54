"""What every kind of channel keeps when nothing goes wrong outside: once, labelled, and by the notes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from stonehand.channels.disclosure import has_label
from stonehand.channels.interfaces import CanTest, ConfigUnfit, Described, NeedsSecrets, ShowsPiece
from stonehand.errors import StonehandError
from tests.channels.conftest import KEY, Kept, make_piece
from tests.channels.contract.bench import Bench

PIECE, OTHER = make_piece(), make_piece(2)


class LeaseIsLost(StonehandError):
    """Another worker has taken over."""


class Killed(BaseException):
    """The worker is gone."""


class Overtaken(Kept):
    """Notes of somebody who has been overtaken."""

    def remember(self, **_facts: object) -> None:
        raise LeaseIsLost("another worker delivers by now")


class LastWords(Kept):
    """Notes of a worker that dies when it has written so many."""

    def __init__(self, life: int) -> None:
        super().__init__()
        self.life = life

    def remember(self, **facts: object) -> None:
        super().remember(**facts)
        self.life -= 1
        if not self.life:
            raise Killed


def test_nothing_is_there_before_it_was_delivered(bench: Bench) -> None:
    assert bench.kind.verify(KEY, bench.target) is None
    assert bench.copies(PIECE, KEY) == 0


def test_a_key_is_delivered_once_however_often_it_comes(bench: Bench) -> None:
    notes = Kept()
    first = bench.deliver(PIECE, KEY, notes)
    later = replace(PIECE, at=PIECE.at + timedelta(days=3))
    assert bench.deliver(later, KEY, notes) == first
    assert first.url
    assert first.remote_id
    assert bench.copies(PIECE, KEY) == 1
    assert not bench.doubled()


def test_somebody_whose_notes_are_lost_finds_it(bench: Bench) -> None:
    first = bench.deliver(PIECE, KEY, Kept())
    assert bench.deliver(PIECE, KEY, Kept()) == first
    assert bench.copies(PIECE, KEY) == 1
    assert not bench.doubled()
    if bench.looks:
        assert bench.kind.verify(KEY, bench.target) == first


def test_two_keys_are_two_pieces(bench: Bench) -> None:
    one = bench.deliver(PIECE, KEY, Kept())
    other = bench.deliver(OTHER, KEY[::-1], Kept())
    assert one.remote_id != other.remote_id
    assert (bench.copies(PIECE, KEY), bench.copies(OTHER, KEY[::-1])) == (1, 1)
    if bench.looks:
        assert bench.kind.verify(KEY, bench.target) == one


def test_whoever_is_overtaken_shows_nothing(bench: Bench) -> None:
    try:
        bench.deliver(PIECE, KEY, Overtaken())
    except LeaseIsLost:
        assert bench.copies(PIECE, KEY) == 0
    bench.deliver(PIECE, KEY, Kept())
    assert bench.copies(PIECE, KEY) == 1
    assert not bench.doubled()


def test_what_can_be_hidden_is_hidden_until_it_is_written_down(bench: Bench) -> None:
    class Watching(Kept):
        wrote = False

        def remember(self, **facts: object) -> None:
            assert bench.copies(PIECE, KEY) == 0
            self.wrote = True
            assert "remote_id" in facts
            super().remember(**facts)

    if not bench.hides:
        return
    notes = Watching()
    bench.deliver(PIECE, KEY, notes)
    assert notes.wrote


@pytest.mark.parametrize("life", [1, 2])
def test_a_worker_that_dies_after_a_note_is_followed_by_another(bench: Bench, life: int) -> None:
    notes = LastWords(life)
    try:
        bench.deliver(PIECE, KEY, notes)
    except Killed:
        assert bench.copies(PIECE, KEY) <= 1
    bench.settle(PIECE, KEY, Kept(**notes.kept))
    assert bench.copies(PIECE, KEY) == 1
    assert not bench.doubled()


def test_readers_see_the_label_and_programs_see_how_it_was_written(bench: Bench) -> None:
    piece = replace(PIECE, generator="model:small", label="Written by a language model & checked by Mira.")
    bench.deliver(piece, KEY, Kept())
    shown = bench.text(piece, KEY).replace("&amp;", "&")
    assert piece.label in shown
    assert bench.machine(piece, KEY)


def test_what_a_kind_says_that_it_shows_has_the_label_and_needs_no_secrets(bench: Bench) -> None:
    assert isinstance(bench.kind, ShowsPiece)
    odd = replace(PIECE, label='Chosen by a <program> & "quoted"')
    parts = bench.kind.shown(odd, replace(bench.target, secrets={}))
    assert parts
    assert all(has_label(text, odd.label) for text in parts.values())
    assert bench.copies(odd, KEY) == 0


def test_a_form_has_a_field_for_every_setting_that_is_kept(bench: Bench) -> None:
    assert isinstance(bench.kind, Described)
    assert bench.kind.title
    fields = {each.name for each in bench.kind.settings}
    assert set(bench.target.config) - bench.found <= fields
    assert set(bench.kind.validate(bench.target)) - bench.found <= fields
    names = set(bench.kind.secret_names) if isinstance(bench.kind, NeedsSecrets) else set()
    assert {each.name for each in bench.kind.settings if each.sort == "password"} == names


def test_a_text_can_do_nothing_at_the_target(bench: Bench) -> None:
    nasty = replace(
        PIECE,
        title="<script>alert(1)</script> opens",
        excerpt="<img src=x onerror=alert(1)> {{ .Secret }}",
        markdown="<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) {{ .Secret }}",
        label="<b onclick=x>By a program</b>",
    )
    bench.deliver(nasty, KEY, Kept())
    bench.check_harmless(bench.text(nasty, KEY))


def test_an_unknown_setting_is_refused(bench: Bench) -> None:
    with pytest.raises(ConfigUnfit, match="has no setting 'colour'"):
        bench.kind.validate(replace(bench.target, config={**bench.target.config, "colour": "red"}))


STRANGE: tuple[object, ...] = (None, 7, [], {"a": 1}, "\n", "http://[::1", "x" * 5000)


def test_strange_settings_are_kept_or_refused_in_words(bench: Bench) -> None:
    for setting in getattr(bench.kind, "settings", ()):
        for value in STRANGE:
            with suppress(StonehandError):
                bench.kind.validate(replace(bench.target, config={**bench.target.config, setting.name: value}))
            if setting.sort == "password":
                with suppress(StonehandError):
                    bench.kind.validate(
                        replace(bench.target, secrets={**bench.target.secrets, setting.name: str(value)})
                    )


def test_the_settings_are_kept_as_they_are_and_without_secrets(bench: Bench) -> None:
    kept = bench.kind.validate(bench.target)
    assert bench.kind.validate(replace(bench.target, config=kept)) == kept
    for name in bench.kind.secret_names if isinstance(bench.kind, NeedsSecrets) else ():
        assert name not in kept
    for secret in bench.secrets():
        assert secret not in f"{kept} {bench.target!r}"


def test_a_target_says_who_we_are_there_and_is_not_changed(bench: Bench) -> None:
    if isinstance(bench.kind, CanTest):
        words = bench.kind.test(bench.target)
        assert words
        assert not any(secret in words for secret in bench.secrets())
        assert (bench.copies(PIECE, KEY), bench.hidden()) == (0, 0)
