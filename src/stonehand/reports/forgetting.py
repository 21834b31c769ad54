"""Forgetting articles on request: what was counted of them, and their titles in reports that were made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.reports.models import ArticleAnalytics, Counter, Report

GONE = "forgotten on request"
STORY_DAYS = 31  # for so long a story may bear an article's title


def forget(session: Session, article_ids: Collection[str]) -> None:
    """Drop what is known of these articles; call it while they still have their titles."""
    session.execute(sa.delete(ArticleAnalytics).where(ArticleAnalytics.article_id.in_(article_ids)))
    session.execute(sa.delete(Counter).where(Counter.subject == "article", Counter.subject_id.in_(article_ids)))
    known = session.execute(
        sa.select(Article.id, Article.title, Article.created_at).where(Article.id.in_(article_ids))
    ).all()
    titles = {title for _, title, _ in known if title}
    links = {f"/articles/{article_id}" for article_id in article_ids}
    for report in session.scalars(_holding(known, article_ids)):
        sections = [_scrubbed(section, titles, links) for section in report.sections]
        if sections != report.sections:
            report.sections = sections


def _holding(known: Collection[Any], article_ids: Collection[str]) -> sa.Select[Report]:
    """Reports that link to one of them, or in whose time a story may have borne its title."""
    text = sa.cast(Report.sections, sa.Text)
    where: list[sa.ColumnElement[bool]] = [text.contains(f"/articles/{each}") for each in article_ids]
    for _, _, created_at in known:
        latest = (created_at + timedelta(days=STORY_DAYS)).date().isoformat()
        where.append(sa.and_(Report.until >= created_at.date().isoformat(), Report.since <= latest))
    return sa.select(Report).where(sa.or_(sa.false(), *where)).options(undefer(Report.sections))


def _scrubbed(section: Mapping[str, Any], titles: Collection[str], links: Collection[str]) -> dict[str, Any]:
    return {**section, "tables": [_table(table, titles, links) for table in section["tables"]]}


def _table(table: Mapping[str, Any], titles: Collection[str], links: Collection[str]) -> dict[str, Any]:
    led = [*table["links"], *[""] * len(table["rows"])]
    rows = [
        [GONE if place == 0 and (cell in titles or led[at] in links) else cell for place, cell in enumerate(row)]
        for at, row in enumerate(table["rows"])
    ]
    return {**table, "rows": rows, "links": ["" if link in links else link for link in table["links"]]}
