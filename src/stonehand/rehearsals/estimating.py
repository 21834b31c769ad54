"""What a question would cost, before it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from stonehand.db import Session
from stonehand.llm import configured
from stonehand.llm.prices import Message

CHARACTERS_A_TOKEN = 4
TOKENS_A_MESSAGE, TOKENS_AT_ALL = 4, 3


@dataclass(frozen=True)
class Estimate:
    """Tokens that are sent, by rule of thumb; the most that may come back; the most that one answer may cost, in
    millionths of the budget's currency. A second round at most doubles it."""

    input_tokens: int
    most_output_tokens: int
    worst_micro: int


def estimate(
    session: Session, messages: Sequence[Message], shape: type[BaseModel], max_tokens: int, model_id: str = ""
) -> Estimate:
    """Of one question, by the prices of the model that is asked first.

    Four characters are a token, and each message takes four more.
    """
    schema = str(shape.model_json_schema())
    sent = sum(len(each.text) // CHARACTERS_A_TOKEN + TOKENS_A_MESSAGE for each in messages) + TOKENS_AT_ALL
    asked = configured.first(session, model_id)
    worst = asked.prices.worst(messages, max_tokens, schema) if asked else 0
    return Estimate(sent + len(schema) // CHARACTERS_A_TOKEN, max_tokens, worst)
