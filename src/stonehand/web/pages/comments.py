"""Comments: the table of processes, the board of one, its form, and a comment beside its article."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from stonehand.comments.schemas import Replaced
from stonehand.web.pages.agents import Option
from stonehand.web.pages.parts import ONE_PAGE, Badge, Link, Pager, Tab


@dataclass(frozen=True)
class Count:
    """How many comments there are of something, and where they are listed."""

    words: str
    number: int
    href: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class StageBox:
    """A stage of the board. `job` leads to its latest pass."""

    name: str
    deed: str
    counts: tuple[Count, ...]
    note: str = ""
    job: Link | None = None
    is_busy: bool = False
    is_person: bool = False
    """Between writing and sending, people decide."""


@dataclass(frozen=True)
class Deeds:
    """What can be done with a process now."""

    start: str = ""
    """The words of the button: Start, Resume or Start again."""
    stop: bool = False
    change: bool = False
    remove: bool = False


@dataclass(frozen=True)
class ProcessRow:
    """A process, and how far its comments are."""

    id: str
    name: str
    platform: str
    badge: Badge
    why: str
    stages: tuple[StageBox, ...]
    total: int
    posted: int
    next_look_at: datetime | None = None
    since: datetime | None = None
    deeds: Deeds = Deeds()


@dataclass(frozen=True)
class ProcessesView:
    """All processes, or those of one platform."""

    rows: tuple[ProcessRow, ...]
    tabs: tuple[Tab, ...] = ()
    can_edit: bool = False
    has_platforms: bool = True
    pager: Pager = ONE_PAGE


@dataclass(frozen=True)
class CommentLine:
    """A comment in a list."""

    id: str
    badge: Badge
    title: str
    author: str
    login: str
    prompt: str
    since: datetime
    text: str = ""
    why: str = ""
    remote: Link | None = None


@dataclass(frozen=True)
class Filter:
    """What a list of comments is narrowed to. `show` is the key of a tab, `at` when the list was read."""

    show: str = ""
    search: str = ""
    login: str = ""
    at: str = ""

    def sent(self) -> dict[str, str]:
        """As fields of a form, without what is empty."""
        named = {"show": self.show, "search": self.search, "login": self.login}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class ProcessView:
    """The board of a process, and its comments under a filter."""

    row: ProcessRow
    facts: tuple[tuple[str, str], ...]
    filter: Filter
    tabs: tuple[Tab, ...]
    logins: tuple[Option, ...]
    comments: tuple[CommentLine, ...]
    count: int
    """Of comments under the filter."""
    description: str = ""
    can_edit: bool = False
    can_publish: bool = False
    decisions: tuple[str, ...] = ()
    """What can be decided about all under the filter: `approve`, `retry`, `reject`."""
    pager: Pager = ONE_PAGE


@dataclass(frozen=True)
class ProcessForm:
    """The form of a process, as it is typed."""

    title: str
    action: str
    values: dict[str, str]
    checks: frozenset[str]
    platforms: tuple[Option, ...]
    logins: tuple[Option, ...]
    prompts: tuple[Option, ...]
    models: tuple[Option, ...]
    offers: dict[str, tuple[Option, ...]] = field(default_factory=dict)
    """What the site offers for `tab`, `category` and `task`."""
    error: str = ""
    back: str = "/comments"
    is_new: bool = False


@dataclass(frozen=True)
class ArticleBox:
    """The article that a comment is about, as it was read last. Its words are a stranger's."""

    title: str
    author: str
    url: str
    facts: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    read_at: datetime | None = None


@dataclass(frozen=True)
class Sent:
    """What was sent, and what the site shows of it."""

    approved: str
    read_back: str = ""
    remote_id: str = ""
    url: str = ""
    at: datetime | None = None
    is_pending: bool = False
    is_hidden: bool = False

    @property
    def title(self) -> str:
        """What there is to tell."""
        return "What was sent, and what is there" if self.at or self.remote_id else "Its approval"


@dataclass(frozen=True)
class CommentView:
    """One comment beside its article. `text` is for changing it: what stands after the disclosure."""

    id: str
    seen: str
    """A fingerprint of what is shown; a decision about anything else is refused."""
    process: Link
    badge: Badge
    why: str
    article: ArticleBox
    shown: Markup
    disclosure: str
    text: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...] = ()
    reasoning: str = ""
    sent: Sent | None = None
    job: Link | None = None
    can_edit: bool = False
    can_approve: bool = False
    can_reject: bool = False
    can_retry: str = ""
    """The words of the button."""
    can_settle: bool = False
    can_remove: bool = False
    can_hide: bool = False
    next_id: str = ""
    error: str = ""


@dataclass(frozen=True)
class ReplacingView:
    """One text replaced in many comments: before it is done, or after. `changed` have changed since the preview, `left`
    are more than one time takes."""

    process_id: str
    name: str
    filter: Filter
    find: str
    by: str
    any_case: bool
    made: Replaced | None = None
    changed: int = 0
    left: int = 0
    error: str = ""
    is_done: bool = False
