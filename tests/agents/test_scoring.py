"""How topics are scored, and what speaks against one: without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stonehand.agents import candidates, covering, scoring
from stonehand.agents.scoring import Part

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "score"), [(0, 1.0), (1, 1.0), (2, 0.95), (3, 0.9), (7, 0.7), (14, 0.5), (22, 0.4), (30, 0.3), (31, 0.1)]
)
def test_freshness_goes_down_by_the_day(days: float, score: float) -> None:
    assert scoring.freshness(NOON - timedelta(days=days), NOON).score == pytest.approx(score)


def test_what_has_no_date_is_neither_new_nor_old() -> None:
    assert scoring.freshness(None, NOON).score == 0.5
    assert scoring.freshness(NOON + timedelta(hours=3), NOON).score == 1.0


@pytest.mark.parametrize(
    ("title", "score"),
    [
        ("Herons", 0.5),
        ("Herons return to the marsh of Orne", 0.6),
        ("Herons return to the marsh of Orne after years", 0.7),
        ("Herons return to the marsh of Orne after 40 years", 0.8),
        ("Why herons return to the marsh of Orne in the year 2026", 1.0),
        ("Warum kehren Reiher nach Orne zurück", 0.7),
    ],
)
def test_search_potential_of_titles(title: str, score: float) -> None:
    assert scoring.search_potential(title).score == pytest.approx(score)


def test_relevance_comes_from_rare_words_and_keywords_not_from_their_number() -> None:
    wanted = scoring.profile("The harbour of Port Ellis", "", ["tide gates"])
    texts = ["Tide gates of the harbour rebuilt", "Harbour news", "Rovers lose the cup", "News, news, news of the city"]
    scores = [part.score for part in scoring.by_words(texts, wanted)]
    assert scores[0] > scores[1] > 0.2
    assert scores[2:] == [0.0, 0.0]
    assert scoring.by_words(texts, wanted)[0].reason.startswith("speaks of ")
    assert scoring.by_words([], wanted) == []


def test_words_or_meaning_may_speak_for_a_text() -> None:
    wanted = scoring.profile("harbour", "", [])
    nothing, some = Part(0.0, ""), Part(0.6, "speaks of harbour")
    assert scoring.relevance(nothing, 0.05, wanted).score == 0.0
    assert scoring.relevance(nothing, 0.6, wanted).score == 1.0
    assert scoring.relevance(some, None, wanted).score == pytest.approx(0.6)
    assert scoring.relevance(some, 0.35, wanted).score == pytest.approx(0.8)
    assert scoring.relevance(nothing, 0.9, scoring.profile("", "", [])).score == 0.5


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["cup final"], "cup final"),
        (["up"], ""),
        (["final*"], "final*"),
        (["finali*"], "finali*"),
        (["FINALIST"], "FINALIST"),
        (["finalis"], ""),
        (["  ", "rovers"], "rovers"),
    ],
)
def test_excluded_words_are_whole_words_or_beginnings(words: list[str], found: str) -> None:
    said = "Rövers reach the cup final; finalists cheer, said nobody’s"
    assert scoring.excluded(said, words) == found


def test_a_keyword_is_more_than_the_first_two_words_of_a_title() -> None:
    title = "The mayor says that tide gates of Port Ellis will be rebuilt"
    assert candidates.keyword(title, ["harbour board", "tide gates"]) == "tide gates"
    assert candidates.keyword(title) not in ("", "The mayor")
    assert candidates.keyword("!") == "!"


def test_titles_that_say_the_same() -> None:
    known = [covering.title_key(title).removeprefix("title:") for title in ("Herons return to Orne", "Cup final lost")]
    assert covering.like("To Orne the herons return", known) == known[0]
    assert covering.like("Herons are counted in Velm by volunteers", known) == ""
    assert covering.like("", known) == ""
