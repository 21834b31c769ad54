"""Questions about analyses."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand import db
from stonehand.analysis.errors import AnalysisNotFound
from stonehand.analysis.models import Analysis, Description
from stonehand.db import Session


def analysis(session: Session, article_id: str) -> Analysis:
    """The analysis of an article. Raises `AnalysisNotFound`."""
    found = session.get(Analysis, article_id)
    if found is None:
        raise AnalysisNotFound(f"article {article_id} has no analysis yet; its job is listed under Jobs")
    return found


def analyses(session: Session, article_ids: Sequence[str]) -> dict[str, Analysis]:
    """The analyses of these articles, by id; those without one are left out."""
    rows = session.scalars(sa.select(Analysis).where(Analysis.article_id.in_(article_ids)))
    return {row.article_id: row for row in rows}


def languages(session: Session, article_ids: Sequence[str]) -> dict[str, str]:
    """The languages of these articles, by id; those without an analysis are left out."""
    wish = sa.select(Analysis.article_id, Analysis.language)
    rows = session.execute(wish.where(db.among(session, Analysis.article_id, article_ids)))
    return {row.article_id: row.language for row in rows}


def description(session: Session, article_id: str) -> Description | None:
    """The description of an article, if one was made."""
    return session.get(Description, article_id)


def descriptions(session: Session, article_ids: Sequence[str]) -> dict[str, Description]:
    """The descriptions of these articles, by id; those without one are left out."""
    rows = session.scalars(sa.select(Description).where(Description.article_id.in_(article_ids)))
    return {row.article_id: row for row in rows}


def waiting(session: Session, most: int = 1000) -> int:
    """How many articles wait for a description, counted up to `most`."""
    from stonehand.analysis.description import VERSION  # noqa: PLC0415  it loads word lists that most do not need

    some = sa.select(Analysis.article_id).where(Analysis.described < VERSION).limit(most)
    return session.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0
