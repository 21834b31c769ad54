"""What the page of the library shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.errors import NotFound, Rejected
from stonehand.library import queries, searching
from stonehand.library.models import SavedSearch
from stonehand.library.nearness import Ahead
from stonehand.library.queries import Hit
from stonehand.library.searching import Found, Order
from stonehand.search.errors import SearchMalformed
from stonehand.search.fields import FIELDS
from stonehand.web.pages.library import HitView, LibraryView, SavedView
from stonehand.web.pages.parts import Link, Pager, Tab
from stonehand.web.words import number, plural

SHOWN = 20  # results on a page
TAGS = 30
ORDERS: tuple[tuple[Order, str], ...] = (("best", "Best first"), ("newest", "Newest first"))


@dataclass(frozen=True)
class Wish:
    """What is looked for. `ahead` is what `nearness.ahead` said of it."""

    query: str
    order: Order
    start: int
    ahead: Ahead


def page(session: Session, person: Person, wish: Wish, saved_id: str) -> LibraryView:
    """Results of a search, or what is wrong with it. Raises `SavedSearchNotFound`."""
    current = queries.saved(session, saved_id) if saved_id else None
    wish = replace(wish, query=current.query) if current and not wish.query else wish
    query, order, start = wish.query, wish.order, wish.start
    found, hits, error, spot = _look(session, person, wish)
    saved = tuple(_saved(each, person) for each in queries.saved_searches(session))
    return LibraryView(
        query=query,
        summary=_summary(found, query) if found else "",
        hits=tuple(_hit(each) for each in hits),
        orders=tuple(Tab(words, _href(query, key), active=key == order) for key, words in ORDERS),
        order=order,
        saved=saved,
        tags=tuple(Link(f"{name} · {number(count)}", _href(_tag(name))) for name, count in _tags(session)),
        fields=tuple((f"{name}:", meaning) for name, meaning in FIELDS.items()),
        error=error,
        spot=spot,
        pager=_pager(query, order, start, len(found.ids) if found else 0),
        current=_saved(current, person) if current and query == current.query else None,
        here=_href(query, order, start),
        export=f"/api/v1/library/export?{urlencode({'q': query})}",
    )


def _look(
    session: Session, person: Person, wish: Wish
) -> tuple[Found | None, Sequence[Hit], str, tuple[str, str, str]]:
    query = wish.query
    try:
        found = searching.search(session, query, person.id, wish.order, wish.ahead)
    except SearchMalformed as error:
        at = min(error.position - 1, len(query))
        said = f"Character {error.position}: {error.reason}."
        return None, (), said, (query[:at], query[at : at + 1] or " ", query[at + 1 :])
    except (Rejected, NotFound) as error:  # what like: names
        return None, (), f"{str(error)[:1].upper()}{str(error)[1:]}.", ("", "", "")
    return (
        found,
        queries.hits(session, found.ids[wish.start : wish.start + SHOWN], found.node, person.id),
        "",
        ("", "", ""),
    )


def _summary(found: Found, query: str) -> str:
    count = len(found.ids)
    if found.is_cut:
        return f"The newest {number(count)} articles; add words or a day such as before:2026-05 to see others."
    if not count:
        return "No article fits." if query else "Nothing was read yet."
    return f"{plural(count, 'article')}."


def _hit(hit: Hit) -> HitView:
    notes = [words for words, is_so in (("Copy", hit.is_copy), ("Archived", hit.is_archived)) if is_so]
    return HitView(
        id=hit.id,
        title=hit.title,
        outlet=hit.outlet,
        at=hit.at,
        pieces=tuple(hit.snippet),
        author=hit.author or "",
        language=hit.language or "",
        tags=tuple(hit.tags),
        notes=tuple(notes),
        is_bookmarked=hit.is_bookmarked,
        is_sample=hit.is_sample,
    )


def _saved(saved: SavedSearch, person: Person) -> SavedView:
    is_own = saved.user_id == person.id or person.may("admin")
    return SavedView(saved.id, saved.name, saved.query, f"/library?{urlencode({'saved': saved.id})}", is_own)


def _tags(session: Session) -> list[tuple[str, int]]:
    return queries.all_tags(session, TAGS)


def _tag(name: str) -> str:
    return f'tag:"{name}"' if " " in name else f"tag:{name}"


def _href(query: str, order: str = "best", start: int = 0) -> str:
    facts = {"q": query, "order": order if order != "best" else "", "start": start or ""}
    wanted = {name: value for name, value in facts.items() if value}
    return f"/library?{urlencode(wanted)}" if wanted else "/library"


def _pager(query: str, order: str, start: int, total: int) -> Pager:
    back = _href(query, order, max(0, start - SHOWN)) if start else ""
    return Pager(back, _href(query, order, start + SHOWN) if start + SHOWN < total else "")
