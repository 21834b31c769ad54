"""Putting the sample newsroom into the library, and taking it out again without a trace."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from stonehand.articles.models import Article, Page
from stonehand.db import Database, Session
from stonehand.drafts.models import Draft
from stonehand.publications.models import Publication
from stonehand.reading.models import Digest
from stonehand.sample import record
from stonehand.sample.outlets import BROKEN, OUTLETS, SLOW
from stonehand.sources import service
from stonehand.sources.models import Source
from stonehand.sources.recognition import Found
from stonehand.stories.models import Story

INTERVAL = 600  # seconds between two looks
CHUNK = 100  # rows removed in one transaction


def add_outlets(session: Session, address: str) -> list[str]:
    """Add the outlets at this address as sources, marked as a sample, and return their ids.

    What they are is known, so nobody is asked. Adding them again changes nothing.
    """
    places = [(f"{outlet.slug}/{outlet.feed}", outlet.label) for outlet in OUTLETS.values()]
    places += [(BROKEN, "What's on (sample, a broken feed)"), (SLOW, "Northfell community (sample, a slow feed)")]
    return [_add(session, f"{address}/{path}", title) for path, title in places]


def _add(session: Session, url: str, title: str) -> str:
    kind = "sitemap" if url.endswith("sitemap.xml") else "feed"
    found = Found(what=kind, kind=kind, url=url, title=title, sentence="an outlet of the sample newsroom")
    return service.add(session, found, interval_seconds=INTERVAL, is_sample=True).source_id


def remove_all(database: Database) -> None:
    """Take everything of the sample away, and remember that nobody wants it back by itself."""
    left = True
    while left:
        with database.transaction() as session:
            left = remove(session)
    record.mark_removed()


def remove(session: Session) -> bool:
    """Take out a part of everything that came of the sample. Returns whether something is left: then call it again.

    What a folder channel has published of it stays in its folder, and the audit log keeps what was done.
    """
    from stonehand.sample import staff  # noqa: PLC0415  their arrays are not needed to load a sample
    from stonehand.stories import service as stories  # noqa: PLC0415

    if staff.remove_agent(session):
        return True
    for table in (Publication, Draft, Digest, Story, Article, Source):
        if stories.remove_sample(session) if table is Story else _remove_some(session, table):
            return True
    unused = ~sa.exists().where(Article.page_id == Page.id)
    session.execute(sa.delete(Page).where(unused))
    return False


def _remove_some(session: Session, table: type[Any]) -> bool:
    chosen = sa.select(table.id).where(table.is_sample).limit(CHUNK)
    return bool(session.scalars(sa.delete(table).where(table.id.in_(chosen)).returning(table.id)).all())
