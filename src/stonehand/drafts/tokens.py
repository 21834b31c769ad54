"""How many tokens went into a piece, by the ledger of language models."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.llm.models import LlmCall


def used_by(session: Session, job_id: str) -> tuple[int, int]:
    """Tokens that a job has sent and received so far, all of its tries together."""
    sums = (sa.func.sum(LlmCall.input_tokens), sa.func.sum(LlmCall.output_tokens))
    sent, received = session.execute(sa.select(*sums).where(LlmCall.job_id == job_id)).one()
    return int(sent or 0), int(received or 0)
