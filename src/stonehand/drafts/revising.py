"""Makes a checked piece of what a person typed."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand.drafts import cautions, citations, extractive, markup, spans
from stonehand.drafts.citations import Embed
from stonehand.drafts.errors import TextUnacceptable
from stonehand.drafts.pieces import Brief, Piece, Warned, shorten, slug
from stonehand.drafts.wording import NO_HEADS, Heads, checked

LONGEST = 100_000  # characters
LABELS = {
    "en": "Edited by a person from the numbered sources.",
    "de": "Von einem Menschen anhand der bezifferten Quellen bearbeitet.",
}
WRITTEN = {
    "en": "Written by a person from the numbered sources.",
    "de": "Von einem Menschen anhand der bezifferten Quellen geschrieben.",
}


def revise(
    brief: Brief,
    title: str,
    markdown: str,
    earlier_label: str,
    known: Sequence[Warned] | None = None,
    embed: Embed | None = None,
    heads: Heads = NO_HEADS,
) -> Piece:
    """A piece with every sentence checked anew. Raises `TextUnacceptable`.

    Raw HTML may never go out. Links away from the sources and unfilled places become warnings. `known` are warnings
    about the sources that need not be found again. Without an `earlier_label` it is a person's own text.
    """
    said = checked(heads)
    text, title = markdown.replace("\r\n", "\n").replace("\r", "\n"), shorten(title, 300)
    _refuse(text, title, brief)
    parts = spans.find(text, brief.language)
    if not parts:
        raise TextUnacceptable("the text has no sentence; write at least one, or reject the draft")
    cited = tuple(citations.check(parts, brief.sources, embed))
    about_sources = cautions.of_sources(brief.sources) if known is None else known
    return Piece(
        title=title,
        slug=said.slug or slug(title),
        excerpt=said.excerpt or shorten(parts[0].words),
        markdown=text,
        language=brief.language,
        label=label(earlier_label, brief.language),
        writer="person",
        sources=tuple(source.article_id for source in brief.sources),
        citations=cited,
        warnings=(*about_sources, *cautions.of_text(text, parts, cited, brief.sources, "person")),
        meta_title=said.meta_title,
        meta_description=said.meta_description,
        keywords=said.keywords,
        image_url=said.image_url,
        image_alt=said.image_alt,
        categories=said.categories,
    )


def _refuse(text: str, title: str, brief: Brief) -> None:
    if not title:
        raise TextUnacceptable("the piece has no title; give it one")
    if len(text) > LONGEST:
        raise TextUnacceptable(f"the text is longer than {LONGEST:,} characters; shorten it")
    for problem in markup.problems(text, [source.url for source in brief.sources]):
        if problem.kind == markup.HTML:
            raise TextUnacceptable(f"the text holds {problem.text}; write Markdown, or put a backslash before the “<”")


def label(earlier: str, language: str) -> str:
    """How the text was written, keeping what was said of the revision before."""
    edited, written = LABELS.get(language, LABELS["en"]), WRITTEN.get(language, WRITTEN["en"])
    if earlier in ("", written):
        return written
    if earlier == extractive.LABELS.get(language, extractive.LABELS["en"]):
        earlier = extractive.EDITED_LABELS.get(language, extractive.EDITED_LABELS["en"])
    return earlier if edited in earlier else f"{earlier} {edited}".strip()
