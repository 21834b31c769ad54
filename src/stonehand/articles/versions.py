"""The texts that an article had before. A text that did not change makes no version; none is ever changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from stonehand.articles import archiving, pages, queries
from stonehand.articles.copies import Finding
from stonehand.articles.errors import VersionNotFound
from stonehand.articles.models import Article, ArticleVersion, StoredText
from stonehand.articles.queries import ArticleText
from stonehand.db import Session


@dataclass(frozen=True)
class Version:
    """One text of an article. `until` is None for the text that it has now."""

    number: int
    title: str
    word_count: int
    since: datetime
    until: datetime | None


def supersede(
    session: Session, articles: Mapping[str, Article], findings: Sequence[Finding], moment: datetime
) -> set[str]:
    """Keep the texts that `findings` are about to replace. Returns the ids of articles whose text is new or changed."""
    stored = _stored(session, [finding.article_id for finding in findings])
    changed = {one.article_id for one in findings if stored.get(one.article_id) != one.extracted.text}
    for article_id in changed & stored.keys():
        _keep(session, articles[article_id], stored[article_id], moment)
    return changed


def _stored(session: Session, ids: Collection[str]) -> dict[str, str]:
    wish = sa.select(StoredText.article_id, StoredText.text, StoredText.packed).where(StoredText.article_id.in_(ids))
    return {found: archiving.text_of(text, packed) for found, text, packed in session.execute(wish)}


def _keep(session: Session, article: Article, text: str, moment: datetime) -> None:
    session.add(
        ArticleVersion(
            article_id=article.id,
            number=article.version,
            title=article.title,
            packed=pages.pack(text.encode("utf-8", "surrogatepass")),
            word_count=article.word_count,
            since=article.revised_at or article.extracted_at or article.created_at,
            until=moment,
        )
    )
    article.version += 1
    article.revised_at = moment


def listed(session: Session, article_id: str) -> list[Version]:
    """All texts of an article, the newest first. Raises `ArticleNotFound`."""
    article = queries.article(session, article_id)
    wish = sa.select(ArticleVersion).where(ArticleVersion.article_id == article_id)
    before = session.scalars(wish.order_by(ArticleVersion.number.desc())).all()
    since = article.revised_at or article.extracted_at
    now = [Version(article.version, article.title, article.word_count, since, None)] if since else []
    return now + [Version(each.number, each.title, each.word_count, each.since, each.until) for each in before]


def text(session: Session, article_id: str, number: int) -> str:
    """The text of one version. Raises `ArticleNotFound`, `VersionNotFound`."""
    article = queries.article(session, article_id)
    if number == article.version and (current := _stored(session, [article_id])):
        return current[article_id]
    wish = sa.select(ArticleVersion.packed).where(
        ArticleVersion.article_id == article_id, ArticleVersion.number == number
    )
    packed = session.scalar(wish)
    if packed is None:
        raise VersionNotFound(f"article {article_id} has no version {number}; it has had {article.version}")
    return archiving.text_of("", packed)


def one(session: Session, article_id: str, number: int) -> Version:
    """What is known of one version, without its text. Raises `ArticleNotFound`, `VersionNotFound`."""
    for each in listed(session, article_id):
        if each.number == number:
            return each
    raise VersionNotFound(f"article {article_id} has no version {number}; `stonehand article versions` lists them")


def pair(session: Session, article_id: str, older: int | None, newer: int | None) -> tuple[int, int]:
    """The numbers of two versions to compare: those asked for, or else the newest and the one before it."""
    last = newer or queries.article(session, article_id).version
    return (older or max(1, last - 1)), last


def texts_as_of(session: Session, ids: Collection[str], moment: datetime) -> dict[str, ArticleText]:
    """The texts as they were then: what a draft of that time quotes stands in them, at the places that it names."""
    found = queries.texts(session, ids)
    wish = (
        sa.select(ArticleVersion)
        .where(ArticleVersion.article_id.in_(ids), ArticleVersion.until > moment)
        .order_by(ArticleVersion.number.desc())
        .options(undefer(ArticleVersion.packed))
    )
    for each in session.scalars(wish):  # the oldest that was still there at that moment comes last
        if each.article_id in found:
            was = archiving.text_of("", each.packed)
            now = found[each.article_id]
            found[each.article_id] = replace(now, text=was, title=each.title, version=each.number, is_past=True)
    return found
