"""The same trip while the worker is killed again and again: nothing lost, nothing published twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from stonehand.sample import Newsroom
from tests.acceptance.desks import Desk, started
from tests.acceptance.newsrooms import House
from tests.faults.tally import IS_LONG
from tests.servers import wait_until

FEEDS = (
    *("harbour-gazette/feed.xml", "tarn-valley-post/atom.xml"),
    *(("northfell-courier/rss.xml", "kestrel-wire/sitemap.xml") if IS_LONG else ()),
)
BEFORE, AFTER = (7, 3) if IS_LONG else (3, 1)
"""Kills until drafts wait for review, and from their approval on."""


@pytest.mark.faults
@pytest.mark.timeout(900)  # it waits for each thing by itself, for as long as it says
def test_kills_lose_nothing_and_double_nothing(house: House, newsroom: Newsroom) -> None:
    with started(house, "--no-sample") as desk:
        desk.sign_in()
        for feed in FEEDS:
            desk.post("/sources", {"url": f"{newsroom.address}/{feed}"})
        _kill_while(desk, BEFORE)
        wait_until(lambda: _quiet(desk) and len(_open(desk)) >= 3, "drafts wait for review", 240)
        reviews = [item["review"]["id"] for item in _open(desk)]
        for review in reviews:
            desk.post(f"/reviews/{review}/approve", {"accept_unsupported": True})
        _kill_while(desk, AFTER)
        wait_until(lambda: _quiet(desk) and _published(desk) >= len(reviews), "all that was approved is out", 120)
        _nothing_lost(desk)
        _nothing_twice(desk, house.folder / "published", len(reviews))


def _kill_while(desk: Desk, times: int) -> None:
    """Kill the worker at random moments, as soon as it has begun to work again."""
    draw = random.Random(20261122)
    for _ in range(times):
        wait_until(lambda: bool(desk.get("/workers")["items"]), "a worker is back", 60)
        time.sleep(draw.uniform(0.0, 0.8))
        desk.kill_part("worker")


def _open(desk: Desk) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.get("/reviews", limit=100)["items"]
    return items


def _quiet(desk: Desk) -> bool:
    states = ("available", "executing", "scheduled", "retryable")
    return not any(desk.get("/jobs", state=state, limit=1)["items"] for state in states)


def _published(desk: Desk) -> int:
    return sum(item["state"] == "published" for item in desk.get("/publications", limit=100)["items"])


def _nothing_lost(desk: Desk) -> None:
    assert desk.get("/jobs", state="discarded")["items"] == []
    for source in desk.get("/sources")["items"]:
        entries = desk.get(f"/sources/{source['id']}/entries", limit=100)["items"]
        assert entries
        assert Counter(entry["state"] for entry in entries) == {"fetched": len(entries)}


def _nothing_twice(desk: Desk, folder: Path, approved: int) -> None:
    pieces = list(folder.rglob("*.md"))
    assert len(pieces) == approved
    items = ElementTree.parse(next(folder.rglob("feed.xml"))).findall("./channel/item")
    assert len({item.findtext("guid") for item in items}) == len(items) == approved
    articles = desk.get("/articles", limit=200)["items"]
    urls = Counter(article["url"] for article in articles)
    assert max(urls.values()) == 1
