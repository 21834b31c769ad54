"""What was found out about one article: labels, each with the places in its text; what rubrics say of it."""

from __future__ import annotations

from dataclasses import dataclass

from stonehand.web.pages.parts import Badge


@dataclass(frozen=True)
class Place:
    """A piece of the article's text, and where on the page it stands."""

    words: str
    href: str


@dataclass(frozen=True)
class Told:
    """One thing that is told of the article: what it is called, what is said, why, and where that stands."""

    name: str
    value: str
    reason: str = ""
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Named:
    """What the text names, of one kind."""

    kind: str
    names: tuple[Place, ...]


@dataclass(frozen=True)
class ScoreView:
    """What a rubric says. `labels` are those that a person may choose from; none for a sum, which takes a number."""

    rubric: str
    href: str
    badge: Badge
    confidence: str
    method: str
    note: str
    parts: tuple[Told, ...]
    gauges: tuple[Told, ...]
    labels: tuple[str, ...]
    judged: str
    judge_at: str
    slug: str


@dataclass(frozen=True)
class RubricChoice:
    """A rubric that an article can be scored by."""

    slug: str
    name: str


@dataclass(frozen=True)
class Insight:
    """All of it. `told` and `names` are empty until the article was described."""

    article_id: str
    told: tuple[Told, ...] = ()
    names: tuple[Named, ...] = ()
    summary: tuple[Place, ...] = ()
    quality: tuple[Told, ...] = ()
    scores: tuple[ScoreView, ...] = ()
    rubrics: tuple[RubricChoice, ...] = ()
    can_edit: bool = False


NOTHING = Insight("")
