"""Errors as people and programs read them: problem details (RFC 9457) under /api, a readable page elsewhere."""

from __future__ import annotations

import math
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from stonehand import log
from stonehand.errors import StonehandError
from stonehand.web import rendering
from stonehand.web.deps import SignInNeeded

MEDIA_TYPE = "application/problem+json"
MENDING = {
    "missing": "send this field",
    "extra_forbidden": "leave this field out",
    "string_too_long": "shorten it",
    "string_too_short": "make it longer",
    "json_invalid": "send well-formed JSON",
}
PROGRAMS = re.compile(r"/health/jobs|/admin/collect|/jobs/[^/]+/(status|result)")
WORDS = {
    404: "There is nothing at this address. It may have been removed, or the link may be mistyped.",
    405: "This address does not take that kind of request.",
    413: "What was sent is too large: a request may carry 8 MB at most, and 16 MB if it brings letters.",
}


def problem(request: Request, status: int, kind: str, detail: str, **more: Any) -> Response:
    """A problem document. `more` are extension members."""
    title = more.pop("title", HTTPStatus(status).phrase)
    body = {"type": f"urn:stonehand:problem:{kind}", "title": title, "status": status, "detail": detail}
    return JSONResponse({**body, "instance": request.url.path, **more}, status, media_type=MEDIA_TYPE)


def wants_json(headers: Headers) -> bool:
    """Whether this asks for JSON rather than a page."""
    accept = headers.get("accept", "")
    return "json" in accept and "text/html" not in accept


def is_of_program(request: Request) -> bool:
    """Whether a program sends this, so that an error is told as a problem and not as a page."""
    path, headers = request.url.path, request.headers
    return bool(
        path.startswith("/api/")
        or PROGRAMS.fullmatch(path)
        or request.method == "DELETE"
        or headers.get("authorization", "").lower().startswith("bearer ")
        or headers.get("content-type", "").startswith("application/json")
        or wants_json(headers)
    )


def answer(request: Request, status: int, kind: str, detail: str, **more: Any) -> Response:
    """The right form of an error for whoever asks."""
    if is_of_program(request):
        return problem(request, status, kind, detail, **more)
    return rendering.error_page(request, status, detail, more.get("retry_after"), more.get("errors", ()))


async def on_known(request: Request, error: StonehandError) -> Response:
    """An error of ours, which already says what, where and how to mend it."""
    if isinstance(error, SignInNeeded) and not is_of_program(request):
        return _to_sign_in(request)
    if error.status >= 500 and error.status != 503:
        log.logger(__name__).error("request failed", kind=error.kind, path=request.url.path, exc_info=error)
    more: dict[str, Any] = {"title": (type(error).__doc__ or error.kind).strip().splitlines()[0].rstrip(".")}
    retry_after = getattr(error, "retry_after", None)
    if error.status == 503:
        retry_after = more["retry_after"] = math.ceil(retry_after or 5)
    response = answer(request, error.status, error.kind, str(error), **more)
    if error.status == 503:
        response.headers["Retry-After"] = str(retry_after)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _to_sign_in(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = f"/sign-in?next={quote(here if request.method == 'GET' else '/', safe='/')}"
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse(target, 303)


async def on_invalid(request: Request, error: RequestValidationError) -> Response:
    """Input of the wrong shape: where it is, what is wrong and how to mend it, never the input itself."""
    errors = [
        {
            "where": ".".join(str(part) for part in found["loc"]),
            "detail": str(found["msg"]),
            "mend": MENDING.get(found["type"], "correct this value"),
        }
        for found in error.errors()
    ]
    first = errors[0] if errors else {"where": "the request", "detail": "it cannot be read"}
    detail = f"{first['where']}: {first['detail']}"
    return answer(request, 422, "InputInvalid", detail, title="What was sent does not fit", errors=errors)


async def on_http(request: Request, error: HTTPException) -> Response:
    """An error of the framework: no such address, no such method."""
    phrase = HTTPStatus(error.status_code).phrase
    kind = phrase.title().replace(" ", "").replace("-", "")
    response = answer(request, error.status_code, kind, WORDS.get(error.status_code, str(error.detail)))
    response.headers.update(error.headers or {})
    return response


async def on_unknown(request: Request, error: Exception) -> Response:
    """A bug of ours: logged in full, told in one sentence."""
    log.logger(__name__).error("request crashed", path=request.url.path, exc_info=error)
    return answer(request, 500, "Crash", "Something broke on our side. It is in the log; trying again may help.")


def install(app: FastAPI) -> None:
    """Let these functions answer every error of `app`. `SecurityHeaders` calls `on_unknown`."""
    handlers: dict[type[Exception], Any] = {
        StonehandError: on_known,
        RequestValidationError: on_invalid,
        HTTPException: on_http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
