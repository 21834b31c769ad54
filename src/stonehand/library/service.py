"""The verbs of the library: tags, bookmarks and saved searches."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import secrets
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.library import naming, queries
from stonehand.library.errors import NameTaken, NotYours
from stonehand.library.models import Bookmark, SavedSearch, Tag
from stonehand.search import parsing


def tag(session: Session, person: Person, article_id: str, names: Sequence[str]) -> list[str]:
    """Give an article these tags too. Returns all that it has. Raises `ArticleNotFound`, `NameUnfit`."""
    articles.article(session, article_id)
    wanted = list(dict.fromkeys(naming.tag(name) for name in names))
    new = [name for name in wanted if name not in queries.tags(session, [article_id])[article_id]]
    if new:
        moment = db.now(session)
        rows = [{"article_id": article_id, "name": name, "created_at": moment} for name in new]
        session.execute(db.insert(session, Tag).on_conflict_do_nothing(), rows)
        accounts.record(session, person, "tagged", "article", article_id, {"tags": new})
    return queries.tags(session, [article_id])[article_id]


def untag(session: Session, person: Person, article_id: str, names: Sequence[str]) -> list[str]:
    """Take these tags off an article. Returns those that stay. Raises `ArticleNotFound`, `NameUnfit`."""
    articles.article(session, article_id)
    wanted = [naming.tag(name) for name in names]
    mine = sa.delete(Tag).where(Tag.article_id == article_id, Tag.name.in_(wanted)).returning(Tag.name)
    if gone := list(session.scalars(mine)):
        accounts.record(session, person, "untagged", "article", article_id, {"tags": gone})
    return queries.tags(session, [article_id])[article_id]


def bookmark(session: Session, person: Person, article_id: str) -> None:
    """Remember an article for this person. Raises `ArticleNotFound`."""
    articles.article(session, article_id)
    row = {"user_id": person.id, "article_id": article_id, "created_at": db.now(session)}
    session.execute(db.insert(session, Bookmark).values(row).on_conflict_do_nothing())


def unbookmark(session: Session, person: Person, article_id: str) -> None:
    """No longer remember it; no matter if it never was. Raises `ArticleNotFound`."""
    articles.article(session, article_id)
    mine = sa.delete(Bookmark).where(Bookmark.user_id == person.id, Bookmark.article_id == article_id)
    session.execute(mine)


def save(session: Session, person: Person, name: str, query: str) -> tuple[SavedSearch, str]:
    """A new saved search, and the secret of its feed's address, which nobody can look up later.

    Raises `SearchMalformed`, `NameUnfit`, `NameTaken`.
    """
    parsing.parse(query)
    _check_free(session, called := naming.saved(name))
    secret, moment = secrets.new(), db.now(session)
    made = SavedSearch(
        user_id=person.id,
        name=called,
        query=query.strip(),
        feed_hash=secrets.digest(secret),
        feed_prefix=secrets.beginning(secret),
        created_at=moment,
        updated_at=moment,
    )
    session.add(made)
    session.flush()
    accounts.record(session, person, "saved", "search", made.id, {"name": made.name, "query": made.query})
    return made, secret


def change(session: Session, person: Person, wanted: str, name: str | None, query: str | None) -> SavedSearch:
    """Give a saved search another name or query; its feed stays. Raises as `save` does, `NotYours`, ..."""
    found = own(session, person, wanted)
    if query is not None:
        parsing.parse(query)
        found.query = query.strip()
    if name is not None and naming.saved(name) != found.name:
        _check_free(session, naming.saved(name))
        found.name = naming.saved(name)
    found.updated_at = db.now(session)
    accounts.record(session, person, "changed", "search", found.id, {"name": found.name, "query": found.query})
    return found


def renew_feed(session: Session, person: Person, wanted: str) -> tuple[SavedSearch, str]:
    """Give a saved search's feed a new address; the old one leads nowhere from now on."""
    found, secret = own(session, person, wanted), secrets.new()
    found.feed_hash, found.feed_prefix = secrets.digest(secret), secrets.beginning(secret)
    accounts.record(session, person, "renewed the feed of", "search", found.id, {"name": found.name})
    return found, secret


def remove(session: Session, person: Person, wanted: str) -> SavedSearch:
    """Forget a saved search and its feed."""
    found = own(session, person, wanted)
    session.delete(found)
    accounts.record(session, person, "removed", "search", found.id, {"name": found.name})
    return found


def own(session: Session, person: Person, wanted: str) -> SavedSearch:
    """The saved search of this id or name, if the person may change it. Raises `SavedSearchNotFound`, `NotYours`."""
    found = queries.saved(session, wanted)
    if found.user_id != person.id and not person.may("admin"):
        raise NotYours(f"somebody else saved the search {found.name!r}; save one of your own, or ask an administrator")
    return found


def _check_free(session: Session, name: str) -> None:
    if session.scalar(sa.select(SavedSearch.id).where(SavedSearch.name == name)):
        raise NameTaken(f"there is a saved search {name!r} already; choose another name")
