"""Scoring articles: gathers what is known, asks a language model where one is wanted, and falls back on ourselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import sqlalchemy as sa

from stonehand import db
from stonehand.analysis import describing
from stonehand.analysis import queries as analyses
from stonehand.analysis.findings import leading
from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.errors import Rejected, Unavailable
from stonehand.llm import asking
from stonehand.llm.errors import BudgetSpent
from stonehand.llm.payers import Payer
from stonehand.nlp import embedding, language, vectors
from stonehand.nlp.keyphrases import KeyPhrase
from stonehand.rubrics import calibration, modelled, queries, rubric_presets, scoring
from stonehand.rubrics.definition import Definition, band
from stonehand.rubrics.models import Calibration, Rubric
from stonehand.rubrics.scoring import CALIBRATED, Learnt, Scored
from stonehand.rubrics.subjects import LONGEST, Embed, Matrix, Subject

Way = Literal["best", "offline"]
MAX_TOKENS = 1200


@dataclass(frozen=True)
class Known:
    """What one rubric goes by: its definition, what was learnt for it, and its labels' vectors by model."""

    rubric: Rubric
    definition: Definition
    calibration: Calibration | None
    centres: Mapping[str, Matrix]


def known(session: Session, key: str, definition: Definition | None = None) -> Known:
    """A rubric to score by, perhaps by another definition of it. Raises `RubricNotFound`."""
    rubric = queries.rubric(session, key)
    said = definition or rubric_presets.read(queries.version(session, rubric.id, rubric.version).definition)
    learnt = queries.calibration(session, rubric.id)
    fits = learnt is not None and learnt.learnt["labels"] == (said.names if said.kind == "choice" else [])
    moved = describing.label_vectors(session, f"rubric:{rubric.id}", centre_digest(said))
    return Known(rubric, said, learnt if fits else None, moved)


def centre_digest(definition: Definition) -> str:
    """Of what the labels of a choice are described by."""
    return describing.digest([f"{each.name}: {each.description} {each.examples}" for each in definition.criteria])


def subjects(session: Session, ids: Sequence[str]) -> dict[str, Subject]:
    """Those of these articles that have a text, by id."""
    texts, moment = articles.texts(session, ids), db.now(session)
    places = session.execute(sa.select(Article.id, Article.host, Article.source_id).where(Article.id.in_(ids)))
    origins: dict[str, tuple[str, str]] = {row.id: (row.host, row.source_id or "") for row in places}
    analysed = analyses.analyses(session, ids)
    found = {}
    for article_id, each in texts.items():
        host, source_id = origins.get(article_id, ("", ""))
        plain = Subject(
            id=article_id,
            title=each.title,
            text=each.text[:LONGEST],
            language=each.language or "",
            now=moment,
            host=host,
            source_id=source_id,
            author=each.author or "",
            published_at=each.published_at,
        )
        found[article_id] = _analysed(plain, analysed[article_id]) if article_id in analysed else plain
    return found


def _analysed(plain: Subject, analysis: Analysis) -> Subject:
    """The same with what its analysis spares to find out again."""
    phrases = tuple(KeyPhrase(**each) for each in analysis.key_phrases)
    vector = vectors.unpack(analysis.vector)
    return replace(plain, language=analysis.language, vector=vector, model=analysis.vector_model, known_phrases=phrases)


def prepared(subject: Subject) -> Subject:
    """The same with a language, and with a vector of the model at hand."""
    spoken = subject.language or language.detect(f"{subject.title}\n{subject.text}").code
    if subject.model == embedding.name() and len(subject.vector):
        return replace(subject, language=spoken)
    row = embedding.embed([leading(subject.title, subject.text)])[0]
    return replace(subject, language=spoken, vector=row, model=embedding.name())


def embedder() -> Embed:
    """Embeds each text once, for as long as it is held."""
    kept: dict[str, Matrix] = {}

    def embed(texts: Sequence[str]) -> Matrix:
        new = [text for text in dict.fromkeys(texts) if text not in kept]
        if new:
            kept.update(zip(new, embedding.embed(new), strict=True))
        return np.stack([kept[text] for text in texts]) if texts else np.zeros((0, 384), dtype=np.float32)

    return embed


def score_offline(subject: Subject, by: Known, embed: Embed) -> Scored:
    """What a rubric says without a language model, calibrated if it was."""
    plain = scoring.score(subject, by.definition, embed, Learnt(by.centres.get(subject.model)))
    learnt = by.calibration
    if learnt is None:
        return plain
    weights = vectors.unpack(learnt.packed).reshape(learnt.learnt["shape"])
    if by.definition.kind == "sum":
        value = calibration.corrected(weights, plain.score)
        return replace(plain, label=band(by.definition.bands, value), score=value, method=CALIBRATED)
    if learnt.model != subject.model:
        return replace(plain, note="the calibration was learnt on other vectors; calibrate again")
    shares = calibration.shares(weights, _row(subject, plain, by.definition), by.definition.names)
    return scoring.score(subject, by.definition, embed, Learnt(by.centres.get(subject.model), {subject.id: shares}))


def _row(subject: Subject, plain: Scored, definition: Definition) -> Matrix:
    return calibration.features(subject.text, subject.language, subject.vector, shares_of(plain), definition.names)


def shares_of(plain: Scored) -> dict[str, float]:
    """Each label's share, 0 to 1."""
    return {part.name: part.value / 100 for part in plain.parts}


class Judge:
    """Scores articles one after the other by one rubric; stops asking a model that cannot be asked."""

    def __init__(self, by: Known, way: Way, embed: Embed | None = None) -> None:
        self.by = by
        self.embed = embed or embedder()
        self.asks = way == "best" and asking.is_configured()
        self.reason = ""

    def score(self, subject: Subject) -> Scored:
        """What the rubric says of it. Waits for the model, so no transaction may be open."""
        ready = prepared(subject)
        offline = score_offline(ready, self.by, self.embed)
        if not self.asks:
            return self._said(offline)
        try:
            answer = asking.ask(
                modelled.messages(ready, self.by.definition),
                modelled.ScoredText,
                purpose="rubrics.score",
                max_tokens=MAX_TOKENS,
                payer=Payer(source_id=subject.source_id),
            )
            return modelled.read(answer.value, answer.model, ready, self.by.definition, offline)
        except (Rejected, Unavailable) as error:
            if isinstance(error, (BudgetSpent, Unavailable)):
                self.asks, self.reason = False, str(error)
            return replace(offline, note=_joined(offline.note, f"scored without the language model: {error}"))

    def _said(self, offline: Scored) -> Scored:
        if not self.reason:
            return offline
        return replace(offline, note=_joined(offline.note, f"scored without the language model: {self.reason}"))


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)[:600]


def plain(found: Scored) -> dict[str, Any]:
    """A score as plain data, for comparing."""
    return found.as_dict()
