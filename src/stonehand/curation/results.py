"""What came of a curation, as it is kept on its job, in words that earlier clients know."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from stonehand.articles.models import Article
from stonehand.curation.models import Curation, CurationItem
from stonehand.curation.states import ItemState
from stonehand.db import Session

MOST_SHOWN = 100  # results on the job; the curation itself has all


def summary(session: Session, found: Curation) -> dict[str, Any]:
    """Counts, addresses that were processed and that failed with the reasons, and the best results with their parts."""
    wish = sa.select(CurationItem.url, CurationItem.state, CurationItem.error)
    rows = session.execute(wish.where(CurationItem.curation_id == found.id).order_by(CurationItem.position)).all()
    failed = [(url, error) for url, state, error in rows if state == ItemState.FAILED]
    return {
        "curation_id": found.id,
        "topic": found.topic or None,
        "processed_urls": [url for url, state, _ in rows if state == ItemState.SCORED],
        "failed_urls": [url for url, _ in failed],
        "errors": {url: error or "nobody knows why" for url, error in failed},
        "results": _results(session, found),
        "note": found.note,
    }


def _results(session: Session, found: Curation) -> list[dict[str, Any]]:
    wish = (
        sa.select(CurationItem, Article.title)
        .join(Article, Article.id == CurationItem.article_id)
        .where(CurationItem.curation_id == found.id, CurationItem.place.is_not(None))
        .order_by(CurationItem.place)
        .limit(MOST_SHOWN)
    )
    return [
        {
            "url": item.url,
            "title": title,
            "article_id": item.article_id,
            "overall_score": item.score,
            "scores": {name: part[0] for name, part in (item.parts or {}).items()},
        }
        for item, title in session.execute(wish)
    ]
