"""The review desk: the queue, and one draft with every sentence beside its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import BLANK, Badge, Field, Link, Meter, Tab


@dataclass(frozen=True)
class QueueItem:
    """A draft that waits for a person, or that one has decided about."""

    id: str
    title: str
    lead: str
    badge: Badge
    written_by: str
    sentences: int
    unsupported: int
    outlets: int
    since: datetime
    is_sample: bool = False
    is_correction: bool = False


@dataclass(frozen=True)
class Narrowed:
    """By what the queue is narrowed. `count` is how many it finds; `query` the same as the end of an address."""

    language: str = ""
    agent: str = ""
    story: str = ""
    warnings: str = ""
    sample: str = ""
    older: int = 0
    count: int = 0
    query: str = ""


@dataclass(frozen=True)
class QueueView:
    """The queue: what has warnings first, then what waits longest."""

    items: tuple[QueueItem, ...]
    tabs: tuple[Tab, ...]
    others: tuple[QueueItem, ...] = ()
    """What this person has approved already, and what another one has to decide about."""
    narrowed: Narrowed = Narrowed()
    channels: tuple[ChannelChoice, ...] = ()
    languages: tuple[str, ...] = ()
    is_open: bool = True
    can_publish: bool = False
    can_edit: bool = False
    wrong: str = ""


@dataclass(frozen=True)
class Support:
    """The passage a sentence stands on. `before` and `after` are its neighbours in the article, to read it in place."""

    outlet: str
    article: Link
    quote: str
    published_at: datetime | None = None
    before: str = ""
    after: str = ""
    verbatim: bool = True


@dataclass(frozen=True)
class Sentence:
    """One sentence of a draft; without `support` nobody has said it. `heading` stands above it, where a part starts."""

    number: int
    text: str
    support: tuple[Support, ...]
    heading: str = ""


@dataclass(frozen=True)
class ChannelChoice:
    """A place the piece can go to."""

    id: str
    name: str
    detail: str
    chosen: bool = False


@dataclass(frozen=True)
class Remark:
    """What somebody decided earlier, and why."""

    by: str
    at: datetime
    words: str
    badge: Badge


@dataclass(frozen=True)
class Thread:
    """A remark with its answers. `sentence` is what it is about; empty for the whole draft."""

    id: str
    by: str
    at: datetime
    body: str
    sentence: str
    must: bool
    resolved: str
    """Who has dealt with it; empty while nobody has."""
    answers: tuple[tuple[str, datetime, str], ...] = ()


@dataclass(frozen=True)
class Deed:
    """A line of the audit trail."""

    by: str
    at: datetime
    words: str
    detail: str = ""


@dataclass(frozen=True)
class Beside:
    """What stands beside a review: comments, who has approved and who is still needed, and the audit trail."""

    threads: tuple[Thread, ...] = ()
    holding: int = 0
    approved_by: tuple[str, ...] = ()
    can_withdraw: bool = False
    rules: tuple[str, ...] = ()
    trail: tuple[Deed, ...] = ()
    correction: str = ""
    policies: tuple[str, ...] = ()
    can_comment: bool = False
    can_undo: bool = False


@dataclass(frozen=True)
class BulkView:
    """A decision about many: how far it is, and what was left alone."""

    id: str
    title: str
    badge: Badge
    meter: Meter
    by: str
    at: datetime
    decided: int
    skipped: tuple[tuple[Link, str], ...] = ()
    job: Link | None = None
    can_undo: bool = False
    is_over: bool = True


@dataclass(frozen=True)
class Editing:
    """The form that changes the text. `expected` is the revision it was made from.

    With an `error`, `title` and `text` are what was typed, and `theirs` is what somebody else has saved meanwhile.
    """

    title: str = ""
    text: str = ""
    expected: str = ""
    error: str = ""
    theirs: str = ""


@dataclass(frozen=True)
class Going:
    """The field in which one says when it goes out; an empty time is now. `wishes` are times that were wished."""

    due: str = ""
    zone: str = "UTC"
    wishes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReviewView:
    """One draft under review. `can_publish` and the like are false for those who may not, and once it is decided."""

    id: str
    title: str
    label: str
    badge: Badge
    written_by: str
    written_at: datetime
    revision: int
    sentences: tuple[Sentence, ...]
    channels: tuple[ChannelChoice, ...]
    can_publish: bool
    can_edit: bool
    can_rewrite: bool = False
    story: Link | None = None
    cost: str = ""
    warnings: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    next_href: str = ""
    position: str = ""
    editing: Editing = Editing()
    reason: Field = BLANK
    refusal: str = ""
    pieces: tuple[tuple[Link, Badge], ...] = ()
    beside: Beside = Beside()
    going: Going = Going()
    picture: tuple[str, str] = ("", "")
    """Its address, and what it shows."""
    heads: tuple[tuple[str, str], ...] = ()
    """What it says to search engines and networks: names and words."""
    is_sample: bool = False

    @property
    def can_decide(self) -> bool:
        """Whether there is anything this person can do here."""
        return self.can_publish or self.can_edit or self.can_rewrite

    @property
    def unsupported(self) -> tuple[Sentence, ...]:
        """The sentences that no source supports."""
        return tuple(sentence for sentence in self.sentences if not sentence.support)
