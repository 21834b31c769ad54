"""Sources at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from stonehand.db import Session
from stonehand.sources import health, queries
from stonehand.sources.addresses import canonical_url
from stonehand.sources.models import Source
from stonehand.sources.recognition import Found


class SourceAdd(BaseModel):
    """What somebody wants to add: the address of a feed, site, OPML list, sitemap or article."""

    model_config = ConfigDict(str_strip_whitespace=True)

    url: str = Field(min_length=1, max_length=2000)
    title: str = Field(default="", max_length=300)
    interval_seconds: int | None = Field(default=None, ge=30, le=604_800)


class SourceOut(BaseModel):
    """A source and how it is doing. `health` is a sentence."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    url: str
    title: str
    options: dict[str, Any]
    home_url: str | None
    language: str | None
    state: str
    enabled: bool
    is_sample: bool
    interval_seconds: int
    next_poll_at: datetime | None
    last_poll_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    failure_streak: int
    last_error: str | None
    last_warning: str | None
    polls_total: int
    polls_failed: int
    entries_total: int
    created_at: datetime
    health: str = ""

    @classmethod
    def of(cls, source: Source, now: datetime) -> Self:
        """The source as it is at `now`."""
        return cls.model_validate(source).model_copy(update={"health": health.describe(source, now)})


class EntryOut(BaseModel):
    """An entry of a source, without its content."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    source_id: str
    key: str
    url: str | None
    title: str
    summary: str
    author: str | None
    language: str | None
    published_at: datetime | None
    seen_at: datetime
    state: str
    error: str | None
    article_id: str | None


class PreviewEntry(BaseModel):
    """An entry that adding would bring. `is_new` is False if some source has named the page before."""

    url: str | None
    title: str
    published_at: datetime | None
    is_new: bool


class OfferOut(BaseModel):
    """Another feed of the same site."""

    url: str
    title: str
    format: str


class PreviewOut(BaseModel):
    """What adding an address would bring; nothing is saved."""

    what: str
    kind: str
    url: str
    title: str
    sentence: str
    already_added: bool
    new: int
    duplicates: int
    entries: list[PreviewEntry]
    offers: list[OfferOut]
    warnings: list[str]

    @classmethod
    def of(cls, session: Session, found: Found) -> Self:
        """What adding `found` would bring, seen against what is there."""
        known = queries.known_addresses(session, found.entries)
        entries = [
            PreviewEntry(
                url=each.url,
                title=each.title,
                published_at=each.published or each.updated,
                is_new=not each.url or canonical_url(each.url) not in known,
            )
            for each in found.entries
        ]
        new = sum(each.is_new for each in entries)
        page = found.kind == "pages"
        there = queries.entry_at(session, canonical_url(found.url)) if page else queries.source_at(session, found.url)
        return cls(
            what=found.what,
            kind=found.kind,
            url=found.url,
            title=found.title,
            sentence=found.sentence,
            already_added=there is not None,
            new=int(there is None) if page else new,
            duplicates=int(there is not None) if page else len(entries) - new,
            entries=entries,
            offers=[OfferOut(url=offer.url, title=offer.title, format=offer.format) for offer in found.offers],
            warnings=list(found.warnings),
        )
