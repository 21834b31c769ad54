"""Curation at the border."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from stonehand.articles.models import Article
from stonehand.curation import queries, service, wishes
from stonehand.curation.models import Curation, CurationItem, SavedWeights
from stonehand.curation.weights import PARTS, STANDARD, Weights, checked
from stonehand.curation.wishes import Wish
from stonehand.db import Session


class WeightsIn(BaseModel):
    """What each part counts for, from 0 to 1, together 1; parts that are left out share what is left."""

    model_config = ConfigDict(extra="forbid")

    parts: dict[str, float] = Field(default_factory=dict, max_length=20, examples=[STANDARD])
    half_life: float = Field(default=7.0, description="Days after which an article's recency is half.")
    half_lives: dict[str, float] = Field(
        default_factory=dict, max_length=50, description="Days, by a word of the topic."
    )
    trusted: list[str] = Field(default_factory=list, max_length=500, description="Hosts that somebody trusts.")
    doubted: list[str] = Field(default_factory=list, max_length=500, description="Hosts that somebody doubts.")

    def checked(self) -> Weights:
        """Weights that can be used. Raises `WeightsUnfit`."""
        return checked(**self.model_dump())


class RulesIn(BaseModel):
    """How diverse the choice is; what is left out is as the installation's settings say."""

    model_config = ConfigDict(extra="forbid")

    diversify: bool | None = None
    domain_cap: int | None = Field(default=None, ge=1, le=1000, description="Articles of one host at most.")
    dup_sim_threshold: float | None = Field(default=None, ge=0, le=1, description="Cosine of near duplicates.")
    use_embedding_clustering: bool | None = None
    clustering_threshold: float | None = Field(default=None, ge=0, le=1, description="Cosine within a cluster.")
    cluster_cap: int | None = Field(default=None, ge=1, le=1000, description="Articles of one cluster at most.")

    def changes(self) -> dict[str, float | bool | None]:
        """By the names of `diversity.Rules`."""
        return {
            "diversify": self.diversify,
            "domain_cap": self.domain_cap,
            "duplicate": self.dup_sim_threshold,
            "by_cluster": self.use_embedding_clustering,
            "cluster": self.clustering_threshold,
            "cluster_cap": self.cluster_cap,
        }


class CurationIn(BaseModel):
    """A topic over the library, a list of addresses, or both: then the topic is what they are judged by."""

    model_config = ConfigDict(extra="forbid")

    topic: str = Field(default="", max_length=wishes.LONGEST_TOPIC, examples=["tide gates"])
    urls: list[str] = Field(default_factory=list, max_length=wishes.MOST_URLS)
    within: str = Field(default="", max_length=500, description="A search that articles for a topic must fit, too.")
    with_sources: bool = Field(default=False, description="Look at every source first.")
    max_articles: int = Field(default=20, ge=1, le=wishes.MOST_CHOSEN)
    weights: str | WeightsIn = Field(default="", description="A name of saved weights, or weights.")
    rules: RulesIn = RulesIn()
    limit_seconds: int = Field(default=wishes.LIMIT, ge=wishes.SHORTEST_LIMIT, le=wishes.LONGEST_LIMIT)

    def wish(self, session: Session) -> Wish:
        """What is wanted. Raises `WeightsNotFound`, `WeightsUnfit`."""
        given = self.weights
        name, weights = queries.weights(session, given) if isinstance(given, str) else ("given", given.checked())
        return Wish(
            topic=self.topic,
            urls=self.urls,
            within=self.within,
            with_sources=self.with_sources,
            weights=weights,
            weights_name=name,
            rules=service.rules(self.max_articles, **self.rules.changes()),
            limit_seconds=self.limit_seconds,
        )


class CurationOut(BaseModel):
    """A curation. While its `state` is `reading`, `job_id` is at work; `trouble` is why that died."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    topic: str
    within: str
    weights_name: str
    weights: dict[str, object]
    rules: dict[str, object]
    with_sources: bool
    state: str
    message: str = ""
    trouble: str = ""
    job_id: str | None
    limit_seconds: int
    total: int
    scored: int
    failed: int
    chosen: int
    note: str
    created_by: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, session: Session, found: Curation) -> Self:
        """As it stands."""
        stand = queries.stand(session, found)
        told = {"state": str(stand.state), "message": stand.message, "trouble": stand.trouble}
        return cls.model_validate(found).model_copy(update=told)


class PartOut(BaseModel):
    """One part of a score, 0 to 100, and why."""

    name: str
    score: float
    reason: str


class ItemOut(BaseModel):
    """An address of a curation. `place` is 1 for the best; else `left_out` says why it has none, or `error`."""

    id: str
    url: str
    article_id: str | None
    title: str
    outlet: str
    published_at: datetime | None
    state: str
    error: str | None
    score: float | None
    parts: list[PartOut]
    place: int | None
    left_out: str | None
    yields_to: str | None
    closeness: float | None
    cluster: int | None

    @classmethod
    def of(cls, item: CurationItem, articles: Mapping[str, Article]) -> Self:
        """One item."""
        article = articles.get(item.article_id or "")
        same = {name: getattr(item, name) for name in cls.model_fields if hasattr(item, name) and name != "parts"}
        parts = item.parts or {}
        return cls(
            **same,
            title=(article.title if article else "") or item.url,
            outlet=(article.site or article.host) if article else "",
            published_at=article.published_at if article else None,
            parts=[PartOut(name=name, score=parts[name][0], reason=parts[name][1]) for name in PARTS if name in parts],
        )


class SavedWeightsOut(BaseModel):
    """Weights with a name; those `in_use` are what a wish without weights gets."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    weights: dict[str, object]
    in_use: bool
    updated_at: datetime | None


def standard(in_use: bool) -> SavedWeightsOut:
    """Those of before, which cannot be changed."""
    kept = Weights().as_json()
    return SavedWeightsOut(
        id=queries.STANDARD_NAME, name=queries.STANDARD_NAME, weights=kept, in_use=in_use, updated_at=None
    )


def every_weights(session: Session) -> list[SavedWeightsOut]:
    """The standard first."""
    saved: list[SavedWeights] = list(queries.saved(session))
    told = [SavedWeightsOut.model_validate(each) for each in saved]
    return [standard(not any(each.in_use for each in saved)), *told]
