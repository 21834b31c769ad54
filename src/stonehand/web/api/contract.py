"""What all of the API shares: parts of lists, ids, accepted work, and problem details in its OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Generic, Protocol, TypeVar

from fastapi import FastAPI, Path, Query, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from stonehand.errors import Rejected
from stonehand.web import repeats
from stonehand.web.problems import MEDIA_TYPE

Shape = TypeVar("Shape")
ID = r"^[A-Za-z0-9._-]{1,64}$"


class Identified(Protocol):
    """A row that a list can go on from."""

    @property
    def id(self) -> str:
        """Sorts by time."""


Row = TypeVar("Row", bound=Identified)
ById = Annotated[str, Path(pattern=ID, description="Its id.")]
Before = Annotated[str | None, Query(pattern=ID, description="`next` of the part before; leave it out for the first.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many items at most.")]


class Page(BaseModel, Generic[Shape]):
    """Part of a list. `next` goes into `before` for the part that follows; it is null at the end."""

    items: list[Shape]
    next: str | None = None
    limit: int


def page(rows: Sequence[Row], limit: int, shape: Callable[[Row], Shape]) -> Page[Shape]:
    """One part of a list, from one row more than `limit` if there are more."""
    shown = rows[:limit]
    following = shown[-1].id if len(rows) > limit else None
    return Page(items=[shape(row) for row in shown], next=following, limit=limit)


def whole(items: Sequence[Shape]) -> Page[Shape]:
    """A list that is short enough to be given whole."""
    return Page(items=list(items), next=None, limit=len(items))


class Wish(BaseModel):
    """What somebody sends. A field that we do not know is an error, so that a slip of the pen is never ignored."""

    model_config = ConfigDict(extra="forbid")


class JobRef(BaseModel):
    """Accepted work, to be watched at `GET /jobs/{job_id}`."""

    job_id: str | None
    detail: str


class Where(BaseModel):
    """One place of the input that does not fit."""

    where: str
    detail: str
    mend: str


class Problem(BaseModel):
    """What went wrong (RFC 9457). `type` ends with a stable word; `detail` says what, where and how to mend it."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:stonehand:problem:SourceNotFound"])
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Where] | None = None
    retry_after: int | None = Field(default=None, description="Seconds after which trying again makes sense.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route that may answer these errors."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the shape of problem details."""
    found = app.openapi()
    shapes = found.setdefault("components", {}).setdefault("schemas", {})
    if "Problem" not in shapes:
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        shapes.update(problem.pop("$defs", {}) | {"Problem": problem})
        _say_that_keys_are_heeded(found["paths"])
    return found


def _say_that_keys_are_heeded(paths: dict[str, Any]) -> None:
    heeds = {path: methods["post"] for path, methods in paths.items() if "post" in methods and repeats.heeds(path)}
    for operation in heeds.values():
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "Sent again with the same key, the request does its work once; kept for 24 hours.",
                "schema": {"type": "string", "maxLength": 255},
            }
        )


async def storable(request: Request) -> None:
    """Raise `Rejected` for a body that no database can keep: PostgreSQL has no NUL in texts."""
    body = await request.body()
    if b"\\u0000" in body or b"\0" in body:
        raise Rejected("the body holds the character U+0000, which no text needs; leave it out")


def operation_id(route: APIRoute) -> str:
    """A name for generated clients: `sources_pause`."""
    return f"{route.tags[0]}_{route.name}"


ANYWHERE = problems(401, 403, 422, 503)
BEARER = Security(HTTPBearer(auto_error=False, description="A token of `/auth/login` or `/auth/tokens`."))
