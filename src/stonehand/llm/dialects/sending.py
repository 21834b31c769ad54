"""One question to one server, through our own guarded client and never again by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType

from pydantic import ValidationError

from stonehand import http_client
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import AccessDenied, AddressForbidden, HostUnavailable, Request, RequestRefused, named
from stonehand.llm.dialects import anthropic, google, openai_compatible
from stonehand.llm.dialects.shapes import Completion, Question, Server
from stonehand.llm.errors import AnswerUnreadable, KeyRefused, ModelRefused, ModelUnavailable

MAX_ANSWER_BYTES = 2_000_000
OTHERS: dict[str, ModuleType] = {"anthropic": anthropic, "google": google}
KEY_STATUSES = (401, 403)


def complete(server: Server, question: Question) -> Completion:
    """Ask once.

    Raises `ModelUnavailable` (down, slow, half an answer, or 429 with its `retry_after`), `KeyRefused`, `ModelRefused`
    and `AnswerUnreadable`.
    """
    dialect = OTHERS.get(server.provider, openai_compatible)
    sent = dialect.write(server, question)
    request = Request(
        url=sent.url,
        method="POST",
        # A kept connection would stay open to strangers' links after `_reachable` has ended.
        headers={**sent.headers, "Content-Type": "application/json", "Connection": "close"},
        body=json.dumps(sent.body).encode(),
        accept="application/json",
        max_bytes=MAX_ANSWER_BYTES,
        timeout=server.timeout,
        breaker=False,  # the provider has one of its own, which also counts answers that nobody can read
    )
    try:
        with _reachable(server):
            reply = http_client.fetch(request)
    except Unavailable as error:
        raise ModelUnavailable(f"the language model is not available: {error}", error.retry_after) from error
    except Rejected as error:
        raise _refusal(error, dialect, server.mend) from error
    return _read(reply.body, dialect)


@contextmanager
def _reachable(server: Server) -> Iterator[None]:
    """While it lasts, let connections reach the model's own address, if the operator named it."""
    with ExitStack() as opened:
        if server.is_named_by_operator:
            try:
                opened.enter_context(named.url_reachable(server.base_url))
            except HostUnavailable as error:
                raise ModelUnavailable(f"the language model's host is not there: {error}") from error
        yield


def _refusal(error: Rejected, dialect: ModuleType, mend: str) -> ModelRefused:
    is_status = isinstance(error, AccessDenied) and error.code in KEY_STATUSES
    if is_status or (isinstance(error, RequestRefused) and dialect.is_about_key(error.body)):
        return KeyRefused(f"the language model's server refused our key: {error}; {mend}")
    if isinstance(error, AddressForbidden):
        return ModelRefused(f"the language model was not asked: {error}; an administrator who enters it here opens it")
    return ModelRefused(f"the language model's server refused the request: {error}; {mend}")


def _read(body: bytes, dialect: ModuleType) -> Completion:
    text = body.strip()
    if text.startswith(b"{") and not text.endswith(b"}"):
        raise ModelUnavailable("the language model's server sent only a part of its answer")
    try:
        found: Completion = dialect.read(text)
    except (ValidationError, google.NothingSaid) as error:
        raise AnswerUnreadable("what the language model's server answered is no answer of a model") from error
    return found
