"""A phrase of a comment that becomes another one: in what readers see, whatever it is set in, never in the disclosure.
Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stonehand.comments import paragraphs, wording
from stonehand.comments.errors import CommentUnfit

LONGEST = 2000  # characters
AROUND = 60  # characters that are shown before and after


@dataclass(frozen=True)
class Phrase:
    """What is looked for, and what comes in its place; nothing takes it out. Spaces and line breaks are one space."""

    find: str
    by: str = ""
    match_case: bool = True

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds it in words on one line."""
        words = r"\s+".join(map(re.escape, self.find.split(" ")))
        return re.compile(words, re.NOFLAG if self.match_case else re.IGNORECASE)


@dataclass(frozen=True)
class Changed:
    """A comment after the phrase was replaced `count` times, and the first place of it: `lead`, `was`, `tail`."""

    html: str
    text: str
    count: int
    lead: str
    was: str
    tail: str


def read(find: str, by: str, match_case: bool = True) -> Phrase:
    """A phrase that can be looked for. Raises `CommentUnfit`."""
    made = Phrase(_line(find), _line(by), match_case)
    if not made.find.strip():
        raise CommentUnfit("say which text is to be replaced")
    if max(len(made.find), len(made.by)) > LONGEST:
        raise CommentUnfit(f"a text to replace, or to replace by, has {LONGEST:,} characters at most")
    if made.find == made.by:
        raise CommentUnfit("both texts are the same, so nothing would change")
    return made


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", paragraphs.visible(text))  # a space at the end is meant, too


def replaced(html: str, disclosure: str, phrase: Phrase) -> Changed | None:
    """The comment with the phrase replaced, not yet normalised; None if it does not say so beside its disclosure."""
    found = wording.said(html, disclosure)
    hits = [list(phrase.pattern.finditer(paragraphs.words(each))) for each in found]
    count = sum(map(len, hits))
    if not count:
        return None
    at, first = next((paragraphs.words(each), spans[0]) for each, spans in zip(found, hits, strict=True) if spans)
    made = [
        rest
        for each, spans in zip(found, hits, strict=True)
        for rest in paragraphs.reworded(each, [hit.span() for hit in spans], phrase.by)
    ]
    text = "\n".join(map(paragraphs.words, made))
    lead, tail = at[: first.start()], at[first.end() :]
    return Changed(paragraphs.written(made), text, count, _end(lead), first.group(), _beginning(tail))


def _end(text: str) -> str:
    return text if len(text) <= AROUND else f"…{text[-AROUND:]}"


def _beginning(text: str) -> str:
    return text if len(text) <= AROUND else f"{text[:AROUND]}…"
