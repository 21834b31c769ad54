"""Forgetting articles on request: their titles in the history and in the memory of agents."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from stonehand.agents import covering
from stonehand.agents.models import AgentCovered, AgentRun
from stonehand.articles.models import Article
from stonehand.db import Session

GONE = "forgotten on request"


def forget(session: Session, article_ids: Collection[str]) -> None:
    """Drop what runs were about that rested on these articles first; call it while they still have their titles."""
    keys = [f"article:{each}" for each in article_ids]
    titles = [each for each in session.scalars(sa.select(Article.title).where(Article.id.in_(article_ids))) if each]
    mine = sa.select(AgentCovered.run_id).where(AgentCovered.key.in_(keys), AgentCovered.run_id.is_not(None))
    about = sa.or_(AgentRun.id.in_(mine), AgentRun.topic.in_(titles))
    session.execute(
        sa.update(AgentRun)
        .where(about)
        .values(topic=GONE, keyword="", reasons={})
        .execution_options(synchronize_session=False)
    )
    session.execute(sa.delete(AgentCovered).where(AgentCovered.key.in_([*keys, *map(covering.title_key, titles)])))
