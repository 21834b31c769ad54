"""What can be measured of a text while somebody writes it: for readers, for search engines, and against its sources.

Pure. The score for search engines is that of `nlp.seo`, which the rubric *Search engines* uses, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stonehand.drafts import cautions, citations, markup, originality, quotations, spans
from stonehand.drafts.escaping import plain
from stonehand.drafts.originality import Overlap
from stonehand.drafts.pieces import Cited, SourceText, Warned, shorten
from stonehand.drafts.quotations import Quotation
from stonehand.drafts.spans import Span as Sentence
from stonehand.drafts.wording import Wording
from stonehand.nlp import lexical, prose, readability, seo
from stonehand.nlp.readability import Readability
from stonehand.nlp.seo import Seo

WORDS_A_MINUTE = 238  # silent reading, non-fiction (Brysbaert 2019)
READY = 70  # points for search engines from which on a text is ready
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
NOTHING_COPIED = Overlap("", 0, 0.0)


@dataclass(frozen=True)
class Heading:
    """A heading at `start` of the Markdown."""

    level: int
    text: str
    start: int


@dataclass(frozen=True)
class Link:
    """Where a link leads, and whether that is a source."""

    url: str
    to_source: bool


@dataclass(frozen=True)
class Hard:
    """A sentence at `start:end` of the Markdown that is hard to read, with its number of words."""

    start: int
    end: int
    words: int


@dataclass(frozen=True)
class Metrics:
    """All of it. `cited` has one entry for each sentence, offsets count characters of the Markdown."""

    language: str
    keyword: str
    seo: Seo
    words: int
    minutes: float
    sentences: int
    readability: Readability
    hard: tuple[Hard, ...]
    copied: Overlap
    cited: tuple[Cited, ...]
    quotations: tuple[Quotation, ...]
    links: tuple[Link, ...]
    headings: tuple[Heading, ...]
    warnings: tuple[Warned, ...]

    def count(self, kind: str) -> int:
        """How many sentences are verbatim, supported or unsupported."""
        return sum(one.kind == kind for one in self.cited)


def measure(worded: Wording, sources: Sequence[SourceText], language: str) -> Metrics:
    """The metrics of a text that may be unfinished or empty. The first keyword is the one that is looked for."""
    parts = spans.find(worded.markdown, language)
    cited = tuple(citations.check(parts, sources))
    body = prose.body(worded.markdown)
    easy = readability.read("\n".join(part.words for part in parts), language)
    keyword = worded.heads.keywords[0] if worded.heads.keywords else ""
    length = len(lexical.words(body))
    return Metrics(
        language=language,
        keyword=keyword,
        seo=seo.score(_page(worded, parts, keyword, body, easy.ease)),
        words=length,
        minutes=round(length / WORDS_A_MINUTE, 1),
        sentences=len(parts),
        readability=easy,
        hard=_hard(parts, easy),
        copied=_copied(parts, sources),
        cited=cited,
        quotations=tuple(quotations.find(worded.markdown, sources)),
        links=_links(worded.markdown, sources),
        headings=_headings(worded.markdown),
        warnings=cautions.of_text(worded.markdown, parts, cited, sources, "person"),
    )


def words(markdown: str) -> int:
    """How many words of a text its readers read."""
    return len(lexical.words(prose.body(markdown)))


def _page(worded: Wording, parts: Sequence[Sentence], keyword: str, body: str, ease: float) -> seo.Page:
    """What a search engine would be shown."""
    heads = worded.heads
    described = heads.meta_description or heads.excerpt or (shorten(parts[0].words) if parts else "")
    return seo.Page(heads.meta_title or worded.title, described, keyword, body, ease)


def _hard(parts: Sequence[Sentence], easy: Readability) -> tuple[Hard, ...]:
    wanted = {span.text for span in easy.hard}
    return tuple(Hard(part.start, part.end, len(part.words.split())) for part in parts if part.words in wanted)


def _copied(parts: Sequence[Sentence], sources: Sequence[SourceText]) -> Overlap:
    found = originality.measure(" ".join(part.words for part in parts), sources)
    return found[0] if found and found[0].longest else NOTHING_COPIED


def _links(markdown: str, sources: Sequence[SourceText]) -> tuple[Link, ...]:
    urls = [source.url for source in sources]
    targets = dict.fromkeys(markup.links(prose.before_sources(markdown)))
    return tuple(Link(target, markup.allowed(target, urls)) for target in targets)


def _headings(markdown: str) -> tuple[Heading, ...]:
    found = _HEADING.finditer(prose.before_sources(markdown))
    return tuple(Heading(len(match[1]), plain(match[2]), match.start()) for match in found)
