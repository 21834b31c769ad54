"""Articles at the border."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from stonehand.articles.differences import Kind as ChangeKind
from stonehand.articles.duplicates import Kind
from stonehand.articles.models import Article
from stonehand.articles.queries import ArticleText
from stonehand.sources.robots.schemas import LeaveOut

EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)  # whatever the zone


class DuplicateEvidence(BaseModel):
    """Why an article is a copy, layer by layer: its address, its words, the share of its runs of three words that
    stand in the original, and the cosine of the word counts. `person`: somebody said so."""

    model_config = ConfigDict(from_attributes=True)

    kind: Kind
    original_id: str
    containment: float = Field(ge=0, le=1)
    shared_shingles: int = Field(ge=0)
    cosine: float | None = None
    same_text: bool = False
    same_address: bool = False


class TrustOut(BaseModel):
    """Where a datum comes from, and how often that is right, 0 to 1."""

    origin: str
    confidence: float = Field(ge=0, le=1)


class ArticleOut(BaseModel):
    """An article in a list, without its text."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    source_id: str | None
    url: str
    canonical_url: str
    state: str
    title: str
    author: str | None
    published_at: datetime | None
    published_precision: str | None
    language_hint: str | None
    image_url: str | None
    site: str | None
    licence: str | None
    origins: dict[str, TrustOut] | None
    robots: LeaveOut | None
    excerpt: str
    word_count: int
    duplicate_of: str | None
    duplicate_evidence: DuplicateEvidence | None
    version: int
    is_sample: bool
    error: str | None
    fetched_at: datetime
    extracted_at: datetime | None

    @field_validator("robots", mode="before")
    @classmethod
    def _leave(cls, kept: Any) -> Any:
        return LeaveOut.of(kept) if isinstance(kept, dict) else kept


class ArticleDetail(ArticleOut):
    """An article with its text, its outlet and its copies."""

    outlet: str = ""
    text: str = ""
    copies: list[ArticleOut] = []

    @classmethod
    def of(cls, article: Article, text: ArticleText | None, copies: Sequence[Article]) -> Self:
        """Everything about one article; `text` is None if it could not be read."""
        read = {"text": text.text, "outlet": text.outlet} if text else {}
        listed = [ArticleOut.model_validate(copy) for copy in copies]
        return cls.model_validate(article).model_copy(update={**read, "copies": listed})


class VersionOut(BaseModel):
    """One text of an article; `until` is null for the one that it has now."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    title: str
    word_count: int
    since: datetime
    until: datetime | None


class VersionText(VersionOut):
    """One text of an article, in full."""

    text: str


class PartOut(BaseModel):
    """A stretch of text that both versions have, or only the newer (`added`) or the older (`removed`)."""

    model_config = ConfigDict(from_attributes=True)

    kind: ChangeKind
    text: str


class Differences(BaseModel):
    """What changed between two versions of an article, in order."""

    older: int
    newer: int
    parts: list[PartOut]


class Reprocess(BaseModel):
    """Which kept pages to read again; what is left out does not matter."""

    model_config = ConfigDict(extra="forbid")

    source_id: str = ""
    state: Literal["", "stored", "extracted", "unreadable"] = ""
    since: Annotated[AwareDatetime | None, Field(ge=EARLIEST, le=LATEST)] = None


class Merge(BaseModel):
    """Which article this one is a copy of."""

    model_config = ConfigDict(extra="forbid")

    original_id: str


class SimilarOut(BaseModel):
    """An original whose text shares something with an article's, and what each layer says."""

    article: ArticleOut
    evidence: DuplicateEvidence
