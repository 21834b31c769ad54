"""Made-up views as a busy newsroom would show them: long titles, missing facts, failures, a sentence nobody said."""

# ruff: noqa: E501  sentences of articles are easier to read whole

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from stonehand.web.pages import (
    accounts,
    articles,
    channels,
    dead_letters,
    jobs,
    queues,
    reviews,
    sources,
    stories,
    today,
)
from stonehand.web.pages.parts import Badge, Chrome, Field, Link, Meter, Pager, Status, Tab
from tests.web import channel_samples

NOW = datetime.now(UTC)
ID = "01935b2e-7c1a-7d3e-9f00-0000000000"


def back(**span: float) -> datetime:
    return NOW - timedelta(**span)


CHROME = Chrome(
    status=Status("Everything is running: 2 workers, 14 jobs waiting, last look at a source 40 s ago."),
    reviews=3,
    troubles=2,
    sample=True,
)
BROKEN = Chrome(
    status=Status("No worker has been seen for 4 min; 212 jobs wait.", "bad"), reviews=3, troubles=14, sample=False
)

STORIES = (
    stories.StoryCard(
        ID + "01",
        "Harbour bridge closes for a year after inspectors find cracked bearings",
        "Inspectors found cracks in nine of the bridge's forty bearings on Thursday night, and the port authority closed "
        "it to all traffic two hours later. Ferries will run every ten minutes from Monday.",
        "Five outlets in six hours, and the pace is still rising.",
        Badge("Growing", "busy"),
        ("Port Gazette", "Northmark Daily", "The Tidewater", "Radio Sund", "Harbourside Watch"),
        14,
        back(hours=9),
        back(minutes=4),
        (0, 0, 1, 2, 2, 4, 5, 7, 6, 9),
        None,
        True,
    ),
    stories.StoryCard(
        ID + "02",
        "Grid operator asks factories to shift shifts as wind drops across the north",
        "A week of still air has taken 3.1 gigawatts off the northern grid. The operator is paying factories to work at night.",
        "Two outlets agree on the figures; one quotes an older report.",
        Badge("Steady", "quiet"),
        ("Northmark Daily", "Current Affairs"),
        5,
        back(days=2),
        back(minutes=52),
        (3, 2, 2, 1, 2, 1, 2, 1),
        Link("Draft waits", f"/review/{ID}02"),
        True,
    ),
    stories.StoryCard(
        ID + "03",
        "Tidal archive puts four centuries of harbour logs online",
        "The archive has scanned 1,900 log books, the oldest from 1624, and lets anybody search the handwriting.",
        "One outlet so far, but it is the first report of it.",
        Badge("New", "good"),
        ("The Tidewater",),
        1,
        back(minutes=31),
        back(minutes=31),
        (0, 0, 0, 1),
        None,
        True,
    ),
    stories.StoryCard(
        ID + "04",
        "Council drops the second bridge toll, a day after the first",
        "Councillors voted 19 to 8 to end the toll on the old swing bridge, which is not the one that closed.",
        "Confusable with the bridge closure; kept apart because place and date differ.",
        Badge("Fading", "quiet"),
        ("Harbourside Watch", "Port Gazette"),
        3,
        back(days=3),
        back(hours=7),
        (4, 3, 1, 0, 0),
        None,
        True,
    ),
)
STEPS = tuple(
    today.Step(words, sum(hours), hours)
    for words, hours in (
        ("Found", (4, 5, 9, 12, 6, 8, 14, 11, 16)),
        ("Read", (4, 4, 8, 11, 6, 8, 13, 11, 14)),
        ("Placed", (3, 4, 8, 10, 6, 7, 12, 11, 13)),
        ("Written", (0, 1, 0, 0, 2, 0, 1, 0, 1)),
        ("Published", (0, 0, 1, 0, 0, 1, 0, 0, 1)),
    )
)
TODAY = today.TodayView(
    NOW,
    (
        today.Waiting(
            "draft",
            "Harbour bridge closed for a year: what we know",
            "9 sentences, 5 outlets, one sentence without a source",
            f"/review/{ID}01",
            "Review",
            back(minutes=6),
        ),
        today.Waiting(
            "draft",
            "Still air over the north, and what it costs",
            "6 sentences, 2 outlets",
            f"/review/{ID}02",
            "Review",
            back(minutes=48),
        ),
        today.Waiting(
            "job",
            "publications.publish",
            "The folder /srv/site is not writable (permission denied)",
            f"/jobs/{ID}09",
            "Look",
            back(hours=1),
        ),
        today.Waiting(
            "source",
            "Radio Sund",
            "Not a feed any more: the address answers HTML",
            "/sources?show=broken",
            "Look",
            back(hours=5),
        ),
    ),
    6,
    STORIES,
    (
        today.Outgoing(
            "Ferry timetable for the closure", "Site folder", Badge("in 12 min", "busy"), back(minutes=-12), "/channels"
        ),
        today.Outgoing(
            "Four centuries of harbour logs, searchable",
            "Site folder",
            Badge("Published", "good"),
            back(hours=2),
            "/channels",
        ),
    ),
    STEPS,
)
TODAY_EMPTY = today.TodayView(NOW, (), 0, (), (), (), has_sources=False)

STORY_LIST = stories.StoriesView(
    STORIES,
    (
        Tab("Now", "/stories", 12, True),
        Tab("Growing", "/stories?show=growing", 3),
        Tab("Today", "/stories?show=today", 27),
        Tab("All", "/stories?show=all", 1204),
    ),
    Pager(older="/stories?before=x"),
)
STORY = stories.StoryView(
    STORIES[0],
    (
        (
            "Inspectors found cracks in nine of the bridge's forty bearings on Thursday night.",
            Link("Port Gazette", f"/articles/{ID}11#at-0"),
        ),
        (
            "The port authority closed the bridge to all traffic at 23:10, two hours after the report reached it.",
            Link("Northmark Daily", f"/articles/{ID}12#at-120"),
        ),
        (
            "“We would rather explain a closed bridge than an open one,” said the harbour engineer, Ada Lindqvist.",
            Link("Radio Sund", f"/articles/{ID}13#at-410"),
        ),
    ),
    (
        stories.TimelineEntry(
            ID + "13",
            "Ferries every ten minutes from Monday, but no cars before March",
            "Radio Sund",
            back(minutes=4),
            "Two ferries come from the southern line. Lorries will have to go round by the tunnel, which adds 41 kilometres.",
            Badge("Latest", "busy"),
            "92 % alike the story so far; names Ada Lindqvist and the bearings.",
        ),
        stories.TimelineEntry(
            ID + "12",
            "Bridge shut overnight; port says repairs will take a year",
            "Northmark Daily",
            back(hours=3),
            "The port authority expects the new bearings in spring and the bridge to open again next November.",
            None,
            "",
            (Link("Harbourside Watch", f"/articles/{ID}15"), Link("The Tidewater", f"/articles/{ID}16")),
        ),
        stories.TimelineEntry(
            ID + "11",
            "Cracks found in harbour bridge bearings",
            "Port Gazette",
            back(hours=9),
            "An inspection that was meant to be routine ended with flashing lights on both ramps.",
            Badge("First", "good"),
        ),
    ),
    ("harbour bridge", "cracked bearings", "port authority", "Ada Lindqvist", "ferries"),
    ((Link("Harbour bridge closed for a year: what we know", f"/review/{ID}01"), Badge("Waits for review", "warn")),),
    (Link("Council drops the second bridge toll", f"/stories/{ID}04"),),
    can_part=True,
    trend=Link("Viral: Told by 7 outlets; rising.", f"/trends/{ID}01"),
    changes=((back(hours=2), "“Cracks in bearings” was merged into this story: 2 articles; an editor said so."),),
)
ARTICLE = articles.ArticleView(
    ID + "12",
    "Bridge shut overnight; port says repairs will take a year",
    "Northmark Daily",
    "https://northmark.example/2026/11/bridge-shut-overnight?from=front",
    (
        articles.Passage(
            "The harbour bridge was closed to all traffic at 23:10 on Thursday after inspectors found cracks in nine of its "
            "forty bearings. The port authority said that it had no choice.",
            0,
        ),
        articles.Passage(
            "“We would rather explain a closed bridge than an open one,” said the harbour engineer, Ada Lindqvist. New "
            "bearings have to be cast, and the foundry has promised them for the spring.",
            176,
        ),
        articles.Passage("About 31,000 vehicles crossed the bridge on a working day last year.", 360),
    ),
    Badge("Read", "good"),
    back(hours=2.9),
    "Per Halvorsen",
    back(hours=3),
    "en",
    612,
    ("harbour bridge", "cracked bearings", "port authority"),
    Link(STORIES[0].title, f"/stories/{ID}01"),
    (
        articles.Copy(
            Link("Bridge shut: a year of repairs", f"/articles/{ID}15"),
            "Harbourside Watch",
            "97 % of its words, 22 min later",
        ),
    ),
    (Link("Harbour bridge closed for a year: what we know", f"/review/{ID}01"),),
    (
        articles.Step(back(hours=2.95), "Found in Northmark Daily", f"/sources/{ID}01"),
        articles.Step(back(hours=2.9), "Page fetched", job=f"/jobs/{ID}21"),
        articles.Step(back(hours=2.89), "Text taken out, 612 words"),
        articles.Step(back(hours=2.8), "Placed in its story", f"/stories/{ID}01", f"/jobs/{ID}22"),
    ),
    "<h1>Bridge shut overnight</h1><p>The harbour bridge was <em>closed</em> to all traffic.</p>",
    True,
    leave="https://northmark.example/robots.txt allows it (“Allow: /2026/” for everybody)",
)
QUEUE = reviews.QueueView(
    (
        reviews.QueueItem(
            ID + "01",
            "Harbour bridge closed for a year: what we know",
            "Inspectors found cracks in nine of the bridge's forty bearings on Thursday night.",
            Badge("Waits", "warn"),
            "Selected, word for word",
            9,
            1,
            5,
            back(minutes=6),
            True,
        ),
        reviews.QueueItem(
            ID + "02",
            "Still air over the north, and what it costs",
            "A week of still air has taken 3.1 gigawatts off the northern grid.",
            Badge("Waits", "warn"),
            "Written by small-writer-3",
            6,
            0,
            2,
            back(minutes=48),
            True,
        ),
        reviews.QueueItem(
            ID + "03",
            "Ferry timetable for the closure",
            "Two ferries come from the southern line.",
            Badge("Changes asked for", "busy"),
            "Selected, word for word",
            4,
            0,
            1,
            back(hours=3),
        ),
    ),
    (
        Tab("Waiting", "/review", 3, True),
        Tab("Approved", "/review?show=approved", 41),
        Tab("Rejected", "/review?show=rejected", 7),
    ),
    (
        reviews.QueueItem(
            ID + "04",
            "Foundry promises the bearings for spring",
            "The port has signed a contract for forty bearings.",
            Badge("Waits for another person", "busy"),
            "Selected, word for word",
            5,
            0,
            3,
            back(hours=5),
        ),
    ),
)


def _support(
    outlet: str, title: str, quote: str, before: str = "", after: str = "", verbatim: bool = True
) -> reviews.Support:
    return reviews.Support(outlet, Link(title, f"/articles/{ID}12#at-0"), quote, back(hours=3), before, after, verbatim)


REVIEW = reviews.ReviewView(
    ID + "01",
    "Harbour bridge closed for a year: what we know",
    "Selected by Stonehand from the articles it names",
    Badge("Waits for you", "warn"),
    "Selected, word for word",
    back(minutes=6),
    2,
    (
        reviews.Sentence(
            1,
            "Inspectors found cracks in nine of the bridge's forty bearings on Thursday night.",
            (
                _support(
                    "Port Gazette",
                    "Cracks found in harbour bridge bearings",
                    "Inspectors found cracks in nine of the bridge's forty bearings on Thursday night.",
                    "The visit was meant to be routine.",
                    "Both ramps were closed within two hours.",
                ),
            ),
            "What happened",
        ),
        reviews.Sentence(
            2,
            "The port authority closed the bridge to all traffic at 23:10.",
            (
                _support(
                    "Northmark Daily",
                    "Bridge shut overnight; port says repairs will take a year",
                    "The harbour bridge was closed to all traffic at 23:10 on Thursday",
                    "",
                    "after inspectors found cracks in nine of its forty bearings.",
                    False,
                ),
                _support(
                    "Radio Sund", "Ferries every ten minutes from Monday", "At ten past eleven the barriers came down."
                ),
            ),
        ),
        reviews.Sentence(3, "Shipping companies expect losses of up to forty million a month.", ()),
        reviews.Sentence(
            4,
            "“We would rather explain a closed bridge than an open one,” said the harbour engineer, Ada Lindqvist.",
            (
                _support(
                    "Radio Sund",
                    "Ferries every ten minutes from Monday",
                    "“We would rather explain a closed bridge than an open one,” said the harbour engineer, Ada Lindqvist.",
                ),
            ),
            "What comes next",
        ),
    ),
    (
        reviews.ChannelChoice(ID + "31", "Site folder", "/srv/newsroom/site", True),
        reviews.ChannelChoice(ID + "32", "Archive folder", "/srv/newsroom/archive"),
    ),
    True,
    True,
    story=Link(STORIES[0].title, f"/stories/{ID}01"),
    warnings=("Sources disagree on “bearings”: Port Gazette says 9, Radio Sund says 11.",),
    remarks=(
        reviews.Remark("Mira Osei", back(hours=1), "Say who closed it, and when.", Badge("Changes asked for", "busy")),
    ),
    next_href=f"/review/{ID}02",
    position="1 of 3",
    editing=reviews.Editing(
        "Harbour bridge closed for a year: what we know",
        "Inspectors found cracks in nine of the bridge's forty bearings on Thursday night.",
        ID + "51",
    ),
    is_sample=True,
)
JOBS = jobs.JobsView(
    (
        queues.QueueRow(
            "fetch",
            12,
            12,
            2,
            0,
            2,
            back(minutes=3),
            4.5,
            (30, 42, 38, 61, 55, 70, 66, 81),
            (30, 42, 38, 61, 55, 70, 66, 81),
            (30, 42, 38, 61, 55, 70, 66, 81),
        ),
        queues.QueueRow(
            "nlp",
            2,
            2,
            1,
            0,
            2,
            back(minutes=3),
            4.5,
            (28, 40, 38, 58, 55, 68, 66, 77),
            (28, 40, 38, 58, 55, 68, 66, 77),
            (28, 40, 38, 58, 55, 68, 66, 77),
        ),
        queues.QueueRow(
            "generation",
            0,
            0,
            0,
            1,
            2,
            back(minutes=3),
            4.5,
            (0, 1, 0, 2, 1, 0, 1, 1),
            (0, 1, 0, 2, 1, 0, 1, 1),
            (0, 1, 0, 2, 1, 0, 1, 1),
        ),
        queues.QueueRow(
            "publishing",
            0,
            0,
            0,
            1,
            0,
            back(minutes=3),
            4.5,
            (0, 0, 1, 0, 0, 1, 0, 1),
            (0, 0, 1, 0, 0, 1, 0, 1),
            (0, 0, 1, 0, 0, 1, 0, 1),
            "no worker listens",
        ),
    ),
    (
        jobs.JobRow(
            ID + "21",
            "articles.fetch",
            "northmark.example, 16 pages",
            "fetch",
            Badge("Running", "busy"),
            back(seconds=8),
            1,
            Meter(11, 16, "northmark.example is asked once a second"),
        ),
        jobs.JobRow(
            ID + "22",
            "articles.fetch",
            "slow.example",
            "fetch",
            Badge("Retrying", "warn"),
            back(minutes=2),
            2,
            None,
            "Try 2 of 4 timed out after 30 s; the next is in 41 s.",
        ),
        jobs.JobRow(
            ID + "09",
            "publications.publish",
            "Ferry timetable for the closure",
            "publishing",
            Badge("Dead letter", "bad"),
            back(hours=1),
            4,
            None,
            "The folder /srv/site is not writable (permission denied).",
        ),
        jobs.JobRow(
            ID + "24",
            "stories.place",
            "Cracks found in harbour bridge bearings",
            "nlp",
            Badge("Done", "good"),
            back(hours=3),
            1,
        ),
    ),
    (
        Tab("Unfinished", "/jobs", 16, True),
        Tab("Dead letters", "/jobs?state=discarded", 2),
        Tab("Done", "/jobs?state=completed", 98213),
        Tab("All", "/jobs?state=all", 98231),
    ),
    jobs.Narrowed(queue="fetch", text="refused", bulk="/jobs/bulk?queue=fetch"),
    Pager("", "/jobs?before=x"),
    can_edit=True,
    queue_names=("fetch", "nlp"),
    tasks=("articles.fetch", "stories.place"),
    states=(("scheduled", "Waits for its time"), ("blocked", "Waits for another job")),
)
QUEUES = queues.QueuesView(
    JOBS.queues,
    (
        queues.WorkerRow(
            "web-1",
            "4121",
            "fetch, nlp",
            4,
            back(hours=3),
            back(seconds=4),
            "0.0.9",
            True,
            "412 MB",
            (
                queues.ProcessRow(4121, "71 MB", True),
                queues.ProcessRow(
                    4122, "341 MB", False, (queues.Doing(Link("articles.fetch", f"/jobs/{ID}21"), back(seconds=8), 15),)
                ),
            ),
        ),
    ),
    True,
    (queues.Doing(Link("stories.place", f"/jobs/{ID}24"), back(seconds=8)),),
)
BULK = jobs.BulkView(
    (("State", "Unfinished"), ("Queue", "fetch")),
    ((Badge("Ready"), 1200), (Badge("Running", "busy"), 2)),
    (
        jobs.Choice("cancel", "Cancel", 1202, "Yes, cancel 1 202 jobs"),
        jobs.Choice("prioritise", "Change priority", 1200, "Change the priority of 1 200 jobs"),
        jobs.Choice("resolve", "Resolve", 3, "Resolve 3 jobs"),
    ),
    (("queue", "fetch"), ("last", ID + "99")),
    "/jobs?queue=fetch",
    1202,
)
NEW_JOB = jobs.NewJobView(
    (
        jobs.TaskRow("sources.poll", "Look at one source.", "sources"),
        jobs.TaskRow("drafts.write", "Write a draft.", "generation"),
    ),
    jobs.TaskRow("sources.poll", "Look at one source.", "sources"),
    "What is wrong with it goes to its health.",
    (jobs.Argument("source_id", "Source", Field("0193", "")), jobs.Argument("note", "Note", Field(""), False)),
    "There is no source 0193; look up its id, it may have been removed.",
)
JOB = jobs.JobView(
    ID + "22",
    "articles.fetch",
    Link("slow.example, 4 pages", "/sources"),
    "fetch",
    Badge("Retrying", "warn"),
    back(minutes=9),
    (
        jobs.AttemptRow(
            1,
            back(minutes=8),
            back(minutes=7.5),
            "web-1:4121",
            Badge("Failed", "bad"),
            "slow.example did not answer within 30 s.",
        ),
        jobs.AttemptRow(
            2,
            back(minutes=2),
            back(minutes=1.5),
            "web-1:4122",
            Badge("Failed", "bad"),
            "slow.example did not answer within 30 s.",
            "Traceback (most recent call last):\n  …\nHostUnavailable: slow.example did not answer within 30 s.",
        ),
    ),
    (("Priority", "5 of 10"), ("Unique key", "fetch:0193"), ("Next try", "in 41 s"), ("Crashes", "0 of 3")),
    True,
    "It failed twice and waits for its third try at 14:03:20; slow.example has not answered for 8 min.",
    "",
    Meter(2, 4, "slow.example is asked once a second"),
    (
        jobs.Others(
            "Held together by one worker",
            ((Badge("Running", "busy"), 2),),
            (
                jobs.OtherJob(
                    Link("https://slow.example/a-long-address/of-a-page", f"/jobs/{ID}25"), Badge("Running", "busy")
                ),
                jobs.OtherJob(Link("https://slow.example/c", f"/jobs/{ID}22"), Badge("Running", "busy"), None, True),
            ),
            Link("More items", f"/jobs/{ID}22?after=x"),
        ),
    ),
    (
        jobs.OtherJob(Link("articles.fetch", f"/jobs/{ID}22"), Badge("Retrying", "warn"), back(minutes=9), True),
        jobs.OtherJob(Link("articles.extract", f"/jobs/{ID}27"), Badge("Done", "good"), back(minutes=8)),
    ),
    (
        jobs.LogLine("14:02:11", "info", "asked slow.example for 4 pages"),
        jobs.LogLine("14:02:41", "warning", "no answer host=slow.example seconds=30"),
        jobs.LogLine("14:02:42", "error", "gave up"),
    ),
    (jobs.Argument("entry_id", "Entry", Field("0193")),),
    5,
    *(True, True, True, True, True, True, True),
    Link("sources.poll", f"/jobs/{ID}20"),
    "Mira Osei",
    Link("Letters that died of the same", "/jobs/dead/0f"),
    results=(("Articles", 2, '[\n {\n  "url": "https://slow.example/a",\n  "status": "waiting"\n }\n]'),),
)
_LETTERS = dead_letters.GroupRow(
    "0f" * 16,
    212,
    "articles.fetch",
    "HostUnavailable",
    "slow.example did not answer within 30 s: https://slow.example/a-long-address/of-a-page-that-nobody-can-read",
    back(hours=5),
    back(minutes=2),
    ID + "22",
)
DEAD = dead_letters.DeadView((_LETTERS,), (JOBS.jobs[2],), 213, True, Pager("", "/jobs/dead?before=x"))
DEAD_GROUP = dead_letters.GroupView(
    _LETTERS, (JOBS.jobs[2],), Pager("", "/jobs/dead/0f?before=x"), "Traceback", JOB.arguments, True
)
SOURCES = sources.SourcesView(
    (
        sources.SourceRow(
            ID + "42",
            "Radio Sund",
            "https://sund.example/atom",
            "Feed",
            Badge("Broken", "bad"),
            (2, 2, 1, 0, 0),
            88,
            "Could not look (6 times in a row, last good look 2 days ago): an HTML page came where XML was promised. "
            "Next try in 2 hours.",
            True,
            back(hours=-2),
        ),
        sources.SourceRow(
            ID + "41",
            "Northmark Daily",
            "https://northmark.example/feed.xml",
            "Feed",
            Badge("Healthy", "good"),
            (3, 4, 2, 6, 5, 8, 7),
            312,
            "Looked 4 minutes ago; there was something new.",
            False,
            back(minutes=-26),
            is_sample=True,
        ),
        sources.SourceRow(
            ID + "43",
            "Single pages",
            "",
            "Single pages",
            Badge("Healthy", "good"),
            (1, 0, 2, 1, 1),
            5,
            "Not looked at by itself: what is handed in is read.",
            polled=False,
        ),
        sources.SourceRow(
            ID + "44",
            "Harbourside Watch",
            "https://harbourside.example/sitemap.xml",
            "Sitemap",
            Badge("Paused"),
            (),
            0,
            "Paused by somebody; nothing is collected until it is resumed.",
            paused=True,
        ),
    ),
    (
        Tab("All", "/sources", 4, True),
        Tab("In trouble", "/sources?show=broken", 1),
        Tab("Paused", "/sources?show=paused", 1),
    ),
    url=Field("https://currentaffairs.example/"),
    file=Field("list.opml", "This XML is no OPML list: it starts with <rss>."),
    preview=sources.SourcePreview(
        "https://currentaffairs.example/",
        "https://currentaffairs.example/all.xml is a site with an RSS feed of 12 entries; it offers 1 other feed as well.",
        "Current Affairs",
        "Adding it brings 11 new entries, 1 known from elsewhere.",
        (
            sources.PreviewEntry("Why the grid held", "https://currentaffairs.example/1", back(hours=2)),
            sources.PreviewEntry("A quiet week for wind", "https://currentaffairs.example/2", None, False),
        ),
        10,
        (Link("Energy", "https://currentaffairs.example/energy.atom"),),
        ("Two entries had no date.",),
    ),
    can_edit=True,
    can_admin=True,
    sample=True,
)
CHANNELS = channels.ChannelsView(
    (
        channels.ChannelRow(
            ID + "31",
            "Site folder",
            "Folder",
            "/srv/newsroom/site",
            Badge("Ready", "good"),
            "A person approves every piece",
            41,
            Link("Four centuries of harbour logs, searchable", "/channels"),
            back(hours=2),
            "/srv/newsroom/site/feed.xml",
        ),
        channels.ChannelRow(
            ID + "32",
            "Archive folder",
            "Folder",
            "/srv/newsroom/archive",
            Badge("Cannot write", "bad"),
            "A person approves every piece",
            0,
            None,
            None,
            "/srv/newsroom/archive/feed.xml",
            "Permission denied. Give the user that runs Stonehand the right to write there.",
        ),
    ),
    (
        channels.Piece(
            "Night train returns",
            "Blog",
            Badge("Needs a look", "bad"),
            back(minutes=40),
            note="post 17 is no longer there; somebody has deleted it, or the site was restored",
            doubt_id=ID + "41",
        ),
        channels.Piece("Ferry timetable for the closure", "Site folder", Badge("Scheduled", "busy"), back(minutes=-12)),
        channels.Piece(
            "Four centuries of harbour logs, searchable",
            "Site folder",
            Badge("Published", "good"),
            back(hours=2),
            path="/srv/newsroom/site/2026-11-22-four-centuries-of-harbour-logs-searchable-0123456789abcdef.html",
        ),
        channels.Piece(
            "Still air, first look",
            "Archive folder",
            Badge("Failed", "bad"),
            back(hours=5),
            "",
            "The folder is not writable.",
            retry_id=ID + "61",
        ),
    ),
    Field(),
    Field("relative/path", "Write the whole path, from the root: /srv/newsroom/site."),
    can_edit=True,
    others=channel_samples.OTHERS,
)
PEOPLE_TABS = (Tab("You", "/account", active=True), Tab("People", "/users"), Tab("Audit log", "/audit"))
ACCOUNT = accounts.AccountView(
    "Mira Osei",
    "mira@newsroom.example",
    "admin",
    "read, edit, publish, look after people and settings",
    (
        accounts.TokenRow(
            ID + "31", "Night script", "shd_K7AR", "read, edit", Badge("Works", "good"), NOW, back(hours=2), True
        ),
        accounts.TokenRow(ID + "32", "Old script", "shd_9qWe", "read", Badge("Revoked"), NOW),
    ),
    ("read", "edit", "publish", "admin"),
    PEOPLE_TABS,
    secret="shd_K7ARRaypoV6oGTxhaAQ8o-edc0Zj69DJvVKFsqWs_-0",
    days=Field("90"),
    current=Field("", "The current password is not right."),
)
PEOPLE = accounts.UsersView(
    (
        accounts.UserRow(
            ID + "41", "Mira Osei", "mira@newsroom.example", "admin", Badge("Open", "good"), True, True, NOW, NOW
        ),
        accounts.UserRow(
            ID + "42",
            "Maximilian Featherstonehaugh",
            "max@newsroom.example",
            "viewer",
            Badge("Closed"),
            False,
            False,
            NOW,
        ),
    ),
    ("viewer", "editor", "publisher", "admin"),
    PEOPLE_TABS,
    email=Field("max@newsroom.example", "max@newsroom.example has an account already."),
    role=Field("editor"),
)
AUDIT = accounts.AuditView(
    (
        accounts.AuditRow(back(minutes=3), "Mira Osei", "approved", "review", "unsupported: 0", f"/review/{ID}01"),
        accounts.AuditRow(back(hours=3), "Stonehand", "removed", "sample", "x" * 160),
    ),
    PEOPLE_TABS,
    Pager(older="/audit?before=x"),
)
SOURCE = sources.SourceView(
    SOURCES.sources[0],
    (("Kind", "feed"), ("Looks", "every 2 hours"), ("Went well", "72% of the last 50 looks")),
    (
        sources.SourceEntry("Why the grid held", "/articles/one", back(hours=2), Badge("Read", "good")),
        sources.SourceEntry("Horoscope", "https://sund.example/9", back(hours=3), Badge("Dropped"), "drop ‘horoscope’"),
    ),
    sources.SourceForms(
        Field("Radio Sund"),
        Field("30"),
        Field("sea, local"),
        Field("drop title: horoscope\nkeep /tide|harbour/"),
        Field("item = article.teaser", "Line 1 is not of the form name = value."),
        option_words=(("item", "what is one item"), ("link", "its link")),
        ways=(sources.WayRow("6 entries: One · Two", "item = article"),),
        reads_documents=True,
        secret_name="password",
        has_secret=True,
    ),
    proposal="https://sund.example/ is a site with an RSS feed of 12 entries, at https://sund.example/new",
    accept="Go there from now on",
    pager=Pager("", "/sources/one?before=x"),
    replay=sources.Replay(
        "Of 40 entries of 30 days these rules keep 31; 1 would end otherwise than before. Nothing is saved yet.",
        (sources.ReplayRow("Horoscope", Badge("Dropped", "warn"), "drop ‘horoscope’ in the title"),),
    ),
    tried=sources.Tried("These options read 2 entries of what was kept at the last look.", ("One", "Two")),
    can_edit=True,
    can_admin=True,
    reason=Field("", "Say why its pages are fetched although their site forbids it."),
)
OVERRULED = replace(
    SOURCE, forms=replace(SOURCE.forms, options=Field("")), overruled="Ada Lind, 2026-05-17: the owner agreed"
)
