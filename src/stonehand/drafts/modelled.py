"""Turns a language model's typed answer into a piece. Nothing in it can become markup, a link or an approval."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from stonehand.drafts import cautions, citations, layout, markup, spans
from stonehand.drafts.citations import Embed
from stonehand.drafts.pieces import Brief, Piece, Warned, shorten, slug
from stonehand.drafts.prompts import VERSION
from stonehand.errors import Rejected
from stonehand.prompts import injection

SENTENCES_A_PARAGRAPH = 3
LABELS = {
    "en": "Written by a language model ({model}) from the numbered sources and approved by a person.",
    "de": "Von einem Sprachmodell ({model}) aus den bezifferten Quellen geschrieben, von einem Menschen freigegeben.",
}


class WrittenSentence(BaseModel):
    """A sentence and the numbers of its sources."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=800)]
    sources: Annotated[list[int], Field(max_length=20)]


class WrittenPiece(BaseModel):
    """What a model is asked for."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=300)]
    sentences: Annotated[list[WrittenSentence], Field(min_length=1, max_length=40)]


class PieceUnusable(Rejected):
    """A model's piece cannot be used."""


def compose(brief: Brief, written: WrittenPiece, model: str, cost_micro: int, embed: Embed) -> Piece:
    """A checked piece. Raises `PieceUnusable` when nothing of it is supported by the sources."""
    kept = [sentence for sentence in written.sentences if _is_clean(sentence.text)]
    lines = [(" ".join(sentence.text.split()), tuple(sentence.sources)) for sentence in kept]
    paragraphs = [lines[at : at + SENTENCES_A_PARAGRAPH] for at in range(0, len(lines), SENTENCES_A_PARAGRAPH)]
    laid = layout.compose(paragraphs, brief.sources, brief.language)
    parts = spans.find(laid.markdown, brief.language)
    cited = tuple(citations.check(parts, laid.sources, embed))
    if all(one.kind == citations.UNSUPPORTED for one in cited):
        raise PieceUnusable("nothing in the language model's answer is supported by the sources")
    title = _title(written.title, brief.title)
    dropped = len(written.sentences) - len(kept)
    return Piece(
        title=title,
        slug=slug(title),
        excerpt=shorten(parts[0].words),
        markdown=laid.markdown,
        language=brief.language,
        label=LABELS.get(brief.language, LABELS["en"]).format(model=model),
        writer="model",
        sources=tuple(source.article_id for source in laid.sources),
        citations=cited,
        warnings=(*_dropped(dropped), *cautions.review(laid.markdown, parts, cited, brief.sources, "model")),
        model=model,
        prompt_version=VERSION,
        cost_micro=cost_micro,
    )


def _is_clean(text: str) -> bool:
    visible = injection.visible(text) == text
    return bool(text.strip()) and visible and markup.is_plain_prose(text) and not injection.suspicions(text)


def _title(written: str, fallback: str) -> str:
    title = shorten(written, 160)
    return title if title and _is_clean(title) else shorten(injection.visible(fallback), 160)


def _dropped(count: int) -> list[Warned]:
    if not count:
        return []
    what = "1 sentence" if count == 1 else f"{count} sentences"
    return [Warned("dropped", f"{what} of the language model held links, markup or instructions and were left out.")]
