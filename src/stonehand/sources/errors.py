"""What can be wrong with a source.

NotFound     SourceNotFound, EntryNotFound, NothingKept
Conflict     NothingToMend, AddressTaken
Rejected     AddressMalformed, NothingFound, FileUnreadable, NothingToPoll, OptionsUnfit, SecretMissing,
             RulesUnfit, AddressMissing
             Unreadable ─ HtmlInstead, XmlForbidden, XmlBroken, JsonBroken, FeedMalformed, OpmlMalformed,
                          SitemapMalformed, SelectorsBroken
Unavailable  LookDied
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stonehand.errors import Conflict, NotFound, Rejected, Unavailable

if TYPE_CHECKING:
    from stonehand.sources.interfaces import Document


class SourceNotFound(NotFound):
    """No source has this id."""


class EntryNotFound(NotFound):
    """No entry has this id."""


class NothingKept(NotFound):
    """No document of this source is kept."""


class AddressMalformed(Rejected):
    """This is not an http or https address."""


class NothingFound(Rejected):
    """There is neither a feed, nor a sitemap, nor an article at this address."""


class FileUnreadable(Rejected):
    """A local file does not exist, is no OPML file, or may not be read from here."""


class NothingToPoll(Rejected):
    """A source of this kind never changes by itself."""


class LookDied(Unavailable):
    """A look at a source ended as a dead letter, by a fault of ours or by the end of its process."""


class NothingToMend(Conflict):
    """Nothing is proposed for this source (any more)."""


class AddressTaken(Conflict):
    """There is such a source at this address already."""


class RulesUnfit(Rejected):
    """A rule of a source cannot be followed."""


class AddressMissing(Rejected):
    """A source of this kind needs an address."""


class OptionsUnfit(Rejected):
    """A source of this kind cannot work with these options."""


class SecretMissing(Rejected):
    """A source of this kind has a secret, and this one lacks it."""


class Unreadable(Rejected):
    """The bytes are not what they were promised to be."""


class HtmlInstead(Unreadable):
    """An HTML page came where XML was promised."""


class XmlForbidden(Unreadable):
    """The XML is too deep, too large, or declares entities."""


class XmlBroken(Unreadable):
    """The XML holds nothing that can be read."""


class JsonBroken(Unreadable):
    """It is not JSON."""


class SelectorsBroken(Unreadable):
    """The way to read a `document` matches nothing in it any more. It is kept, so that others can be tried on it."""

    def __init__(self, message: str, document: Document | None = None) -> None:
        super().__init__(message)
        self.document = document


class FeedMalformed(Unreadable):
    """It is not an RSS, Atom or JSON feed."""


class OpmlMalformed(Unreadable):
    """It is not an OPML list of feeds."""


class SitemapMalformed(Unreadable):
    """It is not a sitemap or a sitemap index."""
