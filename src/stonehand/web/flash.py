"""A short message that survives one redirect, in a cookie; works without scripts."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from stonehand.web import security

LONGEST = 400
SECONDS = 60


@dataclass(frozen=True)
class Flash:
    """What was done. `undo` is the address to POST to for taking it back, which can be done for some `seconds`."""

    words: str
    tone: Literal["good", "bad", "quiet"] = "good"
    undo: str = ""
    seconds: int = 0


def cookie() -> str:
    """Name of the cookie."""
    return security.cookie_name("stonehand_flash")


def redirect(target: str, message: Flash | None = None) -> RedirectResponse:
    """Go to a path of ours with GET, and say there what was done."""
    response = RedirectResponse(security.safe_next(target), 303)
    if message:
        text = json.dumps(asdict(message) | {"words": message.words[:LONGEST]})
        value = base64.urlsafe_b64encode(text.encode()).decode()
        security.set_cookie(response, cookie(), value, SECONDS, strict=True)
    return response


def take(request: Request, response: Response) -> Flash | None:
    """The message that is waiting, if any; it is shown once."""
    value = request.cookies.get(cookie())
    if not value:
        return None
    security.drop_cookie(response, cookie())
    try:
        found = Flash(**json.loads(base64.urlsafe_b64decode(value)))
    except (ValueError, TypeError):
        return None
    safe = found.undo if security.safe_next(found.undo) == found.undo else ""
    return Flash(str(found.words)[:LONGEST], found.tone, safe, int(found.seconds))
