"""The metrics of a text in words, and its sources with what it takes from them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand.articles import passages
from stonehand.drafts.metrics import READY, Metrics
from stonehand.drafts.pieces import SourceText, shorten
from stonehand.nlp.quality import Part
from stonehand.web.pages.parts import Badge
from stonehand.web.pages.posts import Figure, Line, MetricsView, PanelQuote, PanelSource, ScorePart
from stonehand.web.words import number, plural

LONGEST = 140  # characters of a sentence in a list
KINDS = {
    "verbatim": Badge("word for word", "good"),
    "supported": Badge("in other words", "good"),
    "unsupported": Badge("no source says this", "bad"),
}
QUOTED = Badge("quoted, word for word", "good")
PARTS = {
    "keyword_in_title": "Keyword in the title",
    "title_length": "Length of the title",
    "title_starts": "Title begins with it",
    "keyword_in_meta": "Keyword in the description",
    "meta_length": "Length of the description",
    "words": "Length of the text",
    "keyword_density": "How often the keyword comes",
    "keyword_early": "Keyword comes early",
    "readability": "Readability",
    "second_heading": "A heading (##)",
    "third_heading": "A heading below (###)",
    "list": "A list",
    "three_headings": "Three headings (##)",
}


def view(found: Metrics, markdown: str, sources: Sequence[SourceText]) -> MetricsView:
    """What was measured, the parts with most to gain first."""
    parts = sorted(found.seo.parts, key=lambda part: part.points - part.most)
    return MetricsView(
        score=found.seo.score,
        verdict=_verdict(found.seo.score),
        parts=tuple(map(_part, parts)),
        figures=_figures(found, sources),
        sentences=_sentences(found, markdown, sources),
        quotations=_quotations(found, sources),
        hard=tuple(
            Line(_short(markdown, one.start, one.end), Badge(plural(one.words, "word"), "warn"), one.start, one.end)
            for one in found.hard
        ),
        headings=tuple(
            Line(one.text, Badge("#" * one.level), one.start, one.start + one.level + 1 + len(one.text))
            for one in found.headings
        ),
        links=tuple(
            (link.url, Badge("a source", "good") if link.to_source else Badge("not a source", "bad"))
            for link in found.links
        ),
        warnings=tuple(each.text for each in found.warnings if each.kind != "unsupported"),
    )


def _verdict(score: float) -> Badge:
    if score >= READY:
        return Badge("ready", "good")
    return Badge("usable", "busy") if score >= 30 else Badge("weak", "warn")


def _part(part: Part) -> ScorePart:
    """What is missing is said by its advice alone, except lengths, where the number tells how far it is."""
    told = not part.reason.startswith("not so: ") or part.name in ("title_length", "meta_length")
    reason = part.reason.removeprefix("not so: ") if told else ""
    return ScorePart(PARTS[part.name], part.points, part.most, reason[:1].upper() + reason[1:], part.advice)


def _figures(found: Metrics, sources: Sequence[SourceText]) -> tuple[Figure, ...]:
    easy, copied = found.readability, found.copied
    outlet = next((source.outlet for source in sources if source.article_id == copied.article_id), "")
    keyword = f"of “{found.keyword}”; 1 to 2.5 is best" if found.keyword else "name a keyword first"
    run = f"from {outlet}; {copied.share:.0%} of the text" if copied.longest else "nothing of five words or more"
    return (
        Figure("words", number(found.words), f"{found.minutes:g} min to read"),
        Figure("reading ease", f"{easy.ease:.0f}", f"of 100, by {easy.formula}"),
        Figure("keyword in 100 words", f"{found.seo.density:g}", keyword),
        Figure("words copied in a row", number(copied.longest), run),
        Figure("sentences", number(found.sentences), _supported(found)),
        Figure("quotations", number(len(found.quotations)), _proven(found)),
    )


def _supported(found: Metrics) -> str:
    missing = found.count("unsupported")
    return f"{number(missing)} without a source" if missing else "each has a source" if found.sentences else ""


def _proven(found: Metrics) -> str:
    proven = sum(each.is_proven for each in found.quotations)
    return f"{number(proven)} proven word for word" if found.quotations else "nothing in quotation marks"


def _short(markdown: str, start: int, end: int) -> str:
    return shorten(markdown[start:end], LONGEST)


def _sentences(found: Metrics, markdown: str, sources: Sequence[SourceText]) -> tuple[Line, ...]:
    by_id = {source.article_id: source for source in sources}
    return tuple(
        Line(
            _short(markdown, one.start, one.end),
            KINDS[one.kind],
            one.start,
            one.end,
            _in_article(by_id.get(one.article_id or ""), one.source_start) if one.kind != "unsupported" else "",
        )
        for one in found.cited
    )


def _quotations(found: Metrics, sources: Sequence[SourceText]) -> tuple[Line, ...]:
    by_id = {source.article_id: source for source in sources}
    lines = []
    for one in found.quotations:
        source = by_id.get(one.article_id or "")
        place = f"characters {one.source_start}–{one.source_end} of source {source.number}" if source else ""
        badge = Badge(place, "good") if source else Badge("in no source", "bad")
        lines.append(
            Line(shorten(one.words, LONGEST), badge, one.start, one.end, _in_article(source, one.source_start))
        )
    return tuple(lines)


def _in_article(source: SourceText | None, start: int | None) -> str:
    if source is None:
        return ""
    return f"/articles/{source.article_id}#at-{passages.start_of(source.text, start or 0)}"


def sources(found: Metrics, texts: Sequence[SourceText], numbered: Sequence[str]) -> tuple[PanelSource, ...]:
    """The numbered sources, each with what the text takes from it, in the order of the text."""
    by_id = {source.article_id: source for source in texts}
    return tuple(_source(by_id[id_], at, found) for at, id_ in enumerate(numbered, 1) if id_ in by_id)


def _source(source: SourceText, at: int, found: Metrics) -> PanelSource:
    quotes = tuple(
        PanelQuote(one.quote, one.start, one.end, KINDS[one.kind], _in_article(source, one.source_start))
        for one in found.cited
        if one.article_id == source.article_id and one.kind != "unsupported"
    )
    quotes += tuple(
        PanelQuote(one.words, one.start, one.end, QUOTED, _in_article(source, one.source_start))
        for one in found.quotations
        if one.article_id == source.article_id
    )
    return PanelSource(
        at,
        source.title or source.url,
        source.outlet,
        f"/articles/{source.article_id}",
        f"[{at}]",
        quotes,
        source.published_at,
    )
