"""Looks again at the pages that published pieces cite: whether the cited words still stand there, and the page does.

Each page is fetched again 1, 3, 7 and 30 days after it was first cited, politely and by the jobs that fetch every page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.articles import rereading
from stonehand.articles.errors import PageNotFetchable
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.drafts.models import Citation
from stonehand.publications.errors import PublicationNotFound
from stonehand.publications.models import CitedPage, Publication
from stonehand.publications.states import PublicationState

LOOKS = tuple(timedelta(days=days) for days in (1, 3, 7, 30))
"""After how long a page is fetched again, counted from when it was first cited."""
MOST = 200  # pages in one transaction
CHANGED, GONE = "changed", "gone"
SHOWN = (PublicationState.PUBLISHED, PublicationState.RETRACTING)


def look(session: Session) -> dict[str, int]:
    """Take on what is cited newly, have fetched what is due, compare what came. Returns how many of each."""
    moment = db.now(session)
    return {
        "new": _take_on(session, moment),
        "fetched": _fetch_due(session, moment),
        "compared": _compare(session, moment),
    }


def _cited() -> sa.Select[str | None]:
    """The articles on which something rests that can be seen, but for the sample newsroom's."""
    return (
        sa.select(Citation.article_id)
        .join(Publication, Publication.revision_id == Citation.revision_id)
        .where(
            Publication.state.in_(SHOWN),
            Publication.is_sample.is_(False),
            Citation.article_id.is_not(None),
            Citation.kind != "unsupported",
        )
    )


def _take_on(session: Session, moment: datetime) -> int:
    known = sa.select(CitedPage.article_id)
    wish = sa.select(Article.id, Article.version).where(Article.id.in_(_cited()), Article.id.not_in(known)).limit(MOST)
    rows = [
        {
            "article_id": id_,
            "looks": 0,
            "due_at": moment + LOOKS[0],
            "seen_version": 0,
            "trouble": "",
            "first_at": moment,
        }
        for id_, _ in session.execute(wish)
    ]
    if rows:
        session.execute(
            db.insert(session, CitedPage).values([row | {"settled_as": ""} for row in rows]).on_conflict_do_nothing()
        )
    return len(rows)


def _fetch_due(session: Session, moment: datetime) -> int:
    due = sa.select(CitedPage).where(CitedPage.due_at <= moment).order_by(CitedPage.due_at).limit(MOST)
    found = session.scalars(due).all()
    for page in found:
        page.looks += 1
        page.due_at = page.first_at + LOOKS[page.looks] if page.looks < len(LOOKS) else None
        try:
            rereading.refetch(session, page.article_id)
        except PageNotFetchable:  # its source was removed; what other sources bring is still compared
            page.due_at = None
    return len(found)


def _compare(session: Session, moment: datetime) -> int:
    """Those whose text or standing is another than when they were compared last."""
    other = sa.or_(
        Article.version != CitedPage.seen_version,
        Article.missing_since.is_not(None) != (CitedPage.trouble == GONE),
        CitedPage.trouble != "",
    )
    wish = sa.select(CitedPage, Article).join(Article, Article.id == CitedPage.article_id).where(other).limit(MOST)
    rows = session.execute(wish).all()
    for page, article in rows:
        _judge(session, page, article, moment)
    return len(rows)


def _judge(session: Session, page: CitedPage, article: Article, moment: datetime) -> None:
    trouble = ""
    if article.missing_since and shown(session, article.id):
        trouble = GONE
    elif any(vanished(session, article.id).values()):
        trouble = CHANGED
    if trouble != page.trouble:
        page.trouble_since = moment if trouble else None
    page.trouble, page.seen_version = trouble, article.version


def shown(session: Session, article_id: str) -> Sequence[Publication]:
    """The publications that can be seen and rest on this article."""
    resting = sa.select(Citation.revision_id).where(Citation.article_id == article_id, Citation.kind != "unsupported")
    wish = sa.select(Publication).where(Publication.revision_id.in_(resting), Publication.state.in_(SHOWN))
    return session.scalars(wish.order_by(Publication.id)).all()


def vanished(session: Session, article_id: str) -> dict[str, list[str]]:
    """For each publication that rests on the article, the words it cites that no longer stand there."""
    text = articles.texts(session, [article_id]).get(article_id)
    now = _folded(text.text) if text else ""
    missing: dict[str, list[str]] = {}
    for publication in shown(session, article_id):
        quotes = session.scalars(
            sa.select(Citation.quote)
            .where(
                Citation.revision_id == publication.revision_id, Citation.article_id == article_id, Citation.quote != ""
            )
            .order_by(Citation.position)
        )
        missing[publication.id] = [quote for quote in dict.fromkeys(quotes) if _folded(quote) not in now]
    return missing


def _folded(text: str) -> str:
    return " ".join(text.split())


def troubled(session: Session) -> Sequence[tuple[CitedPage, Article]]:
    """The pages that no longer stand as they were cited, and of which nobody has said that this is all right.

    What rested on them and was taken back needs nobody any more, at once.
    """
    wish = sa.select(CitedPage, Article).join(Article, Article.id == CitedPage.article_id)
    wish = wish.where(CitedPage.trouble != "", CitedPage.article_id.in_(_cited()))
    rows = session.execute(wish.order_by(CitedPage.trouble_since)).all()
    return [(page, article) for page, article in rows if page.settled_as != _settling(page, article)]


def _settling(page: CitedPage, article: Article) -> str:
    return GONE if page.trouble == GONE else f"{page.trouble}:{article.version}"


def of_publication(session: Session, publication: Publication) -> Sequence[tuple[CitedPage, Article]]:
    """The pages that this publication cites and that are watched."""
    cited = sa.select(Citation.article_id).where(Citation.revision_id == publication.revision_id)
    wish = sa.select(CitedPage, Article).join(Article, Article.id == CitedPage.article_id)
    rows = session.execute(wish.where(Article.id.in_(cited)).order_by(Article.id)).all()
    return [(page, article) for page, article in rows]


def settle(session: Session, person: Person, article_id: str) -> None:
    """Say that nothing is to be done about a cited page as it is now.

    Raises `PermissionMissing`, `PublicationNotFound`.
    """
    person.require("edit")
    page = session.get(CitedPage, article_id)
    if page is None:
        raise PublicationNotFound(f"nothing that was published rests on the article {article_id}")
    page.settled_by = person.name or person.email
    page.settled_as = _settling(page, articles.article(session, article_id))
    accounts.record(session, person, "settled", "article", article_id, {"trouble": page.settled_as})


def counts(session: Session) -> Mapping[str, int]:
    """How many pages are watched, and how many of them are in trouble."""
    count = sa.func.count()
    row = session.execute(sa.select(count, count.filter(CitedPage.trouble != "")).select_from(CitedPage)).one()
    return {"watched": row[0], "in_trouble": row[1]}
