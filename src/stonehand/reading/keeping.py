"""Writing down what was computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts.models import User
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.reading.catalogue import Opened
from stonehand.reading.models import ArticleNeighbours, Recommendations

TOGETHER = 1000  # rows written in one transaction


def store(session: Session, lists: Mapping[str, list[dict[str, Any]]]) -> None:
    """Keep these lists, by reader, in place of earlier ones. Whoever has gone meanwhile is left out."""
    here = session.scalars(sa.select(User.id).where(User.id.in_(lists))).all()
    rows = [{"user_id": each, "items": lists[each], "made_at": db.now(session)} for each in here]
    if rows:
        insert = db.insert(session, Recommendations)
        newer = {name: insert.excluded[name] for name in ("items", "made_at")}
        session.execute(insert.on_conflict_do_update(index_elements=["user_id"], set_=newer), rows)


def keep_neighbours(opened: Opened, packed: Mapping[str, bytes]) -> None:
    """Replace all neighbours, some at a time. Readers of the table see that it is new by its latest `made_at`."""
    with opened() as session:
        moment = db.now(session)
    ids = sorted(packed)
    for first in range(0, len(ids), TOGETHER):
        some = ids[first : first + TOGETHER]
        with opened() as session:
            here = session.scalars(sa.select(Article.id).where(Article.id.in_(some))).all()
            rows = [{"article_id": each, "packed": packed[each], "made_at": moment} for each in here]
            insert = db.insert(session, ArticleNeighbours)
            newer = {name: insert.excluded[name] for name in ("packed", "made_at")}
            if rows:
                kept = insert.on_conflict_do_update(index_elements=["article_id"], set_=newer)
                session.connection().execute(kept, rows)  # as objects they take four times as long
    while True:
        with opened() as session:
            old = sa.select(ArticleNeighbours.article_id).where(ArticleNeighbours.made_at < moment).limit(TOGETHER)
            gone = sa.delete(ArticleNeighbours).where(ArticleNeighbours.article_id.in_(old))
            if len(session.scalars(gone.returning(ArticleNeighbours.article_id)).all()) < TOGETHER:
                return
