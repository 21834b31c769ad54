"""What a call costs, in millionths of the budget's currency."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

TOKENS_PER_MESSAGE = 16  # chat templates wrap each message in a few tokens of their own


@dataclass(frozen=True)
class Message:
    """One turn of a chat; `role` is "system" or "user"."""

    role: str
    text: str


@dataclass(frozen=True)
class Usage:
    """Tokens as the server counted them."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Prices:
    """Price of a million tokens, which is also the price in millionths of one token."""

    input: float
    output: float

    def cost(self, usage: Usage) -> int:
        """Cost of `usage`, rounded up."""
        return math.ceil(usage.input_tokens * self.input + usage.output_tokens * self.output)

    def worst(self, messages: Sequence[Message], max_tokens: int, extra: str = "") -> int:
        """The most a call can cost."""
        return self.cost(Usage(most_tokens(messages, extra), max_tokens))


def most_tokens(messages: Sequence[Message], extra: str = "") -> int:
    """The most tokens that a question can have: none is shorter than a byte."""
    return sum(len(message.text.encode()) + TOKENS_PER_MESSAGE for message in messages) + len(extra.encode())
