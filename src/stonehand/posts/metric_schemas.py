"""Shapes of the metrics of a text at the border."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from stonehand.drafts.metrics import Metrics


class MetricPartOut(BaseModel):
    """One part of the score: what it gave of what it can give, why, and how it would give more."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    points: float
    most: float
    reason: str
    advice: str


class QuotationOut(BaseModel):
    """Words in quotation marks, and where a source has them."""

    model_config = ConfigDict(from_attributes=True)

    start: int
    end: int
    words: str
    article_id: str | None
    source_start: int | None
    source_end: int | None
    is_proven: bool


class SentenceOut(BaseModel):
    """A sentence of the text and what it rests on."""

    model_config = ConfigDict(from_attributes=True)

    start: int
    end: int
    kind: str
    article_id: str | None
    source_start: int | None
    source_end: int | None
    quote: str


class LinkOut(BaseModel):
    """Where a link leads."""

    model_config = ConfigDict(from_attributes=True)

    url: str
    to_source: bool


class HeadingOut(BaseModel):
    """A heading."""

    model_config = ConfigDict(from_attributes=True)

    level: int
    text: str
    start: int


class WarnedOut(BaseModel):
    """Something a reviewer will be told."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    text: str


class MetricsOut(BaseModel):
    """The metrics of a text. Offsets count characters of the Markdown."""

    language: str
    keyword: str
    seo_score: float
    seo_parts: list[MetricPartOut]
    keyword_density: float
    word_count: int
    reading_minutes: float
    sentences: int
    readability: float
    readability_formula: str
    grades: dict[str, float]
    longest_copied_run: int
    copied_from: str | None
    copied_share: float
    verbatim: int
    supported: int
    unsupported: int
    cited: list[SentenceOut]
    quotations: list[QuotationOut]
    links: list[LinkOut]
    headings: list[HeadingOut]
    warnings: list[WarnedOut]

    @classmethod
    def of(cls, found: Metrics) -> MetricsOut:
        """From metrics."""
        easy = found.readability
        return cls(
            language=found.language,
            keyword=found.keyword,
            seo_score=found.seo.score,
            seo_parts=[MetricPartOut.model_validate(part) for part in found.seo.parts],
            keyword_density=found.seo.density,
            word_count=found.words,
            reading_minutes=found.minutes,
            sentences=found.sentences,
            readability=easy.ease,
            readability_formula=easy.formula,
            grades=easy.grades,
            longest_copied_run=found.copied.longest,
            copied_from=found.copied.article_id or None,
            copied_share=round(found.copied.share, 4),
            verbatim=found.count("verbatim"),
            supported=found.count("supported"),
            unsupported=found.count("unsupported"),
            cited=[SentenceOut.model_validate(one) for one in found.cited],
            quotations=[QuotationOut.model_validate(one) for one in found.quotations],
            links=[LinkOut.model_validate(one) for one in found.links],
            headings=[HeadingOut.model_validate(one) for one in found.headings],
            warnings=[WarnedOut.model_validate(one) for one in found.warnings],
        )
