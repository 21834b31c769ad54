"""Made-up views of rubrics, and of what was found out about an article."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

from stonehand.rubrics import rubric_presets
from stonehand.web.pages import new_rubric
from stonehand.web.pages.insight import Insight, Named, Place, RubricChoice, ScoreView, Told
from stonehand.web.pages.new_rubric import TypedRubric
from stonehand.web.pages.parts import Badge, Field, Link, Meter
from stonehand.web.pages.rubric_reading import form
from stonehand.web.pages.rubrics import (
    CalibrationView,
    CompareLine,
    RubricLine,
    RubricsView,
    RubricView,
    ScoredLine,
    TallyLine,
    TrialLine,
    TrialView,
    VersionLine,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHOICES = (RubricChoice("be-do-have", "Be-Do-Have"), RubricChoice("readability", "Readability"))
TRIED = TrialLine(
    Link("Replay", "/rubrics/trials/one"), Badge("Done", "good"), NOON, "12 of 300 articles differ, by Mira Osei"
)
_TYPED = TypedRubric(
    name="How we explain", kind="sum", criterion=["Clear", "Short", ""], weight=["lots", "1", "1"],
    description=["Says what it means.", "", ""], measure=["label", "length", "label"], bands="good",
    languages="English",
)  # fmt: skip
NEW = new_rubric.view(TypedRubric())
NEW_WRONG = new_rubric.view(_TYPED, new_rubric.read(_TYPED)[1])
RUBRICS = RubricsView(
    rows=(
        RubricLine(
            "Be-Do-Have",
            "/rubrics/be-do-have",
            "Which phase of growth a text serves: BE (identity and mindset), DO (skills) or HAVE (results).",
            (Badge("Preset"), Badge("Automatic", "good")),
            "chooses between BE, DO, HAVE",
            "1,204 articles scored",
        ),
        RubricLine(
            "Our quality", "/rubrics/one", "What we keep.", (), "adds up Length, Tone, Sources", "12 articles scored"
        ),
    ),
    trials=(TRIED,),
    choices=CHOICES,
    name=Field("Be do have", "There is a rubric 'be-do-have' already; choose another name."),
    can_edit=True,
    waiting="31 articles wait to be described.",
)
RUBRIC = RubricView(
    slug="be-do-have",
    name="Be-Do-Have",
    description="Which phase of growth a text serves.",
    kind="It chooses the label that fits best.",
    badges=(Badge("Preset"),),
    version=3,
    is_automatic=True,
    is_preset=False,
    facts=(
        ("Difficulty", "Beginner from 0, Intermediate from 42, Advanced from 57"),
        ("Sure", "from 80%; below 70% a person should look"),
        ("Opens to readers", "Intermediate from 60, Advanced from 80 in the phase of the text"),
    ),
    form=replace(
        form(rubric_presets.definition("be-do-have").model_dump(mode="json")),
        wrong=defaultdict(str, {"weight-0": "Input should be greater than 0."}),
    ),
    versions=(
        VersionLine(3, NOON, "Mira Osei", "as version 1 was", ""),
        VersionLine(2, NOON, "Mira Osei", "BE counts more", "/rubrics/be-do-have/versions/2/restore"),
        VersionLine(1, NOON, "Stonehand", "", "/rubrics/be-do-have/versions/1/restore"),
    ),
    tallies=(
        TallyLine("HAVE", "/rubrics/be-do-have?label=HAVE", Meter(702, 1204, "mean 71"), "71"),
        TallyLine("DO", "/rubrics/be-do-have?label=DO", Meter(402, 1204, "mean 66"), "66"),
        TallyLine("BE", "/rubrics/be-do-have?label=BE", Meter(100, 1204, "mean 58"), "58"),
    ),
    scored=(
        ScoredLine("a1", Link("Three months of expenses in the bank", "/articles/one"), Badge("HAVE 93"), "sure"),
        ScoredLine(
            "a2",
            Link("The quiet pride of craftsmen", "/articles/one"),
            Badge("BE 51", "warn"),
            "unsure (51%); a person should look",
        ),
    ),
    trials=(TRIED,),
    calibration=CalibrationView(
        "31 articles are judged by people.",
        "On articles it has not seen it agrees with people on 90% (kappa 0.85); the rubric itself on 77% (kappa 0.64),"
        " always saying the commonest label on 45%. 31 articles.",
        NOON,
        True,
    ),
    can_edit=True,
)
TRIAL = TrialView(
    id="one",
    title="Scored again: Be-Do-Have",
    badge=Badge("Done", "good"),
    words="2 of 3 articles differ, by Mira Osei",
    is_running=False,
    meter=Meter(3, 3),
    shifts=("BE: 1 before, 2 now", "DO: 2 before, 1 now", "scores move by +3.2 on average"),
    rows=(
        CompareLine(
            "a1", Link("Before the first frost", "/articles/one"), "DO 55", "BE 51", True, ("BE +21", "DO -19"), "", ""
        ),
        CompareLine(
            "a2", Link("Reading a contract before signing", "/articles/one"), "nothing", "DO 71", True, (), "new", ""
        ),
        CompareLine(
            "a3", Link("A page without a text", "/articles/one"), "nothing", "nothing", False, (), "", "it has no text"
        ),
    ),
    can_save=False,
    can_keep=True,
    rubric=Link("Be-Do-Have", "/rubrics/be-do-have"),
    error="",
)
RUNNING = TrialView(
    id="two",
    title="Replay: Be-Do-Have",
    badge=Badge("Runs", "busy"),
    words="300 articles, by Mira Osei",
    is_running=True,
    meter=Meter(120, 300),
    shifts=(),
    rows=(),
    can_save=False,
    can_keep=False,
    rubric=Link("Be-Do-Have", "/rubrics/be-do-have"),
    error="",
    changed=("BE weighs 2, not 1", "another bands"),
)
HERE = Place("cracks in nine of its forty bearings", "#at-0")
INSIGHT = Insight(
    "one",
    told=(
        Told(
            "Category", "World News", "61% of the odds, 4 words", (Place("bridge", "#at-0"), Place("closed", "#at-176"))
        ),
        Told("Topic", "disasters and accidents", "22% of the odds, 2 words", (HERE,)),
        Told("Tone", "negative", "-0.42", (Place("cracks", "#at-0"),)),
        Told(
            "Readability", "58 of 100", "Flesch 1948; 21.4 words a sentence, flesch kincaid 10.2, gunning fog 12.1", ()
        ),
        Told("Quality", "0.80 of 1", "kept"),
    ),
    names=(
        Named("People", (Place("Ada Lindqvist × 3", "#at-176"),)),
        Named("Places", (Place("Northmark", "#at-0"), Place("Port Ellis", "#at-360"))),
    ),
    summary=(Place("The harbour bridge was closed to all traffic at 23:10 on Thursday.", "#at-0"),),
    quality=(Told("Length", "0.3 of 0.3", "612 words; 500 to 3,000 are best"),),
    scores=(
        ScoreView(
            rubric="Be-Do-Have",
            href="/rubrics/be-do-have",
            badge=Badge("HAVE 51", "warn"),
            confidence="51% sure",
            method="version 3, by tiny",
            note="unsure (51%); a person should look",
            parts=(
                Told("BE", "20", "words: trust; style -0.20", (HERE,)),
                Told("DO", "29", "style +0.20"),
                Told("HAVE", "51", "words: cost, year; style +0.90", (HERE,)),
            ),
            gauges=(Told("Difficulty", "Intermediate (48)", "4.9 letters a word"),),
            labels=("BE", "DO", "HAVE"),
            judged="Mira Osei says DO",
            judge_at="/articles/one/judge/be-do-have",
            slug="be-do-have",
        ),
        ScoreView(
            rubric="Readability",
            href="/rubrics/readability",
            badge=Badge("plain 62", "good"),
            confidence="",
            method="version 1, offline",
            note="",
            parts=(Told("Ease", "58", "reading ease 58 by Flesch 1948"),),
            gauges=(),
            labels=(),
            judged="",
            judge_at="/articles/one/judge/readability",
            slug="readability",
        ),
    ),
    rubrics=CHOICES,
    can_edit=True,
)
