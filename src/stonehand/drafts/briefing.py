"""What a writer is told beside the sources: the prompt, the text as it was; and what asking has cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session
from stonehand.drafts import gathering
from stonehand.drafts.models import Draft, Revision
from stonehand.drafts.pieces import Brief, Piece
from stonehand.llm.models import LlmCall
from stonehand.nlp import prose
from stonehand.prompts import purposes
from stonehand.prompts import queries as prompts


@dataclass(frozen=True)
class Spent:
    """What the calls of a job came to; a reservation that is not settled counts in full."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micro: int = 0


def for_writing(session: Session, draft: Draft) -> Brief:
    """The brief of a draft, with the prompt that asks for it and, to write it again, with its text."""
    brief = gathering.brief(session, draft)
    before = session.get(Revision, draft.current_revision_id) if draft.current_revision_id else None
    if before is not None and brief.instructions.note:
        brief = replace(brief, earlier=f"{before.title}\n\n{prose.before_sources(before.markdown)}")
    return prompted(session, brief)


def prompted(session: Session, brief: Brief) -> Brief:
    """The brief with the prompt that its instructions name, or else the one of its purpose."""
    prompt, remark = prompts.chosen(session, purpose_of(brief), brief.instructions.prompt_id)
    return replace(brief, prompt=prompt, remark=remark)


def purpose_of(brief: Brief) -> str:
    """What a model would be asked for."""
    if brief.sections:
        return purposes.DIGEST
    return purposes.REWRITE if brief.earlier else purposes.WRITE


def spent(session: Session) -> Spent:
    """What the present job has spent on models so far."""
    job_id = log.bound_id("job")
    if job_id is None:
        return Spent()
    cost = sa.func.coalesce(LlmCall.cost_micro, LlmCall.reserved_micro)
    sums = [sa.func.coalesce(sa.func.sum(each), 0) for each in (LlmCall.input_tokens, LlmCall.output_tokens, cost)]
    calls, *rest = session.execute(sa.select(sa.func.count(), *sums).where(LlmCall.job_id == job_id)).one()
    return Spent(calls, *(int(each) for each in rest))


def accounted(session: Session, piece: Piece) -> dict[str, Any]:
    """How a piece came to be, with the tokens and calls of its job."""
    if not piece.provenance:
        return {}
    cost = spent(session)
    tokens = {"input": cost.input_tokens, "output": cost.output_tokens}
    return dict(piece.provenance) | {"calls": cost.calls, "tokens": tokens}
