"""The writer that needs no model: the sentences that say what the story says, verbatim, each with its source.

LexRank chooses what is central, maximal marginal relevance what is new (both in `nlp.summary`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stonehand.drafts import cautions, layout, markup, metas, spans, titles
from stonehand.drafts.citations import VERBATIM, Embed
from stonehand.drafts.errors import NothingToQuote
from stonehand.drafts.pieces import Brief, Cited, Piece, SourceText, shorten, slug
from stonehand.nlp import sentences, summary
from stonehand.prompts import injection

SENTENCES = 7
MOST_SOURCES = 8
MOST_PER_SOURCE = 20
WORDS = range(6, 61)
LABELS = {
    "en": "Compiled by Stonehand without a language model: every sentence is a verbatim quotation of its source.",
    "de": "Von Stonehand ohne Sprachmodell zusammengestellt: Jeder Satz ist ein wörtliches Zitat aus seiner Quelle.",
}
EDITED_LABELS = {  # of a text that a person has edited since: what was added is no quotation
    "en": "Compiled by Stonehand from its sources, without a language model.",
    "de": "Von Stonehand ohne Sprachmodell aus den Quellen zusammengestellt.",
}
_BOILERPLATE = re.compile(
    r"\b(cookies?|newsletters?|subscrib\w+|sign(ed)? up|log ?in|sign in|click here|read more|read also|copyright"
    r"|all rights reserved|advertisement|sponsored|terms of (use|service)|privacy policy|share this|follow us"
    r"|related articles?|photo(graph)? by|download (the|our) app|comments? (are|section)|javascript|your browser"
    r"|abonnier\w+|anmelden|weiterlesen|datenschutz\w*|werbung|impressum)\b|©|\.{3}$|…$",
    re.IGNORECASE,
)
_LEANS_BACK = re.compile(
    r"^[\"“„'‘]?(but|and|so|however|he|she|it|they|this|these|those|that|his|her|their|its|also|then|secondly|thirdly|finally|therefore|thus|moreover|furthermore|here|let['’]s|meanwhile|instead|still|yet"
    r"|er|sie|es|dies\w*|aber|und|doch|auch|dann|jedoch|sein\w*|ihr\w*)\b",
    re.IGNORECASE,
)
_COMPLETE = re.compile(r"[.!?][\"”“’'»)]*$")


@dataclass(frozen=True)
class Candidate:
    """A sentence that may be quoted; `position` counts from the top of its source."""

    source: SourceText
    position: int
    start: int
    end: int
    text: str

    @property
    def weight(self) -> float:
        """How much its place speaks for it: news says first what matters, and a pronoun needs what stood before."""
        return (0.3 if _LEANS_BACK.match(self.text) else 1.0) / (1 + 0.15 * self.position)


def write(brief: Brief, embed: Embed, notes: str = "") -> Piece:
    """A piece of at most seven sentences from the brief's sources. Raises `NothingToQuote`."""
    found = candidates(brief.sources)
    if not found:
        raise NothingToQuote(
            f"“{brief.title}” has no sentence that can be quoted: its articles are too short or only page furniture"
        )
    chosen = _in_order(_choose(found, embed))
    laid = layout.compose(
        [[(one.text, (one.source.number,)) for one in paragraph] for paragraph in _paragraphs(chosen)],
        brief.sources,
        brief.language,
    )
    citations = tuple(
        Cited(start, end, VERBATIM, one.source.article_id, one.start, one.end, one.text)
        for (start, end), one in zip(laid.places, chosen, strict=True)
    )
    title = titles.own(brief.title, chosen[0].text)
    parts = spans.find(laid.markdown, brief.language)
    told = metas.derived(title, [one.text for one in chosen], brief.language, brief.instructions.keyword)
    return Piece(
        title=title,
        slug=slug(title),
        excerpt=shorten(chosen[0].text),
        markdown=laid.markdown,
        language=brief.language,
        label=LABELS.get(brief.language, LABELS["en"]),
        writer="offline",
        sources=tuple(source.article_id for source in laid.sources),
        citations=citations,
        warnings=cautions.review(laid.markdown, parts, citations, brief.sources, "offline"),
        notes=notes,
        meta_title=told.meta_title,
        meta_description=told.meta_description,
        keywords=told.keywords,
    )


def candidates(sources: Sequence[SourceText]) -> list[Candidate]:
    """The sentences of these sources that may be quoted, each once."""
    seen: set[str] = set()
    found = []
    for source in _spread(sources):
        for candidate in _quotable(source):
            words = " ".join(candidate.text.lower().split())
            if words not in seen:
                seen.add(words)
                found.append(candidate)
    return found


def _spread(sources: Sequence[SourceText]) -> list[SourceText]:
    """At most eight sources, one of each outlet before a second of any."""
    rounds: dict[str, int] = {}
    ranked: list[tuple[int, int, SourceText]] = []
    for source in sources:
        rounds[source.outlet] = rounds.get(source.outlet, 0) + 1
        ranked.append((rounds[source.outlet], len(ranked), source))
    return [source for _, _, source in sorted(ranked, key=lambda entry: entry[:2])[:MOST_SOURCES]]


def _quotable(source: SourceText) -> Iterator[Candidate]:
    suspicious = injection.suspicions(source.text)
    parts = sentences.split(source.text, source.language)[:MOST_PER_SOURCE]
    for position, part in enumerate(parts):
        talks_to_machine = any(bad.start < part.end and part.start < bad.end for bad in suspicious)
        if not talks_to_machine and _is_prose(part.text):
            yield Candidate(source, position, part.start, part.end, part.text)


def _is_prose(text: str) -> bool:
    return (
        len(text.split()) in WORDS
        and len(text) <= 600
        and _COMPLETE.search(text) is not None
        and not _BOILERPLATE.search(text)
        and injection.visible(text) == text
        and not markup.has_address(text)
    )


def _choose(found: Sequence[Candidate], embed: Embed) -> list[Candidate]:
    vectors = embed([candidate.text for candidate in found])
    weights = [candidate.weight for candidate in found]
    rows = summary.select(vectors, SENTENCES, weights=weights)
    return [found[row] for row in _two_outlets(rows, found, vectors, weights)]


def _two_outlets(rows: list[int], found: Sequence[Candidate], vectors: Any, weights: list[float]) -> list[int]:
    """Where another outlet has something to say, it says at least one sentence."""
    outlets = {found[row].source.outlet for row in rows}
    others = [row for row, candidate in enumerate(found) if candidate.source.outlet not in outlets]
    if len(outlets) > 1 or not others:
        return rows
    best = summary.select(vectors[others], 1, weights=[weights[row] for row in others])[0]
    return [*rows[: SENTENCES - 1], others[best]]


def _in_order(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The lead, the rest of its source, then the other sources by time; inside a source as it stood there."""
    lead = max(chosen, key=lambda candidate: (candidate.weight, -_time(candidate).timestamp()))

    def place(candidate: Candidate) -> tuple[bool, bool, datetime, int, int]:
        elsewhere = candidate.source.article_id != lead.source.article_id
        return candidate is not lead, elsewhere, _time(candidate), candidate.source.number, candidate.position

    return sorted(chosen, key=place)


def _time(candidate: Candidate) -> datetime:
    return candidate.source.published_at or datetime(9999, 1, 1, tzinfo=UTC)


def _paragraphs(chosen: Sequence[Candidate]) -> list[list[Candidate]]:
    """A paragraph for each source."""
    paragraphs: list[list[Candidate]] = []
    for candidate in chosen:
        if paragraphs and paragraphs[-1][-1].source.article_id == candidate.source.article_id:
            paragraphs[-1].append(candidate)
        else:
            paragraphs.append([candidate])
    return paragraphs
