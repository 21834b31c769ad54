"""What a reviewer should know before deciding."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from stonehand.drafts import markup, originality
from stonehand.drafts.pieces import Cited, SourceText, Warned, shorten
from stonehand.drafts.spans import Span
from stonehand.nlp.stopwords import stopwords
from stonehand.prompts import injection

LONGEST_RUN = 15  # words a text of one's own may share with a source before the reviewer hears of it
MOST_DISAGREEMENTS = 3
OF_SOURCES = frozenset({"injection", "numbers"})
_YEAR = re.compile(r"(19|20)\d\d")
_PLURAL = re.compile(r"\w{3,}[snre]|people|children|women", re.IGNORECASE)
_COUNTED = re.compile(r"\b(\d+(?:[.,]\d+)*)\s+([^\W\d_]+)(?:\s+([^\W\d_]+))?")
_UNIT_WORDS = """
thousand million billion trillion percent years months weeks days hours minutes seconds times metres meters kilometres
kilometers miles feet tonnes tons dollars euros pounds degrees january february march april june july august september
october november december prozent jahre jahren monate wochen tage tagen stunden minuten meter kilometer millionen
milliarden
"""
_UNITS = frozenset(_UNIT_WORDS.split())


def review(
    markdown: str, spans: Sequence[Span], cited: Sequence[Cited], sources: Sequence[SourceText], writer: str
) -> tuple[Warned, ...]:
    """Every warning about a text, its citations and its sources, the gravest first."""
    return (*of_sources(sources), *of_text(markdown, spans, cited, sources, writer))


def of_sources(sources: Sequence[SourceText]) -> tuple[Warned, ...]:
    """What the sources alone give reason for. Kinds are in `OF_SOURCES`."""
    return (*_injections(sources), *disagreements(sources))


def of_text(
    markdown: str, spans: Sequence[Span], cited: Sequence[Cited], sources: Sequence[SourceText], writer: str
) -> tuple[Warned, ...]:
    """What a text and its citations give reason for."""
    return (
        *markup.problems(markdown, [source.url for source in sources]),
        *_unsupported(cited),
        *_few_outlets(cited, sources),
        *_copied(spans, sources, writer),
    )


def _injections(sources: Sequence[SourceText]) -> list[Warned]:
    found = []
    for source in sources:
        suspicions = injection.suspicions(source.text)
        if suspicions:
            first, reasons = suspicions[0], dict.fromkeys(one.reason for one in suspicions)
            near = injection.visible(source.text[max(0, first.start - 20) : first.end + 60])
            found.append(
                Warned(
                    "injection",
                    f"{_named(source)} {', '.join(reasons)}: “{shorten(near, 140)}”."
                    " Such sentences were not used; treat the rest of this source with care.",
                )
            )
    return found


def _named(source: SourceText) -> str:
    return f"{source.outlet or 'A source'} (“{shorten(source.title, 60)}”)"


def _unsupported(cited: Sequence[Cited]) -> list[Warned]:
    count = sum(one.kind == "unsupported" for one in cited)
    if not count:
        return []
    what = "1 sentence is" if count == 1 else f"{count} sentences are"
    return [Warned("unsupported", f"{what} not supported by the sources; they are marked in the text.")]


def _few_outlets(cited: Sequence[Cited], sources: Sequence[SourceText]) -> list[Warned]:
    used = {one.article_id for one in cited if one.kind != "unsupported"}
    outlets = {source.outlet for source in sources if source.article_id in used}
    if len(outlets) != 1:
        return []
    return [Warned("single_outlet", f"Everything here rests on one outlet: {outlets.pop() or 'unnamed'}.")]


def _copied(spans: Sequence[Span], sources: Sequence[SourceText], writer: str) -> list[Warned]:
    overlaps = originality.measure(" ".join(span.words for span in spans), sources)
    if not overlaps or overlaps[0].longest <= LONGEST_RUN:
        return []
    worst = overlaps[0]
    source = next(source for source in sources if source.article_id == worst.article_id)
    facts = f"the longest copied run is {worst.longest} words, from {_named(source)}"
    if writer == "offline":
        return [
            Warned("verbatim", f"Every sentence is a quotation by design; {facts}. Check that you may quote this much.")
        ]
    return [Warned("copied", f"Words were copied: {facts}, which makes up {worst.share:.0%} of the text.")]


def disagreements(sources: Sequence[SourceText]) -> list[Warned]:
    """Where two outlets count the same thing differently: "12 people" here and "15 people" there."""
    counts: dict[str, dict[str, str]] = defaultdict(dict)
    for source in sources:
        common = stopwords(source.language) | _UNITS
        for number, *words in _COUNTED.findall(source.text):
            for word in words:
                if _PLURAL.fullmatch(word) and word.lower() not in common and not _YEAR.fullmatch(number):
                    counts[word.lower()].setdefault(source.outlet, number)
    found = [
        Warned(
            "numbers", f"Sources disagree on “{word}”: " + ", ".join(f"{who} says {n}" for who, n in said.items()) + "."
        )
        for word, said in counts.items()
        if len(said) > 1 and len(set(said.values())) > 1
    ]
    return found[:MOST_DISAGREEMENTS]
