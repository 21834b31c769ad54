"""The writer of digests: for each story its headline, and a sentence or two of its sources, verbatim."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand.drafts import cautions, extractive, layout, metas, spans, titles
from stonehand.drafts.citations import VERBATIM, Embed
from stonehand.drafts.errors import NothingToQuote
from stonehand.drafts.extractive import Candidate
from stonehand.drafts.pieces import Brief, Cited, Piece, shorten, slug
from stonehand.nlp import summary

SENTENCES = 2  # of a story


def write(brief: Brief, embed: Embed) -> Piece:
    """A piece with a section for each story that can be quoted. Raises `NothingToQuote`."""
    told = [(section.title, _chosen(brief, section.numbers, embed)) for section in brief.sections]
    told = [(titles.own(title, chosen[0].text), chosen) for title, chosen in told if chosen]
    if not told:
        raise NothingToQuote(f"“{brief.title}” has no sentence that can be quoted: its articles are too short")
    laid = layout.compose(
        [[(one.text, (one.source.number,)) for one in chosen] for _, chosen in told],
        brief.sources,
        brief.language,
        [title for title, _ in told],
    )
    flat = [one for _, chosen in told for one in chosen]
    cited = tuple(
        Cited(start, end, VERBATIM, one.source.article_id, one.start, one.end, one.text)
        for (start, end), one in zip(laid.places, flat, strict=True)
    )
    parts = spans.find(laid.markdown, brief.language)
    title = titles.own(brief.title, told[0][0])
    told_of = metas.derived(title, [one.text for one in flat], brief.language)
    return Piece(
        title=title,
        slug=slug(title),
        excerpt=shorten(" · ".join(title for title, _ in told)),
        markdown=laid.markdown,
        language=brief.language,
        label=extractive.LABELS.get(brief.language, extractive.LABELS["en"]),
        writer="offline",
        sources=tuple(source.article_id for source in laid.sources),
        citations=cited,
        warnings=cautions.of_text(laid.markdown, parts, cited, brief.sources, "offline")
        + tuple(warned for warned in cautions.of_sources(brief.sources) if warned.kind != "numbers"),
        meta_title=told_of.meta_title,
        meta_description=shorten(" · ".join(title for title, _ in told), metas.DESCRIPTION),
        keywords=told_of.keywords,
    )


def _chosen(brief: Brief, numbers: Sequence[int], embed: Embed) -> list[Candidate]:
    """The most telling sentences of these sources, as a reader would meet them."""
    found = extractive.candidates([source for source in brief.sources if source.number in numbers])
    if not found:
        return []
    weights = [one.weight for one in found]
    rows = summary.select(embed([one.text for one in found]), SENTENCES, weights=weights)
    return sorted((found[row] for row in rows), key=lambda one: (-one.weight, one.source.number, one.position))
