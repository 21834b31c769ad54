"""Content that Google's Gemini API generates. Its models think, too, and their thoughts are paid as output."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field, ValidationError

from stonehand.llm.dialects.shapes import Completion, Question, Sent, Server, Tokens, called
from stonehand.llm.prices import Usage

BLOCKED = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE")


class _Part(BaseModel):
    text: str | None = None
    thought: bool = False


class _Content(BaseModel):
    parts: list[_Part] = []


class _Candidate(BaseModel):
    content: _Content = _Content()
    finishReason: str | None = None  # noqa: N815  as Google writes it


class _Feedback(BaseModel):
    blockReason: str | None = None  # noqa: N815


class _Answer(BaseModel):
    candidates: list[_Candidate] = Field(default_factory=list)
    promptFeedback: _Feedback | None = None  # noqa: N815
    usageMetadata: Any = None  # noqa: N815
    modelVersion: Any = None  # noqa: N815


class _Usage(BaseModel):
    promptTokenCount: Tokens  # noqa: N815
    candidatesTokenCount: Tokens = 0  # noqa: N815
    thoughtsTokenCount: Tokens = 0  # noqa: N815


class NothingSaid(ValueError):
    """An answer without a candidate and without a reason."""


def write(server: Server, question: Question) -> Sent:
    """The request. The base address ends before `/models`."""
    config: dict[str, Any] = {"maxOutputTokens": question.max_tokens}
    if question.schema is not None:
        config |= {"responseMimeType": "application/json", "responseJsonSchema": dict(question.schema)}
    body: dict[str, Any] = {
        "contents": [{"role": "user", "parts": [{"text": text} for text in question.user]}],
        "generationConfig": config,
    }
    if question.system:
        body["systemInstruction"] = {"parts": [{"text": question.system}]}
    headers = {"x-goog-api-key": server.api_key} if server.api_key else {}
    model = quote(server.model.removeprefix("models/"), safe="")
    return Sent(f"{server.base_url.rstrip('/')}/models/{model}:generateContent", headers, body)


def read(text: bytes) -> Completion:
    """What an answer says, without its thoughts. Raises `ValidationError` or `NothingSaid` if it is none."""
    answer = _Answer.model_validate_json(text)
    usage, model = _usage(answer.usageMetadata), called(answer.modelVersion)
    if not answer.candidates:
        if answer.promptFeedback is None or not answer.promptFeedback.blockReason:
            raise NothingSaid("no candidate")
        return Completion("", usage, refusal=f"it blocked the question ({answer.promptFeedback.blockReason[:40]})")
    first = answer.candidates[0]
    words = "".join(part.text or "" for part in first.content.parts if not part.thought)
    refusal = f"it stopped ({first.finishReason})" if first.finishReason in BLOCKED else ""
    return Completion(words, usage, first.finishReason == "MAX_TOKENS", refusal, model)


def _usage(value: Any) -> Usage | None:
    try:
        usage = _Usage.model_validate(value, strict=True)
    except ValidationError:
        return None
    return Usage(usage.promptTokenCount, usage.candidatesTokenCount + usage.thoughtsTokenCount)


def is_about_key(body: bytes) -> bool:
    """Whether a refusal means the key: Google says 400 to a wrong one."""
    return b"API_KEY_INVALID" in body or b"API_KEY_EXPIRED" in body or b"API Key not found" in body
