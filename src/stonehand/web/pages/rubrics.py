"""The pages of rubrics: the list, one rubric with its test bench, one trial."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stonehand.web.pages.insight import RubricChoice
from stonehand.web.pages.parts import BLANK, Badge, Field, Link, Meter


@dataclass(frozen=True)
class RubricLine:
    """A rubric in the list."""

    name: str
    href: str
    description: str
    badges: tuple[Badge, ...]
    criteria: str
    scored: str


@dataclass(frozen=True)
class RubricsView:
    """The list, what was tried out lately, and the form that makes another."""

    rows: tuple[RubricLine, ...]
    trials: tuple[TrialLine, ...]
    choices: tuple[RubricChoice, ...]
    name: Field = BLANK
    can_edit: bool = False
    waiting: str = ""


@dataclass(frozen=True)
class TrialLine:
    """A replay or rerun in a list."""

    link: Link
    badge: Badge
    at: datetime
    words: str


@dataclass(frozen=True)
class CriterionForm:
    """One criterion in the form. `keywords` are lines such as `en: one, two`; `is_label` without a measure."""

    name: str
    weight: str
    description: str
    measure: str
    keywords: str
    is_label: bool


@dataclass(frozen=True)
class VersionLine:
    """A version; `restore_at` is empty for the one that counts."""

    number: int
    at: datetime
    by: str
    note: str
    restore_at: str


@dataclass(frozen=True)
class TallyLine:
    """How many articles have a label; `meter` draws their share."""

    words: str
    href: str
    meter: Meter
    mean: str


@dataclass(frozen=True)
class ScoredLine:
    """An article that was scored."""

    article_id: str
    link: Link
    badge: Badge
    note: str


@dataclass(frozen=True)
class RubricForm:
    """What can be changed in fields: criteria, bands, profile; `whole` is all of it as JSON."""

    criteria: tuple[CriterionForm, ...]
    bands: str
    is_sum: bool
    """Whether it has bands: the label of a choice needs none."""
    description: str
    topic: str
    keywords: str
    places: str
    names: str
    languages: str
    whole: str
    note: str = ""
    wrong: Mapping[str, str] = field(default_factory=lambda: defaultdict(str))
    """What cannot be as it was typed, by its field; `top` is what is wrong with none of those that are shown."""


@dataclass(frozen=True)
class CalibrationView:
    """What was learnt, in words; `need` says what is missing before it can be."""

    judged: str
    learnt: str
    at: datetime | None
    is_outdated: bool


@dataclass(frozen=True)
class RubricView:
    """One rubric. `label` narrows the articles that are shown."""

    slug: str
    name: str
    description: str
    kind: str
    badges: tuple[Badge, ...]
    version: int
    is_automatic: bool
    is_preset: bool
    facts: tuple[tuple[str, str], ...]
    form: RubricForm
    versions: tuple[VersionLine, ...]
    tallies: tuple[TallyLine, ...]
    scored: tuple[ScoredLine, ...]
    trials: tuple[TrialLine, ...]
    calibration: CalibrationView
    label: str = ""
    can_edit: bool = False


@dataclass(frozen=True)
class CompareLine:
    """One article of a trial: old and new, what differs, which one is kept."""

    article_id: str
    link: Link
    old: str
    new: str
    differs: bool
    why: tuple[str, ...]
    kept: str
    error: str


@dataclass(frozen=True)
class TrialView:
    """One replay or rerun."""

    id: str
    title: str
    badge: Badge
    words: str
    is_running: bool
    meter: Meter
    shifts: tuple[str, ...]
    rows: tuple[CompareLine, ...]
    can_save: bool
    can_keep: bool
    rubric: Link | None
    error: str
    changed: tuple[str, ...] = ()
