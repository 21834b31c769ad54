"""A chat completion at any server that speaks OpenAI's dialect: OpenAI, Mistral, Ollama, vLLM, llama.cpp and others."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from stonehand.llm.dialects.shapes import Completion, Question, Sent, Server, Tokens, called
from stonehand.llm.prices import Usage

TEMPERATURE = 0.2
THINKERS = re.compile(r"^(o\d|gpt-5|magistral)")  # they refuse a temperature other than their own
BY_NEW_NAME = ("openai",)  # providers that call the limit of an answer `max_completion_tokens`


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: Tokens
    completion_tokens: Tokens


class _Answer(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: Any = None
    model: Any = None


def write(server: Server, question: Question) -> Sent:
    """The request. The base address ends before `/chat/completions`."""
    headers = {"Authorization": f"Bearer {server.api_key}"} if server.api_key else {}
    return Sent(server.base_url.rstrip("/") + "/chat/completions", headers, _body(server, question))


def _body(server: Server, question: Question) -> dict[str, Any]:
    limit = "max_completion_tokens" if server.provider in BY_NEW_NAME else "max_tokens"
    body: dict[str, Any] = {
        "model": server.model,
        "messages": [{"role": message.role, "content": message.text} for message in question.messages],
        limit: question.max_tokens,
        "stream": False,
    }
    if not THINKERS.match(server.model):
        body["temperature"] = TEMPERATURE
    if question.schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": dict(question.schema)},
        }
    return body


def read(text: bytes) -> Completion:
    """What an answer says. Raises `ValidationError` if it is no chat completion."""
    answer = _Answer.model_validate_json(text)
    choice = answer.choices[0]
    return Completion(
        choice.message.content or "",
        _usage(answer.usage),
        is_cut=choice.finish_reason == "length",
        refusal=(choice.message.refusal or "")[:200],
        model=called(answer.model),
    )


def _usage(value: Any) -> Usage | None:
    try:
        usage = _Usage.model_validate(value, strict=True)
    except ValidationError:
        return None
    return Usage(usage.prompt_tokens, usage.completion_tokens)


def is_about_key(_body: bytes) -> bool:
    """Whether a refusal with another status than 401 and 403 means the key; here none does."""
    return False
