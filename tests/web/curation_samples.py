"""Made-up views of curations and reports: long titles, a failed address, a part without a reason, an empty table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stonehand.web import charts
from stonehand.web.pages.curations import (
    CompareView,
    CurateView,
    CurationCard,
    CurationForm,
    CurationView,
    ItemView,
    MovedView,
    Named,
    PartView,
    WeightsPage,
    WeightsView,
)
from stonehand.web.pages.parts import Badge, Link, Meter, Tab
from stonehand.web.pages.reports import (
    AnalyticsView,
    FigureView,
    ReportCard,
    ReportsView,
    ReportView,
    RowView,
    SectionView,
    TableView,
)

NOW = datetime.now(UTC)
WEIGHTS = (Named("standard", "standard", True), Named("fresh <first>", "fresh <first>"))
PARTS = (
    PartView("readability", 47.5, "65 words, 300 are enough; ease 72 of 100", 12),
    PartView("relevance", 100, "nearest to the topic by title", 20),
    PartView("recency", 50, "", 12),
)
TITLE = "Harbour bridge closes for a year after inspectors find <cracked> bearings in nine of its forty supports"
ITEMS = (
    ItemView(
        "i1", TITLE, "/articles/one", "https://a.example/1", "Port Gazette", "Ada", NOW, 79.2, 1, "cluster 1", PARTS
    ),
    ItemView("i2", "Ferries", "/articles/two", "https://b.example/1", "Tidewater", "", None, 60.0, 2, "", PARTS),
)
FAILED = ItemView("i3", "ftp://x.example", "", "ftp://x.example/<a>", note="this is no http or https address")
CURATE = CurateView(
    form=CurationForm(topic="tide & gates", urls="https://a.example", error="There is nothing to curate.", more=True),
    weights=WEIGHTS,
    curations=(CurationCard("c1", "tide gates", Badge("Reading", "busy"), "0 articles chosen of 3", NOW, "Mira"),),
    can_edit=True,
)
CURATION = CurationView(
    id="c1",
    title="tide <gates>",
    badge=Badge("Reading", "busy"),
    facts=("a list of addresses", "weights: standard"),
    created_at=NOW - timedelta(minutes=2),
    alive=True,
    meter=Meter(2, 3, "1 of the articles are still being read"),
    message="",
    tabs=(Tab("Chosen", "/curate/c1", 2, True), Tab("Left out", "/curate/c1?show=left_out", 0)),
    items=ITEMS,
    failures=(FAILED,),
    weights=WEIGHTS,
    rules=dict.fromkeys(("most", "domain_cap", "duplicate", "cluster", "cluster_cap", "by_cluster", "diversify"), "1"),
    can_edit=True,
    job_id="0190",
    trouble="the disk is full",
    note="the time limit of 300 s struck",
    sorts=(Named("place", "best first", True),),
    weights_name="standard",
    judged_by="fresh <first>",
)
SIDE = CompareView(
    "c1", "tide gates", items=ITEMS, rows=(("readability", PARTS[:1] * 2),), likeness=("1 and 2: cosine 0.83",)
)
MOVED = CompareView(
    "c1",
    "tide gates",
    moved=(MovedView(TITLE, "/articles/one", "", "1", "60.0", "79.2", "new"),),
    weights=WEIGHTS,
    names=("standard", "fresh <first>"),
    summary="0 articles chosen by both, 1 by one of them.",
)
SET = WeightsView("standard", PARTS, "7", "", "rumours.example", True, False)
WEIGHTS_PAGE = WeightsPage((SET, SET), SET, {}, True, "Recency counts for 2; give a number from 0 to 1.", {"name": "x"})

FIGURES = (FigureView("originals read", "1 204", (3, 4, 9)), FigureView("mean rating, 1 to 5", "–"))
REPORTS = ReportsView(
    tabs=(Tab("All", "/reports", active=True),),
    reports=(ReportCard("r1", "17 May 2026", "daily", "3 originals", NOW),),
    figures=FIGURES,
    latest=Link("17 May 2026", "/reports/r1"),
    can_edit=True,
    day="soon",
    error="'soon' is no day; write it like 2026-05-17.",
)
REPORT = ReportView(
    id="r1",
    title="17 May 2026",
    kind="daily",
    made_at=NOW,
    sections=(
        SectionView(
            "articles",
            "Articles",
            FIGURES,
            (
                TableView("When they came", ("time", "articles"), (), charts.line(["00–03 h", "03–06 h"], [1, 4])),
                TableView("Outlets", ("outlet", "articles"), (RowView("<b>Post</b>", "/articles/one", ("4",), 100.0),)),
                TableView(
                    "In trouble",
                    ("source", "failures", "error"),
                    (RowView("Post", "", ("3", "its feed is broken in line 7, column 14"), None),),
                ),
            ),
            "Judged by the newest 4 originals.",
        ),
    ),
    earlier=Link("16 May 2026", "/reports/r0"),
)
ANALYTICS = AnalyticsView("one", TITLE, FIGURES, NOW, True, Link("Bridge (2 outlets)", "/stories/one"))
