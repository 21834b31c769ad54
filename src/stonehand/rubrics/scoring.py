"""What a rubric says of a text, offline: a score, a label, how sure, and why. Pure but for the vectors it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from stonehand.nlp import labels, vectors
from stonehand.nlp.labels import Keywords
from stonehand.nlp.sentences import Sentence
from stonehand.nlp.spans import Span
from stonehand.rubrics import measures
from stonehand.rubrics.definition import Criterion, Definition, band
from stonehand.rubrics.features import FEATURES
from stonehand.rubrics.measured import Measured
from stonehand.rubrics.subjects import MOST_SENTENCES, Embed, Matrix, Subject

OFFLINE, CALIBRATED = "offline", "calibrated"
NEARNESS, WORDING, STYLE = 9.0, 0.7, 2.0
"""How much a difference in cosine, in words and in style moves a label's odds."""
MOST_EVIDENCE = 4


@dataclass(frozen=True)
class PartScore:
    """What one criterion gave: 0 to 100, how much it weighs, why, and where."""

    name: str
    value: float
    weight: float
    reason: str
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True)
class GaugeScore:
    """What a gauge shows, and the name of its band."""

    name: str
    value: float
    band: str
    reason: str
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Scored:
    """What a rubric says of a text. `confidence` is 0 to 1; `note` says what a person should know."""

    label: str
    score: float
    confidence: float
    parts: tuple[PartScore, ...]
    gauges: tuple[GaugeScore, ...] = ()
    method: str = OFFLINE
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Learnt:
    """Vectors of the labels that articles without labels have moved; None if there are none."""

    centres: Matrix | None = None
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By article: each label's share as a calibration sees it."""


def score(subject: Subject, definition: Definition, embed: Embed, learnt: Learnt | None = None) -> Scored:
    """What the rubric says of it."""
    learnt = learnt or Learnt()
    gauges = tuple(_gauge(subject, definition, each, embed) for each in definition.gauges)
    if definition.kind == "sum":
        return _sum(subject, definition, gauges, embed)
    return _choice(subject, definition, gauges, embed, learnt)


def _gauge(subject: Subject, definition: Definition, gauge: Any, embed: Embed) -> GaugeScore:
    found = measures.MEASURES[gauge.measure](subject, gauge, definition.profile, embed)
    value = round(found.value, 1)
    return GaugeScore(gauge.name, value, band(gauge.bands, value), found.reason, found.evidence)


def _sum(subject: Subject, definition: Definition, gauges: tuple[GaugeScore, ...], embed: Embed) -> Scored:
    parts = tuple(_measured(subject, definition, each, embed) for each in definition.criteria)
    total = sum(part.value * part.weight for part in parts) / sum(part.weight for part in parts)
    value = round(total, 1)
    return Scored(band(definition.bands, value), value, 1.0, parts, gauges)


def _measured(subject: Subject, definition: Definition, criterion: Criterion, embed: Embed) -> PartScore:
    if criterion.measure == "label":
        found = _alone(subject, criterion, embed)
    else:
        found = measures.MEASURES[criterion.measure](subject, criterion, definition.profile, embed)
    return PartScore(criterion.name, round(found.value, 1), criterion.weight, found.reason, found.evidence)


def _alone(subject: Subject, criterion: Criterion, embed: Embed) -> Measured:
    """A described label in a sum: its nearness, its words and its style, each on its own scale."""
    rows = embed([*_texts(criterion), *_beginnings(subject)])
    own, parts = rows[: len(_texts(criterion))], rows[len(_texts(criterion)) :]
    near = float((parts @ own.T).max()) if len(parts) else 0.0
    hits = _hits(subject, criterion)
    style, spans = _style(subject, criterion)
    value = 100 * min(1.0, max(0.0, 0.6 * (near - 0.1) / 0.5 + 0.1 * np.log1p(len(hits)) * 2 + 0.3 * style))
    return Measured(value, _why(near, hits, style, criterion), _together(hits, spans))


def _choice(
    subject: Subject, definition: Definition, gauges: tuple[GaugeScore, ...], embed: Embed, learnt: Learnt
) -> Scored:
    near, nearest = _nearness(subject, definition.criteria, embed, learnt.centres)
    found = [_odds(subject, criterion) for criterion in definition.criteria]
    mean = float(near.mean())
    odds = [NEARNESS * (float(cosine) - mean) + worth for cosine, (worth, _, _) in zip(near, found, strict=True)]
    offline = labels.softmax(
        [odd + float(np.log(each.weight)) for odd, each in zip(odds, definition.criteria, strict=True)]
    )
    known = learnt.shares.get(subject.id)
    shares = [known.get(name, 0.0) for name in definition.names] if known else list(offline)
    parts = tuple(
        PartScore(each.name, round(100 * float(share), 1), each.weight, reason, _with(evidence, span))
        for each, share, (_, reason, evidence), span in zip(definition.criteria, shares, found, nearest, strict=True)
    )
    best = max(parts, key=lambda part: part.value)
    sure = round(best.value / 100, 4)
    method = CALIBRATED if known else OFFLINE
    return Scored(best.name, best.value, sure, parts, gauges, method, _look(definition, sure))


def _look(definition: Definition, sure: float) -> str:
    if sure < definition.confidence.review:
        return f"unsure ({sure:.0%}); a person should look"
    return "" if sure < definition.confidence.high else "sure"


def _texts(criterion: Criterion) -> list[str]:
    """What a label's vector is made of."""
    return [text for text in (f"{criterion.name}: {criterion.description}", *criterion.examples) if text.strip(": ")]


def centres(criteria: Sequence[Criterion], embed: Embed) -> Matrix:
    """float32 [labels, 384]: the mean of each label's description and examples."""
    rows = [embed(_texts(each)).mean(axis=0) for each in criteria]
    return vectors.unit(np.stack(rows))


def _beginnings(subject: Subject) -> list[str]:
    return [each.text for each in subject.sentences if len(each.text) > 15][:MOST_SENTENCES]


def _nearness(
    subject: Subject, criteria: Sequence[Criterion], embed: Embed, moved: Matrix | None
) -> tuple[Matrix, list[Span | None]]:
    """Each label's cosine to the whole text and to its two nearest sentences, and the nearest sentence itself."""
    own = centres(criteria, embed)
    described = own if moved is None or moved.shape != own.shape else vectors.unit(own + moved)
    parts = [each for each in subject.sentences if len(each.text) > 15][:MOST_SENTENCES]
    rows = embed([each.text for each in parts]) if parts else np.zeros((0, own.shape[1]), dtype=np.float32)
    cosines = rows @ described.T if len(rows) else np.zeros((1, len(own)), dtype=np.float32)
    top = np.sort(cosines, axis=0)[-2:].mean(axis=0)
    whole = described @ subject.vector if len(subject.vector) == own.shape[1] else top
    spans = [_nearest(parts, int(at)) for at in cosines.argmax(axis=0)]
    return np.asarray((whole + top) / 2, dtype=np.float32), spans


def _nearest(parts: Sequence[Sentence], at: int) -> Span | None:
    return Span(parts[at].start, parts[at].end, parts[at].text) if parts else None


def _odds(subject: Subject, criterion: Criterion) -> tuple[float, str, tuple[Span, ...]]:
    """What its words and style add to a label's odds, why, and where."""
    hits = _hits(subject, criterion)
    different = len({span.text.lower() for span in hits})
    style, spans = _style(subject, criterion)
    per_hundred = 100 * different / max(40, subject.count)
    worth = WORDING * float(np.log1p(per_hundred)) + STYLE * style
    return worth, _why(None, hits, style, criterion), _together(hits, spans)


def _hits(subject: Subject, criterion: Criterion) -> list[Span]:
    known = criterion.keywords.get(subject.language) or criterion.keywords.get("en") or []
    return Keywords.of(known).find(subject.words)


def _style(subject: Subject, criterion: Criterion) -> tuple[float, tuple[Span, ...]]:
    total, evidence = 0.0, list[Span]()
    for name, weight in criterion.features.items():
        trait = FEATURES[name](subject)
        total += weight * trait.value
        evidence += trait.evidence if weight > 0 else ()
    return total, tuple(evidence)


def _why(near: float | None, hits: Sequence[Span], style: float, criterion: Criterion) -> str:
    said = [f"nearness {near:.2f}"] if near is not None else []
    different = dict.fromkeys(span.text.lower() for span in hits)
    said += [f"words: {', '.join(list(different)[:5])}"] if different else []
    said += [f"style {style:+.2f}"] if criterion.features else []
    return "; ".join(said) or "nothing but its meaning"


def _together(hits: Sequence[Span], spans: Sequence[Span]) -> tuple[Span, ...]:
    first: dict[str, Span] = {}
    for span in hits:
        first.setdefault(span.text.lower(), span)
    return (*list(first.values())[:MOST_EVIDENCE], *spans[:2])


def _with(evidence: tuple[Span, ...], span: Span | None) -> tuple[Span, ...]:
    return evidence if span is None or span in evidence else (*evidence, span)
