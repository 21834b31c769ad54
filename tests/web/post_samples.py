"""Made-up posts for the gallery: every state, every button, long words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from stonehand.articles.differences import Part
from stonehand.posts.proposals import Proposal
from stonehand.web.pages.parts import Badge, Link, Pager, Tab
from stonehand.web.pages.posts import (
    Candidate,
    Choice,
    Conflict,
    EditorView,
    Figure,
    Line,
    MetricsView,
    NewPostView,
    Panel,
    PanelQuote,
    PanelSource,
    PostLine,
    PostsView,
    ScorePart,
    SentTo,
    Typed,
    VersionLine,
    VersionsView,
)

NOW = datetime.now(UTC)
TEXT = (
    "The bridge will close for six weeks. [1]\n\n## What the council says\n\n“We found 14 cracked bolts,” it said. [2]"
)
POSTS = PostsView(
    items=(
        PostLine(
            "one",
            "Harbour bridge closes for six weeks",
            "Engineers found fourteen cracked bolts.",
            Badge("In review", "warn"),
            ("Mira Osei", "version 3", "Worded by a person"),
            NOW - timedelta(minutes=4),
            "/calendar?draft=one#schedule",
        ),
        PostLine(
            "two",
            "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungen",
            "x" * 90,
            Badge("Failed", "bad"),
            ("The desk", "version 1", "Written by small-model-with-a-long-name"),
            NOW - timedelta(days=3),
            is_sample=True,
        ),
    ),
    tabs=(Tab("All", "/posts", 1204, True), Tab("In review", "/posts?status=in_review", 7)),
    text="bridge",
    status="in_review",
    agent="agent-1",
    pager=Pager("/posts", "/posts?before=two"),
    can_edit=True,
)
EMPTY = PostsView((), (Tab("All", "/posts", 0, True),))
LINES = (
    Line("The bridge will close for six weeks.", Badge("word for word", "good"), 0, 36, "/articles/one#at-0"),
    Line("Nobody was surprised.", Badge("no source says this", "bad"), 40, 61),
)
METRICS = MetricsView(
    score=43.0,
    verdict=Badge("usable", "busy"),
    parts=(
        ScorePart("Length of the text", 0, 15, "99 words; 2,000 are best", "Write 401 more words for 5 points."),
        ScorePart("Readability", 15, 15, "Reading ease 69; 50 to 70 is best", ""),
    ),
    figures=(
        Figure("words", "1\u2009204", "5.1 min to read"),
        Figure("reading ease", "69", "of 100, by Flesch 1948"),
        Figure("quotations", "2", "1 proven word for word"),
    ),
    sentences=LINES,
    quotations=LINES,
    hard=(Line("A very long sentence that goes on …", Badge("31 words", "warn"), 0, 36),),
    headings=(Line("What the council says", Badge("##"), 42, 66),),
    links=(("https://elsewhere.example/" + "long/" * 20, Badge("not a source", "bad")),),
    warnings=("Everything here rests on one outlet: Harbour Post.",),
)
PANEL = Panel(
    sources=(
        PanelSource(
            1,
            "The harbour bridge closes",
            "Harbour Post",
            "/articles/one",
            "[1]",
            (
                PanelQuote(
                    "The bridge will close for six weeks.", 0, 36, Badge("word for word", "good"), "/articles/one"
                ),
            ),
            NOW - timedelta(days=2),
        ),
        PanelSource(2, "Cracks in " + "verylongword" * 8, "Norwick Daily", "/articles/two", "[2]"),
    ),
    more=(Candidate("three", "Ferries run every ten minutes", "Bay Times", "/articles/three"),),
    found=(Candidate("four", "A bridge of 1931", "Museum of Bridges", "/articles/four"),),
    trouble="Nothing in the library fits.",
)
TYPED = Typed(
    "Harbour bridge closes for six weeks",
    TEXT,
    "bridge-closes",
    "",
    "Bridge closes",
    "Why the bridge closes.",
    "bridge, Norwick",
    ("one", "two"),
    "r1",
    3,
    "museum",
    "Shorter, please.",
    "https://pictures.example/2026/bridge.jpg",
    "The closed bridge, seen from the quay",
    "Traffic, Harbour",
)
EDITOR = EditorView(
    id="one",
    badge=Badge("Draft", "busy"),
    facts=("Worded by a person", "version 3", "1\u2009204 words", "cost 0.0021"),
    typed=TYPED,
    panel=PANEL,
    metrics=METRICS,
    version=3,
    label="Written by a person from the numbered sources.",
    slug="harbour-bridge-closes-for-six-weeks",
    excerpt="The bridge will close for six weeks.",
    can_save=True,
    can_keep=True,
    can_regenerate=True,
    can_withdraw=True,
    kept_at=NOW - timedelta(seconds=20),
    others=("Tom Reyes",),
    places=(Choice("site", "Site"), Choice("blog", "Blog")),
    links=(Link("Versions", "/posts/one/versions"), Link("Review desk", "/review/one"), Link("Story", "/stories/one")),
    sent=(
        SentTo(
            Link("Site", "/publications/one"),
            Badge("Published", "good"),
            NOW - timedelta(hours=2),
            "https://site.example/1",
            "/publications/one#correct",
            "/publications/one#retract",
        ),
        SentTo(Link("Blog", "/publications/two"), Badge("Scheduled", "busy"), NOW + timedelta(hours=2)),
    ),
    proposals=(
        Proposal("https://paper.example/b.jpg", "a1", "Engineers find cracked bolts", "Harbour Post", "CC BY 4.0"),
        Proposal(f"https://paper.example/{'x' * 120}.jpg", "a2", "Bridge", "Norwick Courier", ""),
    ),
    schedule="/calendar?draft=one#schedule",
    note="Say who said it.",
    is_wish=True,
)
CONFLICT = replace(
    EDITOR,
    can_keep=False,
    kept_at=None,
    error="Not saved yet.",
    refusal="Not asked for: it is approved.",
    conflict=Conflict(
        "Version 4 was saved while you wrote. Nothing is lost.",
        "The bridge will close for a month. [1]",
        (Part("same", "The bridge will close for "), Part("removed", "a month"), Part("added", "six weeks")),
    ),
)
SHOWN = replace(EDITOR, can_save=False, can_keep=False, can_regenerate=False, can_withdraw=False, kept_at=None, note="")
VERSIONS = VersionsView(
    id="one",
    title="Harbour bridge closes for six weeks",
    badge=Badge("In review", "warn"),
    versions=(
        VersionLine(
            2,
            "Harbour bridge",
            NOW,
            "Mira Osei",
            ("Worded by a person",),
            (Link("1. Cracks, Post", "/articles/one"),),
            True,
        ),
        VersionLine(
            1,
            "Bridge",
            NOW - timedelta(hours=1),
            "The desk",
            ("Written by small", "prompt write-1", "1\u2009500 tokens (1\u2009200 in, 300 out)", "cost 0.0021"),
            (),
            False,
            "Written without the language model: it did not answer.",
        ),
    ),
    older=1,
    newer=2,
    parts=(Part("same", "The bridge "), Part("removed", "closes"), Part("added", "will close"), Part("same", ".")),
    beside=(("Title", "Bridge", "Harbour bridge"), ("Keywords", "", "bridge")),
    present="r2",
    can_restore=True,
)
ALONE = VersionsView("two", "Bridge", Badge("Draft", "busy"), ())
NEW = NewPostView(
    "Bridges of the bay",
    "bridge",
    "de",
    (("", "that of its sources"), ("de", "German")),
    "museum",
    (Candidate("one", "The harbour bridge closes", "Harbour Post", "/articles/one"),),
    (Candidate("four", "A bridge of 1931", "Museum of Bridges", "/articles/four"),),
    "Not begun: the piece has no title; give it one.",
)
