"""For you: what a reader should see next, what they said of themselves, and how far they have come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import ONE_PAGE, Badge, Link, Meter, Pager, Tab


@dataclass(frozen=True)
class Tip:
    """An article and why it is shown; `less` is what is said to see less for this reason, and `less_words` how."""

    id: str
    title: str
    outlet: str
    at: datetime
    because: str
    lead: str = ""
    language: str = ""
    is_sample: bool = False
    less: tuple[str, str] = ("", "")
    less_words: str = ""


@dataclass(frozen=True)
class ForYouView:
    """A list of articles. `made_at` is None as long as none was made; `aside` are short lists beside it."""

    tabs: tuple[Tab, ...]
    heading: str
    tips: tuple[Tip, ...]
    here: str
    made_at: datetime | None = None
    is_personal: bool = False
    empty: str = ""
    hint: str = ""
    scores: tuple[Meter, ...] = ()


@dataclass(frozen=True)
class WishView:
    """Something of which a reader wants less."""

    kind: str
    value: str
    words: str
    what: str


@dataclass(frozen=True)
class PreferencesView:
    """What a reader said of themselves. `mail` says why no digest can come, if none can."""

    tabs: tuple[Tab, ...]
    topics: str
    languages: str
    digest: str
    known_languages: tuple[str, ...]
    wishes: tuple[WishView, ...]
    email: str
    mail: str = ""
    error: str = ""


@dataclass(frozen=True)
class QuestionView:
    """A statement and the answer that was given last."""

    key: str
    words: str
    answer: int | None


@dataclass(frozen=True)
class PhaseView:
    """A phase: its score and level if it was assessed, and what the next level takes."""

    name: str
    meaning: str
    questions: tuple[QuestionView, ...]
    score: Meter | None = None
    level: str = ""
    next: str = ""


@dataclass(frozen=True)
class AssessmentView:
    """The assessment."""

    tabs: tuple[Tab, ...]
    phases: tuple[PhaseView, ...]
    answers: tuple[str, ...]
    readiness: str = ""
    taken_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Step:
    """How a reader stands to an article."""

    link: Link
    meter: Meter
    marks: str
    at: datetime


@dataclass(frozen=True)
class ProgressView:
    """What a reader has read."""

    tabs: tuple[Tab, ...]
    facts: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    pager: Pager = ONE_PAGE


@dataclass(frozen=True)
class DigestView:
    """A digest: its stories, its draft, and its letters in words."""

    title: str
    badge: Badge
    stories: tuple[Link, ...]
    made_at: datetime
    draft: Link | None = None
    mails: str = ""
    is_sample: bool = False


@dataclass(frozen=True)
class DigestsView:
    """The latest digests. `mail` says why none is sent, if none is."""

    tabs: tuple[Tab, ...]
    digests: tuple[DigestView, ...]
    can_make: bool
    mail: str = ""


@dataclass(frozen=True)
class UnsubscribeView:
    """The page behind a letter's link. `is_over` once no more digests come."""

    address: str
    email: str
    is_over: bool = False


@dataclass(frozen=True)
class ReaderBox:
    """What the page of an article knows of its reader."""

    liked: bool = False
    rating: int = 0
    scroll: int = 0
    completed: bool = False
    minutes: int = 1
    level: str = ""
    locked: str = ""
    related: tuple[tuple[Link, str], ...] = ()
    phase: str = ""
    difficulty: str = ""
    by_hand: bool = False
    level_by: str = ""


NO_READER = ReaderBox()
