"""A model that answers well. It is no model: it says what the articles of `material` say, in the shape asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from stonehand.drafts.answers import WrittenPiece, WrittenTitles
from stonehand.llm.asking import Answer
from stonehand.llm.prices import Message

SENTENCES = [
    {"text": "During an inspection, engineers found 14 cracked bolts in the eastern pylon.", "sources": [1]},
    {"text": "The harbour bridge in Norwick will close for six weeks, the council said.", "sources": [1]},
    {"text": "The ferry company promised a boat every ten minutes while the bridge is shut.", "sources": [2]},
]
METAS = {"meta_title": "Norwick’s harbour bridge closes", "keywords": ["harbour bridge", "Norwick"]}
TITLE = "Cracked bolts close the harbour bridge in Norwick"
PIECE = {"title": TITLE, "sentences": SENTENCES, **METAS}
LONG = {"title": TITLE, "sections": [{"heading": "What happened", "sentences": SENTENCES}], **METAS}


@dataclass
class HonestModel:
    """Stands in for `asking.ask`. `answers` are given first, one after the other; `raises` is raised instead."""

    asked: list[Sequence[Message]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    raises: Exception | None = None

    def ask(self, messages: Sequence[Message], shape: type[BaseModel], **told: Any) -> Answer[Any]:
        """An answer in the shape."""
        if self.raises:
            raise self.raises
        self.asked.append(messages)
        self.told.append(told)
        said = self.answers.pop(0) if self.answers else self._usual(messages, shape)
        return Answer(shape.model_validate(said), "honest", 5)

    def _usual(self, messages: Sequence[Message], shape: type[BaseModel]) -> dict[str, Any]:
        if shape is WrittenTitles:
            return {"titles": [TITLE], **METAS}
        if shape is WrittenPiece:
            return LONG if "sections" in messages[0].text.split("Rules.")[0] else PIECE
        return {
            "stories": [{"number": 1, "sentences": SENTENCES[:2]}, {"number": 2, "sentences": SENTENCES[2:]}],
            **METAS,
        }
