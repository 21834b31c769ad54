"""Shapes of rubrics at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from stonehand.analysis.schemas import SpanOut


class RubricOut(BaseModel):
    """A rubric, without what it says. `slug` is the word that it is found by."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    slug: str
    name: str
    description: str
    version: int
    is_preset: bool
    is_automatic: bool
    created_at: datetime
    updated_at: datetime


class VersionOut(BaseModel):
    """One version of a rubric."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    definition: dict[str, Any]
    note: str
    made_by: str
    created_at: datetime


class TallyOut(BaseModel):
    """How many articles have a label, and their mean score."""

    model_config = ConfigDict(from_attributes=True)

    label: str
    articles: int
    mean: float


class CalibrationOut(BaseModel):
    """What was learnt from people's judgements, and how well it agrees on articles that it has not seen."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    model: str
    examples: int
    report: dict[str, Any]
    made_at: datetime


class RubricDetail(RubricOut):
    """A rubric with what it says now, how its scores are spread, and what was learnt for it."""

    definition: dict[str, Any]
    tallies: list[TallyOut]
    judgements: int
    calibration: CalibrationOut | None


class PartOut(BaseModel):
    """What one criterion gave, 0 to 100, and why."""

    name: str
    value: float
    weight: float
    reason: str
    evidence: list[SpanOut]


class GaugeOut(BaseModel):
    """What a gauge shows, and the name of its band."""

    name: str
    value: float
    band: str
    reason: str
    evidence: list[SpanOut]


class ScoreOut(BaseModel):
    """What a rubric says of an article. `method` is `offline`, `calibrated` or `model:NAME`."""

    model_config = ConfigDict(from_attributes=True)

    article_id: str
    rubric_id: str
    version: int
    label: str
    score: float
    confidence: float
    method: str
    note: str
    parts: list[PartOut]
    gauges: list[GaugeOut]
    scored_at: datetime


class JudgementOut(BaseModel):
    """What a person says of an article."""

    model_config = ConfigDict(from_attributes=True)

    rubric_id: str
    article_id: str
    label: str
    score: float | None
    said_by: str
    said_at: datetime


class TrialOut(BaseModel):
    """A replay of a definition that is not saved, or a step that was run again for chosen articles."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    step: str
    rubric_id: str | None
    state: str
    total: int
    differing: int
    report: dict[str, Any]
    error: str
    made_by: str
    created_at: datetime
    finished_at: datetime | None


class TrialItemOut(BaseModel):
    """One article of it: what was said before, what is said now, and which of the two a person keeps."""

    model_config = ConfigDict(from_attributes=True)

    article_id: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    differs: bool
    kept: str
    error: str


class MeasureOut(BaseModel):
    """What a criterion can name as its measure, or a label as a feature of style."""

    name: str
    what: str
    words: str
