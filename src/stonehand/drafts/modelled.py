"""Turns a language model's typed answer into a piece. Nothing in it can become markup, a link or an approval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from stonehand.drafts import answers, cautions, citations, layout, metas, prompts, proofreading, spans, titles
from stonehand.drafts.answers import WrittenDigest, WrittenPiece, WrittenSection
from stonehand.drafts.citations import Embed
from stonehand.drafts.layout import Line, Part
from stonehand.drafts.pieces import Brief, Cited, Piece, SourceText, Warned, shorten, slug
from stonehand.errors import Rejected

SENTENCES_A_PARAGRAPH = 3
MOST_UNSUPPORTED = 0.5  # share of sentences from which on the model is asked once more
HEADING, TITLE = 120, 160  # characters
LABELS = {
    "en": "Written by a language model ({model}) from the numbered sources.",
    "de": "Von einem Sprachmodell ({model}) aus den bezifferten Quellen geschrieben.",
}
"""How it was written, and no more: who will approve it, a person or a policy that a person made, nobody knows yet, and
the label is part of what is approved."""


class PieceUnusable(Rejected):
    """A model's piece cannot be used."""


@dataclass(frozen=True)
class Reading:
    """What holds of an answer. `faults` are for the model to mend, in our words; `fatal` says why there is no piece,
    if so."""

    piece: Piece | None
    faults: tuple[str, ...]
    fatal: str = ""
    cost_micro: int = 0


@dataclass
class _Kept:
    """The sentences that may stand, and what was wrong with the others."""

    parts: list[Part] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    total: int = 0
    bad: int = 0
    repeated: int = 0


def read(brief: Brief, written: WrittenPiece | WrittenDigest, model: str, cost_micro: int, embed: Embed) -> Reading:
    """A checked piece, or why there can be none."""
    known = proofreading.known_numbers(brief.sources)
    kept = _kept(brief, written, known)
    faults = [*_missing(brief, written), *kept.faults]
    if not kept.said:
        return Reading(None, tuple(faults), "no sentence of the language model's answer could be used", cost_micro)
    language = prompts.language_of(brief)
    laid = layout.lay_out(kept.parts, brief.sources, language)
    parts = spans.find(laid.markdown, language)
    cited = tuple(citations.check(parts, laid.sources, embed))
    about_all = list(proofreading.whole(" ".join(kept.said), brief.instructions.words, language))
    title, title_fault = _title(brief, written, kept, known)
    faults += [*title_fault, *about_all, *_unsupported(brief, cited)]
    fatal = _fatal(brief, kept, cited, about_all)
    if fatal:
        return Reading(None, tuple(faults), fatal, cost_micro)
    own = metas.derived(title, [span.words for span in parts], language, brief.instructions.keyword)
    text = " ".join([title, *kept.said, *(source.text for source in laid.sources)])
    told = metas.checked(written, own, text, known, brief.instructions.keyword)
    piece = Piece(
        title=title,
        slug=slug(title),
        excerpt=shorten(parts[0].words),
        markdown=laid.markdown,
        language=language,
        label=LABELS.get(language, LABELS["en"]).format(model=model),
        writer="model",
        sources=tuple(source.article_id for source in laid.sources),
        citations=cited,
        warnings=(
            *_dropped(kept),
            *(Warned("length", f"{each}.") for each in about_all),
            *_translated(brief),
            *cautions.review(laid.markdown, parts, cited, brief.sources, "model"),
        ),
        model=model,
        prompt_version=prompts.prompt_of(brief).label,
        cost_micro=cost_micro,
        meta_title=told.meta_title,
        meta_description=told.meta_description,
        keywords=told.keywords,
    )
    return Reading(piece, tuple(faults), cost_micro=cost_micro)


def _kept(brief: Brief, written: WrittenPiece | WrittenDigest, known: set[str]) -> _Kept:
    found = _Kept()
    headings = [titles.own(each.title, f"{at}.") for at, each in enumerate(brief.sections, 1)]
    every = list(answers.sections(written, headings))
    again = proofreading.repeated([each.text for section in every for each in section.sentences])
    by_number = {source.number: source for source in brief.sources}
    for section in every:
        ours = isinstance(written, WrittenDigest)
        allowed = set(brief.sections[headings.index(section.heading)].numbers) if ours else set(by_number)
        lines = list(_lines(section, {at: by_number[at] for at in allowed & set(by_number)}, again, found))
        heading = section.heading if ours else _heading(section, known, found)
        found.parts += _parts(lines, heading, section) if lines else []
    return found


def _lines(section: WrittenSection, sources: dict[int, SourceText], again: set[int], found: _Kept) -> Iterator[Line]:
    for each in section.sentences:
        at, found.total = found.total, found.total + 1
        named = tuple(number for number in each.sources if number in sources)
        wrong = proofreading.sentence(each.text, list(sources.values()))
        if wrong:
            found.bad += 1
            found.faults.append(f"sentence {at + 1} {wrong}")
        elif at in again:
            found.repeated += 1
            found.faults.append(f"sentence {at + 1} says again what one before it said")
        else:
            text = " ".join(each.text.split())
            found.said.append(text)
            yield text, named


def _heading(section: WrittenSection, known: set[str], found: _Kept) -> str:
    if not section.heading.strip():
        return ""
    wrong = proofreading.line(section.heading, known)
    if wrong:
        found.faults.append(f"a subheading {wrong}")
    return "" if wrong else shorten(section.heading, HEADING)


def _parts(lines: Sequence[Line], heading: str, section: WrittenSection) -> list[Part]:
    if section.form == "list":
        return [Part(tuple(lines), heading, section.level, is_list=True)]
    starts = range(0, len(lines), SENTENCES_A_PARAGRAPH)
    return [
        Part(tuple(lines[at : at + SENTENCES_A_PARAGRAPH]), heading if at == 0 else "", section.level) for at in starts
    ]


def _missing(brief: Brief, written: WrittenPiece | WrittenDigest) -> list[str]:
    if not isinstance(written, WrittenDigest):
        return []
    told = {story.number for story in written.stories}
    return [f"story {at} is missing" for at in range(1, len(brief.sections) + 1) if at not in told]


def _title(brief: Brief, written: WrittenPiece | WrittenDigest, kept: _Kept, known: set[str]) -> tuple[str, list[str]]:
    """The title, or ours where it does not hold; a digest keeps its own."""
    own, said = titles.own(brief.title, kept.said[0]), shorten(written.title, TITLE)
    if isinstance(written, WrittenDigest):
        return own, []
    wrong = proofreading.line(said, known)
    return (own, [f"the title {wrong}"]) if wrong else (said, [])


def _same_language(brief: Brief) -> bool:
    return prompts.language_of(brief) == brief.language


def _unsupported(brief: Brief, cited: Sequence[Cited]) -> list[str]:
    """Words can only be compared within one language."""
    count = sum(one.kind == citations.UNSUPPORTED for one in cited)
    if not _same_language(brief) or count <= MOST_UNSUPPORTED * len(cited):
        return []
    return [f"{count} of {len(cited)} sentences say what their sources do not say"]


def _fatal(brief: Brief, kept: _Kept, cited: Sequence[Cited], about_all: Sequence[str]) -> str:
    if kept.bad * 2 > kept.total:
        return f"{kept.bad} of {kept.total} sentences of the language model's answer could not be used"
    broken = [each for each in about_all if "language" in each or "repeats" in each]
    if broken:
        return broken[0]
    if _same_language(brief) and all(one.kind == citations.UNSUPPORTED for one in cited):
        return "nothing in the language model's answer is supported by the sources"
    return ""


def _dropped(kept: _Kept) -> list[Warned]:
    count = kept.bad + kept.repeated
    if not count:
        return []
    what = "1 sentence" if count == 1 else f"{count} sentences"
    why = "; ".join(kept.faults[:3])
    return [Warned("dropped", f"{what} of the language model could not be used and left out: {why}.")]


def _translated(brief: Brief) -> list[Warned]:
    if _same_language(brief):
        return []
    said = "The text is in another language than its sources, so that no sentence can be checked by its words."
    return [Warned("translated", f"{said} Compare every one with its source.")]
