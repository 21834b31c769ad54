"""What is kept and dropped of what a source names."""

from __future__ import annotations

import time
from typing import Any

import pytest

from stonehand.sources import rules
from stonehand.sources.errors import RulesUnfit
from stonehand.sources.readings import FeedEntry

TIDE = FeedEntry("1", "https://news.example/sport/1", "Tide gates open", "A long debate", author="Ann Smith")


def decided(*written: dict[str, Any]) -> bool:
    return rules.decide(rules.read(written), TIDE).kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ([], True),
        ([{"do": "drop", "words": "TIDE gates"}], False),
        ([{"do": "drop", "words": "gates", "where": "summary"}], True),
        ([{"do": "drop", "words": "/sport/", "where": "address"}], False),
        ([{"do": "keep", "words": "smith", "where": "author"}], True),
        ([{"do": "keep", "words": "football"}], False),
        ([{"do": "drop", "pattern": r"^tide\s+gates?"}], False),
        ([{"do": "drop", "pattern": r"^tide\s+gates?$", "where": "title"}], True),
        ([{"do": "keep", "words": "open"}, {"do": "drop", "words": "tide"}], True),
        ([{"do": "drop", "words": "tide"}, {"do": "keep", "words": "open"}], False),
    ],
)
def test_the_first_rule_that_matches_decides(written: list[dict[str, Any]], kept: bool) -> None:
    assert decided(*written) is kept


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"do": "drop"}, "either words or a pattern"),
        ({"do": "drop", "words": "a", "pattern": "b"}, "either words or a pattern"),
        ({"do": "hide", "words": "a"}, "rule 1"),
        ({"do": "drop", "pattern": "("}, r"RE2 does not understand /\(/"),
        ({"do": "drop", "pattern": "(?=a)"}, "RE2 does not understand"),
        ({"do": "drop", "words": "a", "colour": "red"}, "rule 1"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(written: dict[str, Any], said: str) -> None:
    with pytest.raises(RulesUnfit, match=said):
        rules.read([written])
    with pytest.raises(RulesUnfit, match="51 rules are more than 50"):
        rules.read([{"do": "drop", "words": "a"}] * 51)


def test_no_pattern_takes_long() -> None:
    evil = rules.read([{"do": "drop", "pattern": "(a+)+$"}])
    began = time.monotonic()
    assert rules.decide(evil, FeedEntry("1", None, "a" * 500, "a" * 5000 + "!")).kept
    assert time.monotonic() - began < 20


def test_rules_are_written_one_on_each_line() -> None:
    lines = "drop title: horoscope\nkeep /tide|harbour/\ndrop address: /sponsored/\nkeep a: b"
    found = rules.from_lines(lines + "\n\n")
    assert [(each.do, each.where, each.words, each.pattern) for each in found] == [
        ("drop", "title", "horoscope", ""),
        ("keep", "anywhere", "", "tide|harbour"),
        ("drop", "address", "", "sponsored"),
        ("keep", "anywhere", "a: b", ""),
    ]
    assert rules.from_lines(rules.to_lines(found)) == found
    with pytest.raises(RulesUnfit, match="line 2, ‘perhaps tide’"):
        rules.from_lines("drop a\nperhaps tide")
