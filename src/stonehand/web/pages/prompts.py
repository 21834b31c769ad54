"""The pages of prompts: the list, one prompt with its editor and preview, one rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import BLANK, Badge, Field, Link, Meter


@dataclass(frozen=True)
class PromptLine:
    """A prompt in the list."""

    link: Link
    badges: tuple[Badge, ...]
    description: str
    about: str


@dataclass(frozen=True)
class PurposeView:
    """A purpose: what the model is given and must answer, and its prompts."""

    title: str
    data: str
    answer: str
    rows: tuple[PromptLine, ...]


@dataclass(frozen=True)
class RehearsalLine:
    """A rehearsal in a list."""

    link: Link
    badge: Badge
    at: datetime
    words: str


@dataclass(frozen=True)
class Choice:
    """Something to choose from."""

    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True)
class PromptsView:
    """The library, what was tried lately, and the form that makes another."""

    purposes: tuple[PurposeView, ...]
    rehearsals: tuple[RehearsalLine, ...]
    choices: tuple[Choice, ...]
    name: Field = BLANK
    can_edit: bool = False


@dataclass(frozen=True)
class VersionLine:
    """A version; the two addresses are empty for the one that counts."""

    number: int
    at: datetime | None
    by: str
    note: str
    compare_at: str
    restore_at: str


@dataclass(frozen=True)
class DiffLine:
    """A line of two templates: `kind` is `same`, `added` or `removed`."""

    kind: str
    text: str


@dataclass(frozen=True)
class MessageView:
    """A message as it would be sent."""

    role: str
    text: str


@dataclass(frozen=True)
class PreviewView:
    """What would be sent, what it would cost; `error` says why there is nothing to see."""

    about: str = ""
    costs: str = ""
    messages: tuple[MessageView, ...] = ()
    can_ask: bool = False
    error: str = ""


@dataclass(frozen=True)
class Wishes:
    """What an agent or a reviewer would ask for, to try with."""

    words: str = ""
    tone: str = ""
    language: str = ""
    keyword: str = ""
    note: str = ""


@dataclass(frozen=True)
class PromptView:
    """One prompt. `diff` is empty unless two versions are compared."""

    slug: str
    name: str
    description: str
    badges: tuple[Badge, ...]
    purpose: str
    data: str
    answer: str
    names: tuple[tuple[str, str], ...]
    version: int
    template: str
    versions: tuple[VersionLine, ...]
    subjects: tuple[Choice, ...]
    others: tuple[Choice, ...]
    rehearsals: tuple[RehearsalLine, ...]
    preview: PreviewView
    wishes: Wishes = Wishes()
    diff: tuple[DiffLine, ...] = ()
    diff_title: str = ""
    error: str = ""
    note: str = ""
    is_builtin: bool = False
    is_default: bool = False
    is_retired: bool = False
    can_ask: bool = False
    can_edit: bool = False


@dataclass(frozen=True)
class TextView:
    """One side of a story in a rehearsal."""

    title: str
    figures: str
    text: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class BesideView:
    """A story of a rehearsal: old beside new."""

    link: Link
    old: TextView | None
    new: TextView | None
    error: str


@dataclass(frozen=True)
class RehearsalView:
    """One rehearsal."""

    id: str
    title: str
    prompt: Link
    badge: Badge
    words: str
    is_running: bool
    meter: Meter
    columns: tuple[str, str]
    means: tuple[tuple[str, str, str], ...]
    rows: tuple[BesideView, ...]
    error: str
