"""From a kept page to what is recorded of it. Pure: takes no transaction's time."""

from __future__ import annotations

from dataclasses import dataclass

from stonehand.articles import extraction, indexing, pages
from stonehand.articles.copies import Finding
from stonehand.articles.duplicates import fingerprint
from stonehand.articles.errors import Unreadable
from stonehand.articles.extraction import Hints
from stonehand.articles.words import words_of_article


@dataclass(frozen=True)
class KeptPage:
    """An article's page as it is kept (`packed`, of `size` bytes once unpacked), and what was known before reading."""

    article_id: str
    url: str
    packed: bytes
    size: int
    hints: Hints

    @property
    def body(self) -> bytes:
        """The page as it was fetched."""
        return pages.unpack(self.packed, self.size)


def read(page: KeptPage) -> Finding | str:
    """What is on the page, or the sentence that says why it cannot be read."""
    try:
        extracted = extraction.extract(page.body, page.url, page.hints)
    except Unreadable as error:
        return str(error)
    words = indexing.fold(page.article_id, extracted.title, extracted.text, words_of_article(extracted.text))
    return Finding(page.article_id, extracted, fingerprint(extracted.text), words)
