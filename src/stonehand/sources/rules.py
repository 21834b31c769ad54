"""What is kept and dropped of what a source names. Pure.

The first rule that matches decides. What none matches is kept, unless there are rules that keep: then only what one
of them matches is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stonehand.sources.errors import RulesUnfit
from stonehand.sources.readings import FeedEntry

MOST = 50
LONGEST_TEXT = 20_000  # characters that a rule looks at
MEMORY = 8 * 1024 * 1024  # bytes that one pattern may take


class Named(Protocol):
    """What rules look at: an entry, as a value or as a row."""

    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def author(self) -> str | None: ...


class Rule(BaseModel):
    """One rule: `words` are looked for as they stand, in any case; `pattern` is a regular expression of RE2."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    do: Literal["keep", "drop"]
    where: Literal["anywhere", "title", "summary", "address", "author"] = "anywhere"
    words: str = Field(default="", max_length=200)
    pattern: str = Field(default="", max_length=500)

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        if bool(self.words) == bool(self.pattern):
            raise ValueError("give either words or a pattern")
        if self.pattern:
            _compiled(self.pattern)
        return self

    def __str__(self) -> str:
        what = f"‘{self.words}’" if self.words else f"/{self.pattern}/"
        return f"{self.do} {what}" + (f" in the {self.where}" if self.where != "anywhere" else "")

    def matches(self, named: Named) -> bool:
        """Whether this is about what the source named."""
        text = _texts(named, self.where)[:LONGEST_TEXT]
        if self.words:
            return self.words.casefold() in text.casefold()
        return bool(_compiled(self.pattern).search(text))


@dataclass(frozen=True)
class Decision:
    """What becomes of an entry, and the rule that says so."""

    kept: bool
    reason: str = ""


KEPT = Decision(True)


def _texts(named: Named, where: str) -> str:
    texts = {"title": named.title, "summary": named.summary, "address": named.url, "author": named.author}
    return (texts[where] or "") if where in texts else "\n".join(text for text in texts.values() if text)


@lru_cache(512)
def _compiled(pattern: str) -> Any:
    """RE2 takes time in proportion to the text, whatever the pattern. Raises `ValueError`."""
    import re2  # noqa: PLC0415  loads a library that only sources with patterns need

    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = False, False, MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else error
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ValueError(f"RE2 does not understand /{pattern}/: {why}") from None


def read(written: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Rules from their stored or sent form. Raises `RulesUnfit`, naming the one that does not fit."""
    found = list[Rule]()
    for number, each in enumerate(written, 1):
        try:
            found.append(Rule.model_validate(each))
        except ValidationError as error:
            why = "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors(include_url=False)[:3])
            raise RulesUnfit(f"rule {number} cannot be followed: {why}") from None
    if len(found) > MOST:
        raise RulesUnfit(f"{len(found)} rules are more than {MOST}; put some of them together in one pattern: a|b|c")
    return tuple(found)


def write(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Rules in their stored form."""
    return [rule.model_dump(exclude_defaults=True) for rule in rules]


def decide(rules: Sequence[Rule], named: Named) -> Decision:
    """What becomes of this."""
    for rule in rules:
        if rule.matches(named):
            return Decision(rule.do == "keep", str(rule))
    if any(rule.do == "keep" for rule in rules):
        return Decision(False, "no rule keeps it")
    return KEPT


def dropped(rules: Sequence[Rule], found: Iterable[FeedEntry]) -> dict[str, str]:
    """What they drop, by its key, and why. Takes up to a second for much text, so no transaction may be open."""
    decided = ((each.key, decide(rules, each)) for each in found) if rules else ()
    return {key: decision.reason for key, decision in decided if not decision.kept}


def from_lines(text: str) -> tuple[Rule, ...]:
    """Rules as people write them, one on each line: `drop title: horoscope`, `keep /tide|harbour/`.

    Raises `RulesUnfit`, with the number of the line.
    """
    return read(_parsed(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def _parsed(number: int, line: str) -> dict[str, str]:
    do, _, rest = line.strip().partition(" ")
    where, colon, what = rest.partition(":")
    place = where.strip().lower()
    if not colon or place not in ("title", "summary", "address", "author", "anywhere"):
        place, what = "anywhere", rest
    what = what.strip()
    if do.lower() not in ("keep", "drop") or not what:
        raise RulesUnfit(f"line {number}, ‘{line.strip()[:60]}’, does not say: keep or drop, perhaps where:, and what")
    is_pattern = len(what) > 2 and what.startswith("/") and what.endswith("/")
    return {"do": do.lower(), "where": place} | ({"pattern": what[1:-1]} if is_pattern else {"words": what})


def to_lines(rules: Iterable[Rule]) -> str:
    """Rules as `from_lines` reads them."""
    return "\n".join(
        f"{rule.do} {'' if rule.where == 'anywhere' else rule.where + ': '}{rule.words or f'/{rule.pattern}/'}"
        for rule in rules
    )
