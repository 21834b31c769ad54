"""Names of tags and of saved searches in their usual form. Pure."""

from __future__ import annotations

from stonehand.library.errors import NameUnfit

LONGEST_TAG = 50  # characters
LONGEST_NAME = 100


def tag(words: str) -> str:
    """A tag: lower case, single blanks, nothing that a search would have to quote away. Raises `NameUnfit`."""
    name = " ".join(words.casefold().replace('"', " ").split())
    if not name or len(name) > LONGEST_TAG or not name.isprintable():
        raise NameUnfit(f"a tag has 1 to {LONGEST_TAG} characters; this one has {len(name)}")
    return name


def saved(words: str) -> str:
    """The name of a saved search. Raises `NameUnfit`."""
    name = " ".join(words.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NameUnfit(f"a saved search has a name of 1 to {LONGEST_NAME} characters; this one has {len(name)}")
    return name
