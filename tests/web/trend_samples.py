"""Made-up views of trends."""

from __future__ import annotations

from stonehand.web.pages.parts import Badge, Pager, Tab
from stonehand.web.pages.trends import BoardView, Column, Part, TrendCard, TrendView, Turn
from tests.web.samples import ID, back

BRIDGE = TrendCard(
    ID + "01",
    "Harbour bridge closes for a year after cracks are found in nine bearings",
    Badge("Viral", "warn"),
    "Told by 7 outlets; 14 reports in the last 6 hours where 1.2 were to be expected "
    "(by chance once in 1,000,000,000); rising.",
    71,
    19,
    7,
    back(minutes=4),
    (*[0] * 30, 1, 0, 0, 2, 1, 0, 1, 2, 3, 2, 4, 3, 5, 4, 6, 7, 5, 6),
    True,
)
FERRY = TrendCard(
    ID + "02",
    "Ferry timetable changes",
    Badge("Emerging", "busy"),
    "Told by 2 outlets; 1 report in the last 6 hours, nothing unusual; steady.",
    34,
    2,
    2,
    back(hours=3),
    (*[0] * 44, 1, 0, 1, 0),
)
TABS = tuple(
    Tab(words, f"/trends?show={words.lower()}", count, words == "Board")
    for words, count in (
        ("Board", None),
        ("Viral", 1),
        ("Emerging", 12),
        ("Sustained", 0),
        ("Declining", 41),
        ("Dead", 1204),
    )
)
BOARD = BoardView(
    TABS,
    (
        Column(
            "Viral",
            "Far more reports than chance brings, from four outlets or more.",
            1,
            "/trends?show=viral",
            (BRIDGE,),
        ),
        Column("Emerging", "New, or back after a silence.", 12, "/trends?show=emerging", (FERRY,)),
        Column("Sustained", "Older than a day, and it goes on.", 0, "/trends?show=sustained", ()),
    ),
    Pager(),
)
TREND = TrendView(
    BRIDGE,
    (
        Part("Engagement", 21.0, "50 %"),
        Part("Recency", 99.0, "20 %"),
        Part("Velocity", 12.0, "20 %"),
        Part("Outlets", 100.0, "10 %"),
    ),
    (
        ("Reports in the last 6 hours", "14, expected 1.2"),
        ("Surprise", "9.4 (an alarm from 3.0 on: one in a thousand)"),
    ),
    (1.0, 1.4, 2.8, 6.1, 9.3, 9.0),
    (
        Turn(back(hours=2), Badge("Viral", "warn"), BRIDGE.why),
        Turn(
            back(hours=9),
            Badge("Emerging", "busy"),
            "Told by 2 outlets; 2 reports in the last 6 hours, nothing unusual; rising.",
        ),
    ),
)
