"""The web application: its rooms, its guards, its answers to errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from stonehand import __version__
from stonehand.errors import StonehandError
from stonehand.web import api, feeds, health, outward_feeds, problems, rendering, scraping, stream
from stonehand.web.api import contract, formerly
from stonehand.web.bodies import BodyLimit
from stonehand.web.counting import Counting
from stonehand.web.deps import Public, Requires, public
from stonehand.web.pages import (
    account_routes,
    agent_routes,
    alert_routes,
    article_routes,
    brake_routes,
    calendar_routes,
    channel_form_routes,
    channel_routes,
    comment_routes,
    curation_routes,
    dead_letter_routes,
    doctor_routes,
    door_routes,
    for_you_routes,
    job_deeds,
    job_routes,
    letter_routes,
    library_routes,
    limits_routes,
    model_form_routes,
    model_routes,
    new_rubric_routes,
    opt_out_routes,
    people_routes,
    platform_routes,
    policy_routes,
    post_routes,
    probes,
    process_routes,
    prompt_routes,
    publication_routes,
    replacing_routes,
    report_routes,
    review_more_routes,
    review_routes,
    rubric_routes,
    schedule_routes,
    several_jobs,
    source_page_routes,
    source_routes,
    story_routes,
    today_routes,
    trend_routes,
)
from stonehand.web.repeats import Repeats
from stonehand.web.security import SecurityHeaders

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    scraping.router,
    stream.router,
    outward_feeds.router,
    feeds.router,
    api.router,
    api.bytes_router,
    formerly.other,
    formerly.programs,
    door_routes.router,
    account_routes.router,
    people_routes.router,
    today_routes.router,
    story_routes.router,
    trend_routes.router,
    for_you_routes.router,
    library_routes.router,
    new_rubric_routes.router,  # before the page of one, which would take `new` for a key
    rubric_routes.router,
    prompt_routes.router,
    curation_routes.router,
    agent_routes.router,
    report_routes.router,
    article_routes.router,
    post_routes.router,
    brake_routes.router,
    review_more_routes.router,  # before the reviews by their ids
    review_routes.router,
    policy_routes.router,
    job_routes.router,
    several_jobs.router,
    dead_letter_routes.router,
    job_deeds.router,
    limits_routes.router,
    schedule_routes.router,
    letter_routes.router,
    source_routes.router,
    source_page_routes.router,
    channel_form_routes.router,
    platform_routes.router,
    opt_out_routes.router,
    process_routes.router,  # before the comments by their ids
    replacing_routes.router,
    comment_routes.router,
    publication_routes.router,
    calendar_routes.router,
    channel_routes.router,
    model_routes.router,
    model_form_routes.router,
    doctor_routes.router,
    alert_routes.router,
)
probes.install()
FOREVER = "public, max-age=31536000, immutable"


class PermissionUndeclared(StonehandError):
    """A route says neither which permission it takes nor that it is public."""


class HashedFiles(StaticFiles):
    """Our own static files. An address that carries the content's hash may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = FOREVER if hashed else "no-cache"
        return response


def create_app(routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """The application. Raises `PermissionUndeclared` rather than serve a route that forgot to say who may use it."""
    app = FastAPI(
        title="Stonehand",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan,
        routes=[route for router in routers for route in router.routes],  # to include them would make each anew
    )
    app.add_api_route(
        "/api/v1/openapi.json", partial(contract.document, app), include_in_schema=False, dependencies=[public]
    )
    app.mount("/static", HashedFiles(directory=rendering.STATIC), name="static")
    problems.install(app)
    app.add_middleware(Repeats)
    app.add_middleware(BodyLimit)
    app.add_middleware(GZipMiddleware, minimum_size=800, compresslevel=5)
    app.add_middleware(SecurityHeaders, failed=problems.on_unknown)
    app.add_middleware(Counting)
    forgotten = undeclared(app)
    if forgotten:
        raise PermissionUndeclared(f"{', '.join(forgotten)}: add `public` or `requires(...)` to these routes")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.hub = stream.Hub()
    with stream.ended_by_signals(app.state.hub):
        yield
    app.state.hub.close()


def undeclared(app: FastAPI) -> list[str]:
    """Paths of the routes that declare no permission."""
    return [
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if not isinstance(route.original_route, Mount) and not _declares(getattr(route, "dependant", None))
    ]


def _declares(dependant: Dependant | None) -> bool:
    if dependant is None:
        return False
    calls: list[Any] = [dependant.call]
    return isinstance(calls[0], (Public, Requires)) or any(_declares(inner) for inner in dependant.dependencies)
