"""Made-up views of prompts and rehearsals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from stonehand.prompts.library import builtins
from stonehand.web.pages.parts import Badge, Field, Link, Meter
from stonehand.web.pages.prompts import (
    BesideView,
    Choice,
    DiffLine,
    MessageView,
    PreviewView,
    PromptLine,
    PromptsView,
    PromptView,
    PurposeView,
    RehearsalLine,
    RehearsalView,
    TextView,
    VersionLine,
    Wishes,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TRIED = RehearsalLine(
    Link("Replayed harbour-style@2", "/prompts/rehearsals/one"),
    Badge("Stopped at its cap", "warn"),
    NOON,
    "7 of 10 stories, cost 0.4210 of at most 0.5000, by Mira Osei",
)
PROMPTS = PromptsView(
    purposes=(
        PurposeView(
            "Write a piece",
            "the topic and up to eight numbered sources",
            "a title, sentences with the numbers of their sources, and the metas",
            (
                PromptLine(
                    Link("News piece", "/prompts/news-piece"),
                    (Badge("Built in"),),
                    "Short and sober: the news first.",
                    "version 1",
                ),
                PromptLine(
                    Link("Harbour style", "/prompts/one"),
                    (Badge("In use", "good"),),
                    "As we speak of the harbour.",
                    "version 3, by Mira Osei",
                ),
            ),
        ),
        PurposeView("Digest", "the stories", "a few sentences each", ()),
    ),
    rehearsals=(TRIED,),
    choices=(Choice("news-piece", "News piece"),),
    name=Field("News piece", "There is a prompt 'news-piece' already; choose another name."),
    can_edit=True,
)
PROMPT = PromptView(
    slug="one",
    name="Harbour style",
    description="As we speak of the harbour.",
    badges=(Badge("In use", "good"),),
    purpose="Write a piece",
    data="the topic and up to eight numbered sources",
    answer="a title and sentences",
    names=(("language", "the language to write in, in English words"), ("tone", "how it should sound")),
    version=3,
    template=builtins()["news-piece"].template,
    versions=(
        VersionLine(3, NOON, "Mira Osei", "calmer", "", ""),
        VersionLine(2, NOON, "Mira Osei", "", "/prompts/one?old=2", "/prompts/one/versions/2/restore"),
    ),
    subjects=(Choice("story:1", "Norwick’s bridge closes", True), Choice("draft:2", "Draft: Boats run", False)),
    others=(Choice("news-piece", "News piece"), Choice("one@2", "version 2")),
    rehearsals=(TRIED,),
    preview=PreviewView(
        "Norwick’s bridge closes",
        "About 1,204 tokens are sent and at most 2,000 come back; an answer costs at most 0.0212.",
        (MessageView("system", "You write for an editor.\n\nRules."), MessageView("user", "<topic-1f> … </topic-1f>")),
        True,
    ),
    wishes=Wishes(words="400", tone="calm"),
    can_ask=True,
    can_edit=True,
)
COMPARED = replace(
    PROMPT,
    diff_title="Version 2 and version 3",
    diff=(DiffLine("same", "Write."), DiffLine("removed", "Be loud."), DiffLine("added", "Be calm.")),
    error="Line 2: there is no name titel; did you mean language?",
    preview=PreviewView(error="Name a story, an article or a draft to try the prompt on."),
)
OLD = TextView("The bridge is shut", "181 words, 86% supported, cost 0.0000", "The bridge is shut.", ("One outlet.",))
NEW = TextView("Bolts close the bridge", "164 words, 100% supported, cost 0.0102", "Bolts close it.", ())
REHEARSAL = RehearsalView(
    id="one",
    title="Replayed: harbour-style@3",
    prompt=Link("harbour-style@3", "/prompts/one"),
    badge=Badge("Stopped at its cap", "warn"),
    words="2 of 10 stories, cost 0.4210 of at most 0.5000, by Mira Osei",
    is_running=False,
    meter=Meter(2, 10),
    columns=("as it was written", "harbour-style@3"),
    means=(("words", "181", "164"), ("supported by sources", "86%", "100%"), ("cost of all", "0.0000", "0.0204")),
    rows=(
        BesideView(Link("Norwick’s bridge closes", "/stories/one"), OLD, NEW, ""),
        BesideView(Link("Boats run", "/stories/two"), OLD, None, "nothing in the answer is supported by the sources"),
    ),
    error="it stopped at its cap: the next story might have cost more than what was left",
)
RUNNING = replace(REHEARSAL, is_running=True, badge=Badge("Runs", "busy"), rows=(), means=(), error="")
