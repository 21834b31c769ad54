"""Sources at the border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from stonehand.db import Session
from stonehand.sources import health, intake, kinds, queries, rules, trials
from stonehand.sources.addresses import canonical_url
from stonehand.sources.interfaces import HasUsualAddress, NeedsSecret, SourceKind, TakesOptions, Way
from stonehand.sources.models import Entry, Source
from stonehand.sources.recognition import Found, Wanted
from stonehand.sources.trials import REPLAYED_DAYS, Judged, Replayed


class RuleIn(BaseModel):
    """A rule: what is kept or dropped of what a source names. `pattern` is a regular expression of RE2."""

    do: Literal["keep", "drop"]
    where: Literal["anywhere", "title", "summary", "address", "author"] = "anywhere"
    words: str = Field(default="", max_length=200)
    pattern: str = Field(default="", max_length=500)


Tags = Annotated[list[str], Field(max_length=20)]
Rules = Annotated[list[RuleIn], Field(max_length=50)]


class SourceAdd(BaseModel):
    """What somebody wants to add: the address of a feed, site, OPML list, sitemap or article.

    Or a source of a certain `kind` with its `options` (see `GET /sources/kinds`); some kinds need no address.
    """

    model_config = ConfigDict(str_strip_whitespace=True)

    url: str = Field(default="", max_length=2000)
    kind: str = Field(default="", max_length=60)
    options: dict[str, Any] = {}
    secret: SecretStr | None = None
    tags: Tags = []
    rules: Rules = []
    title: str = Field(default="", max_length=300)
    interval_seconds: int | None = Field(default=None, ge=30, le=604_800)
    is_adaptive: bool = True
    enabled: bool = True

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if not self.url and not self.kind:
            raise ValueError("give a url, or the kind of source")
        return self

    def find(self) -> list[Found]:
        """What it means, after a look. No transaction may be open. Raises what `intake` does."""
        secret = self.secret.get_secret_value() if self.secret else None
        own = [intake.of_kind(self.kind, self.url, self.options, secret)] if self.kind else []
        found = own or intake.identify(self.url)
        return [replace(each, wanted=self._wanted(each.wanted)) for each in found]

    def _wanted(self, listed: Wanted) -> Wanted:
        """What was said here goes before what a list says."""
        return Wanted(
            tags=(*listed.tags, *self.tags),
            rules=tuple(each.model_dump(exclude_defaults=True) for each in self.rules) or listed.rules,
            interval_seconds=self.interval_seconds or listed.interval_seconds,
            is_adaptive=self.is_adaptive and listed.is_adaptive,
            enabled=self.enabled and listed.enabled,
        )


class SourceChange(BaseModel):
    """What to change of a source; what is left out stays."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: str | None = Field(default=None, min_length=1, max_length=300)
    interval_seconds: int | None = Field(default=None, ge=30, le=604_800)
    is_adaptive: bool | None = None
    enabled: bool | None = None
    tags: Tags | None = None
    rules: Rules | None = None
    options: dict[str, Any] | None = None
    secret: SecretStr | None = None
    remove_secret: bool = Field(default=False, description="forget the secret; the source is paused until it has one")

    @model_validator(mode="after")
    def _is_one_wish(self) -> Self:
        if self.remove_secret and self.secret:
            raise ValueError("give a secret or remove it, not both")
        return self


class SourceOut(BaseModel):
    """A source and how it is doing. `health` is a sentence."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    url: str
    title: str
    options: dict[str, Any]
    tags: list[str]
    rules: list[dict[str, Any]]
    home_url: str | None
    language: str | None
    state: str
    enabled: bool
    is_sample: bool
    interval_seconds: int
    is_adaptive: bool
    pace_seconds: int | None
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
    entries_dropped: int
    proposed: dict[str, Any] | None
    robots_overruled: dict[str, Any] | None = Field(
        description="who wants its pages although their robots.txt forbids it, why and since when"
    )
    created_at: datetime
    recent: str = Field(description="how the last looks ended: n with news, o without, x failed")
    success_rate: float | None = None
    health: str = ""
    has_secret: bool = Field(default=False, description="whether a secret is kept for it; it is never shown")

    @classmethod
    def of(cls, source: Source, now: datetime) -> Self:
        """The source as it is at `now`."""
        found = {"health": health.describe(source, now), "success_rate": health.success_rate(source.recent)}
        return cls.model_validate(source).model_copy(update=found | {"has_secret": bool(source.secret)})


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
    """An entry that adding would bring: `new`, `duplicate` (named before) or `filtered` by a rule."""

    url: str | None
    title: str
    published_at: datetime | None
    is_new: bool
    outcome: str
    reason: str

    @classmethod
    def of(cls, judged: Judged) -> Self:
        """At the border."""
        each = judged.entry
        return cls(
            url=each.url,
            title=each.title,
            published_at=each.published or each.updated,
            is_new=judged.outcome == trials.NEW,
            outcome=judged.outcome,
            reason=judged.reason,
        )


class OfferOut(BaseModel):
    """Another feed of the same site."""

    url: str
    title: str
    format: str


class WayOut(BaseModel):
    """Options that would read a document, and what they read."""

    options: dict[str, Any]
    entries: int
    titles: list[str]

    @classmethod
    def of(cls, way: Way) -> Self:
        """With the first titles."""
        read = way.reading.entries
        return cls(
            options=dict(way.options), entries=len(read), titles=[each.title or each.url or "" for each in read[:5]]
        )


class KindOut(BaseModel):
    """A kind of source. `options` is a JSON schema of what its sources have to know beside the address."""

    kind: str
    title: str
    polled: bool
    usual_url: str | None
    secret: str | None
    options: dict[str, Any]

    @classmethod
    def of(cls, kind: SourceKind) -> Self:
        """As it describes itself."""
        return cls(
            kind=kind.kind,
            title=kind.title,
            polled=kind.polled,
            usual_url=kind.usual_url if isinstance(kind, HasUsualAddress) else None,
            secret=kind.secret_name if isinstance(kind, NeedsSecret) else None,
            options=kind.options.model_json_schema() if isinstance(kind, TakesOptions) else {},
        )


class ReplayOut(BaseModel):
    """What rules would have done in the last days. `changed` are the entries that they treat otherwise than before."""

    days: int
    kept: int
    dropped: int
    changed: list[ReplayedOut]


class ReplayedOut(BaseModel):
    """An entry that new rules would treat otherwise."""

    title: str
    url: str | None
    is_kept: bool
    reason: str


def replayed(found: Sequence[Replayed]) -> ReplayOut:
    """At the border."""
    changed = [each for each in found if each.is_kept != each.was_kept]
    return ReplayOut(
        days=REPLAYED_DAYS,
        kept=sum(each.is_kept for each in found),
        dropped=sum(not each.is_kept for each in found),
        changed=[
            ReplayedOut(title=it.entry.title, url=it.entry.url, is_kept=it.is_kept, reason=it.reason)
            for it in changed[:100]
        ],
    )


class PreviewOut(BaseModel):
    """What adding an address would bring; nothing is saved."""

    what: str
    kind: str
    url: str
    title: str
    sentence: str
    already_added: bool
    is_listed: bool = Field(description="it stands in a list that was given, and is looked at once it is added")
    new: int
    duplicates: int
    filtered: int
    entries: list[PreviewEntry]
    offers: list[OfferOut]
    options: dict[str, Any]
    ways: list[WayOut]
    warnings: list[str]

    @classmethod
    def of(cls, session: Session, found: Found) -> Self:
        """What adding `found` would bring, seen against what is there."""
        there = _there(session, found)
        source_id = there.id if isinstance(there, Source) else found.source_id
        judged = trials.judge(session, found.entries, rules.read(found.wanted.rules), source_id)
        judged += trials.judge_letters(session, found.letters)
        counts = trials.counts(judged)
        page = found.kind == "pages"
        return cls(
            what=found.what,
            kind=found.kind,
            url=found.url,
            title=found.title,
            sentence=found.sentence,
            already_added=there is not None or bool(found.source_id),
            is_listed=found.is_listed,
            new=int(there is None) if page else counts[trials.NEW],
            duplicates=int(there is not None) if page else counts[trials.DUPLICATE],
            filtered=counts[trials.FILTERED],
            entries=[PreviewEntry.of(each) for each in judged],
            offers=[OfferOut(url=offer.url, title=offer.title, format=offer.format) for offer in found.offers],
            options=dict(found.options),
            ways=[WayOut.of(way) for way in found.ways],
            warnings=list(found.warnings),
        )


def _there(session: Session, found: Found) -> Source | Entry | None:
    """What is here already of what was found."""
    if found.kind == "pages":
        return queries.entry_at(session, canonical_url(found.url))
    return queries.source_named(session, kinds.address(found.kind, found.url, found.options))
