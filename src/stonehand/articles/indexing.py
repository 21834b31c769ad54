"""The index of words, kept in the transaction that writes an article.

Words are folded here, so SQLite's FTS5 and PostgreSQL's tsvector hold the very same ones. Places in the index are
numbered as articles come, so that the newest can be read first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.articles import archiving
from stonehand.articles.models import Article, IndexEntry, StoredText
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.search import folding
from stonehand.search.matching import MOST_WORDS

TABLE = "article_words"
"""Of SQLite."""
PLACES = ("moment", "host", "source_id", "site")
"""What the index says of an article besides its words and its language."""
GAP = 16  # places between title and text, so that no phrase spans both
TITLE_MARK = "|"  # no word holds it
LAST_PLACE = 16_383  # of a tsvector
_SQLITE = sa.text("INSERT INTO article_words (rowid, title, body) VALUES (:number, :title, :body)")


@dataclass(frozen=True)
class Folded:
    """What the index keeps of an article. Fold before a transaction where there is much to fold."""

    article_id: str
    title: Sequence[str]
    text: Sequence[str]


def fold(article_id: str, title: str, text: str, words: Sequence[str] | None = None) -> Folded:
    """An article as the index keeps it. `words` are those of its text in lower case, if they are known."""
    return Folded(article_id, folding.fold(title), folding.fold(text, words)[:MOST_WORDS])


def index(session: Session, folded: Sequence[Folded]) -> None:
    """Index these articles, in place of what was indexed of them before."""
    if not folded:
        return
    places = _places(session, [each.article_id for each in folded])
    rows = [places[each.article_id] | {"version": folding.VERSION} for each in folded]
    if db.dialect(session) == "postgresql":
        _upsert(session, [row | {"words": vector(each)} for row, each in zip(rows, folded, strict=True)], "words")
    else:
        _upsert(session, rows)
        _write_words(session, folded)


def _upsert(session: Session, rows: Sequence[dict[str, Any]], *more: str) -> None:
    table: Any = IndexEntry.__table__
    made = db.insert(session, table).values({name: sa.bindparam(name) for name in rows[0]})
    newer = {name: made.excluded[name] for name in ("version", *PLACES, *more)}
    session.execute(made.on_conflict_do_update(index_elements=["article_id"], set_=newer), rows)


def place(session: Session, article_ids: Sequence[str]) -> None:
    """Note where and when these articles appeared beside their words; call it whenever that changes."""
    found = _places(session, article_ids).values()
    table: Any = IndexEntry.__table__
    its: dict[str, Any] = {name: sa.bindparam(f"its_{name}") for name in PLACES}
    changed = sa.update(table).where(table.c.article_id == sa.bindparam("its_article_id")).values(its)
    if found:
        session.execute(changed, [{f"its_{name}": value for name, value in row.items()} for row in found])


def speak(session: Session, languages: Mapping[str, str]) -> None:
    """Note which languages these articles are in, by id, beside their words."""
    rows = [{"its_id": article_id, "its_language": language} for article_id, language in languages.items()]
    table: Any = IndexEntry.__table__
    of = sa.bindparam
    other = table.c.article_id == of("its_id"), table.c.language != of("its_language")
    if rows:
        session.execute(sa.update(table).where(*other).values(language=of("its_language")), rows)


def _places(session: Session, article_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    columns = ("id", "published_at", "fetched_at", "host", "source_id", "site", "language_hint")
    wish = sa.select(*(getattr(Article, name) for name in columns))
    rows = session.execute(wish.where(db.among(session, Article.id, article_ids)))
    return {
        row.id: {
            "article_id": row.id,
            "moment": row.published_at or row.fetched_at,
            "host": row.host,
            "source_id": row.source_id or "",
            "site": row.site or "",
            "language": (row.language_hint or "").lower(),
        }
        for row in rows
    }


def _write_words(session: Session, folded: Sequence[Folded]) -> None:
    known = numbers(session, [each.article_id for each in folded])
    numbered = [(known[each.article_id], each) for each in folded]
    gone = sa.text("DELETE FROM article_words WHERE rowid = :number")
    session.execute(gone, [{"number": number} for number, _ in numbered])
    session.execute(_SQLITE, [_columns(number, each) for number, each in numbered])


def numbers(session: Session, article_ids: Sequence[str]) -> dict[str, int]:
    """The places of these articles in the index. Who has none gets one, and its words are indexed later."""
    its = db.among(session, IndexEntry.article_id, article_ids)
    wish = sa.select(IndexEntry.article_id, IndexEntry.number).where(its)
    known: dict[str, int] = dict(session.execute(wish).all())
    late = [{"article_id": each, "version": 0} for each in article_ids if each not in known]
    if not late:
        return known
    made = db.insert(session, IndexEntry.__table__).on_conflict_do_nothing(index_elements=["article_id"])
    session.execute(made, late)
    return dict(session.execute(wish).all())


def _columns(number: int, each: Folded) -> dict[str, Any]:
    return {"number": number, "title": " ".join(each.title), "body": " ".join(each.text)}


def vector(folded: Folded) -> str:
    """A tsvector as text: each word with its places. PostgreSQL keeps 256 places of a word.

    Words of the title weigh A, and stand there once more behind a mark: asked for so, the index alone answers.
    """
    places: dict[str, list[str]] = {}
    for at, word in enumerate(folded.title, 1):
        places.setdefault(word, []).append(f"{at}A")
        places.setdefault(TITLE_MARK + word, []).append(str(at))
    for at, word in enumerate(folded.text, len(folded.title) + GAP):
        places.setdefault(word, []).append(str(min(at, LAST_PLACE)))
    return " ".join(f"'{word}':{','.join(where[:256])}" for word, where in places.items())


def unindex(session: Session, article_ids: Sequence[str]) -> None:
    """Take these articles out of the index."""
    session.execute(sa.delete(IndexEntry).where(IndexEntry.article_id.in_(article_ids)))


def missing(session: Session, limit: int) -> dict[str, tuple[str, str]]:
    """Title and text of readable articles that are not in the index, or in an older form, by id; the oldest first."""
    indexed = sa.exists().where(IndexEntry.article_id == Article.id, IndexEntry.version == folding.VERSION)
    wish = (
        sa.select(Article.id, Article.title, StoredText.text, StoredText.packed)
        .join(StoredText, StoredText.article_id == Article.id)
        .where(Article.state == State.EXTRACTED, ~indexed)
        .order_by(Article.id)
        .limit(limit)
    )
    return {id_: (title, archiving.text_of(text, packed)) for id_, title, text, packed in session.execute(wish)}


def refill(session: Session, found: Mapping[str, tuple[str, str]], folded: Sequence[Folded]) -> None:
    """Index articles that were read earlier, but for those that have gone or changed meanwhile."""
    titles = dict(session.execute(sa.select(Article.id, Article.title).where(Article.id.in_(list(found)))).all())
    index(session, [each for each in folded if titles.get(each.article_id) == found[each.article_id][0]])


def outdate(session: Session) -> None:
    """Mark everything as indexed in an older form, so that all of it is indexed again."""
    session.execute(sa.update(IndexEntry).values(version=0))
