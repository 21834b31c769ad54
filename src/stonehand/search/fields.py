"""The fields of a search: what each means, and which values it takes."""

from __future__ import annotations

import difflib
import re

from stonehand.search import dates
from stonehand.search.errors import SearchMalformed
from stonehand.search.tree import Field

TITLE = "title"
FIELDS = {
    TITLE: "words of the title",
    "source": "the name of its source, or of the site that it is from",
    "site": "the host of its address, and hosts below it",
    "author": "part of the author's name",
    "lang": "its language, as two letters",
    "kind": "the kind of its source, such as feed",
    "tag": "a tag that somebody gave it",
    "category": 'what it is about on the whole, such as sports or "world news"',
    "topic": "what it is about more closely, such as elections",
    "tone": "positive, neutral, negative",
    "is": "bookmarked, archived, copy, tagged, sample",
    "before": "earlier than this day",
    "after": "on this day or later",
    "like": "the id of an article that it is close to in meaning",
}
TONES = ("positive", "neutral", "negative")
STATES = ("bookmarked", "archived", "copy", "tagged", "sample")
ARTICLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def check(name: str, value: str, at: int, value_at: int) -> Field:
    """The field with its value in its usual form. Raises `SearchMalformed` where it cannot be."""
    where = value_at + 1
    if not value.strip():
        raise SearchMalformed(where, f"{name}: needs a value right behind the colon: {FIELDS[name]}")
    value = value.strip() if name == "like" else " ".join(value.casefold().split())
    if name == "is" and value not in STATES:
        raise SearchMalformed(where, f"is: takes {', '.join(STATES)}, not {value!r}{_perhaps(value, STATES)}")
    if name == "tone" and value not in TONES:
        raise SearchMalformed(where, f"tone: takes {', '.join(TONES)}, not {value!r}{_perhaps(value, TONES)}")
    if name in ("before", "after") and not dates.is_moment(value):
        raise SearchMalformed(where, f"{value!r} is no day; {dates.FORMS}")
    if name == "lang" and not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)?", value):
        raise SearchMalformed(where, f"{value!r} is no language; write two letters, such as en or de")
    if name == "like" and not ARTICLE_ID.fullmatch(value):
        raise SearchMalformed(where, "like: takes the id of an article; it stands in the address of the article's page")
    return Field(name, value, at)


def unknown(name: str, position: int) -> SearchMalformed:
    """What to say of a field that there is not."""
    known = ", ".join(f"{each}:" for each in FIELDS)
    hint = _perhaps(name, FIELDS) or f"; the fields are {known}"
    return SearchMalformed(position, f"{name}: is not a field{hint}; to search for it as words, put it in quotes")


def _perhaps(word: str, known: object) -> str:
    close = difflib.get_close_matches(word, list(known), 1)  # type: ignore[call-overload]
    return f"; did you mean {close[0]}?" if close else ""
