"""Made-up views of readers' pages: every state, long words."""

from __future__ import annotations

from datetime import UTC, datetime

from stonehand.reading.levels import ANSWERS
from stonehand.web.pages.for_you import (
    AssessmentView,
    DigestsView,
    DigestView,
    ForYouView,
    PhaseView,
    PreferencesView,
    ProgressView,
    QuestionView,
    ReaderBox,
    Step,
    Tip,
    UnsubscribeView,
    WishView,
)
from stonehand.web.pages.for_you_reading import tabs
from stonehand.web.pages.parts import Badge, Link, Meter, Pager

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIPS = (
    Tip(
        "a1",
        "Harbour bridge closes for a year",
        "Port Gazette",
        NOON,
        "Because you read “Nine bearings of the harbour bridge have cracks, inspectors say”.",
        lead="The harbour bridge has cracks in nine of its bearings, inspectors said on Sunday. Ferries take over.",
        language="en",
        is_sample=True,
        less=("because", "a0"),
        less_words="Not for this reason",
    ),
    Tip(
        "a2",
        "Brückensperrungsverordnungsentwurf <b>liegt vor</b>",
        "Altenquell",
        NOON,
        "You follow “port and ferry traffic”.",
        language="de",
        less=("topic", "port and ferry traffic"),
        less_words="Not for this topic",
    ),
    Tip(
        "a3",
        "A short one",
        "Gazette",
        NOON,
        "It came lately, and you have not read it.",
        less=("outlet", "Gazette"),
        less_words="Less of Gazette",
    ),
)
SCORES = (Meter(82, 100, "BE · Advanced"), Meter(45, 100, "DO · Beginner"), Meter(60, 100, "HAVE · Intermediate"))
FOR_YOU = ForYouView(tabs(""), "For you", TIPS, "/for-you", NOON, True, scores=SCORES)
FOR_YOU_EMPTY = ForYouView(
    tabs(""),
    "For you",
    (),
    "/for-you",
    None,
    True,
    "Your list is being made.",
    "Take the assessment to unlock Intermediate and Advanced articles.",
)
POPULAR = ForYouView(tabs("popular"), "Popular", TIPS[:1], "/for-you/popular")
PREFERENCES = PreferencesView(
    tabs("preferences"),
    "port and ferry traffic\ncity budget",
    "en, de",
    "weekly",
    ("en", "de"),
    (WishView("outlet", "gazette", "Gazette", "outlet"), WishView("article", "a1", TIPS[0].title, "articles like it")),
    "mira@newsroom.example",
    "no mail server is set: STONEHAND_SMTP_HOST",
    "“x” is no language; write its code, such as en or de.",
)
_QUESTIONS = (QuestionView("be_values", "I know what I want to be good at, and why.", 3), QuestionView("b", "B.", None))
ASSESSMENT = AssessmentView(
    tabs("assessment"),
    (
        PhaseView("BE", "Identity and mindset", _QUESTIONS, Meter(82, 100), "Advanced", "everything is unlocked"),
        PhaseView("DO", "Skills and actions", (QuestionView("d", "D.", 0),), Meter(45, 100), "Beginner", "60 unlocks"),
        PhaseView("HAVE", "Results and management", (QuestionView("h", "H.", None),)),
    ),
    ANSWERS,
    "Intermediate",
    NOON,
)
PROGRESS = ProgressView(
    tabs("progress"),
    (("Begun", "12 articles"), ("Read to the end", "9, 4 in 30 days"), ("Time", "84 minutes")),
    (
        Step(Link(TIPS[0].title, "/articles/a1"), Meter(100, 100), "liked, 5 stars", NOON),
        Step(Link(TIPS[1].title, "/articles/a2"), Meter(40, 100), "", NOON),
    ),
    Pager("", "/for-you/progress?start=20"),
)
DIGESTS = DigestsView(
    tabs("digests"),
    (
        DigestView(
            "The day: 22 November 2026",
            Badge("Waits for review", "warn"),
            (Link("Harbour bridge closes", "/stories/s1"), Link("Ferries take over", "/stories/s2")),
            NOON,
            Link("Read the draft", "/review/r1"),
        ),
        DigestView(
            "The week to 16 November 2026", Badge("Out", "good"), (Link("Budget", "/stories/s3"),), NOON, None, "9 sent"
        ),
    ),
    True,
)
UNSUBSCRIBE = UnsubscribeView("/unsubscribe/secret", "m…@newsroom.example")
UNSUBSCRIBED = UnsubscribeView("/unsubscribe/secret", "m…@newsroom.example", True)
BOX = ReaderBox(
    liked=True,
    rating=4,
    scroll=55,
    minutes=4,
    level="DO · Advanced",
    locked="A score of 80 in DO unlocks it.",
    related=((Link("Ferries take over", "/articles/a2"), "same story"),),
    phase="DO",
    difficulty="Advanced",
)
