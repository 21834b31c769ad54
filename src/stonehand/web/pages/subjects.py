"""What jobs are about: names and addresses for the ids in their arguments, one query for each kind of thing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from stonehand.agents.models import Agent
from stonehand.articles.models import Article
from stonehand.curation.models import Curation
from stonehand.db import Session
from stonehand.drafts.models import Draft, Revision
from stonehand.jobs.models import Job
from stonehand.publications.models import Publication
from stonehand.reading.models import Digest
from stonehand.reviews.models import Review
from stonehand.sources.models import Entry, Source
from stonehand.stories.models import Story
from stonehand.web.pages.parts import Link

Names = dict[str, Link]


def subjects(session: Session, jobs: Sequence[Job]) -> dict[str, Link]:
    """What each of these jobs works on, by job id; those that work on nothing we can name are left out."""
    ids: dict[str, set[str]] = {}
    for job in jobs:
        for word, value in job.args.items():
            if word in _KINDS and isinstance(value, str):
                ids.setdefault(word, set()).add(value)
    known = {word: _KINDS[word](session, wanted) for word, wanted in ids.items()}
    return {job.id: link for job in jobs if (link := _subject(job.args, known) or _made(job))}


def _made(job: Job) -> Link | None:
    """What a job has made for itself to work on: it is not among its arguments."""
    made = (job.result or {}).get("curation_id")
    return Link(str((job.result or {}).get("topic") or "a curation"), f"/curate/{made}") if made else None


def missing(session: Session, args: Mapping[str, Any]) -> list[str]:
    """The names of the arguments that are ids of things which are not there. What we cannot name is not judged."""
    return [
        word for word, value in args.items() if word in _KINDS and str(value) not in _KINDS[word](session, [str(value)])
    ]


def _subject(args: dict[str, Any], known: dict[str, Names]) -> Link | None:
    return next((known[word][value] for word, value in args.items() if word in known and value in known[word]), None)


def _titled(table: Any, address: str) -> Callable[[Session, Collection[str]], Names]:
    def look(session: Session, ids: Collection[str]) -> Names:
        rows = session.execute(sa.select(table.id, table.title).where(table.id.in_(ids)))
        return {id_: Link(title or id_, address.format(id_)) for id_, title in rows}

    return look


def _sources(session: Session, ids: Collection[str]) -> Names:
    rows = session.execute(sa.select(Source.id, Source.title, Source.url).where(Source.id.in_(ids)))
    return {id_: Link(title or url, f"/sources/{id_}") for id_, title, url in rows}


def _entries(session: Session, ids: Collection[str]) -> Names:
    rows = session.execute(sa.select(Entry.id, Entry.title, Entry.url, Entry.article_id).where(Entry.id.in_(ids)))
    return {
        id_: Link(title or url or id_, f"/articles/{article_id}" if article_id else "/sources")
        for id_, title, url, article_id in rows
    }


def _articles(session: Session, ids: Collection[str]) -> Names:
    rows = session.execute(sa.select(Article.id, Article.title, Article.url).where(Article.id.in_(ids)))
    return {id_: Link(title or urlsplit(url).netloc, f"/articles/{id_}") for id_, title, url in rows}


def _curations(session: Session, ids: Collection[str]) -> Names:
    rows = session.execute(sa.select(Curation.id, Curation.topic).where(Curation.id.in_(ids)))
    return {id_: Link(topic or "a list of addresses", f"/curate/{id_}") for id_, topic in rows}


def _reviews(session: Session, ids: Collection[str]) -> Names:
    rows = session.execute(
        sa.select(Review.id, Revision.title).join(Revision, Revision.id == Review.revision_id).where(Review.id.in_(ids))
    )
    return {id_: Link(title, f"/review/{id_}") for id_, title in rows}


def _agents(session: Session, ids: Collection[str]) -> Names:
    rows = session.execute(sa.select(Agent.id, Agent.name).where(Agent.id.in_(ids)))
    return {id_: Link(name, f"/agents/{id_}") for id_, name in rows}


def _drafts(session: Session, ids: Collection[str]) -> Names:
    rows = session.execute(sa.select(Draft.id, Draft.title, Draft.story_id).where(Draft.id.in_(ids)))
    return {
        id_: Link(title, f"/stories/{story_id}" if story_id else "/for-you/digests") for id_, title, story_id in rows
    }


_KINDS: dict[str, Callable[[Session, Collection[str]], Names]] = {
    "source_id": _sources,
    "agent_id": _agents,
    "entry_id": _entries,
    "article_id": _articles,
    "story_id": _titled(Story, "/stories/{}"),
    "digest_id": _titled(Digest, "/for-you/digests"),
    "curation_id": _curations,
    "draft_id": _drafts,
    "revision_id": _titled(Revision, "/review"),
    "review_id": _reviews,
    "publication_id": _titled(Publication, "/channels"),
}
