"""Copies are found, other texts on the same event are not."""

from __future__ import annotations

from stonehand.articles.duplicates import (
    ALIKE,
    BANDS,
    CONTAINMENT,
    EDITED,
    Evidence,
    compare,
    cosine,
    fingerprint,
    judge,
)
from stonehand.articles.words import words

HARBOUR = """The harbour of Velm was closed on Tuesday evening after a crane collapsed onto the western quay.
Nobody was hurt, the port authority said, but three ships have to wait outside until the wreck is cleared.
Divers will look at the foundations of the quay on Wednesday morning, and engineers expect the work to last
at least four days. The crane, built in 1974, had been inspected in March and was said to be in good order.
"""
OTHER_WORDS = """Ships queue off Velm this week because a fifty-year-old crane has come down at the port.
According to a spokeswoman all dock workers left the area in time. Traffic is suspended for now; experts must
first examine whether the ground beneath the toppled machine still holds. Officials had certified it in spring.
"""
NONE = frozenset[str]()
STORED = (-7507933725736681501, 1991484415742045056)


def test_same_words_are_an_exact_copy_whatever_the_typography() -> None:
    one, other = fingerprint(HARBOUR), fingerprint(HARBOUR.upper().replace(",", " —").replace("\n", "\n\n"))
    assert one.text_hash == other.text_hash
    assert judge(other, [("a", one)], NONE) == Evidence("exact_text", "a", 1.0, len(one.shingles), 1.0, same_text=True)


def test_a_copy_with_another_headline_and_a_cut_end_is_near() -> None:
    copy = "Chaos at the port: what we know so far\n\n" + HARBOUR.rsplit(" The crane", 1)[0]
    one, other = fingerprint(HARBOUR), fingerprint(copy)
    assert set(one.bands) & set(other.bands)
    found = judge(other, [("a", one)], NONE)
    assert found is not None
    assert (found.kind, found.original_id) == ("near", "a")
    assert 0.6 <= found.containment < 1
    assert found.shared_shingles == compare(one, other)[1]
    assert 0.6 < (found.cosine or 0) < 1
    assert not found.same_text
    assert not found.same_address


def test_the_same_event_in_other_words_is_not_a_copy() -> None:
    one, other = fingerprint(HARBOUR), fingerprint(OTHER_WORDS)
    assert not set(one.bands) & set(other.bands)
    assert judge(other, [("a", one)], NONE) is None


def test_a_text_in_which_every_sixth_word_is_another_is_a_copy() -> None:
    found = words(HARBOUR + OTHER_WORDS)
    edited = " ".join(f"new{at}" if at % 6 == 5 else word for at, word in enumerate(found))
    one, other = fingerprint(HARBOUR + OTHER_WORDS), fingerprint(edited)
    containment, _ = compare(one, other)
    assert EDITED <= containment < CONTAINMENT
    copy = judge(other, [("a", one)], NONE)
    assert copy is not None
    assert (copy.kind, (copy.cosine or 0) >= ALIKE) == ("near", True)


def test_a_like_vocabulary_is_no_copy_without_shared_runs() -> None:
    found = words(HARBOUR)
    shuffled = " ".join(found[at] for start in range(3) for at in range(start, len(found), 3))
    one, other = fingerprint(HARBOUR), fingerprint(shuffled)
    assert cosine(one, other) > 0.99
    assert judge(other, [("a", one)], NONE) is None


def test_half_of_the_runs_among_other_words_are_no_copy() -> None:
    found = words(HARBOUR)
    half = len(found) // 2 + 2
    one, other = fingerprint(HARBOUR), fingerprint(" ".join([*found[:half], *(f"gull{at}" for at in range(half))]))
    assert EDITED <= compare(one, other)[0] < CONTAINMENT
    assert cosine(one, other) < ALIKE
    assert judge(other, [("a", one)], NONE) is None


def test_a_shared_address_needs_shared_text() -> None:
    one, other = fingerprint(HARBOUR), fingerprint(OTHER_WORDS)
    assert judge(other, [("a", one)], frozenset({"a"})) is None
    found = judge(one, [("a", one)], frozenset({"a"}))
    assert found is not None
    assert found.kind == "exact_url"
    assert found.same_address


def test_short_texts_are_only_compared_whole() -> None:
    short, longer = (
        fingerprint("The port is closed until Friday."),
        fingerprint("The port is closed until Friday. " * 9),
    )
    assert short.bands == ()
    assert judge(short, [("a", longer)], NONE) is None
    assert judge(short, [("a", short)], NONE) is not None


def test_the_best_original_wins() -> None:
    edited = HARBOUR.replace("three ships", "seven large ships").replace("four days", "nine days")
    found = judge(
        fingerprint(edited), [("cut", fingerprint(HARBOUR[:250])), ("whole", fingerprint(edited + "x"))], NONE
    )
    assert found is not None
    assert found.original_id == "whole"


def test_bands_are_stored_numbers_and_must_not_change() -> None:
    found = fingerprint(HARBOUR).bands
    assert len(found) == BANDS
    assert all(-(2**63) <= number < 2**63 for number in found)
    assert found[:2] == STORED


def test_words_of_scripts_without_blanks() -> None:
    assert words("Größe, it's 5 o’clock") == ["grösse", "it", "s", "5", "o", "clock"]
    assert words("港は閉鎖") == ["港", "は", "閉", "鎖"]
