"""From the bytes of a page to an article. The one door: `extract`."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement

from stonehand.articles import arbiter, charsets, metadata
from stonehand.articles.arbiter import Reading
from stonehand.articles.blocks import blocks
from stonehand.articles.dates import Moment, Precision
from stonehand.articles.errors import Unreadable
from stonehand.articles.origins import Datum, Origins, origins
from stonehand.articles.words import words, words_of_article
from stonehand.sources import tag_guard

MOST_ELEMENTS = 60_000  # about five seconds of one core; the longest real articles have a third of it
FEWEST_WORDS = 8
LONGEST_TEXT = 300_000  # characters, about 50,000 words; what a page has beyond that is cut between paragraphs
EXCERPT = 300  # characters
TAIL = 40  # characters of a description by which its place in the text is found
KINDS = {b"%PDF": "a PDF file", b"\x89PNG": "an image", b"GIF8": "an image", b"\xff\xd8\xff": "an image"} | {
    b"PK\x03\x04": "an archive",
    b"\x1f\x8b": "a compressed file",
}
STYLED: Any = XPath("//body//*[@hidden or @style]")
CLOAK = re.compile(r"display:none|visibility:hidden|font-size:0(?:px)?(?:;|$)")
# What opens at a click is seen by readers: answers, accordions, "read more".
DISCLOSED = re.compile(r"faq|answer|accordion|collaps|expand|toggle|more|less|tab|panel|detail", re.IGNORECASE)
COUNT: Any = XPath("count(//*)")
# None of trafilatura's own: where it found little on a long page it would begin anew, twice, for a sixth of its time.
# The blocks are better at such pages.
ONCE = "once"
BLOCK_LINE = re.compile(r"[-|] |\d+\. ")

# What it says about single pages is in the error or in the result.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Hints:
    """What is known before the page is read: when it was fetched, its HTTP charset, and what the feed said."""

    seen_at: datetime
    charset: str | None = None
    title: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    published_precision: Precision = "time"
    language: str | None = None

    def published(self, latest: datetime) -> Moment | None:
        """When it was published, unless that is after `latest`."""
        known = self.published_at if self.published_at and self.published_at <= latest else None
        return Moment(known, self.published_precision) if known else None


@dataclass(frozen=True)
class Extracted:
    """An article. `text` has blank lines between its paragraphs; `language` is what the page declares, if it does.

    `origins` says for each datum that was found where it comes from and how far it can be trusted.
    """

    title: str
    text: str
    author: str | None
    published_at: datetime | None
    published_precision: Precision | None
    language: str | None
    image: str | None
    site: str | None
    licence: str | None
    canonical_url: str | None
    excerpt: str
    origins: Origins


def extract(html: bytes, url: str, hints: Hints) -> Extracted:
    """Read one page. Raises `Unreadable` with the reason if it holds no article.

    The tree is parsed once; libxml2 cuts nesting at 256 levels, so nothing that recurses over it can overflow.
    """
    tree = seen(html, hints.charset)
    latest = hints.seen_at + timedelta(days=1)
    about = metadata.read(tree, url, latest, hints.published(latest))
    chosen = reading(tree, url)
    text = _text(chosen.lines)
    title = about.title or _hinted(hints.title) or Datum(_shortened(text.split("\n", 1)[0], 120), "first line")
    if title.origin != "first line":
        text = _without_headline(text, title.value)
    author, language = about.author or _hinted(hints.author), about.language or _hinted(hints.language)
    data = {"title": title, "author": author, "published": about.published, "language": language}
    data |= {"image": about.image, "site": about.site, "licence": about.licence}
    return Extracted(
        title=title.value,
        text=text,
        author=author.value if author else None,
        published_at=about.published.value.at if about.published else None,
        published_precision=about.published.value.precision if about.published else None,
        language=language.value if language else None,
        image=about.image.value if about.image else None,
        site=about.site.value if about.site else None,
        licence=about.licence.value if about.licence else None,
        canonical_url=about.canonical_url,
        excerpt=_shortened(_told_whole(about.description or "", text) or text.replace("\n\n", " "), EXCERPT),
        origins=origins(data) | {"text": {"origin": chosen.reader, "confidence": round(chosen.confidence, 2)}},
    )


def _hinted(value: str | None) -> Datum[str] | None:
    return Datum(value, "feed") if value else None


def seen(html: bytes, charset: str | None = None) -> HtmlElement:
    """The tree of a page without what no reader sees. Raises `Unreadable`."""
    tree = parse(html, charset)
    _strip_hidden(tree)
    return tree


def parse(html: bytes, charset: str | None = None) -> HtmlElement:
    """The tree of a page, whatever its charset. Raises `Unreadable` if it is empty, not HTML, or too large."""
    from trafilatura.utils import load_html  # noqa: PLC0415  23 MB that only who reads pages shall hold

    _refuse_binary(html)
    text = charsets.decode(html, charset)
    if tag_guard.overloaded(text):
        raise Unreadable(f"a tag of the page has more than {tag_guard.MOST_ATTRIBUTES:,} attributes; it is no article")
    tree = load_html(text)
    if tree is None:
        raise Unreadable("the page is not HTML; there is nothing to read in it")
    if (elements := int(COUNT(tree))) > MOST_ELEMENTS:
        raise Unreadable(f"the page has {elements:,} elements, more than {MOST_ELEMENTS:,}; it is no article")
    return tree


def _refuse_binary(html: bytes) -> None:
    if not html.strip():
        raise Unreadable("the page is empty")
    kind = next((name for mark, name in KINDS.items() if html.startswith(mark)), None)
    wide = html.startswith((b"\xff\xfe", b"\xfe\xff"))
    if kind is None and not wide and html[:2048].count(0) > 4:
        kind = "binary data"
    if kind:
        raise Unreadable(f"the address holds {kind}, not a web page")


def _strip_hidden(tree: HtmlElement) -> None:
    """Drop what no reader sees, where instructions to machines hide. A page hidden until its script runs stays."""
    hidden = [element for element in STYLED(tree) if _is_hidden(element)]
    if not hidden:
        return
    scripts = sum(len(element.text or "") for element in tree.iter("script", "style"))
    most = (len(tree.text_content()) - scripts) / 2
    for element in hidden:
        if element.getparent() is not None and len(element.text_content()) < most:
            element.drop_tree()


def _is_hidden(element: HtmlElement) -> bool:
    cloaked = element.get("hidden") is not None or CLOAK.search(element.get("style", "").replace(" ", "").lower())
    return bool(cloaked) and not DISCLOSED.search(f"{element.get('class', '')} {element.get('id', '')}")


def reading(tree: HtmlElement, url: str) -> Reading:
    """The better of two readings: trafilatura's, and that of the blocks."""
    return arbiter.choose(blocks(tree), selected(tree, url))


def selected(tree: HtmlElement, url: str) -> str:
    """The lines that trafilatura takes for the content. Raises `Unreadable`. Leaves `tree` as it is."""
    import trafilatura  # noqa: PLC0415
    from trafilatura.settings import Extractor  # noqa: PLC0415

    options = Extractor(output_format="python", comments=False, url=url)
    options.focus = ONCE
    try:
        document: Any = trafilatura.bare_extraction(tree, url=url, options=options)
    except (RecursionError, AttributeError, KeyError, IndexError, AssertionError) as error:
        raise Unreadable(f"the page is too strange to read ({type(error).__name__})") from error
    return document.text if document and document.text else ""


def _text(lines: str) -> str:
    text = _paragraphs(lines)
    if (count := len(words_of_article(text))) < FEWEST_WORDS:
        found = f"{count} {'word' if count == 1 else 'words'} found"
        raise Unreadable(f"the page has no article text ({found}); it may need a login or JavaScript")
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT].rsplit("\n\n", 1)[0]


def _without_headline(text: str, title: str) -> str:
    """The text without a first paragraph that is its title: that stands above it anyway, and is no sentence of it."""
    first, _, rest = text.partition("\n\n")
    return rest if words(first) == words(title) and len(words(rest)) >= FEWEST_WORDS else text


def _paragraphs(lines: str) -> str:
    """One block a line into blocks with blank lines between; the rows of a list or table stay together."""
    blocks: list[str] = []
    together = False
    for line in filter(None, map(str.rstrip, lines.split("\n"))):
        listed = bool(BLOCK_LINE.match(line.lstrip()))
        if listed and together:
            blocks[-1] += "\n" + line
        else:
            blocks.append(line.strip())
        together = listed
    return "\n\n".join(filter(None, blocks))


def _told_whole(description: str, text: str) -> str:
    """A description; with an ellipsis, between words, if it is a piece of the text that its site cut off."""
    tail = description[-TAIL:]
    at = text.find(tail) + len(tail)
    follows = text[at : at + 1]
    if (
        not TAIL <= len(description) <= at
        or not description[-1:].isalnum()
        or follows in ("", "\n", ".", "!", "?", ":")
    ):
        return description
    words = description.rsplit(" ", 1)[0] if follows.isalnum() else description
    return words.rstrip(",;:–-") + "…"


def _shortened(text: str, most: int) -> str:
    """At most `most` characters, cut between words."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(",;:–-") + "…"
