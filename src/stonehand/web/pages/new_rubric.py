"""The empty form of a rubric: what is typed into it, what it means, and what is wrong, each beside its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from stonehand.rubrics import measures, rubric_presets
from stonehand.rubrics.definition import MOST_CRITERIA
from stonehand.rubrics.errors import RubricInvalid
from stonehand.web.pages import rubric_forms
from stonehand.web.pages.parts import BLANK
from stonehand.web.pages.parts import Field as Typed
from stonehand.web.pages.rubric_fields import FIELDS, by_field, check_languages, kept, plain_number
from stonehand.web.pages.rubric_forms import Lines, Short, TypedWhole, listed
from stonehand.web.pages.typed import SAFE

LABEL = "label"
ROWS, MORE = 3, 1  # empty rows at first, and how many each wish for more adds
SENT = (*FIELDS.values(), "measure")


@dataclass(frozen=True)
class Row:
    """One criterion in the form."""

    criterion: Typed
    weight: Typed
    description: Typed
    keywords: Typed
    measure: str


@dataclass(frozen=True)
class NewRubricView:
    """The form. `at` has every other field by its name; `top` is what is wrong with none of them."""

    kind: str
    rows: tuple[Row, ...]
    at: Mapping[str, Typed]
    measures: tuple[tuple[str, str], ...]
    top: str = ""
    can_grow: bool = True


class TypedRubric(TypedWhole):
    """The fields as they were sent; those of criteria in their order. `more` asks for another empty criterion."""

    name: Short = ""
    purpose: Short = ""
    kind: Annotated[str, Field(max_length=10, pattern=SAFE)] = "choice"
    criterion: Lines = [""] * ROWS
    weight: Lines = ["1"] * ROWS
    description: Lines = [""] * ROWS
    keywords: Lines = [""] * ROWS
    measure: Lines = [LABEL] * ROWS
    sure: Short = "80"
    look: Short = "70"
    more: Short = ""

    def row(self, at: int) -> dict[str, str]:
        """What was typed of one criterion."""
        sent = {name: getattr(self, name) for name in SENT}
        return {name: typed[at] if at < len(typed) else "" for name, typed in sent.items()}


def read(typed: TypedRubric) -> tuple[dict[str, Any], dict[str, str]]:
    """What the form means, as a definition; and by field what is wrong, for which the definition may be unfit."""
    wrong: dict[str, str] = {}
    filled = [at for at in range(len(typed.criterion)) if _is_filled(typed.row(at))]
    definition = {
        "kind": "sum" if typed.kind == "sum" else "choice",
        "criteria": [_criterion(typed, at, wrong) for at in filled],
        "profile": _profile(typed, wrong),
        **_thresholds(typed, wrong),
    }
    if not typed.name.strip():
        wrong["name"] = "Give it a name."
    if not filled:
        wrong["criterion-0"] = "Name what is judged, at least once."
    return definition, wrong or _unfit(definition, filled)


def _is_filled(row: Mapping[str, str]) -> bool:
    return any(row[name].strip() for name in ("criterion", "description", "keywords")) or row["measure"] != LABEL


def _criterion(typed: TypedRubric, at: int, wrong: dict[str, str]) -> dict[str, Any]:
    row = typed.row(at)
    name = " ".join(row["criterion"].split())
    no_words: dict[str, list[str]] = {}
    if not name:
        wrong[f"criterion-{at}"] = "Give it a name."
    return {
        "name": name,
        "description": row["description"].strip(),
        "measure": row["measure"] if typed.kind == "sum" else LABEL,
        "weight": kept(wrong, f"weight-{at}", lambda: plain_number(row["weight"]), 1.0),
        "keywords": kept(wrong, f"keywords-{at}", lambda: rubric_forms.by_language(row["keywords"], name), no_words),
    }


def _thresholds(typed: TypedRubric, wrong: dict[str, str]) -> dict[str, Any]:
    """Bands of a sum; of a choice, from when on it is sure, and below what a person should look."""
    if typed.kind == "sum":
        none: list[dict[str, Any]] = []
        return {"bands": kept(wrong, "bands", lambda: rubric_forms.bands(typed.bands), none)}
    sure = kept(wrong, "sure", lambda: plain_number(typed.sure), 80.0)
    look = kept(wrong, "look", lambda: plain_number(typed.look), 70.0)
    if look > sure:
        wrong.setdefault("look", "It cannot be above the percentage from which it is sure.")
    return {"confidence": {"high": sure / 100, "review": look / 100}}


def _profile(typed: TypedRubric, wrong: dict[str, str]) -> dict[str, Any]:
    languages = listed(typed.languages.lower())
    check_languages(wrong, languages)
    return {
        "description": typed.about.strip(),
        "topic": typed.topic.strip(),
        "keywords": listed(typed.words),
        "places": listed(typed.places),
        "names": listed(typed.names),
        "languages": languages,
    }


def _unfit(definition: Mapping[str, Any], filled: list[int]) -> dict[str, str]:
    try:
        rubric_presets.read(definition)
    except RubricInvalid as error:
        return by_field(error.places, filled)
    return {}


def view(typed: TypedRubric, wrong: Mapping[str, str] | None = None) -> NewRubricView:
    """The form with what was typed, and what is wrong with it."""
    wrong = wrong or {}
    count = min(len(typed.criterion) + (MORE if typed.more else 0), MOST_CRITERIA)
    others = ("name", "purpose", "bands", "sure", "look", "about", "topic", "words", "places", "names", "languages")
    return NewRubricView(
        kind="sum" if typed.kind == "sum" else "choice",
        rows=tuple(_row(typed, at, wrong) for at in range(count)),
        at={name: Typed(getattr(typed, name), wrong.get(name, "")) for name in others},
        measures=tuple((name, " ".join((each.__doc__ or "").split())) for name, each in measures.MEASURES.items()),
        top=wrong.get("top", ""),
        can_grow=count < MOST_CRITERIA,
    )


def _row(typed: TypedRubric, at: int, wrong: Mapping[str, str]) -> Row:
    if at >= len(typed.criterion):
        return Row(BLANK, Typed("1"), BLANK, BLANK, LABEL)
    row = typed.row(at)
    fields = {name: Typed(row[name], wrong.get(f"{name}-{at}", "")) for name in FIELDS.values()}
    return Row(measure=row["measure"] or LABEL, **fields)
