"""Curations over the API."""

from __future__ import annotations

from typing import Any

import pytest

from stonehand.curation.weights import PARTS, STANDARD
from stonehand.db import Database
from tests.curation.conftest import _trip, analysed, run  # noqa: F401  a fixture
from tests.curation.test_tasks import BRIDGE, COOKING
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem

CURATIONS = "/api/v1/curations"


def test_from_a_wish_to_results(as_: As, database: Database) -> None:
    analysed(database, "Harbour bridge closes", BRIDGE * 6, url="https://a.example/1")
    analysed(database, "Bridge of the harbour", COOKING + BRIDGE, url="https://reuters.com/1")
    editor, viewer = as_("editor"), as_("viewer")
    made = editor.post(CURATIONS, json={"topic": "harbour bridge", "max_articles": 1, "rules": {"domain_cap": 1}})
    assert made.status_code == 202
    curation = made.json()
    assert (curation["state"], curation["rules"]["domain_cap"]) == ("reading", 1)
    run(database, curation["id"])
    at = f"{CURATIONS}/{curation['id']}"
    assert viewer.get(at).json()["chosen"] == 1
    [best] = viewer.get(f"{at}/items").json()["items"]
    assert [part["name"] for part in best["parts"]] == list(PARTS)
    [other] = viewer.get(f"{at}/items", params={"show": "left_out"}).json()["items"]
    assert (other["left_out"], other["place"]) == ("enough", None)
    assert editor.put(f"{CURATIONS}/weights/repute", json={"parts": {"reputation": 1.0}}).status_code == 200
    compared = viewer.get(f"{at}/compare", params={"b": "repute"}).json()
    assert (compared["a"], compared["b"], compared["shared"]) == ("standard", "repute", 0)
    assert [(each["place_a"], each["place_b"]) for each in compared["items"]] == [(None, 1), (1, None)]
    anew = editor.post(f"{at}/choose", json={"weights": "repute", "max_articles": 5}).json()
    assert (anew["chosen"], anew["weights_name"]) == (2, "repute")
    assert viewer.get(CURATIONS).json()["items"][0]["id"] == curation["id"]
    assert is_problem(editor.post(f"{at}/stop"), 409)
    assert editor.delete(at).status_code == 204
    assert is_problem(viewer.get(at), 404)


def test_weights(as_: As) -> None:
    editor = as_("editor")
    saved = editor.put(f"{CURATIONS}/weights/fresh", json={"parts": {"recency": 0.5}, "half_life": 2}).json()
    assert saved["weights"]["half_life"] == 2
    in_use = editor.put(f"{CURATIONS}/weights-in-use", json={"name": "fresh"}).json()["items"]
    assert [(each["name"], each["in_use"]) for each in in_use] == [("standard", False), ("fresh", True)]
    made = editor.post(CURATIONS, json={"topic": "bridges"}).json()
    assert made["weights_name"] == "fresh"
    given = editor.post(CURATIONS, json={"topic": "bridges", "weights": {"parts": STANDARD}}).json()
    assert given["weights_name"] == "given"
    assert editor.post(f"{CURATIONS}/{made['id']}/stop").json()["state"] == "stopped"
    assert editor.delete(f"{CURATIONS}/weights/fresh").status_code == 204
    assert is_problem(editor.delete(f"{CURATIONS}/weights/fresh"), 404)
    assert is_problem(editor.delete(f"{CURATIONS}/weights/standard"), 422)


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"topic": "x"},
        {"topic": "bridges", "max_articles": 0},
        {"topic": "bridges", "rules": {"domain_cap": 0}},
        {"topic": "bridges", "rules": {"cap": 1}},
        {"topic": "bridges", "weights": {"parts": {"charm": 1}}},
        {"topic": "bridges", "within": "sorce:x"},
        {"urls": ["https://x.example"] * 1001},
    ],
)
def test_wishes_that_cannot_be(as_: As, wish: dict[str, Any]) -> None:
    assert is_problem(as_("editor").post(CURATIONS, json=wish), 422)
    assert is_problem(as_("viewer").post(CURATIONS, json=wish), 403)


def test_what_is_not_there(as_: As) -> None:
    editor = as_("editor")
    assert is_problem(editor.post(CURATIONS, json={"topic": "bridges", "weights": "nobody's"}), 404)
    assert is_problem(editor.get(f"{CURATIONS}/nothing/items"), 404)
    assert is_problem(editor.post(f"{CURATIONS}/nothing/stop"), 404)
    assert is_problem(editor.get(f"{CURATIONS}/nothing/compare"), 404)
