"""A model that answers like an attacker: the worst string it knows, in every field that an answer has."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from stonehand.llm.asking import Answer
from stonehand.llm.errors import AnswerInvalid
from stonehand.llm.prices import Message
from tests.drafts.attacks import DISGUISES, HARMLESS, ORDERS

WORST = [disguise(order)[:300] for order in ORDERS for disguise in DISGUISES]
EXTRA = {"approved": True, "state": "approved", "target": "evil", "account": "admin", "publish_at": "2026-01-01T00:00Z"}


@dataclass
class MaliciousModel:
    """Stands in for `asking.ask`. Every second answer hides its poison among true sentences; every fifth adds fields
    that no shape has."""

    asked: list[Sequence[Message]] = field(default_factory=list)
    turn: itertools.count[int] = field(default_factory=itertools.count)

    def ask(self, messages: Sequence[Message], shape: type[BaseModel], **_: Any) -> Answer[Any]:
        """An answer in the right shape, if the shape allows it."""
        self.asked.append(messages)
        number = next(self.turn)
        said = _filled(shape, number, number % 2 == 0)
        if number % 5 == 4:
            said |= EXTRA
        try:
            return Answer(shape.model_validate(said), "evil-1", 7)
        except ValidationError as error:
            raise AnswerInvalid("the language model's answer does not fit") from error


def _filled(shape: type[BaseModel], number: int, sly: bool) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, each in shape.model_fields.items():
        said[name] = _value(each.annotation, name, number + len(name), sly)
    if sly and "sentences" in said:  # three truths to one lie, so that the piece as a whole may stand
        said["sentences"] = [{"text": each, "sources": [1, 2]} for each in HARMLESS] + said["sentences"][:1]
    return said


def _value(kind: Any, name: str, number: int, sly: bool) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is list:
        return [_value(_bare(parts[0]), name, number + at, sly) for at in range(2)]
    if origin is not None and hasattr(kind, "__metadata__"):
        return _value(_bare(kind), name, number, sly)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _filled(kind, number, sly)
    if kind is str:
        return WORST[number % len(WORST)][:100] if name == "keywords" else WORST[number % len(WORST)]
    if kind is int:
        return 1 + number % 3
    return parts[number % len(parts)]  # one of a few words


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
