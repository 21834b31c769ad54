"""Made-up views of agents."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from stonehand.web.pages.agents import (
    AgentForm,
    AgentRow,
    AgentsView,
    AgentView,
    Option,
    PartView,
    RunLine,
    TopicView,
    Used,
)
from stonehand.web.pages.parts import Badge, Link, Meter, Pager
from stonehand.web.pages.schedules import DueTime
from tests.web.samples import ID, back

WRITTEN = RunLine(
    back(hours=3),
    "by its schedule",
    Badge("Written", "good"),
    "Harbour bridge closes for a year after cracks are found in nine bearings",
    "",
    "0.0184, 9 412 tokens, mistral-small by news-piece@2",
    Link("Read it", "/review/one"),
    "/jobs/one",
)
REFUSED = RunLine(
    back(hours=27),
    "asked for by hand, Mira Osei",
    Badge("Refused", "warn"),
    "Zeppelins over Reykjavik",
    "nothing in its sources bears out “Zeppelins over Reykjavik”: no article comes near; add sources that report on "
    "it, or choose another topic",
    "",
    None,
    "/jobs/two",
)
MONTH = (
    Used("12 of 30 posts", Meter(12, 30)),
    Used("118 402 tokens"),
    Used("0.21 of 2.00 spent", Meter(210_000, 2_000_000)),
)
HARBOUR = AgentRow(
    ID + "a1",
    "Harbour desk",
    Badge("Active", "good"),
    "",
    "every weekday at 09:30 (Europe/Zurich)",
    back(hours=-2),
    WRITTEN,
    MONTH,
    True,
)
BIRDS = AgentRow(
    ID + "a2",
    "Marsh and birds",
    Badge("Paused", "warn"),
    "by Mira Osei: holidays",
    "every 4 hours from midnight on (UTC)",
    None,
    REFUSED,
    (Used("0 posts"), Used("0 tokens"), Used("0.00 spent")),
)
NEW = AgentRow(ID + "a3", "By hand", Badge("Active", "good"), "", "never by itself", None, None, MONTH[:1])
AGENTS = AgentsView((HARBOUR, BIRDS, NEW), True)
NONE = AgentsView((), True)
PARTS = (
    PartView("Relevance", 86, "speaks of tide, gates, harbour, its meaning is near"),
    PartView("Freshness", 100, "published today"),
    PartView("Search potential", 70, "a title of 52 characters"),
)
GATES = TopicView("Tide gates of Port Ellis will be rebuilt for 40 million", "/stories/one", 85, "tide gates", 6, PARTS)
OTHERS = (
    replace(GATES, title="Herons return to the marsh of Orne", score=71, why_not="it has written about this before"),
    replace(
        GATES,
        title="Rovers lose the cup final",
        score=52,
        why_not="not what it writes about (relevance 0.04, at least 0.25)",
    ),
)
DUE = tuple(
    DueTime(back(hours=-2) + timedelta(days=day), f"Mon {23 + day} Nov 2026, 09:30 CET", "08:30 UTC")
    for day in range(5)
)
AGENT = AgentView(
    row=HARBOUR,
    facts=(
        ("Brief", "The harbour of Port Ellis: works, ships, money and who decides."),
        ("Persona", "A patient engineer who explains."),
        ("Length", "about 1 000 words"),
        ("Sources", "Harbour Post, Velm Courier"),
        ("Keywords", "tide gates, bridge"),
        ("Never about", "football*"),
    ),
    schedule="/schedules/agent-harbour-desk-1a2b3c",
    upcoming=DUE,
    chosen=(GATES,),
    others=OTHERS,
    blocks=(),
    looked_at=41,
    runs=(WRITTEN, REFUSED),
    used=(("Today", MONTH), ("This month", MONTH)),
    costs=(*[0.0] * 20, 10_000, 20_000, 0, 30_000, 10_000, 20_000, 0, 20_000, 40_000, 18_000),
    posts=(*[0.0] * 20, 1, 2, 0, 3, 1, 1, 0, 1, 2, 1),
    in_all="143 pieces, 1 204 331 tokens, 2.41 in all",
    can_edit=True,
    pager=Pager("", "/agents/one?before=x"),
)
BLOCKED = replace(
    AGENT,
    row=BIRDS,
    upcoming=(),
    blocks=(
        "it is paused by Mira Osei: holidays",
        "nothing new: of 12 stories and articles of its sources, none fits it that it has not covered",
    ),
    chosen=(),
    error="Nothing in its sources bears out “Zeppelins”: no article comes near; choose another topic.",
    topic="Zeppelins",
)


def _options(*words: str) -> tuple[Option, ...]:
    return tuple(Option(each, each, at == 0) for at, each in enumerate(words))


FORM = AgentForm(
    "Change Harbour desk",
    "/agents/one/edit",
    dict.fromkeys(
        (
            *("brief", "expertise", "persona", "tone", "language", "keywords", "excluded_keywords", "prompt_id"),
            *("model_id", "tokens_per_day", "posts_per_month", "tokens_per_month", "money_per_day", "money_per_month"),
        ),
        "",
    )
    | {"name": "Harbour desk", "schedule_cron": "0 25 * * *", "timezone": "Europe/Zurich", "posts_per_day": "3"},
    _options("medium, 1000", "long, 2000"),
    _options("the best topic of its sources", "new items of its feeds, three a run"),
    _options("one run for all of them", "one run for each"),
    _options("Harbour Post", "Velm Courier", "Kestrel Sport"),
    _options("the usual one", "Explainer", "In brief"),
    _options("in the usual order", "Small, mistral-small-latest", "At home, qwen3:8b"),
    _options("Archive", "Harbour blog"),
    ("Europe/Zurich", "UTC"),
    "The cron expression '0 25 * * *': '25' is no hour (0 to 23).",
    "/agents/one",
)
