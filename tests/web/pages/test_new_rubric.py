"""A rubric from an empty form, without scripts."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from stonehand.db import Database
from stonehand.rubrics import queries, service
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

ONE = {"description": ["It tells what happened.", "", ""], "keywords": [""] * 3}
CHOICE: dict[str, Any] = {
    **{"name": "How we explain", "purpose": "For the science desk.", "kind": "choice"},
    **{"criterion": ["Story", "Guide", ""], "weight": ["1", "2,5", "1"], "measure": ["label", "label", "label"]},
    **{"description": ["It tells what happened.", "It says how to do it.", ""], "keywords": ["", "en: step*, how", ""]},
    **{"sure": "85", "look": "60", "languages": "EN, de"},
}
SUM: dict[str, Any] = CHOICE | {
    **{"name": "House style", "kind": "sum", "measure": ["label", "ease", "label"], "bands": "good: 60\nfair: 30"},
    **{"description": ["It tells what happened.", "", ""], "keywords": ["", "", ""]},
}


def fill(visit: Visit, status: int = 200, **fields: object) -> str:
    """What comes when the form is sent."""
    ada = visit("editor")
    ada.go("/rubrics/new")
    return ada.send("/rubrics/new", status, **fields)


def beside(page: str) -> dict[str, str]:
    """What is wrong, by the field that it stands at."""
    wrong = re.findall(
        r'class="field wrong".*?<(?:input|textarea) id="([^"]+)".*?class="field-note"[^>]*>([^<]+)', page, re.S
    )
    return {name.removeprefix("field-"): html.unescape(said) for name, said in wrong}


def test_a_choice_is_made_of_an_empty_form(visit: Visit, database: Database) -> None:
    ada = visit("editor")
    assert 'href="/rubrics/new"' in ada.go("/rubrics")
    page = ada.go("/rubrics/new")
    assert page.count('name="criterion"') == 3
    assert "is made" in words(ada.send("/rubrics/new", **CHOICE))
    with database.read() as session:
        found = queries.rubric(session, "how-we-explain")
        said = queries.version(session, found.id, 1).definition
    assert (found.description, found.is_preset) == ("For the science desk.", False)
    assert [(each["name"], each["weight"]) for each in said["criteria"]] == [("Story", 1.0), ("Guide", 2.5)]
    assert said["criteria"][1]["keywords"] == {"en": ["step*", "how"]}
    assert said["confidence"] == {"high": 0.85, "review": 0.6}
    assert said["profile"]["languages"] == ["en", "de"]


def test_a_sum_has_measures_and_bands(visit: Visit, database: Database) -> None:
    assert "House style" in words(fill(visit, **SUM))
    with database.read() as session:
        said = queries.version(session, queries.rubric(session, "house-style").id, 1).definition
    assert [each["measure"] for each in said["criteria"]] == ["label", "ease"]
    assert [(each["name"], each["from_score"]) for each in said["bands"]] == [("good", 60.0), ("fair", 30.0)]


def test_another_criterion_keeps_what_was_typed(visit: Visit) -> None:
    page = fill(visit, **(CHOICE | {"more": "yes"}))
    assert page.count('name="criterion"') == 4
    assert 'value="Guide"' in page
    assert beside(page) == {}


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"name": " "}, "name", "Give it a name"),
        ({"name": "New"}, "name", "cannot be called 'New'"),
        ({"name": "Readability"}, "name", "already"),
        ({"weight": ["1", "much", "1"]}, "weight-1", "Give a number"),
        ({"weight": ["0", "1", "1"]}, "weight-0", "greater than 0"),
        ({"criterion": ["Story", "", ""]}, "criterion-1", "Give it a name"),
        (ONE | {"criterion": ["Story", "", "Guide"]}, "description-2", "description"),
        ({"criterion": ["Story", "x" * 61, ""]}, "criterion-1", "at most 60"),
        ({"keywords": ["", "how", ""]}, "keywords-1", "lines such as en"),
        ({"sure": "50"}, "look", "cannot be above"),
        ({"sure": "120"}, "sure", "less than or equal"),
        ({"languages": "English"}, "languages", "by two letters"),
        ({"kind": "sum", "bands": "good"}, "bands", "lines such as good"),
        ({"kind": "sum", "bands": "good: 101"}, "bands", "less than or equal"),
        ({"criterion": [""] * 3, "description": [""] * 3, "keywords": [""] * 3}, "criterion-0", "at least once"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(
    visit: Visit, database: Database, wrong: dict[str, object], field: str, said: str
) -> None:
    with database.transaction() as session:
        service.install_presets(session)
    found = beside(fill(visit, 422, **(CHOICE | wrong)))
    assert list(found) == [field]
    assert said in found[field]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"criterion": ["Story", "Story", ""]}, "rename one"),
        (ONE | {"criterion": ["Story", "", ""]}, "two criteria at least"),
    ],
)  # fmt: skip
def test_what_concerns_all_of_it_stands_above(visit: Visit, wrong: dict[str, object], said: str) -> None:
    assert said in words(fill(visit, 422, **(CHOICE | wrong)))


def test_a_reader_makes_none(visit: Visit) -> None:
    visit("viewer").go("/rubrics/new", 403)
