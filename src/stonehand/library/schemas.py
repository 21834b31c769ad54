"""The library at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from stonehand.library.models import SavedSearch
from stonehand.library.queries import Hit


class PieceOut(BaseModel):
    """Part of a snippet; `hit` if it is a word that was looked for."""

    text: str
    hit: bool


class HitOut(BaseModel):
    """An article as a result. `at` is when it was published, or fetched if nobody knows."""

    id: str
    title: str
    url: str
    outlet: str
    author: str | None
    language: str | None
    at: datetime
    words: int
    snippet: list[PieceOut]
    tags: list[str]
    is_bookmarked: bool
    is_copy: bool
    is_archived: bool
    is_sample: bool

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """One result."""
        pieces = [PieceOut(text=text, hit=is_hit) for text, is_hit in hit.snippet if text]
        facts = {name: getattr(hit, name) for name in cls.model_fields if name not in ("snippet", "tags")}
        return cls(**facts, snippet=pieces, tags=list(hit.tags))


class Results(BaseModel):
    """Part of what was found. Of very many matches the newest `total` are looked at; then `is_cut` is true."""

    items: list[HitOut]
    total: int
    is_cut: bool
    start: int
    limit: int


class SavedSearchOut(BaseModel):
    """A saved search. Of its feed's address only the beginning of the secret is known."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    user_id: str
    name: str
    query: str
    feed_prefix: str
    created_at: datetime
    updated_at: datetime


class SavedSearchMade(SavedSearchOut):
    """A saved search with the addresses of its feed, told this once."""

    feeds: dict[str, str]

    @classmethod
    def told(cls, found: SavedSearch, secret: str, base: str) -> Self:
        """With addresses under `base`, which ends without a slash."""
        feeds = {kind: f"{base}/feeds/{secret}.{kind}" for kind in ("rss", "atom", "json")}
        return cls(**SavedSearchOut.model_validate(found).model_dump(), feeds=feeds)


class TagCount(BaseModel):
    """A tag and how many articles have it."""

    name: str
    articles: int
