"""Made-up processes and comments: at work, in trouble, in doubt, and a form in which something is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from markupsafe import Markup

from stonehand.comments.schemas import Replaced, Replacement
from stonehand.web.pages.agents import Option
from stonehand.web.pages.comments import (
    ArticleBox,
    CommentLine,
    CommentView,
    Count,
    Deeds,
    Filter,
    ProcessesView,
    ProcessForm,
    ProcessRow,
    ProcessView,
    ReplacingView,
    Sent,
    StageBox,
)
from stonehand.web.pages.parts import Badge, Link, Pager, Tab
from tests.web.samples import NOW

HERE = "/comments/processes/one"
JOB = Link("Latest pass: completed", "/jobs/one")


def _box(
    name: str, deed: str, waiting: int, at_work: int, failed: int, note: str = "", job: Link | None = JOB
) -> StageBox:
    counts = (
        Count("Waiting", waiting, HERE),
        Count("At work", at_work),
        Count("Failed", failed, HERE, is_bad=True),
    )
    return StageBox(name, deed, counts, note, job, at_work > 0)


PEOPLE = StageBox(
    "For people",
    "Somebody approves",
    (Count("To decide", 12, HERE), Count("In doubt", 1, HERE, is_bad=True)),
    is_person=True,
)
STAGES = (
    _box("Look", "Finds articles", 0, 1, 0, "14 looks, 3 found nothing new"),
    _box("Read", "Reads each article", 4, 1, 0),
    _box("Write", "Asks the model", 7, 2, 1),
    PEOPLE,
    _box("Send", "Sends what is approved", 3, 1, 2, job=None),
)
RUNNING = ProcessRow(
    "one",
    "Schreibwerkstatt 5a",
    "Schreibwerkstatt",
    Badge("Running", "busy"),
    "",
    STAGES,
    48,
    20,
    NOW + timedelta(seconds=70),
    NOW - timedelta(minutes=12),
    Deeds(stop=True),
)
TROUBLED = ProcessRow(
    "two",
    "A blog with a name that is so long that it does not fit on one line of a narrow screen at all",
    "Blog",
    Badge("Running", "busy"),
    "It could not look: https://blog.example.org did not answer in 30 s. It tries again in 4 min.",
    STAGES,
    0,
    0,
    since=NOW - timedelta(minutes=30),
    deeds=Deeds(stop=True),
)
STOPPED = replace(
    RUNNING,
    id="three",
    name="Fragen zu Sachtexten",
    badge=Badge("Stopped", "warn"),
    why="Stopped by Mira Osei.",
    next_look_at=None,
    deeds=Deeds("Resume", change=True, remove=True),
)
PROCESSES = ProcessesView(
    (RUNNING, TROUBLED, STOPPED),
    (
        Tab("All", "/comments", active=True),
        Tab("Schreibwerkstatt", "/comments?platform=p1"),
        Tab("Blog", "/comments?platform=p2"),
    ),
    can_edit=True,
)
NO_PROCESS = ProcessesView((), can_edit=True)
NO_PLATFORM = ProcessesView((), has_platforms=False)
LINES = (
    CommentLine(
        "c1",
        Badge("To decide", "warn"),
        "Der Bach",
        "Mia",
        "bot3a",
        "Fragen stellen 3",
        NOW,
        "[Dieser Kommentar stammt von einem KI-ChatBot.]\nDein Bach gefällt mir.\nWie kalt war er?",
    ),
    CommentLine(
        "c2",
        Badge("Failed while sending", "bad"),
        "Mein Hund",
        "Noah",
        "bot4b",
        "Loben 1",
        NOW,
        "Dein Hund ist lustig.",
        "The site refuses the comment: Zu schnell.",
    ),
    CommentLine(
        "c3",
        Badge("Sent", "good"),
        "Reise ans Meer",
        "",
        "bot3a",
        "Loben 1",
        NOW,
        "Das Meer!",
        "",
        Link("No. 1234", "https://site.example.org/article/1/#c1234"),
    ),
    CommentLine("c4", Badge("Found"), "<b>Nacht</b>", "Lea", "bot3a", "Loben 1", NOW),
)
BOARD = ProcessView(
    RUNNING,
    (
        ("Comments as", "bot3a, bot4b"),
        ("Writes by", "Fragen stellen, Loben"),
        ("Looks at", "tab alle, category 7"),
        ("Goes out", "when a person has approved it"),
        ("Runs", "180 minutes at most"),
    ),
    Filter(at=NOW.isoformat()),
    (Tab("All", HERE, 48, True), Tab("To decide", f"{HERE}?show=decide", 12), Tab("Failed", f"{HERE}?show=failed", 3)),
    (Option("l1", "bot3a"), Option("l2", "bot4b")),
    LINES,
    48,
    "Questions to the texts of class 5a.",
    True,
    True,
    ("approve", "reject"),
    Pager("", f"{HERE}?offset=25"),
)
BARE = ProcessView(STOPPED, (), Filter("failed", "Bach"), (Tab("Failed", HERE, 0, True),), (), (), 0)
FORM = ProcessForm(
    "New process",
    "/comments/new",
    {
        **dict.fromkeys(("tab", "category", "task", "search", "auto_reason", "auto_until", "description"), ""),
        "name": "Schreibwerkstatt 5a",
        "most_articles": "20",
        "max_duration_minutes": "180",
        "auto_per_day": "0",
    },
    frozenset({"generate_only"}),
    (Option("p1", "Schreibwerkstatt", True), Option("p2", "Blog")),
    (Option("l1", "bot3a at Schreibwerkstatt", True), Option("l2", "bot at Blog")),
    (Option("comment-questions", "Fragen stellen", True), Option("comment-praise", "Loben")),
    (Option("", "in the usual order", True), Option("m1", "House model")),
    {"tab": (Option("alle", "alle"), Option("12", "3a (Schule am See)")), "category": (Option("14", "Berichten"),)},
    is_new=True,
)
UNFIT = replace(
    FORM,
    title="Change Fragen zu Sachtexten",
    action="/comments/processes/three/edit",
    checks=frozenset({"looks_once"}),
    logins=(),
    prompts=(),
    error="To send comments that no person has seen, say the reason (auto_reason).",
    is_new=False,
)
ARTICLE = ArticleBox(
    "Der Bach",
    "Mia",
    "https://site.example.org/article/1/",
    (("Category", "Erklären"), ("Published", "4 February 2026")),
    ("Der Bach ist kalt.", "Ich war dort mit <b>Papa</b>."),
    NOW,
)
COMMENT = CommentView(
    "c1",
    "0123456789abcdef",
    Link("Schreibwerkstatt 5a", HERE),
    Badge("To decide", "warn"),
    "",
    ARTICLE,
    Markup("<p>[Dieser Kommentar stammt von einem KI-ChatBot.]</p><p>Dein Bach <strong>gefällt</strong> mir.</p>"),
    "[Dieser Kommentar stammt von einem KI-ChatBot.]",
    "Dein Bach <strong>gefällt</strong> mir.",
    (("Comments as", "bot3a"), ("Written by", "a model, by Fragen stellen 3"), ("Cost", "0.0012, 512 tokens")),
    ("It is only a little longer than the least.",),
    "The child describes a walk.",
    can_edit=True,
    can_approve=True,
    can_reject=True,
    next_id="c2",
)
DOUBT = replace(
    COMMENT,
    badge=Badge("In doubt", "warn"),
    why="The comment was sent, and the site does not show it.",
    sent=Sent("Mira Osei, 29 Nov 2026, 10:00 UTC"),
    job=Link("Its job", "/jobs/one"),
    can_edit=False,
    can_approve=False,
    can_reject=False,
    can_settle=True,
    warnings=(),
    next_id="",
)
SENT = replace(
    DOUBT,
    badge=Badge("Sent", "good"),
    why="",
    sent=Sent(
        "Mira Osei",
        "[Dieser Kommentar stammt von einem KI-ChatBot.]\nDein Bach gefällt mir.",
        "1234",
        ARTICLE.url,
        NOW,
        True,
    ),
    can_settle=False,
)
FAILED = replace(
    COMMENT,
    badge=Badge("Failed while writing", "bad"),
    why="The model answered twice with a text that repeats itself.",
    shown=Markup(),
    article=replace(ARTICLE, paragraphs=(), read_at=None, author=""),
    can_approve=False,
    can_retry="Write it again",
    can_remove=True,
    error="This comment was changed while you looked at it.",
)
_FITS = Replacement("c1", "Der Bach", 2, "Wie ", "kalt", "eisig", " das Wasser war, weißt du noch?", "", [], True)
_UNFIT = Replacement(
    "c2",
    "Im Wald",
    1,
    "So ",
    "kalt",
    "eisig",
    " war es.",
    "it has 20 characters, and at least 50 are needed",
    [],
    False,
)
REPLACING = ReplacingView(
    "one", "Klasse 5a", Filter("decide"), "kalt", "eisig", False,
    Replaced(1, {"c2": "it has 20 characters, and at least 50 are needed"}, 3, 1, [_FITS, _UNFIT]), left=2,
)  # fmt: skip
REPLACED = replace(REPLACING, is_done=True, changed=1)
NOTHING_TO_REPLACE = replace(REPLACING, made=None, error="Say which text is to be replaced.")
