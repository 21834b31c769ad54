"""The rules of stories on their own: ranking, titles, timeline, the window."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from stonehand.nlp import lexical, vectors
from stonehand.stories import means, placement, ranking, timeline, titles
from stonehand.stories.known import MEMBERS, TERMS, KnownStory
from stonehand.stories.placement import Candidate, Reading, decide, read_words
from stonehand.stories.states import Role
from stonehand.stories.window import Window

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _reading(text: str, at: datetime = NOON, outlet: str = "Velm Post", **values: Any) -> Reading:
    terms, names = read_words("", text, "en")
    vector = lexical.hashed([text])[0]
    plain = Reading(text, text, outlet, "u", vector, "lexical", terms, names, at, True, None, False)
    return replace(plain, **values)


def _filled(texts: list[str]) -> Window:
    window = Window()
    for number, text in enumerate(texts):
        reading = _reading(text)
        window.grow(KnownStory.begin(str(number), reading), reading)
    return window


def test_rank_keeps_its_order_as_time_passes() -> None:
    old_and_wide = ranking.rank(7, [NOON - 30 * HOUR] * 3, NOON - 30 * HOUR)
    new_and_narrow = ranking.rank(1, [NOON], NOON)
    for later in (NOON, NOON + 100 * HOUR):
        assert ranking.prominence(old_and_wide, later) > ranking.prominence(new_and_narrow, later)


def test_prominence_is_the_published_formula() -> None:
    assert ranking.prominence(ranking.rank(3, [NOON], NOON), NOON) == pytest.approx(2)
    assert ranking.prominence(ranking.rank(3, [NOON], NOON), NOON + 24 * HOUR) == pytest.approx(1)
    assert ranking.prominence(ranking.rank(3, [NOON, NOON], NOON), NOON) == pytest.approx(4)
    assert ranking.prominence(ranking.rank(3, [NOON], None), NOON) == pytest.approx(1)
    assert ranking.growth([NOON - 48 * HOUR, NOON]) == 0.5


def test_states() -> None:
    assert [ranking.state(outlets).value for outlets in (1, 2)] == ["emerging", "developing"]


def test_title_is_the_central_one_without_flaws() -> None:
    rows = vectors.unit(np.array([[1.0, 0.6], [1.0, 0.1], [1.0, -0.5], [1.0, 0.05]], dtype=np.float32))
    plain = ["Bridge in Halvern shut for weeks", "Why is it shut and what comes next?", "A storm closes a bridge", ""]
    assert titles.choose(plain, rows) in (plain[0], plain[2])
    assert titles.choose(["HALVERN BRIDGE SHUT FOR WEEKS", plain[0]], rows[[1, 1]]) == plain[0]
    assert titles.choose([""], rows[:1]) == ""


@dataclass
class _Place:
    article_id: str
    role: str
    reported_at: datetime
    original_id: str | None = None
    title: str = ""
    outlet: str = ""
    url: str = ""
    dated: bool = True
    evidence: dict[str, Any] = field(default_factory=dict)


def test_copy_whose_original_is_elsewhere_stands_for_itself() -> None:
    lone, first = _Place("b", "copy", NOON, "gone"), _Place("a", "first_report", NOON + HOUR)
    steps = timeline.steps([first, lone])
    assert [step.report.article_id for step in steps] == ["b", "a"]
    assert [step.role for step in steps] == [Role.COPY, Role.FIRST_REPORT]
    assert timeline.why(lone, steps[0].role).startswith("The same text")
    assert timeline.why(first, steps[1].role) == "The first article of this story."


def test_the_first_report_is_the_earliest_not_the_first_that_was_read() -> None:
    read_first, earlier = _Place("a", "first_report", NOON), _Place("b", "follow_up", NOON - HOUR)
    steps = timeline.steps([read_first, earlier])
    assert [(step.report.article_id, step.role) for step in steps] == [("b", Role.FIRST_REPORT), ("a", Role.FOLLOW_UP)]
    assert timeline.why(read_first, steps[1].role) == "It was the first to be read of its story."


def test_a_text_stands_where_it_was_told_first_even_if_a_copy_was_read_before_it() -> None:
    read_first = _Place("a", "first_report", NOON, evidence={"score": 1, "nearest": 0.9})
    earlier, follow = _Place("c", "copy", NOON - 3 * HOUR, "a"), _Place("b", "follow_up", NOON - HOUR)
    first, later = timeline.steps([read_first, follow, earlier])
    assert (first.report, first.role, first.copies) == (earlier, Role.FIRST_REPORT, [read_first])
    assert (later.report, later.role) == (follow, Role.FOLLOW_UP)
    assert timeline.why(first.judged, first.role) == "90% alike to the nearest article."


def test_names_decide_between_two_like_events() -> None:
    here = Candidate("here", 0.7, 0.7, 0.0, words=1.0, names=0.8)
    there = Candidate("there", 0.75, 0.75, 0.0, words=1.0, names=0.0)
    decision = decide([there, here])
    assert decision.story_id == "here"
    assert decide([replace(there, cosine=0.5, nearest=0.5, words=0.0)]).story_id is None
    assert decide([]).evidence is None


def test_late_articles_need_more() -> None:
    candidate = Candidate("s", 0.6, 0.6, 0.0, words=1.0, names=0.0)
    scores = []
    for days in (0, 7, 14, 40):
        evidence = decide([replace(candidate, days_apart=days)]).evidence
        assert evidence is not None
        scores.append(evidence.score)
    assert scores == [0.44, 0.4, 0.36, 0.36]


def test_window_compares_only_vectors_of_one_model_and_recent_stories() -> None:
    text = "Harbour bridge in Port Ellis closed after crack, says Mayor Okafor"
    window = _filled([text])
    joined = window.decide(_reading(text))
    assert joined.story_id == "0"
    assert joined.evidence is not None
    assert {"okafor", "port"} <= set(joined.evidence.shared)
    assert window.decide(_reading(text, vector_model="minilm-int8")).story_id is None
    assert window.decide(_reading(text, at=NOON + timedelta(days=20))).story_id is None
    assert window.without_old(NOON) is window
    assert window.without_old(NOON + HOUR).stories == {}


def test_what_is_known_of_a_story_stays_small_and_survives_storing() -> None:
    first = _reading("start")
    story = KnownStory.begin("s", first)
    for number in range(100):
        words = " ".join(f"w{number}x{other}" for other in range(30))
        story.add(_reading(f"flood {words}", NOON + number * HOUR, f"Outlet {number % 7}"))
    assert len(story.terms) == TERMS
    assert len(story.members) == MEMBERS
    assert story.terms["flood"] == 100
    copy = KnownStory("s", "lexical", story.total, 100, story.first_at, story.last_at, False)
    copy.read_profile(story.profile())
    kept = ("terms", "names", "outlets", "latest", "last_dated")
    assert [getattr(copy, name) for name in kept] == [getattr(story, name) for name in kept]
    assert isinstance(copy.terms, Counter)


def test_deciding_costs_about_the_same_among_many_stories() -> None:
    def cost(stories: int) -> float:
        window = _filled([f"Story {n} of Town{n} and River{n % 50} with {n} people" for n in range(stories)])
        reading = _reading("Story 7 of Town7 and River7 with 7 people")
        started = time.process_time()
        for _ in range(50):
            assert window.decide(reading).story_id == "7"
        return time.process_time() - started

    assert cost(2000) < 8 * cost(100)


def test_among_many_stories_signs_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"Story {n} of Town{n} and River{n % 50} with {n} people" for n in range(300)]
    plain, quick = _filled(texts), _filled(texts)
    found = [plain.decide(_reading(text)) for text in texts[:40]]
    near = plain.near("7", 5, 0.1)
    monkeypatch.setattr(means, "ALL", 64)
    monkeypatch.setattr(means, "ALIKE", 8)
    assert [quick.decide(_reading(text)).story_id for text in texts[:40]] == [each.story_id for each in found]
    assert len(set(quick.near("7", 5, 0.1)) & set(near)) >= 3


def test_a_story_that_was_dropped_is_never_found(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Harbour bridge in Port Ellis closed after crack, says Mayor Okafor"
    window = _filled([text, "Ajora wins the cup final at Kestrel Park"])
    window.drop("0")
    window.drop("nobody")
    for most in (means.ALL, 0):
        monkeypatch.setattr(means, "ALL", most)
        assert window.decide(_reading(text)).story_id is None
        assert window.near("1", 5, -1.0) == []
    terms, names = window.rarities([_reading(text)])
    assert set(terms) == set(_reading(text).terms)
    assert names["okafor"] == pytest.approx(max(names.values()))
    window.put(_filled([text]).stories["0"])
    assert window.decide(_reading(text)).story_id == "0"


FURNITURE = """
Hal Thwaite | 28 November 2026, 11:16 | Business

Latest from the fells

- Storm Hedda: trains to stop, Skarn may flood again
- 900 jobs for Northfell as Corvane picks old quarry
"""


def test_what_stands_on_every_page_of_an_outlet_tells_nothing_of_a_story() -> None:
    prose = "The big battery has passed its first night at work. “We are interested,” said Ruth Ibbotson.\n\n" * 3
    assert placement.prose(prose + FURNITURE).split() == prose.split()
    terms, names = placement.read_words("Battery works", prose + FURNITURE, "en")
    assert (terms, names) == placement.read_words("Battery works", prose, "en")
    assert not {"Corvane", "corvane", "900", "thwaite"} & {*terms, *names}


@pytest.mark.parametrize(
    "text", ["", "no full stop at all", "First line\nSecond line\nThird. ", "これは文です。\n見出し"]
)
def test_a_text_that_is_mostly_no_prose_counts_whole(text: str) -> None:
    kept = placement.prose(text)
    assert kept == text or 2 * len(kept) >= len(text)
    assert bool(kept.split()) == bool(text.split())
