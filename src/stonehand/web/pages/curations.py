"""Curations: the form, how one stands, its results with their scores, and comparisons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from stonehand.web.pages.parts import ONE_PAGE, Badge, Meter, Pager, Tab


@dataclass(frozen=True)
class Named:
    """A choice in a form."""

    name: str
    words: str
    chosen: bool = False


@dataclass(frozen=True)
class CurationForm:
    """What was typed, and what is wrong with it."""

    topic: str = ""
    urls: str = ""
    within: str = ""
    most: str = "20"
    limit: str = "300"
    with_sources: bool = False
    diversify: bool = True
    weights: str = ""
    error: str = ""
    more: bool = False


@dataclass(frozen=True)
class CurationCard:
    """One line of the list."""

    id: str
    title: str
    badge: Badge
    words: str
    created_at: datetime
    by: str


@dataclass(frozen=True)
class PartView:
    """One part of a score, 0 to 100, and why."""

    name: str
    score: float
    reason: str
    share: float = 0.0
    """What it counts for, in percent."""


@dataclass(frozen=True)
class ItemView:
    """An article or an address of a curation."""

    id: str
    title: str
    href: str
    url: str
    outlet: str = ""
    author: str = ""
    at: datetime | None = None
    score: float | None = None
    place: int | None = None
    note: str = ""
    parts: tuple[PartView, ...] = ()


@dataclass(frozen=True)
class WeightsView:
    """Weights with a name."""

    name: str
    parts: tuple[PartView, ...]
    half_life: str
    trusted: str
    doubted: str
    in_use: bool
    can_change: bool
    half_lives: str = ""


@dataclass(frozen=True)
class CurateView:
    """The page where curations begin."""

    form: CurationForm
    weights: tuple[Named, ...]
    curations: tuple[CurationCard, ...]
    can_edit: bool
    pager: Pager = ONE_PAGE


@dataclass(frozen=True)
class CurationView:
    """One curation."""

    id: str
    title: str
    badge: Badge
    facts: tuple[str, ...]
    created_at: datetime
    alive: bool
    meter: Meter | None
    message: str
    tabs: tuple[Tab, ...]
    items: tuple[ItemView, ...]
    failures: tuple[ItemView, ...]
    weights: tuple[Named, ...]
    rules: dict[str, str]
    can_edit: bool
    job_id: str = ""
    trouble: str = ""
    note: str = ""
    show: str = "chosen"
    sorts: tuple[Named, ...] = ()
    least: str = ""
    host: str = ""
    weights_name: str = ""
    judged_by: str = ""
    """Other weights that the page shows the items by, without changing anything."""
    pager: Pager = ONE_PAGE
    empty: str = ""


@dataclass(frozen=True)
class MovedView:
    """An article under two sets of weights; a place is empty where it is not chosen."""

    title: str
    href: str
    before: str
    after: str
    score_before: str
    score_after: str
    tone: str = ""


@dataclass(frozen=True)
class CompareView:
    """Articles side by side, or the places that two sets of weights give."""

    id: str
    title: str
    items: tuple[ItemView, ...] = ()
    rows: tuple[tuple[str, tuple[PartView, ...]], ...] = ()
    moved: tuple[MovedView, ...] = ()
    weights: tuple[Named, ...] = ()
    names: tuple[str, str] = ("", "")
    summary: str = ""
    likeness: tuple[str, ...] = ()


@dataclass(frozen=True)
class WeightsPage:
    """Every set of weights, and a form for another."""

    saved: tuple[WeightsView, ...]
    form: WeightsView
    about: dict[str, str]
    can_edit: bool
    error: str = ""
    typed: dict[str, str] = field(default_factory=dict)
