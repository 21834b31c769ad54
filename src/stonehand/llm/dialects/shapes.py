"""What is asked in every dialect, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from stonehand.llm.prices import Message, Usage

Tokens = Annotated[int, Field(ge=0, le=1_000_000_000)]


@dataclass(frozen=True)
class Server:
    """Where the model lives and how it is spoken to. `timeout` is in seconds, for everything.

    `is_named_by_operator` lets its address be inside our networks, which no other's may be; `mend` is what to do if it
    refuses us.
    """

    base_url: str
    api_key: str = field(repr=False)
    model: str
    timeout: float
    provider: str = "compatible"
    is_named_by_operator: bool = True
    mend: str = "check its address, its key and the name of the model"


@dataclass(frozen=True)
class Question:
    """What is asked. `schema` is a JSON schema that a server may honour, ignore or refuse; None asks without it."""

    messages: Sequence[Message]
    max_tokens: int
    schema: Mapping[str, Any] | None = None

    @property
    def system(self) -> str:
        """What the operator says."""
        return "\n\n".join(message.text for message in self.messages if message.role == "system")

    @property
    def user(self) -> list[str]:
        """What is handed over, turn by turn."""
        return [message.text for message in self.messages if message.role != "system"]


@dataclass(frozen=True)
class Sent:
    """A question as its dialect writes it: where to, with which headers, and the body."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Completion:
    """What the model said. `usage` is None where the server does not count; `is_cut` if it had to stop too early.

    `refusal` is why it would say nothing; `model` is what the server calls itself.
    """

    text: str
    usage: Usage | None
    is_cut: bool = False
    refusal: str = ""
    model: str = ""


def called(name: Any) -> str:
    """What a server calls its model, fit to be shown."""
    return "".join(letter for letter in str(name or "") if letter.isprintable())[:100]
