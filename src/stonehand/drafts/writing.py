"""Chooses the writer: a language model if there is one and the budget allows it, otherwise the one that needs none."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from typing import Any

from stonehand import log
from stonehand.drafts import extractive, modelled, prompts, roundup
from stonehand.drafts.answers import WrittenDigest, WrittenPiece
from stonehand.drafts.modelled import PieceUnusable, Reading
from stonehand.drafts.pieces import Brief, Piece
from stonehand.errors import Rejected, Unavailable
from stonehand.llm import asking
from stonehand.llm.errors import AnswerInvalid, ProviderBusy
from stonehand.llm.payers import Payer
from stonehand.llm.prices import Message
from stonehand.nlp import embedding
from stonehand.prompts.messages import RULES_VERSION

_logger = log.logger(__name__)


def write(brief: Brief) -> Piece:
    """A piece for the brief. Waits for the model, so call it with no transaction open.

    Raises `NothingToQuote`, and `ProviderBusy` if the model may only be asked later.
    """
    if not asking.is_configured():
        return _offline(brief, "")
    try:
        return with_model(brief)
    except ProviderBusy:  # only a matter of waiting
        raise
    except (Rejected, Unavailable) as error:
        _logger.warning("wrote without the language model", draft_id=brief.draft_id, reason=str(error))
        piece = _offline(brief, f"Written without the language model: {error}")
        return replace(piece, provenance=_provenance(brief) | {"written_without": str(error)})


def _offline(brief: Brief, notes: str) -> Piece:
    if brief.sections:
        return replace(roundup.write(brief, embedding.embed), notes=notes)
    return extractive.write(brief, embedding.embed, notes=notes)


def with_model(brief: Brief, payer: Payer | None = None) -> Piece:
    """A piece by the model, which is asked once more if its first answer has faults. Raises what stands in the way."""
    used = prompts.shown(brief)
    asked = prompts.messages(used)
    first, answer = _tried(used, asked, payer)
    rounds = [first]
    if first.faults:
        rounds.append(_mended(used, prompts.again(asked, answer, first.faults), payer))
    read = _better(first, rounds[-1])
    if read.piece is None:
        raise PieceUnusable(read.fatal)
    cost = sum(each.cost_micro for each in rounds)
    told = {"model": read.piece.model, "rounds": len(rounds), "faults": list(first.faults), "left": list(read.faults)}
    remark = f"Its prompt: {brief.remark}." if brief.remark else ""
    return replace(read.piece, cost_micro=cost, notes=remark, provenance=_provenance(used) | told)


def _tried(brief: Brief, asked: list[Message], payer: Payer | None) -> tuple[Reading, Any]:
    """What came of one question, and the answer as plain data. An answer of the wrong shape is a fault, too."""
    shape: type[WrittenPiece | WrittenDigest] = WrittenDigest if brief.sections else WrittenPiece
    wish = brief.instructions
    try:
        answer = asking.ask(
            asked,
            shape,
            purpose="drafts.write",
            max_tokens=prompts.max_tokens(brief),
            payer=payer or Payer(wish.agent_id, most_micro=wish.most_micro, most_tokens=wish.most_tokens),
            model_id=wish.model_id,
        )
    except AnswerInvalid as error:
        return Reading(None, ("it is not the JSON object that was described",), str(error)), None
    read = modelled.read(brief, answer.value, answer.model, answer.cost_micro, embedding.embed)
    return read, answer.value.model_dump(mode="json", exclude_defaults=True)


def _mended(brief: Brief, asked: list[Message], payer: Payer | None) -> Reading:
    """The second answer; if it cannot be had, the first one must do."""
    try:
        return _tried(brief, asked, payer)[0]
    except (Rejected, Unavailable) as error:
        return Reading(None, (), f"the language model could not be asked once more: {error}")


def _better(first: Reading, second: Reading) -> Reading:
    """The one that can be used; of two, the one with fewer faults, and of equals the later."""
    if second.piece is None:
        return first if first.piece is not None else replace(second, fatal=_why(first, second))
    if first.piece is None:
        return second
    return second if len(second.faults) <= len(first.faults) else first


def _why(first: Reading, second: Reading) -> str:
    if first.fatal in ("", second.fatal):
        return f"{second.fatal}, asked twice"
    return f"{first.fatal}; asked once more: {second.fatal}"


def _provenance(brief: Brief) -> dict[str, Any]:
    """What was asked for, and of what."""
    prompt = prompts.prompt_of(brief)
    return {
        "purpose": prompt.purpose,
        "prompt": {"id": prompt.id, "slug": prompt.slug, "version": prompt.version, "sha256": prompt.sha256},
        "rules": RULES_VERSION,
        "model_id": brief.instructions.model_id,
        "instructions": {name: value for name, value in asdict(brief.instructions).items() if value},
        "articles": [
            {"id": source.article_id, "sha256": hashlib.sha256(source.text.encode("utf-8", "replace")).hexdigest()}
            for source in brief.sources
        ],
    }
