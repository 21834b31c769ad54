"""Chooses the writer: a language model if there is one and the budget allows it, otherwise the one that needs none."""

from __future__ import annotations

from dataclasses import replace

from stonehand import log
from stonehand.drafts import extractive, modelled, prompts, roundup
from stonehand.drafts.modelled import WrittenPiece
from stonehand.drafts.pieces import Brief, Piece
from stonehand.errors import Rejected, Unavailable
from stonehand.llm import asking
from stonehand.llm.errors import ProviderBusy
from stonehand.llm.prices import Message
from stonehand.nlp import embedding

_logger = log.logger(__name__)


def write(brief: Brief) -> Piece:
    """A piece for the brief. Waits for the model, so call it with no transaction open.

    Raises `NothingToQuote`, and `ProviderBusy` if the model may only be asked later.
    """
    if brief.sections:
        return roundup.write(brief, embedding.embed)
    if not asking.is_configured():
        return extractive.write(brief, embedding.embed)
    try:
        return _with_model(brief)
    except ProviderBusy:  # only a matter of waiting
        raise
    except (Rejected, Unavailable) as error:
        _logger.warning("wrote without the language model", draft_id=brief.draft_id, reason=str(error))
        return extractive.write(brief, embedding.embed, notes=f"Written without the language model: {error}")


def _with_model(brief: Brief) -> Piece:
    used = replace(brief, sources=brief.sources[: extractive.MOST_SOURCES])
    system, user = prompts.write(used)
    answer = asking.ask([Message("system", system), Message("user", user)], WrittenPiece, purpose="drafts.write")
    return modelled.compose(used, answer.value, answer.model, answer.cost_micro, embedding.embed)
