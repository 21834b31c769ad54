"""How a comment looks: its paragraphs, what it begins with, and what is wrong with it. Pure, but for the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stonehand import config
from stonehand.comments import paragraphs
from stonehand.comments.paragraphs import Paragraph
from stonehand.drafts import markup, proofreading
from stonehand.errors import Rejected
from stonehand.prompts import injection

DISCLOSURES = {
    "de": "[Dieser Kommentar stammt von einem KI-ChatBot.]",
    "en": "[This comment was written by an AI chatbot.]",
}
LONGEST = 20_000  # characters of HTML
FEW_WORDS, FEW_DIFFERENT = 5, 0.5
SHORT = 100  # words; longer texts say the small words of a language again and again
_WORD = re.compile(r"\w+")
_BRACES = re.compile(r"\{[^{}\n]{1,80}\}")
_MARKDOWN = re.compile(r"\*\*|__|^\s*(?:#{1,6}\s|>\s|```)|`", re.MULTILINE)
_FORGED = re.compile(
    r"\[(?=[^\[\]]*\b(?:kommentar|comment|text|antwort|reply)\b)"
    r"(?=[^\[\]]*\b(?:stammt|kommt|geschrieben|verfasst|erstellt|written|made|posted|comes)\b)"
    r"(?=[^\[\]]*(?:\bki\b|\bai\b|bot\b|mensch|human|person|lehrer|teacher|schüler|pupil|student))[^\[\]]{0,300}\]",
    re.IGNORECASE,
)
"""In square brackets: whose comment this is. Only our own words may say so."""


class CommentUnusable(Rejected):
    """A comment that cannot be used: by a model that was asked twice, or as a person typed it."""


def disclosure_of(platform_disclosure: str, language: str) -> str:
    """What a comment begins with: the platform's words, else the setting's, else those of the language."""
    own = DISCLOSURES.get(language[:2].casefold(), DISCLOSURES["en"])
    return next(told for said in (platform_disclosure, config.settings().comment_prefix, own) if (told := _told(said)))


def _told(disclosure: str) -> str:
    """The words as they are shown, on one line; empty if nobody could read them."""
    line = " ".join(paragraphs.visible(disclosure).split())
    return line if _WORD.search(line) else ""


def normalised(html_or_text: str, disclosure: str) -> str:
    """The comment as it is sent: paragraphs with `strong`, `em` and `br`, the disclosure in front exactly once.

    Text without a `<p>` has a paragraph a line. Doing it again changes nothing. Raises `CommentUnusable` if it is far
    too long.
    """
    if len(html_or_text) > LONGEST:
        raise CommentUnusable(f"the comment has more than {LONGEST:,} characters; shorten it")
    told = _told(disclosure) or DISCLOSURES["en"]
    said = _undisclosed(paragraphs.read(html_or_text), told)
    return paragraphs.written([[(letter, 0) for letter in told], *said])


def _undisclosed(found: list[Paragraph], disclosure: str) -> list[Paragraph]:
    """The paragraphs without anything that says, or pretends to say, who wrote them."""
    patterns = [_loosely(each) for each in (disclosure, *DISCLOSURES.values())] + [_FORGED]
    return [rest for each in found for rest in _stripped(each, patterns)]


def _stripped(found: Paragraph, patterns: list[re.Pattern[str]]) -> list[Paragraph]:
    """What is left of a paragraph. What only comes together when something is taken out goes as well."""
    waiting, done = [found], []
    while waiting:
        each = waiting.pop()
        spans = _spans(paragraphs.words(each), patterns)
        if spans:
            waiting += reversed(paragraphs.without(each, spans))
        else:
            done.append(each)
    return done


def _spans(text: str, patterns: list[re.Pattern[str]]) -> list[tuple[int, int]]:
    return next((spans for pattern in patterns if (spans := [each.span() for each in pattern.finditer(text)])), [])


def _loosely(text: str) -> re.Pattern[str]:
    """Finds it however it is spaced; a very short one only where a paragraph begins, since it may be a word."""
    words = text.split()
    start = r"(?<!\w)" if len(words) > 2 else r"^\s*"
    return re.compile(start + r"\s+".join(map(re.escape, words)) + r"(?!\w)", re.IGNORECASE)


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


def said(html: str, disclosure: str) -> list[Paragraph]:
    """Its paragraphs beside the disclosure."""
    return _undisclosed(paragraphs.read(html), disclosure)


def plain(html: str, disclosure: str) -> str:
    """What a reader sees of it beside the disclosure, a line a paragraph."""
    return "\n".join(map(paragraphs.words, said(html, disclosure)))


def has_disclosure(html: str, disclosure: str) -> bool:
    """Whether it begins with the disclosure, in a paragraph of its own."""
    found = paragraphs.read(html)
    return bool(found) and _flat(paragraphs.words(found[0])) == _flat(disclosure)


def faults(html: str, disclosure: str, language: str = "", article: str = "") -> list[str]:
    """What is wrong with a comment, in words that a model or a person can mend it by.

    Braces that stand in the article may be quoted; without it every pair is taken for a place to fill in.
    """
    text = plain(html, disclosure)
    least = config.settings().comment_min_length
    found = [] if has_disclosure(html, disclosure) else [f"it does not begin with “{disclosure}”"]
    if len(text) < least:
        found.append(f"it has {len(text)} characters beside “{disclosure}”, and at least {least} are needed")
    return [*found, *_of_words(text), *_of_contents(text, article), *proofreading.whole(text, 0, language)]


def _of_words(text: str) -> Iterator[str]:
    said = _WORD.findall(text.casefold())
    if FEW_WORDS < len(said) <= SHORT and len(set(said)) < FEW_DIFFERENT * len(said):
        yield "it says the same words again and again"


def _of_contents(text: str, article: str) -> Iterator[str]:
    for each in dict.fromkeys(found.group() for found in _BRACES.finditer(text)):
        if each not in article:
            yield f"a place was never filled in: {each}"
    if markup.has_address(text):
        yield "it holds an address; say it without a link"
    elif not markup.is_plain_prose(text):
        yield "it holds markup or a place that was never filled in"
    elif _MARKDOWN.search(text):
        yield "it holds Markdown; use the HTML tags that were named"
    if injection.suspicions(text):
        yield "it talks to machines, or about how you were told to write"
