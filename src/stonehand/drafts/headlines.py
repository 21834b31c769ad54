"""Titles and metas for a text that is there, by a language model, checked by code. Nothing is changed by asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stonehand.drafts import metas, prompts, proofreading
from stonehand.drafts.answers import WrittenTitles
from stonehand.drafts.metas import Told
from stonehand.drafts.pieces import Brief, shorten
from stonehand.errors import Rejected
from stonehand.llm import asking
from stonehand.llm.asking import Answer
from stonehand.llm.errors import AnswerInvalid
from stonehand.llm.payers import Payer
from stonehand.llm.prices import Message
from stonehand.nlp import sentences

LONGEST = 160  # characters of a title


class TitlesUnusable(Rejected):
    """None of a model's titles can be used."""


@dataclass(frozen=True)
class Found:
    """Titles, the best first, and metas. `faults` is what was wrong with the first answer."""

    titles: tuple[str, ...]
    told: Told
    model: str
    cost_micro: int
    faults: tuple[str, ...]


def find(brief: Brief, payer: Payer) -> Found:
    """Titles for the brief's earlier text; the model is asked once more if one has faults. Raises `TitlesUnusable`."""
    used = prompts.shown(brief)
    asked = prompts.messages(used)
    first = _tried(used, asked, payer)
    rounds = [first]
    if first.faults:
        rounds.append(_tried(used, prompts.again(asked, first.plain, first.faults), payer))
    read = max(rounds, key=lambda each: (bool(each.good), each is rounds[-1]))
    if not read.good or read.written is None:
        raise TitlesUnusable(f"none of the language model's titles could be used: {read.faults[0]}")
    cost = sum(each.cost_micro for each in rounds)
    return Found(read.good, _metas(used, read.good[0], read.written), read.model, cost, first.faults)


@dataclass(frozen=True)
class _Read:
    """What holds of one answer."""

    written: WrittenTitles | None
    good: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    model: str = ""
    cost_micro: int = 0

    @property
    def plain(self) -> Any:
        """The answer as plain data; None if it had no shape."""
        return None if self.written is None else self.written.model_dump(mode="json", exclude_defaults=True)


def _tried(brief: Brief, asked: list[Message], payer: Payer) -> _Read:
    try:
        answer = _ask(brief, asked, payer)
    except AnswerInvalid:
        return _Read(None, faults=("it is not the JSON object that was described",))
    good, faults = _checked(brief, answer.value)
    return _Read(answer.value, tuple(good), tuple(faults), answer.model, answer.cost_micro)


def _ask(brief: Brief, asked: list[Message], payer: Payer) -> Answer[WrittenTitles]:
    return asking.ask(
        asked, WrittenTitles, purpose="drafts.headline", payer=payer, model_id=brief.instructions.model_id
    )


def _checked(brief: Brief, written: WrittenTitles) -> tuple[list[str], list[str]]:
    known = proofreading.known_numbers(brief.sources) | proofreading.numbers(brief.earlier)
    good, faults = [], []
    for at, title in enumerate(written.titles, 1):
        wrong = proofreading.line(title, known)
        if wrong:
            faults.append(f"title {at} {wrong}")
        else:
            good.append(shorten(title, LONGEST))
    return list(dict.fromkeys(good)), faults


def _metas(brief: Brief, title: str, written: WrittenTitles) -> Told:
    known = proofreading.known_numbers(brief.sources) | proofreading.numbers(brief.earlier)
    language = prompts.language_of(brief)
    text = [part.text for part in sentences.split(brief.earlier.partition("\n\n")[2], language)]
    own = metas.derived(title, text, language, brief.instructions.keyword)
    everything = " ".join([title, *text, *(source.text for source in brief.sources)])
    return metas.checked(written, own, everything, known, brief.instructions.keyword)
