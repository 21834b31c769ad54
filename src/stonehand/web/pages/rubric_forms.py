"""What is typed into the form of a rubric, and the definition that it means."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, Field

from stonehand.rubrics.errors import RubricInvalid
from stonehand.web.pages.rubric_fields import Misfilled, check_languages, kept, plain_number
from stonehand.web.pages.typed import SAFE, number

Short = Annotated[str, Field(max_length=500, pattern=SAFE)]
Long = Annotated[str, Field(max_length=60_000, pattern=SAFE)]
Lines = Annotated[list[Long], Field(max_length=40)]


class TypedWhole(BaseModel):
    """The fields of a rubric as a whole: its bands and the profile that it judges by."""

    bands: Long = ""
    about: Long = ""
    topic: Short = ""
    words: Long = ""
    places: Long = ""
    names: Long = ""
    languages: Short = ""


class Typed(TypedWhole):
    """The fields as they were sent; criteria in their order. `whole` alone counts if `as_json` was sent."""

    weight: Lines = []
    description: Lines = []
    keywords: Lines = []
    whole: Long = ""
    as_json: Short = ""
    note: Short = ""

    def definition(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """What it means, as plain data; `base` is what the form was filled with.

        Raises `Misfilled` with all that cannot be read, and `RubricInvalid` if there is another rubric meanwhile.
        """
        wrong: dict[str, str] = {}
        if self.as_json:
            return _whole(wrong, self.whole)
        said: dict[str, Any] = copy.deepcopy(dict(base))
        if len(self.weight) != len(said["criteria"]):
            raise RubricInvalid("the rubric has changed meanwhile; load the page again and repeat your changes")
        for at, each in enumerate(said["criteria"]):
            each["weight"] = kept(wrong, f"weight-{at}", partial(plain_number, self.weight[at]), 1.0)
            each["description"] = self.description[at].strip() if at < len(self.description) else each["description"]
            if at < len(self.keywords):
                words = partial(by_language, self.keywords[at], each["name"])
                each["keywords"] = kept(wrong, f"keywords-{at}", words, each["keywords"])
        said["bands"] = kept(wrong, "bands", partial(bands, self.bands), said["bands"])
        said["profile"] = self._profile(wrong)
        if wrong:
            raise Misfilled(wrong)
        return said

    def _profile(self, wrong: dict[str, str]) -> dict[str, Any]:
        languages = listed(self.languages.lower())
        check_languages(wrong, languages)
        return {
            "description": self.about.strip(),
            "topic": self.topic.strip(),
            "keywords": listed(self.words),
            "places": listed(self.places),
            "names": listed(self.names),
            "languages": languages,
        }


def _whole(wrong: dict[str, str], text: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {}
    said = kept(wrong, "whole", partial(_json, text), nothing)
    if wrong:
        raise Misfilled(wrong)
    return said


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise RubricInvalid(f"this is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise RubricInvalid("the definition must be a JSON object, from { to }")
    return found


def listed(text: str) -> list[str]:
    """Words between commas or lines."""
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


def by_language(text: str, name: str) -> dict[str, list[str]]:
    """Keywords from lines such as `en: one, two`. Raises `RubricInvalid`."""
    found: dict[str, list[str]] = {}
    for line in filter(str.strip, text.splitlines()):
        language, colon, words = line.partition(":")
        if not colon or not 2 <= len(language.strip()) <= 3:
            raise RubricInvalid(f"the keywords of {name}: write lines such as en: one, two; not {line.strip()[:40]!r}")
        found.setdefault(language.strip().lower(), []).extend(listed(words))
    return found


def bands(text: str) -> list[dict[str, Any]]:
    """Bands from lines such as `good: 60`. Raises `RubricInvalid`, `Mistyped`."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        name, colon, score = line.rpartition(":")
        if not colon:
            raise RubricInvalid(f"the bands: write lines such as good: 60; not {line.strip()[:40]!r}")
        found.append({"name": name.strip(), "from_score": number(score, f"the band {name.strip()}")})
    return found
