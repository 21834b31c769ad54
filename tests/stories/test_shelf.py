"""Stories on the shelf of a window are there as they were put."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stonehand.nlp.lexical import WIDTH
from stonehand.stories.known import KnownStory
from stonehand.stories.lexicon import Lexicon
from stonehand.stories.placement import Reading
from stonehand.stories.shelf import Shelf

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
WORDS = st.dictionaries(st.text(max_size=4), st.integers(1, 10**6), max_size=6)
READINGS = st.builds(
    Reading,
    article_id=st.just("a"),
    title=st.text(max_size=9),
    outlet=st.text(max_size=3),
    url=st.just("u"),
    vector=st.integers(0, WIDTH - 1).map(lambda at: np.eye(1, WIDTH, at, dtype=np.float32)[0]),
    vector_model=st.sampled_from(["lexical", "minilm-int8"]),
    terms=WORDS,
    names=WORDS,
    reported_at=st.timedeltas(timedelta(days=-9), timedelta(days=9)).map(lambda gap: NOON + gap),
    dated=st.booleans(),
    original_id=st.sampled_from([None, "b"]),
    is_sample=st.booleans(),
)


def _story(name: str, readings: list[Reading]) -> KnownStory:
    story = KnownStory.begin(name, readings[0])
    for reading in readings:
        story.add(reading)
    return story


def _whole(story: KnownStory) -> list[object]:
    """Everything that is known of it, words in their order."""
    facts = {name: value for name, value in vars(story).items() if name not in ("total", "members")}
    words = [list(story.terms.items()), list(story.names.items())]
    members = [(each.title, each.vector.tolist()) for each in story.members]
    return [facts, words, members, story.total.tolist()]


@given(st.lists(st.lists(READINGS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_story_comes_back_as_it_was_put(found: list[list[Reading]]) -> None:
    shelf = Shelf(Lexicon(), Lexicon())
    stories = [_story(str(number), readings) for number, readings in enumerate(found)]
    for story in stories:
        shelf.put(story)
    assert [_whole(each) for each in shelf.values()] == [_whole(each) for each in stories]
    again = _story("0", found[-1])
    shelf.put(again)
    assert _whole(shelf["0"]) == _whole(again)
    assert len(shelf) == len(stories)


def test_what_is_done_to_a_story_is_known_once_it_is_put() -> None:
    vector = np.eye(1, WIDTH, dtype=np.float32)[0]
    reading = Reading("a", "t", "o", "u", vector, "lexical", {"flood": 1}, {}, NOON, True, None, False)
    shelf = Shelf(Lexicon(), Lexicon())
    shelf.put(_story("s", [reading]))
    story = shelf["s"]
    story.add(reading)
    assert shelf["s"].article_count == 1
    shelf.put(story)
    assert (shelf["s"].article_count, shelf["s"].terms["flood"]) == (2, 2)
    assert shelf.reported_since(NOON) == ["s"]
    assert shelf.reported_since(NOON + timedelta(seconds=1)) == []
    shelf.drop("s")
    assert "s" not in shelf
