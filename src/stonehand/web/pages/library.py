"""The library: a search, its results, and the searches that somebody saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.pages.parts import ONE_PAGE, Link, Pager, Tab


@dataclass(frozen=True)
class HitView:
    """A result. `pieces` is the part of its text that was found, the words that were looked for marked."""

    id: str
    title: str
    outlet: str
    at: datetime
    pieces: tuple[tuple[str, bool], ...]
    author: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_bookmarked: bool = False
    is_sample: bool = False


@dataclass(frozen=True)
class SavedView:
    """A saved search; `is_own` if whoever looks may change it."""

    id: str
    name: str
    query: str
    href: str
    is_own: bool = False


@dataclass(frozen=True)
class LibraryView:
    """A page of results. `error` says what is wrong with the search and `spot` shows where: before, at, behind."""

    query: str
    summary: str
    hits: tuple[HitView, ...]
    orders: tuple[Tab, ...]
    order: str = "best"
    saved: tuple[SavedView, ...] = ()
    tags: tuple[Link, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    error: str = ""
    spot: tuple[str, str, str] = ("", "", "")
    pager: Pager = ONE_PAGE
    current: SavedView | None = None
    here: str = "/library"
    export: str = ""
