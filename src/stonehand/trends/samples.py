"""Invented reports, to see that the way from a text to a trend works. Pure: no database, no network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from stonehand.analysis import findings
from stonehand.nlp import vectors
from stonehand.stories.known import KnownStory
from stonehand.stories.placement import Reading, read_words
from stonehand.stories.window import Window
from stonehand.trends.gathering import HOURS, Reports
from stonehand.trends.service import World, judge_all
from stonehand.trends.shapes import hourly

EVENTS = (
    (
        "The river Orne floods Port Ellis",
        "The river Orne burst its banks in Port Ellis and drove 4,000 people from "
        "their homes. Mayor Ruth Okafor said the Orne stood at 7.2 metres.",
    ),
    (
        "Ajora wins the cup final",
        "Ajora beat Rovers 2-1 in the cup final at Kestrel Park. Striker Dana Voss scored in "
        "extra time before 60,000 spectators.",
    ),
    (
        "Velm council closes the harbour bridge",
        "The council of Velm closed the harbour bridge after engineers found "
        "cracks in two of its pillars. Repairs will cost 12 million crowns.",
    ),
    (
        "Tamm observatory finds a new comet",
        "Astronomers of the Tamm observatory found a comet that will pass the Earth "
        "in March. Professor Ilse Brandt named it after her teacher.",
    ),
)
VERSIONS = ("{}", "On Monday morning: {}", "{} Witnesses spoke of a long night.", "Officials confirmed it later. {}")
OUTLETS = ("Velm Post", "Harbour News", "Daily Echo", "Tamm Herald", "The Orne Times")
MOMENT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def run(size: int) -> dict[str, Any]:
    """So many reports of four events, placed and judged. Returns the counts and the trends."""
    readings, window, reports = _readings(size), Window(), dict[str, Reports]()
    for reading in readings:
        found = window.decide(reading).story_id
        story = window.stories[found] if found else KnownStory.begin(reading.article_id, reading)
        window.grow(story, reading)
        mine = reports.setdefault(story.id, Reports())
        mine.moments.insert(0, reading.reported_at)
        mine.outlets.insert(0, reading.outlet)
    volume = hourly([each.reported_at.timestamp() for each in readings], MOMENT.timestamp(), HOURS)
    judged = judge_all(reports, {}, World(MOMENT, volume, 1.0 / max(1, len(reports))))
    trends = [
        {
            "title": window.stories[story_id].members[0].title,
            "state": each.judgement.state.value,
            "score": each.score.total,
        }
        for story_id, each in judged.items()
    ]
    return {"items": size, "stories": len(reports), "trends": trends}


def _readings(size: int) -> list[Reading]:
    texts = [(EVENTS[at % 4][0], VERSIONS[at // 4 % 4].format(EVENTS[at % 4][1])) for at in range(size)]
    found = []
    for at, ((title, text), finding) in enumerate(zip(texts, findings.find(texts), strict=True)):
        terms, names = read_words(title, text, "en")
        moment = MOMENT - timedelta(minutes=7 * (size - at))
        row = vectors.unpack(finding.vector)
        outlet = OUTLETS[at % len(OUTLETS)]
        found.append(
            Reading(
                f"sample{at}", title, outlet, "", row, finding.vector_model, terms, names, moment, True, None, False
            )
        )
    return found
