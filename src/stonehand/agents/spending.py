"""What a piece may cost at most, and what it has cost: the only place of this room that reads the ledger of models."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from stonehand.agents import questions
from stonehand.agents.models import Agent, AgentRun
from stonehand.agents.questions import Longest
from stonehand.agents.quotas import Amount
from stonehand.db import Session
from stonehand.jobs.models import Job
from stonehand.llm import configured, ledger
from stonehand.llm.configured import Candidate
from stonehand.llm.prices import Usage

WRITE = "drafts.write"


def estimate(
    session: Session, agent: Agent, article_ids: Collection[str], title: str = "", keyword: str = ""
) -> Amount:
    """The most that a piece about these articles may cost: two questions, to the dearest model that may be asked.

    The ledger lets the writing job take no more than this, so it cannot be too little, only so little that the
    piece is written without a model. Without one, it costs nothing but the piece itself.
    """
    candidates = configured.to_ask(session, "", agent.model_id)
    if not candidates:
        return Amount(posts=1)
    long = questions.longest(session, agent, article_ids, title, keyword)
    worst = [_worst(each, long) for each in candidates]
    return Amount(1, max(tokens for tokens, _ in worst), max(micro for _, micro in worst))


def _worst(each: Candidate, long: Longest) -> tuple[int, int]:
    """Tokens and millionths of both questions."""
    answer = long.answer + each.room if long.answer else 0
    rounds = [Usage(long.first, answer), Usage(long.second, answer)]
    tokens = sum(one.input_tokens + one.output_tokens for one in rounds)
    return tokens, sum(each.prices.cost(one) for one in rounds)


def actual(session: Session, run: AgentRun) -> Amount:
    """What was paid to models for the draft of this run, whether it was written or not."""
    gone = ledger.of_jobs(session, sa.select(Job.id).where(Job.parent_id == run.job_id, Job.task == WRITE))
    return Amount(tokens=gone.tokens or 0, micro=gone.micro or 0)
