"""A message of Anthropic's Messages API. Its models think before they speak, and take no temperature."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from stonehand.llm.dialects.shapes import Completion, Question, Sent, Server, Tokens, called
from stonehand.llm.prices import Usage

VERSION = "2023-06-01"  # of the API; the only one there is


class _Block(BaseModel):
    type: str
    text: str | None = None


class _Usage(BaseModel):
    input_tokens: Tokens
    output_tokens: Tokens
    cache_creation_input_tokens: Tokens | None = None
    cache_read_input_tokens: Tokens | None = None


class _Answer(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    usage: Any = None
    model: Any = None


def write(server: Server, question: Question) -> Sent:
    """The request. The base address ends before `/v1/messages`."""
    headers = {"anthropic-version": VERSION}
    if server.api_key:
        headers["x-api-key"] = server.api_key
    body: dict[str, Any] = {
        "model": server.model,
        "max_tokens": question.max_tokens,
        "messages": [{"role": "user", "content": "\n\n".join(question.user)}],
    }
    if question.system:
        body["system"] = question.system
    if question.schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": dict(question.schema)}}
    return Sent(f"{server.base_url.rstrip('/')}/v1/messages", headers, body)


def read(text: bytes) -> Completion:
    """What an answer says: its text blocks, not its thoughts. Raises `ValidationError` if it is no message."""
    answer = _Answer.model_validate_json(text)
    words = "".join(block.text or "" for block in answer.content if block.type == "text")
    refusal = "it declined to answer" if answer.stop_reason == "refusal" else ""
    is_cut = answer.stop_reason in ("max_tokens", "model_context_window_exceeded")
    return Completion(words, _usage(answer.usage), is_cut, refusal, called(answer.model))


def _usage(value: Any) -> Usage | None:
    try:
        usage = _Usage.model_validate(value, strict=True)
    except ValidationError:
        return None
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return Usage(usage.input_tokens + cached, usage.output_tokens)


def is_about_key(_body: bytes) -> bool:
    """Whether a refusal with another status than 401 and 403 means the key; here none does."""
    return False
