"""What a piece may cost at most, and what it has cost: the only place of this room that reads the ledger of models."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from stonehand.agents.models import Agent, AgentRun
from stonehand.agents.quotas import Amount
from stonehand.agents.wishes import LENGTHS
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.drafts.gathering import LONGEST_TEXT
from stonehand.jobs.models import Job
from stonehand.llm import configured
from stonehand.llm.models import LlmCall
from stonehand.llm.prices import Usage

PROMPT_TOKENS = 2000  # what is sent besides the articles
TOKENS_PER_WORD = 3  # no language that we know needs more
WRITE = "drafts.write"


def estimate(session: Session, agent: Agent, article_ids: Collection[str]) -> Amount:
    """What a piece about these articles may cost. Without a model it costs nothing but the piece itself."""
    if configured.first(session) is None:
        return Amount(posts=1)
    words = session.scalar(sa.select(sa.func.sum(_words())).where(Article.id.in_(article_ids))) or 0
    sent, answered = PROMPT_TOKENS + int(words) * TOKENS_PER_WORD, LENGTHS[agent.length] * TOKENS_PER_WORD
    first = configured.first(session, agent.model_id or "")
    micro = first.prices.cost(Usage(sent, answered)) if first else 0
    return Amount(posts=1, tokens=sent + answered, micro=micro)


def _words() -> sa.ColumnElement[int]:
    """Words of an article that a writer is shown."""
    most = LONGEST_TEXT // 5
    return sa.case((Article.word_count > most, most), else_=Article.word_count)


def actual(session: Session, run: AgentRun) -> Amount:
    """What was paid to models for the draft of this run, whether it was written or not."""
    tokens = sa.func.coalesce(LlmCall.input_tokens, 0) + sa.func.coalesce(LlmCall.output_tokens, 0)
    cost = sa.func.coalesce(LlmCall.cost_micro, LlmCall.reserved_micro)
    wish = (
        sa.select(sa.func.coalesce(sa.func.sum(tokens), 0), sa.func.coalesce(sa.func.sum(cost), 0))
        .join(Job, Job.id == LlmCall.job_id)
        .where(Job.parent_id == run.job_id, Job.task == WRITE)
    )
    spent, micro = session.execute(wish).one()
    return Amount(tokens=int(spent), micro=int(micro))
