"""Made-up views of the library."""

from __future__ import annotations

from datetime import UTC, datetime

from stonehand.search.fields import FIELDS
from stonehand.web.pages.library import HitView, LibraryView, SavedView
from stonehand.web.pages.parts import Link, Pager, Tab

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDERS = (Tab("Best first", "/library?q=bridge", active=True), Tab("Newest first", "/library?q=bridge&order=newest"))
FIELD_ROWS = tuple((f"{name}:", meaning) for name, meaning in FIELDS.items())
SAVED = SavedView("s1", "Bridges", "bridge -storm", "/library?saved=s1", is_own=True)
LIBRARY = LibraryView(
    query="bridge -storm",
    summary="2 articles.",
    hits=(
        HitView(
            "a1",
            "Harbour bridge closes for a year",
            "Port Gazette",
            NOON,
            (
                ("The harbour ", False),
                ("bridge", True),
                (" has cracks in nine of its bearings, inspectors said …", False),
            ),
            author="Per Halvorsen",
            language="en",
            tags=("infrastructure", "to follow"),
            notes=("Archived",),
            is_bookmarked=True,
        ),
        HitView("a2", "Brücke gesperrt", "Altenquell", NOON, (("Die Brücke ist zu.", False),), language="de"),
    ),
    orders=ORDERS,
    saved=(SAVED, SavedView("s2", "Ferries", "ferry", "/library?saved=s2")),
    tags=(Link("infrastructure · 12", "/library?q=tag%3Ainfrastructure"),),
    fields=FIELD_ROWS,
    pager=Pager("", "/library?q=bridge&start=20"),
    current=SAVED,
    here="/library?q=bridge",
    export="/api/v1/library/export?q=bridge",
)
WRONG = LibraryView(
    query="bridge sorce:gazette",
    summary="",
    hits=(),
    orders=ORDERS,
    fields=FIELD_ROWS,
    error="Character 8: sorce: is not a field; did you mean source?; to search for it as words, put it in quotes.",
    spot=("bridge ", "s", "orce:gazette"),
)
