"""What is typed into the forms of a source, and what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stonehand.sources import rules
from stonehand.sources.errors import OptionsUnfit
from stonehand.sources.interfaces import SourceKind, TakesOptions
from stonehand.sources.rules import Rule
from stonehand.sources.schemas import RuleIn


def options_typed(text: str) -> dict[str, Any]:
    """Options, one a line: `query = tide gates`. A value that reads as JSON is that. Raises `OptionsUnfit`."""
    found = dict[str, Any]()
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if line.strip() and not (equals and name):
            raise OptionsUnfit(f"line {number}, ‘{line.strip()[:60]}’, is not of the form name = value")
        if line.strip():
            found[name] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def options_written(options: Mapping[str, Any]) -> str:
    """Options as `options_typed` reads them. Texts that would read as something else stand in quotes."""
    return "\n".join(f"{name} = {_written(value)}" for name, value in options.items())


def _written(value: Any) -> str:
    plain = isinstance(value, str) and value == value.strip() and "\n" not in value and _value(value) == value
    return value if plain else json.dumps(value, ensure_ascii=False)


def option_words(kind: SourceKind) -> tuple[tuple[str, str], ...]:
    """The options of a kind, each with what it means."""
    if not isinstance(kind, TakesOptions):
        return ()
    return tuple((name, field.description or "") for name, field in kind.options.model_fields.items())


def rules_sent(text: str) -> list[RuleIn]:
    """Rules as people write them. Raises `RulesUnfit`."""
    return [RuleIn.model_validate(each) for each in rules.write(rules.from_lines(text))]


def rules_written(stored: Sequence[Mapping[str, Any]]) -> str:
    """Rules as people write them."""
    found: tuple[Rule, ...] = rules.read(stored)
    return rules.to_lines(found)
