"""One chat completion at any server that speaks OpenAI's dialect, sent through our own guarded client."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from stonehand import http_client
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import HostUnavailable, Request, named
from stonehand.llm.errors import AnswerInvalid, AnswerUnreadable, ModelRefused, ModelUnavailable
from stonehand.llm.prices import Message, Usage

MAX_ANSWER_BYTES = 2_000_000
Tokens = Annotated[int, Field(ge=0, le=1_000_000_000)]


@dataclass(frozen=True)
class Server:
    """Where the model lives. `base_url` ends before `/chat/completions`; `timeout` is in seconds, for everything."""

    base_url: str
    api_key: str
    model: str
    timeout: float


@dataclass(frozen=True)
class Completion:
    """What the model said. `usage` is None where the server does not count."""

    text: str
    usage: Usage | None


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: Tokens
    completion_tokens: Tokens


class _Answer(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: Any = None


def complete(
    server: Server, messages: Sequence[Message], max_tokens: int, schema: Mapping[str, Any] | None = None
) -> Completion:
    """Ask once, never again by itself. `schema` is a JSON schema that a server may honour or ignore.

    Raises `ModelUnavailable` (down, slow, half an answer, or 429 with its `retry_after`), `ModelRefused` and
    `AnswerInvalid`.
    """
    request = Request(
        url=server.base_url.rstrip("/") + "/chat/completions",
        method="POST",
        headers=_headers(server),
        body=json.dumps(_question(server.model, messages, max_tokens, schema)).encode(),
        accept="application/json",
        max_bytes=MAX_ANSWER_BYTES,
        timeout=server.timeout,
        breaker=False,  # the provider has one of its own, which also counts answers that nobody can read
    )
    try:
        with _reachable(server.base_url):
            reply = http_client.fetch(request)
    except Unavailable as error:
        raise ModelUnavailable(f"the language model is not available: {error}", error.retry_after) from error
    except Rejected as error:
        raise ModelRefused(
            f"the language model's server refused the request: {error};"
            " check STONEHAND_LLM_BASE_URL, STONEHAND_LLM_MODEL and STONEHAND_LLM_API_KEY"
        ) from error
    return _read(reply.body)


@contextmanager
def _reachable(base_url: str) -> Iterator[None]:
    """While it lasts, let connections reach the model's own address: the operator named it."""
    with ExitStack() as opened:
        try:
            opened.enter_context(named.url_reachable(base_url))
        except HostUnavailable as error:
            raise ModelUnavailable(f"the language model's host is not there: {error}") from error
        yield


def _headers(server: Server) -> dict[str, str]:
    # A kept connection would stay open to strangers' links after `_reachable` has ended.
    headers = {"Content-Type": "application/json", "Connection": "close"}
    if server.api_key:
        headers["Authorization"] = f"Bearer {server.api_key}"
    return headers


def _question(
    model: str, messages: Sequence[Message], max_tokens: int, schema: Mapping[str, Any] | None
) -> dict[str, Any]:
    question: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.role, "content": message.text} for message in messages],
        "max_tokens": max_tokens,
        "temperature": 0.2,
        "stream": False,
    }
    if schema is not None:
        question["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)},
        }
    return question


def _read(body: bytes) -> Completion:
    text = body.strip()
    if text.startswith(b"{") and not text.endswith(b"}"):
        raise ModelUnavailable("the language model's server sent only a part of its answer")
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError as error:
        raise AnswerUnreadable("the language model's server did not answer with a chat completion") from error
    choice = answer.choices[0]
    if choice.finish_reason == "length":
        raise AnswerInvalid("the language model's answer was cut off, because it was too long")
    return Completion(choice.message.content or "", _usage(answer.usage))


def _usage(value: Any) -> Usage | None:
    try:
        usage = _Usage.model_validate(value, strict=True)
    except ValidationError:
        return None
    return Usage(usage.prompt_tokens, usage.completion_tokens)
