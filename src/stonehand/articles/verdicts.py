"""What people say of copies: this one is none, or that one is. It is remembered, and every later reading obeys it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.articles import bands, copies, duplicates, queries
from stonehand.articles.copies import Similar
from stonehand.articles.duplicates import Evidence, Fingerprint
from stonehand.articles.errors import AlreadyACopy, NotACopy, WithoutText
from stonehand.articles.events import ArticleExtracted
from stonehand.articles.models import Article, Verdict
from stonehand.db import Session

MOST_SIMILAR = 5


def split(session: Session, article_id: str, by: str) -> str:
    """Say that an article is no copy. Returns the article that it is no longer a copy of.

    Raises `ArticleNotFound`, `NotACopy`.
    """
    copies.wait_turn(session)
    article = queries.article(session, article_id)
    original_id = article.duplicate_of
    if original_id is None:
        raise NotACopy(f"article {article_id} is not a copy of another, so there is nothing to split")
    _say(session, article_id, original_id, None, by)
    article.duplicate_of = article.duplicate_evidence = None
    article.updated_at = db.now(session)
    bands.write(session, {article_id: _print(session, article_id).bands})
    jobs.announce(session, ArticleExtracted(article_id))
    return original_id


def merge(session: Session, article_id: str, original_id: str, by: str) -> str:
    """Say that an article is a copy of another; its own copies come with it. Returns the original of both.

    Raises `ArticleNotFound`, `AlreadyACopy`, `WithoutText`.
    """
    copies.wait_turn(session)
    article, wanted = queries.article(session, article_id), queries.article(session, original_id)
    original = queries.article(session, wanted.duplicate_of) if wanted.duplicate_of else wanted
    if original.id in {article.id, article.duplicate_of}:
        raise AlreadyACopy(f"articles {article_id} and {original_id} are the same text already")
    one, other = _print(session, article.id), _print(session, original.id)
    moved = [article, *queries.copies_of(session, article.id)]
    evidence = duplicates.measured("person", original.id, one, other)
    for each in moved:
        _say(session, each.id, original.id, original.id, by)
        known = each.duplicate_evidence if each is not article else None
        each.duplicate_of = original.id
        each.duplicate_evidence = (known | {"original_id": original.id}) if known else evidence.as_dict()
        each.updated_at = db.now(session)
    bands.remove(session, [article.id])
    jobs.announce_many(session, [ArticleExtracted(each.id) for each in moved])
    return original.id


def _say(session: Session, one_id: str, other_id: str, original_id: str | None, by: str) -> None:
    low, high = sorted((one_id, other_id))
    said = {"original_id": original_id, "said_by": by, "said_at": db.now(session)}
    made = db.insert(session, Verdict).values(id=db.new_id(), low_id=low, high_id=high, **said)
    session.execute(made.on_conflict_do_update(index_elements=["low_id", "high_id"], set_=said))


def _print(session: Session, article_id: str) -> Fingerprint:
    text = queries.texts(session, [article_id]).get(article_id)
    if text is None:
        raise WithoutText(f"article {article_id} has no text to compare; read its page first")
    return duplicates.fingerprint(text.text)


def similar(session: Session, article_id: str) -> Sequence[tuple[Article, Evidence]]:
    """Originals whose text shares something with an article's, the most alike first: what could be merged with it.

    Raises `ArticleNotFound`.
    """
    article = queries.article(session, article_id)
    text = queries.texts(session, [article_id]).get(article_id)
    if text is None or article.duplicate_of:
        return []
    found = copies.similar(session, Similar(article_id, duplicates.fingerprint(text.text)))
    articles = queries.articles(session, [evidence.original_id for evidence in found])
    ranked = sorted(found, key=lambda evidence: -evidence.containment)[:MOST_SIMILAR]
    return [(articles[evidence.original_id], evidence) for evidence in ranked]


def of(session: Session, ids: Collection[str]) -> Sequence[Verdict]:
    """What was said of these articles, the latest first."""
    wish = sa.select(Verdict).where(sa.or_(Verdict.low_id.in_(ids), Verdict.high_id.in_(ids)))
    return session.scalars(wish.order_by(Verdict.said_at.desc())).all()
