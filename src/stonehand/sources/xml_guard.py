"""The guard before every XML document: reads a stranger's XML with limits on depth, size and declarations.

What it returns is what is parsed afterwards, so nothing can look harmless to the guard and different to a parser.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from stonehand.sources import tag_guard
from stonehand.sources.cleaning import storable
from stonehand.sources.decoding import decode
from stonehand.sources.errors import HtmlInstead, XmlBroken, XmlForbidden

DEEPEST = 100
MOST_ELEMENTS = 200_000
MOST_MENDED = 200_000  # ampersands
_CHUNK = 16_384  # characters
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_HTML = re.compile(r"^\s*(?:<!--[^>]{0,2000}-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_SUBSET = re.compile(r"<!DOCTYPE[^>\[]{0,2000}\[")
_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?"
)
Enough = Callable[[etree._Element], bool]


@dataclass(frozen=True)
class Guarded:
    """A document that kept the limits. `broken` says where it was repaired or cut short, if it was."""

    root: etree._Element
    broken: str | None = None

    @property
    def name(self) -> str:
        """The local name of the root element, in lower case."""
        return local_name(self.root)

    def serialised(self) -> bytes:
        """The document as UTF-8 with a declaration. Escaped HTML becomes CDATA, which parsers read ten times faster."""
        for element in self.root.iter():
            text = element.text
            if text and len(element) == 0 and isinstance(element.tag, str) and "<" in text and "]]>" not in text:
                element.text = etree.CDATA(text)
        return etree.tostring(self.root, encoding="utf-8", xml_declaration=True, with_tail=False)


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace, in lower case; empty for a comment."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def looks_like_html(text: str) -> bool:
    """Whether a document starts as an HTML page does."""
    return bool(_HTML.match(_DECLARATION.sub("", text[:4096], count=1)))


def parse(body: bytes, charset: str | None = None, enough: Enough | None = None) -> Guarded:
    """Read XML within the limits; `enough(element)`, asked at each end tag, may end the reading early.

    Broken XML is repaired as far as it goes. Raises `HtmlInstead`, `XmlForbidden`, or `XmlBroken` if nothing is left.
    """
    text = storable(decode(body, charset)).lstrip()
    if looks_like_html(text):
        raise HtmlInstead("an HTML page came where XML was promised; give the address of the feed itself")
    text = _DECLARATION.sub("", text, count=1).lstrip()
    if tag_guard.overloaded(text):
        raise XmlForbidden(
            f"a tag of the XML has more than {tag_guard.MOST_ATTRIBUTES:,} attributes; no feed needs that"
        )
    if not text.startswith("<"):
        raise XmlBroken("it is empty" if not text else "it is not XML: it does not start with a tag")
    try:
        return Guarded(_Reading(text, enough).root())
    except etree.XMLSyntaxError as error:
        return _repaired(text, enough, error)


def _repaired(text: str, enough: Enough | None, error: etree.XMLSyntaxError) -> Guarded:
    reason = str(error).partition(" (<string>")[0]
    _refuse_floods(text)
    try:
        root = _Reading(_mend_ampersands(text), enough, recover=True).root()
    except etree.XMLSyntaxError as again:
        raise XmlBroken(f"the XML cannot be read: {reason}") from again
    return Guarded(root, broken=reason)


class _Reading:
    """One pass of the pull parser."""

    def __init__(self, text: str, enough: Enough | None, recover: bool = False) -> None:
        self.text, self.enough = text, enough
        self.depth = self.count = 0
        self.top: etree._Element | None = None
        self.parser = etree.XMLPullParser(
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            recover=recover,
            remove_comments=True,
            remove_pis=True,
            encoding="utf-8",
        )

    def root(self) -> etree._Element:
        for start in range(0, len(self.text), _CHUNK):
            self.parser.feed(self.text[start : start + _CHUNK].encode())
            if self._take_events():
                return self._found()
        self.parser.close()
        self._take_events()
        return self._found()

    def _found(self) -> etree._Element:
        if self.top is None:
            raise XmlBroken("the XML holds no element")
        return self.top

    def _take_events(self) -> bool:
        for event, element in self.parser.read_events():
            assert isinstance(element, etree._Element)  # only start and end were asked for
            if event == "end":
                self.depth -= 1
                if self.enough and self.enough(element):
                    return True
            else:
                self._enter(element)
        return False

    def _enter(self, element: etree._Element) -> None:
        if self.top is None:
            self.top = element
            _check_top(element, self.text)
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST:
            raise XmlForbidden(f"the XML is nested more than {DEEPEST} levels deep; no feed needs that")
        if self.count > MOST_ELEMENTS:
            raise XmlForbidden(f"the XML has more than {MOST_ELEMENTS:,} elements; ask its owner for a shorter one")


def _check_top(element: etree._Element, text: str) -> None:
    if local_name(element) == "html":
        raise HtmlInstead("an HTML page came where XML was promised; give the address of the feed itself")
    declared = element.getroottree().docinfo.internalDTD
    if declared is not None and _SUBSET.search(text):
        raise XmlForbidden("the XML declares entities or a document type of its own, which is refused as unsafe")


def _mend_ampersands(text: str) -> str:
    """`&nbsp;` and bare ampersands, written as XML wants them; CDATA sections stay as they are."""
    pieces, position = [], 0
    while (start := text.find("<![CDATA[", position)) >= 0:
        end = text.find("]]>", start)
        end = len(text) if end < 0 else end + 3
        pieces += [_AMPERSAND.sub(_mended, text[position:start]), text[start:end]]
        position = end
    return "".join([*pieces, _AMPERSAND.sub(_mended, text[position:])])


def _refuse_floods(text: str) -> None:
    """Each ampersand that is mended costs five characters more."""
    if text.count("&") > MOST_MENDED and sum(1 for _ in islice(_AMPERSAND.finditer(text), MOST_MENDED)) == MOST_MENDED:
        raise XmlForbidden(f"the XML has more than {MOST_MENDED:,} ampersands that are not written as XML wants them")


def _mended(match: re.Match[str]) -> str:
    name = match.group(1)
    known = html.entities.html5.get(f"{name};") if name else None
    if known is None:
        return "&amp;" + match.group(0)[1:]
    return "".join(f"&#{ord(character)};" for character in known)
