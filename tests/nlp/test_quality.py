"""The quality score: each part can be won and lost."""

from __future__ import annotations

from stonehand.nlp import quality

SENTENCE = (
    "Engineers repaired three bridges near Hamburg before winter storms damaged the older concrete supports badly. "
)
GOOD = SENTENCE * 40


def points(title: str, text: str, **options: object) -> dict[str, float]:
    return {part.name: part.points for part in quality.read(title, text, **options).parts}  # type: ignore[arg-type]


def test_a_long_substantial_text_with_a_title_is_kept() -> None:
    found = quality.read("Bridges repaired in time", GOOD.replace("damaged", "reached").replace("badly", "soon"), "en")
    assert found.score == 1.0
    assert found.kept


def test_each_part_can_be_lost() -> None:
    assert points("Bridges repaired", "Short text.", spoken="en")["length"] == 0.0
    assert points("Bridges repaired", SENTENCE * 25, spoken="en")["length"] == 0.2
    assert points("Bridges repaired", SENTENCE * 400, spoken="en")["length"] == 0.1
    assert points("Hm", GOOD, spoken="en")["title"] == 0.0
    assert points("Bridges repaired", GOOD, spoken="de")["language"] == 0.0
    assert points("Bridges repaired", GOOD, spoken="de", wanted=("en", "de"))["language"] == 0.2
    assert points("Bridges repaired", "the and of it is a to " * 90, spoken="en")["substance"] == 0.0
    assert points("Bridges repaired", "Cats run home. " * 200, spoken="en")["sentences"] == 0.05
    assert points("Bridges repaired", "A terrible catastrophe killed many people. " * 90, spoken="en")["tone"] == 0.0


def test_a_bad_tone_shows_its_words() -> None:
    text = "A terrible catastrophe killed many people. " * 90
    tone = next(part for part in quality.read("Bridges", text, "en").parts if part.name == "tone")
    assert {span.text for span in tone.evidence} <= {"terrible", "catastrophe", "killed"}
    assert tone.evidence


def test_a_short_text_is_never_kept() -> None:
    found = quality.read("Bridges repaired in time", SENTENCE * 25, "en")
    assert found.score >= quality.KEEP
    assert not found.kept


def test_nothing_at_all() -> None:
    assert quality.read("", "").score < quality.KEEP
