"""Stories: articles about the same thing, and the page of one story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import ONE_PAGE, Badge, Link, Pager, Tab


@dataclass(frozen=True)
class StoryCard:
    """A story folded to a few lines. `why` says why it ranks here; `hours` is articles an hour, oldest first."""

    id: str
    title: str
    summary: str
    why: str
    badge: Badge
    outlets: tuple[str, ...]
    articles: int
    started_at: datetime
    updated_at: datetime
    hours: tuple[int, ...] = ()
    draft: Link | None = None
    is_sample: bool = False


@dataclass(frozen=True)
class StoriesView:
    """A page of stories, narrowed by tab and words."""

    stories: tuple[StoryCard, ...]
    tabs: tuple[Tab, ...]
    pager: Pager = ONE_PAGE
    query: str = ""


@dataclass(frozen=True)
class TimelineEntry:
    """An article in its story. `why` says why it was placed here; `copies` are outlets that ran the same text."""

    article_id: str
    title: str
    outlet: str
    published_at: datetime
    lead: str
    badge: Badge | None = None
    why: str = ""
    copies: tuple[Link, ...] = ()


@dataclass(frozen=True)
class StoryView:
    """One story: its summary sentences with their articles, its timeline (newest first) and what was written of it.

    `near` leads to stories that an editor may join with it, `changes` says what moved into it or out of it and why.
    `earlier` is how many reports stand before those of the timeline, `can_draft` whether a draft may be asked for.
    """

    card: StoryCard
    sentences: tuple[tuple[str, Link], ...]
    timeline: tuple[TimelineEntry, ...]
    phrases: tuple[str, ...]
    drafts: tuple[tuple[Link, Badge], ...]
    near: tuple[Link, ...] = ()
    earlier: int = 0
    can_draft: bool = False
    can_part: bool = False
    trend: Link | None = None
    changes: tuple[tuple[datetime, str], ...] = ()
