"""A letter's blocks into what it names: sections of a newsletter, links of a note, or one text of its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from stonehand.sources.letters import links
from stonehand.sources.letters.blocks import Block, Link

MOST_ITEMS = 150
LONGEST_TITLE, LONGEST_SUMMARY = 300, 1_500  # characters
ESSAY = 120  # words a link, from which on a letter is a text of its own
SHORTEST_TEXT = 25  # words
GO_ON = re.compile(
    r"(read|learn|find out|see|show|continue|watch|listen|discover|get|view|weiter|mehr|jetzt|lire|en savoir|leer|"
    r"leggi|lees|click|full|here|hier|zum|more|link|source|quelle|article|artikel|»|→|>|›|…|\.\.\.)\b.{0,40}|[^\w]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Named:
    """A page that a letter names. `is_aside` if it only stands in the flow of the letter's own text."""

    url: str
    title: str
    summary: str = ""
    is_aside: bool = False


@dataclass(frozen=True)
class Split:
    """What is in a letter. `html` is its own text, if it is more than a frame for links; `more` were left out."""

    named: tuple[Named, ...] = ()
    html: str = ""
    more: int = 0


@dataclass
class _Section:
    """A heading and what stands under it."""

    heading: Block | None = None
    blocks: list[Block] = field(default_factory=list)


def split(blocks: Sequence[Block], unsubscribe: Collection[str] = ()) -> Split:
    """Tell apart what a letter names. Links of its frame (leaving the list, sharing, notices) are gone afterwards."""
    kept = [each for each in (_stripped(block, unsubscribe) for block in without_frame(blocks)) if each]
    found: dict[str, Named] = {}
    for section in _sections(kept):
        for named in _named(section):
            known = found.get(named.url)
            if known is None or (len(known.title) < len(named.title) and not known.summary):
                found[named.url] = named
    words = sum(block.words for block in kept if not block.is_heading)
    is_essay = words >= SHORTEST_TEXT and words > ESSAY * sum(not each.is_aside for each in found.values())
    listed = list(found.values())
    if not is_essay:
        listed = [Named(each.url, each.title, each.summary) for each in listed]
    return Split(tuple(listed[:MOST_ITEMS]), _html(kept) if is_essay else "", max(0, len(listed) - MOST_ITEMS))


def without_frame(blocks: Sequence[Block]) -> list[Block]:
    """The blocks up to where readers are told how to leave the list, and no such line before."""
    leaving = [at for at, block in enumerate(blocks) if links.FURNITURE_WORDS.search(block.text) and block.words < 120]
    end = next((at for at in leaving if 2 * at >= len(blocks) and at >= 3), len(blocks))
    return [block for at, block in enumerate(blocks[:end]) if at not in leaving]


def _stripped(block: Block, unsubscribe: Collection[str]) -> Block | None:
    kept: dict[str, Link] = {}
    for link in block.links:
        url = links.cleaned(link.url)
        if url is None or links.is_furniture(url, link.text) or links.is_furniture(link.url, link.text):
            continue
        if unsubscribe and (links.same(link.url, unsubscribe) or links.same(url, unsubscribe)):
            continue
        known = kept.get(url)
        kept[url] = Link(url, max(link.text, known.text if known else "", key=len))
    if block.links and not kept and block.words <= 12:
        return None  # only furniture
    return Block(block.text, tuple(kept.values()), block.is_heading) if block.text or kept else None


def _sections(blocks: Sequence[Block]) -> Iterator[_Section]:
    section = _Section()
    for block in blocks:
        if block.is_heading and not _leads_on(block):
            yield section
            section = _Section(block)
        else:
            section.blocks.append(block)
    yield section


def _leads_on(block: Block) -> bool:
    """Whether a block is only a "read more", which belongs to what stands before it."""
    return bool(block.links) and bool(GO_ON.fullmatch(block.text))


def _named(section: _Section) -> Iterator[Named]:
    """The page of the heading, or the one that its text leads on to; and each other page that the text names."""
    heading, blocks = section.heading, section.blocks
    main = heading.links[0] if heading and heading.links else None
    summary = " ".join(block.text for block in blocks if block.text and not _leads_on(block))
    onward = [link for block in blocks for link in block.links]
    if heading and main is None:
        leading = [link for link in onward if GO_ON.fullmatch(link.text)]
        alone = {link.url for link in onward}
        main = leading[0] if leading else onward[0] if len(alone) == 1 else None
    if heading and main:
        yield Named(main.url, _short(heading.text or main.text), _short(summary, LONGEST_SUMMARY))
        for link in heading.links[1:]:
            yield Named(link.url, _short(link.text or heading.text))
    for block in blocks:
        for link in block.links:
            if main is None or link.url != main.url:
                yield _within(block, link)


def _within(block: Block, link: Link) -> Named:
    """A page that a paragraph names."""
    alone = len(block.links) == 1
    says_little = bool(GO_ON.fullmatch(link.text))
    title = block.text if says_little and alone else link.text
    aside = block.words > 40 and len(link.text) < len(block.text) / 3 and not (says_little and alone)
    return Named(link.url, _short(title), _short(block.text, LONGEST_SUMMARY) if block.text != title else "", aside)


def _short(text: str, most: int = LONGEST_TITLE) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _html(blocks: Sequence[Block]) -> str:
    """The letter's own text, for reading it like a page."""
    return "\n".join(
        f"<h2>{escape(block.text)}</h2>" if block.is_heading else f"<p>{escape(block.text)}</p>"
        for block in blocks
        if block.text
    )
