"""One answer of a rehearsal, or a text as it was written, with what the checks say of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stonehand.drafts import headlines, originality, spans, writing
from stonehand.drafts.citations import UNSUPPORTED
from stonehand.drafts.models import Citation, Revision
from stonehand.drafts.pieces import Brief, Piece
from stonehand.llm.payers import Payer
from stonehand.prompts import purposes
from stonehand.rehearsals import commenting

LONGEST = 40_000  # characters of a text that are kept


def ask(brief: Brief, payer: Payer) -> dict[str, Any]:
    """Ask the model as the brief's prompt says. Raises what stands in the way."""
    if commenting.is_wanted(brief):
        return commenting.ask(brief, payer)
    if brief.prompt is not None and brief.prompt.purpose == purposes.HEADLINE:
        return _titles(headlines.find(brief, payer))
    piece = writing.with_model(brief, payer)
    return _measured(piece, brief)


def _titles(found: headlines.Found) -> dict[str, Any]:
    return {
        "titles": list(found.titles),
        "meta_title": found.told.meta_title,
        "meta_description": found.told.meta_description,
        "keywords": list(found.told.keywords),
        "warnings": list(found.faults),
        "faults": list(found.faults),
        "cost_micro": found.cost_micro,
        "model": found.model,
    }


def _measured(piece: Piece, brief: Brief) -> dict[str, Any]:
    kinds = [one.kind for one in piece.citations]
    return {
        **_checks(piece.markdown, kinds, brief),
        "title": piece.title,
        "markdown": piece.markdown[:LONGEST],
        "meta_title": piece.meta_title,
        "meta_description": piece.meta_description,
        "keywords": list(piece.keywords),
        "warnings": [warned.text for warned in piece.warnings],
        "cost_micro": piece.cost_micro,
        "model": piece.model,
        "rounds": piece.provenance.get("rounds", 1),
        "faults": list(piece.provenance.get("faults", [])),
    }


def as_written(revision: Revision, citations: Sequence[Citation], brief: Brief) -> dict[str, Any]:
    """A text that is there, measured in the same way."""
    return {
        **_checks(revision.markdown, [one.kind for one in citations], brief),
        "title": revision.title,
        "markdown": revision.markdown[:LONGEST],
        "meta_title": revision.meta_title,
        "meta_description": revision.meta_description,
        "keywords": list(revision.keywords),
        "warnings": [each["text"] for each in revision.warnings],
        "cost_micro": revision.cost_micro,
        "model": revision.model or "",
        "rounds": revision.provenance.get("rounds", 1),
        "faults": list(revision.provenance.get("faults", [])),
    }


def _checks(markdown: str, kinds: Sequence[str], brief: Brief) -> dict[str, Any]:
    """Words, sentences, the share of them that a source supports, and the longest copied run."""
    parts = spans.find(markdown, brief.language)
    text = " ".join(part.words for part in parts)
    overlaps = originality.measure(text, brief.sources)
    supported = sum(kind != UNSUPPORTED for kind in kinds) / len(kinds) if kinds else 0.0
    return {
        "words": len(text.split()),
        "sentences": len(parts),
        "supported": round(supported, 3),
        "longest_run": overlaps[0].longest if overlaps else 0,
    }
