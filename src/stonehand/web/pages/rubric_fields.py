"""The fields of both forms of a rubric: which one holds which place of a definition, and what is wrong with each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from stonehand.errors import Rejected
from stonehand.web.pages.typed import Mistyped, number

Value = TypeVar("Value")
TOP = "top"
"""What is wrong with no field stands above the form."""
LANGUAGE = re.compile("[a-z]{2,3}")
FIELDS = {"name": "criterion", "weight": "weight", "description": "description", "keywords": "keywords"}
WHOLE = {
    **{"bands": "bands", "confidence.high": "sure", "confidence.review": "look"},
    **{f"profile.{each}": each for each in ("topic", "places", "names", "languages")},
    **{"profile.description": "about", "profile.keywords": "words"},
}
"""Places of a definition and the fields that hold them; those of criteria are in `FIELDS`."""


class Misfilled(Rejected):
    """What was typed cannot be a rubric. `fields` says of each field why."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


def by_field(places: Mapping[str, str], rows: Sequence[int]) -> dict[str, str]:
    """What is wrong, by field; `rows` says in which row of the form each criterion of the definition stands."""
    return {field_of(place, rows): sentence(words) for place, words in places.items()}


def field_of(place: str, rows: Sequence[int]) -> str:
    """The field that holds a place of the definition such as `criteria.0.weight`; `top` if none does."""
    parts = place.split(".")
    if parts[0] == "criteria" and len(parts) > 1:
        return f"{FIELDS.get(''.join(parts[2:3]), 'description')}-{rows[int(parts[1])]}"
    return WHOLE.get(".".join(parts[:2])) or WHOLE.get(parts[0]) or TOP


def kept(wrong: dict[str, str], field: str, read_it: Callable[[], Value], otherwise: Value) -> Value:
    """What was read; or, if that cannot be, `otherwise`, and the reason beside the field."""
    try:
        return read_it()
    except Rejected as error:
        wrong[field] = sentence(str(error))
        return otherwise


def plain_number(text: str) -> float:
    """A number. Raises `Mistyped`."""
    try:
        return number(text, "it")
    except Mistyped as error:
        raise Mistyped("give a number") from error  # the field is narrow, and shows what was typed


def check_languages(wrong: dict[str, str], languages: Sequence[str]) -> None:
    """Note the first that is no code of a language."""
    if unknown := next((each for each in languages if not LANGUAGE.fullmatch(each)), None):
        wrong["languages"] = f"Name languages by two letters, such as en, de; not {unknown[:40]!r}."


def sentence(words: str) -> str:
    """Words as they stand alone."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
