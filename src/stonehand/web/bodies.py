"""How much a request may carry. The framework has such a limit too, but answers it in plain text, not as a problem."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 8 * 1024 * 1024  # bytes; an OPML list of thousands of feeds is smaller
LETTERS = 16 * 1024 * 1024  # a letter of 10 MB that a mail service has written in base64
FOR_LETTERS = {"/api/v1/letters", "/api/v1/mail-in", "/sources/letters"}


class BodyLimit:
    """Refuses a body that says it is too large, and one that turns out to be."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST) -> None:
        self._app, self._largest = app, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = 0
        largest = max(self._largest, LETTERS) if scope["path"] in FOR_LETTERS else self._largest
        said = Headers(scope=scope).get("content-length", "0")

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > largest or (said.isdigit() and int(said) > largest):
                # The framework passes on errors of this kind alone while it reads a body.
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)
