"""From a view to HTML: the template engine, its words for time and number, and the frame around every page."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from stonehand import config, db
from stonehand.web import flash, security
from stonehand.web.pages.parts import Chrome, Status
from stonehand.web.words import ago, clock, coming, day, number, plural, points

HERE = Path(__file__).parent
STATIC = HERE / "static"


@cache
def content_hash(name: str) -> str:
    """A short hash of a static file, so that its address changes when it does."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """Address of a static file, good for ever."""
    return f"/static/{name}?v={content_hash(name)}"


@cache
def vendor() -> dict[str, dict[str, str]]:
    """The third-party scripts that were built, with their hashes; none where the build has not run."""
    manifest = STATIC / "vendor" / "manifest.json"
    if not manifest.exists():
        return {}
    files: dict[str, dict[str, str]] = json.loads(manifest.read_text(encoding="utf-8"))
    return files


@cache
def environment() -> jinja2.Environment:
    """The template engine. Everything is escaped; a name that is missing raises."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    zone = config.settings().zone
    made.filters.update(ago=partial(ago, zone=zone), coming=partial(coming, zone=zone))
    made.filters.update(clock=partial(clock, zone=zone), day=partial(day, zone=zone))
    made.filters.update(number=number, plural=plural, points=points)
    made.globals.update(static_url=static_url, vendor=vendor, now=db.utc_now)
    # A block rendered alone does not run its template's imports, so the macros are global.
    made.globals["ui"] = made.get_template("ui.html").module
    made.globals["hx"] = made.get_template("hx.html").module
    return made


def page(request: Request, template: str, view: object, chrome: Chrome, status: int = 200) -> HTMLResponse:
    """The page for `view`; only one block of it, if htmx asks for that block by the id of its target."""
    context = {"view": view, "chrome": chrome, **_frame(request)}
    made = environment().get_template(template)
    block = _wanted_block(request, made)
    if block:
        text = "".join(made.blocks[block](made.new_context(context)))
        return HTMLResponse(text, status, headers={"Vary": "HX-Request, HX-Target"})
    response = HTMLResponse("", status, headers={"Vary": "HX-Request, HX-Target"})
    context["flash"] = flash.take(request, response)
    context["csrf_token"] = _csrf_token(request, response)
    response.body = made.render(context).encode()
    response.headers["Content-Length"] = str(len(response.body))
    return response


def _frame(request: Request) -> dict[str, Any]:
    return {
        "request": request,
        "path": request.url.path,
        "nonce": getattr(request.state, "nonce", ""),
        "person": getattr(request.state, "person", None),
        "flash": None,
        "csrf_token": _csrf_token(request, None),
    }


def _csrf_token(request: Request, response: HTMLResponse | None) -> str:
    secret = request.cookies.get(security.session_cookie()) or request.cookies.get(security.visit_cookie())
    if not secret and response is not None:
        secret = secrets.token_urlsafe(32)
        security.set_cookie(response, security.visit_cookie(), secret, strict=True)
    return security.csrf_token(secret) if secret else ""


def _wanted_block(request: Request, template: jinja2.Template) -> str | None:
    if request.headers.get("hx-request") != "true":
        return None
    block = request.headers.get("hx-target", "").partition("#")[2].replace("-", "_")
    return block if block in template.blocks else None


def error_page(
    request: Request, status: int, detail: str, retry_after: int | None = None, errors: Sequence[dict[str, str]] = ()
) -> HTMLResponse:
    """A readable page for an error, or for htmx a message that lands where messages land."""
    title = HTTPStatus(status).phrase
    context = {"status": status, "title": title, "detail": detail, "retry_after": retry_after, "errors": errors}
    if request.headers.get("hx-request") == "true":
        text = environment().get_template("errors/message.html").render(context)
        return HTMLResponse(text, status, headers={"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"})
    chrome = Chrome(status=Status(""))
    text = environment().get_template("errors/page.html").render(chrome=chrome, **context, **_frame(request))
    return HTMLResponse(text, status)
