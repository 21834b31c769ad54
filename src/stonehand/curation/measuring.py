"""What is counted in a text for the curator score. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stonehand.analysis.models import Analysis
from stonehand.articles.queries import ArticleText
from stonehand.curation.scoring import Facts
from stonehand.nlp import entities, lexical, readability, sentiment, vectors
from stonehand.nlp.keyphrases import extract
from stonehand.search.matching import host_of

LONGEST = 30_000  # characters; what follows changes no score


def facts(article: ArticleText, analysis: Analysis | None, topic: tuple[str, vectors.Row] | None) -> Facts:
    """Everything that is scored of an article. `topic` is the name of a model, and the topic's vector by it."""
    text = article.text[:LONGEST]
    language = (analysis.language if analysis else article.language) or "en"
    tone = sentiment.read(text, language)
    return Facts(
        title=article.title,
        text=text,
        language=language,
        host=host_of(article.url).removeprefix("www."),
        author=article.author,
        published_at=article.published_at,
        words=analysis.word_count if analysis else len(lexical.words(article.text)),
        ease=readability.read(text, language, hardest=0).ease if text else None,
        names_per_hundred=entities.find(text, language).per_hundred_words,
        tone=tone.compound if tone.known else None,
        phrases=_phrases(analysis.key_phrases)
        if analysis
        else [(each.text, each.score) for each in extract(text, language)],
        nearness=_nearness(analysis, topic),
    )


def _phrases(kept: Sequence[dict[str, Any]]) -> list[tuple[str, float]]:
    return [(each["text"], float(each["score"])) for each in kept]


def _nearness(analysis: Analysis | None, topic: tuple[str, vectors.Row] | None) -> float | None:
    if analysis is None or topic is None or analysis.vector_model != topic[0]:
        return None
    mine = vectors.unpack(analysis.vector)
    return float(np.clip(mine @ topic[1], -1, 1)) if mine.shape == topic[1].shape else None
