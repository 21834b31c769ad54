"""The verbs of analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from stonehand import db
from stonehand.analysis.findings import Findings
from stonehand.analysis.models import Analysis, ArticleTopic, Description
from stonehand.articles import indexing
from stonehand.db import Session


def record(session: Session, found: Mapping[str, Findings]) -> None:
    """Keep the findings of these articles, in place of older ones."""
    if not found:
        return
    moment = db.now(session)
    rows = [
        {"article_id": article_id, **vars(findings)} | {"described": 0, "created_at": moment, "updated_at": moment}
        for article_id, findings in found.items()
    ]
    statement = db.insert(session, Analysis)
    kept = ("article_id", "created_at")
    newer = {name: statement.excluded[name] for name in rows[0] if name not in kept}
    session.execute(statement.on_conflict_do_update(index_elements=["article_id"], set_=newer), rows)
    indexing.speak(session, {id_: each.language for id_, each in found.items() if each.language})


def forget(session: Session, article_ids: Sequence[str]) -> None:
    """Drop the findings and descriptions of these articles."""
    for table in (ArticleTopic, Description, Analysis):
        session.execute(sa.delete(table).where(table.article_id.in_(article_ids)))
