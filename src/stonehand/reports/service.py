"""The verbs of reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stonehand import db
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.reports import performance
from stonehand.reports.models import ArticleAnalytics, Report
from stonehand.reports.periods import Period
from stonehand.reports.sections import Section, key_figures


def keep(session: Session, period: Period, sections: Sequence[Section]) -> str:
    """Keep a report; one of the same period is replaced, under the same id. Returns the id."""
    values: dict[str, Any] = {
        "until": period.until.isoformat(),
        "key_figures": key_figures(sections),
        "sections": [each.as_json() for each in sections],
        "made_at": db.now(session),
    }
    made = db.insert(session, Report).values(id=db.new_id(), kind=period.kind, since=period.since.isoformat(), **values)
    newer = {name: made.excluded[name] for name in values}
    kept = made.on_conflict_do_update(index_elements=["kind", "since"], set_=newer).returning(Report.id)
    report_id: str = session.execute(kept).scalar_one()
    return report_id


def update_article(session: Session, article_id: str) -> dict[str, Any]:
    """Find out what came of an article, and keep it. Raises `ArticleNotFound`."""
    articles.article(session, article_id)
    figures, moment = performance.one(session, article_id), db.now(session)
    row = {"article_id": article_id, "figures": figures, "updated_at": moment}
    made = db.insert(session, ArticleAnalytics).values(row)
    newer = {"figures": made.excluded.figures, "updated_at": made.excluded.updated_at}
    session.execute(made.on_conflict_do_update(index_elements=["article_id"], set_=newer))
    return figures
