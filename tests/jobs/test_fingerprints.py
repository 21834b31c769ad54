"""Which dead letters count as alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.jobs.desk.fingerprints import LONGEST, fingerprint, normalised


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("https://a.example/x?y=1 answered 503", "<url> answered <n>"),
        ("there is no source 0190a1b2-7c1a-7d3e-9f00-1234567890ab", "there is no source <id>"),
        ("the folder /srv/site/a is not writable", "the folder <path> is not writable"),
        ("a title “Bridge closed” is too long", "a title <text> is too long"),
        ("it's John's fault, not 'hers'", "it's John's fault, not <text>"),
        ("waited 30.5 s, then 1,200 ms at 14:03", "waited <n> s, then <n> ms at <n>"),
        ("commit deadbeef01 is gone,\n  twice", "commit <id> is gone, twice"),
        ("facade and deed are words", "facade and deed are words"),
    ],
)
def test_what_varies_is_replaced(message: str, plain: str) -> None:
    assert normalised(message) == plain


def test_task_and_kind_tell_apart() -> None:
    assert fingerprint("a.b", "X", "no 1") == fingerprint("a.b", "X", "no 27")
    assert len({fingerprint("a.b", "X", "no 1"), fingerprint("a.c", "X", "no 1"), fingerprint("a.b", "Y", "no 1")}) == 3
    assert fingerprint("a.b", None, None) == fingerprint("a.b", "", "")


@given(st.text(max_size=2000))
def test_any_message_has_a_short_plain_form(message: str) -> None:
    plain = normalised(message)
    assert len(plain) <= LONGEST
    assert not any(letter in "0123456789" for letter in plain)
    assert len(fingerprint("a.b", "X", message)) == 32
