"""What holds for every operation of the API."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any, NamedTuple

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from stonehand.sources import intake
from stonehand.sources.errors import NothingFound
from stonehand.web.api import contract
from stonehand.web.app import PermissionUndeclared, create_app
from tests.faults.tally import IS_LONG
from tests.web.api.conftest import As, made

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)] if IS_LONG else []

PUBLIC = {"letters_mail_in", "auth_login", "auth_setup"}
OWN = {  # a viewer may, for themselves
    *("auth_logout", "auth_change_password", "auth_create_token", "auth_revoke_token"),
    *("library_save", "library_change", "library_remove", "library_renew_feed"),
    *("library_bookmark", "library_unbookmark"),
    *("reading_record", "reading_refresh", "reading_change_profile", "reading_want_less", "reading_want_again"),
    *("reading_assess", "reading_set_scores", "reading_forget"),
}
STRANGE = [
    "",
    "'; DROP TABLE users; --",
    "\x00",
    "x" * 5000,
    "٣\u202eabc\U0001f409",
    "../../etc",
    "9999-12-31T23:59:59-12:00",
    "2026-01-01",
    -1,
    2**70,
    0.5,
    True,
    None,
    [],
    ["a", None],
    {},
    {"a": "b"},
]


class Operation(NamedTuple):
    method: str
    path: str
    what: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.what["operationId"])

    def at(self, value: str) -> str:
        path = self.path
        for parameter in self.what.get("parameters", []):
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", value)
        return path


@cache
def document() -> dict[str, Any]:
    """Made by whom it is for: all processes load this file, and one runs it."""
    return contract.document(made())


@cache
def operations() -> list[Operation]:
    return [
        Operation(method, path, what)
        for path, methods in document()["paths"].items()
        if path.startswith("/api/")
        for method, what in methods.items()
    ]


def is_problem(answer: Any, status: int) -> bool:
    body = answer.json()
    return (
        answer.status_code == status
        and answer.headers["content-type"] == "application/problem+json"
        and body["status"] == status
        and bool(body["detail"])
        and body["type"].startswith("urn:stonehand:problem:")
    )


def test_every_operation_is_described() -> None:
    ids = [operation.id for operation in operations()]
    assert len(set(ids)) == len(ids)
    assert len(ids) > 35
    for operation in operations():
        assert len(operation.what["tags"]) == 1, operation.id
        assert operation.what["summary"], operation.id
        assert operation.what["description"], operation.id
        assert {"401", "403", "422", "503"} <= set(operation.what["responses"]), operation.id
        assert bool(operation.what.get("security")) == (operation.id not in PUBLIC), operation.id


def test_a_route_that_forgot_its_permission_is_not_served() -> None:
    router = APIRouter()
    router.add_api_route("/api/v1/everything", lambda: "all of it")
    with pytest.raises(PermissionUndeclared, match="/api/v1/everything"):
        create_app((router,))


def test_every_reference_of_the_document_leads_somewhere() -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    known = {f"#/components/schemas/{name}" for name in document()["components"]["schemas"]}
    found = set(references(document()))
    assert "#/components/schemas/Problem" in found
    assert found <= known


def test_the_document_is_public(client: TestClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert "Problem" in answer.json()["components"]["schemas"]


def test_strangers_may_do_nothing(client: TestClient) -> None:
    for operation in operations():
        if operation.id not in PUBLIC:
            answer = client.request(operation.method, operation.at("x"))
            assert is_problem(answer, 401), operation.id
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_viewer_may_only_look(as_: As) -> None:
    viewer = as_("viewer")
    for operation in operations():
        if operation.method != "get" and operation.id not in PUBLIC | OWN:
            answer = viewer.request(operation.method, operation.at("x"), json={})
            assert is_problem(answer, 403), operation.id


@pytest.mark.parametrize("role", ["viewer", "editor", "publisher"])
def test_only_an_administrator_sees_people_and_what_they_did(as_: As, role: str) -> None:
    client = as_(role)
    for path in ("/api/v1/users", "/api/v1/users/x", "/api/v1/audit"):
        assert is_problem(client.get(path), 403)


def test_what_is_not_there_is_a_problem(as_: As) -> None:
    admin = as_("admin")
    asked = [each for each in operations() if each.method in ("get", "delete") and "{" in each.path]
    assert len(asked) > 5
    for operation in asked:
        answer = admin.request(operation.method, operation.at("0190-nothing"))
        assert is_problem(answer, 404), operation.id
        assert "0190-nothing" in answer.json()["detail"], operation.id


def test_a_bad_body_is_told_where_and_how_to_mend_it(as_: As) -> None:
    answer = as_("admin").post("/api/v1/users", json={"email": "x@example.org", "role": "emperor"})
    assert is_problem(answer, 422)
    errors = {error["where"]: error for error in answer.json()["errors"]}
    assert {"body.name", "body.password", "body.role"} <= set(errors)
    assert errors["body.name"]["mend"] == "send this field"


def test_a_slip_of_the_pen_is_not_ignored(as_: As) -> None:
    answer = as_("editor").patch("/api/v1/sources/x", json={"enabeld": False})
    assert is_problem(answer, 422)
    assert answer.json()["errors"][0]["where"] == "body.enabeld"


def test_what_no_database_can_keep_is_refused_in_addresses(as_: As) -> None:
    viewer = as_("viewer")
    for path in ("/api/v1/posts?agent_id=%00", "/posts?agent=a%00b"):
        assert is_problem(viewer.get(path), 422)
    assert viewer.get("/api/v1/posts?agent_id=%2500").status_code == 200


def test_strange_input_never_crashes(as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """No address is asked: looking at one is tested elsewhere. The long form gives every place every value."""

    def nothing(url: str) -> Any:
        raise NothingFound(f"nothing at {url!r}")

    monkeypatch.setattr(intake, "identify", nothing)
    with as_("admin") as admin:  # entered, it keeps one loop for all requests
        for operation in operations():
            if operation.id in OWN:
                continue  # they would end or throttle the session that asks
            for query, body in inputs(operation):
                answer = admin.request(operation.method, operation.at("x"), params=query, json=body)
                is_said = answer.status_code < 500 or answer.status_code == 501
                assert is_said, (operation.id, query, body, answer.text)


def inputs(operation: Operation) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each parameter and each field strange in turn, the others as they should be."""
    for parameter in operation.what.get("parameters", []):
        if parameter["in"] == "query":
            for value in strange(parameter["schema"]):
                yield {parameter["name"]: str(value)}, None
    for body in bodies(operation):
        yield {}, body


def bodies(operation: Operation) -> Iterator[Any]:
    content = operation.what.get("requestBody", {}).get("content", {}).get("application/json")
    if not content:
        return
    shape = named(content["schema"])
    yield from strange(shape)
    usual = {name: plain(field) for name, field in shape["properties"].items() if name in shape.get("required", [])}
    for name, field in shape["properties"].items():
        for value in strange(field):
            yield {**usual, name: value}


def named(shape: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = shape
    while "$ref" in found:
        found = document()["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return found


TURNS = count()
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool, int),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def fits(value: Any, shape: dict[str, Any]) -> bool:
    """Whether it is of a kind that gets past the first door, to code that only this place has."""
    shape = named(shape)
    kinds = [KINDS[named(each)["type"]] for each in shape.get("anyOf", [shape]) if "type" in named(each)]
    return not kinds or any(isinstance(value, kind) for kind in kinds)


def strange(shape: dict[str, Any]) -> Iterator[Any]:
    """What fits a place, of texts half in turns; of all else, which one door refuses for every place, one in turns."""
    if IS_LONG:
        yield from STRANGE
        return
    turn, fit = next(TURNS), [value for value in STRANGE if fits(value, shape)]
    others = [value for value in STRANGE if not fits(value, shape)]
    yield from fit[turn % 2 :: 2] if len(fit) > 5 else fit
    yield from others[turn % len(others) :][:1] if others else []


def plain(field: dict[str, Any]) -> Any:
    if "enum" in field:
        return field["enum"][0]
    kinds: dict[str, Any] = {"string": "something fit", "integer": 30, "array": ["read"], "object": {}, "boolean": True}
    return kinds.get(field.get("type", ""), "something fit")
