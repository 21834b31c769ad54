"""Where things may stand in a JSON document: lists of things with an address, and paths guessed by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stonehand.sources.interfaces import json_at, json_text

SAMPLE = 20  # items that are looked at
DEEP = 3  # names of a path within an item
MOST = 200  # paths within an item
NAMES: Mapping[str, Sequence[str]] = {
    "title": ("title", "headline", "webtitle", "name"),
    "link": ("url", "link", "href", "permalink", "weburl", "canonicalurl"),
    "date": (
        *("publishedat", "published", "date", "pubdate", "createdat", "datepublished"),
        *("publicationdate", "webpublicationdate"),
    ),
    "summary": ("summary", "description", "excerpt", "abstract", "standfirst"),
    "author": ("author", "byline", "creator"),
    "id": ("id", "guid", "uuid"),
}
WRAPPED = ("rendered", "main", "text", "value", "name")  # under such a name stands what its parent is called
OF_OTHERS = (
    "image",
    "thumbnail",
    "picture",
    "media",
    "icon",
    "logo",
    "avatar",
    "author",
    "user",
    "publisher",
    "source",
)
"""Things within an item that have addresses of their own."""


def lists(document: Any, path: str = "", depth: int = 0) -> list[tuple[str, list[Any]]]:
    """Lists of things, by their paths."""
    if isinstance(document, list):
        things = [each for each in document if isinstance(each, dict)]
        return [(path, things)] if things else []
    found = []
    for name, value in document.items() if isinstance(document, dict) and depth < 4 else ():
        if "." not in name:
            found += lists(value, f"{path}.{name}" if path else name, depth + 1)
    return found[:50]


def guessed(items: Sequence[Any]) -> dict[str, str]:
    """Options for a list of things: the paths by which most of them have a title, an address and so on."""
    sample = items[:SAMPLE]
    paths = dict.fromkeys(path for each in sample for path in list(_paths(each))[:MOST])
    usual = [path for path in paths if sum(bool(_value(each, path)) for each in sample) * 2 > len(sample)]
    fits = {field: [path for path in usual if _fits(field, path, sample)] for field in NAMES}
    return {field: min(found, key=lambda path: _rank(field, path)) for field, found in fits.items() if found}


def _paths(item: Any, before: tuple[str, ...] = ()) -> Iterator[str]:
    for name, value in item.items() if isinstance(item, dict) and len(before) < DEEP else ():
        if isinstance(value, dict):
            yield from _paths(value, (*before, name))
        elif "." not in name:
            yield ".".join((*before, name))


def _value(item: Any, path: str) -> str:
    return json_text(json_at(item, path))


def _fits(field: str, path: str, sample: Sequence[Any]) -> bool:
    names = [_plain(name) for name in path.split(".")]
    if _called(names) not in NAMES[field] or (field == "id" and len(names) > 1):
        return False
    values = [value for each in sample if (value := _value(each, path))]
    is_other = any(other in name for name in names[:-1] for other in OF_OTHERS)
    return field != "link" or (not is_other and all(value.startswith(("http:", "https:", "/")) for value in values))


def _called(names: Sequence[str]) -> str:
    """What a path is about."""
    return names[-2] if len(names) > 1 and names[-1] in WRAPPED else names[-1]


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _rank(field: str, path: str) -> tuple[int, int]:
    names = [_plain(name) for name in path.split(".")]
    return len(names), NAMES[field].index(_called(names))
