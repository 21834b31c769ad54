"""What can be done with pages and articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.articles import bands, copies, indexing, pages, versions
from stonehand.articles.copies import Finding
from stonehand.articles.duplicates import Evidence
from stonehand.articles.errors import PageReplaced
from stonehand.articles.models import Article, Page, StoredText
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.errors import StonehandError, Unavailable
from stonehand.http_client import PageMissing
from stonehand.limits import pacing
from stonehand.sources import service as sources
from stonehand.sources.models import Entry, EntryState
from stonehand.sources.robots.errors import RobotsForbid

LONGEST_MARK = 500  # characters of an ETag or Last-Modified
KNOWN = "this page is here already, under another address"


@dataclass(frozen=True)
class PackedPage:
    """A page ready to be kept: compressed before the transaction begins."""

    sha256: str
    body: bytes
    size: int
    content_type: str
    charset: str | None
    etag: str | None = None
    modified: str | None = None


def pack_page(
    body: bytes, content_type: str, charset: str | None, etag: str | None = None, modified: str | None = None
) -> PackedPage:
    """Compress and name a page; call it with no transaction open. What is too long to be sent back is left out."""
    sent = [mark if mark and len(mark) <= LONGEST_MARK else None for mark in (etag, modified)]
    return PackedPage(pages.digest(body), pages.pack(body), len(body), content_type[:200], charset, *sent)


@dataclass(frozen=True)
class Arrival:
    """A page that came for an entry, with what the entry says about it."""

    entry_id: str
    source_id: str
    url: str
    canonical_url: str
    page: PackedPage
    title: str = ""
    author: str | None = None
    published_at: datetime | None = None
    language: str | None = None
    is_sample: bool = False
    robots: Mapping[str, Any] | None = None
    """What the robots.txt of its site said, as it is kept; None if nobody was asked."""


@dataclass(frozen=True)
class Same:
    """The host says that the page of an entry is as it was when it became this article."""

    entry_id: str
    article_id: str
    url: str
    robots: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Stored:
    """The article of an arrival, and whether it is new. If not, its address was known already.

    `is_own`: its own entry was fetched again; `is_changed`: and brought another page.
    """

    article_id: str
    is_new: bool
    is_own: bool = False
    is_changed: bool = False


@dataclass(frozen=True)
class Failure:
    """Why an entry's page did not come. Unless it is `final`, it is tried again."""

    entry_id: str
    url: str
    error: StonehandError
    final: bool
    article_id: str | None = None
    """What its page became when it came before."""

    @property
    def is_missing(self) -> bool:
        """Whether the site says that there is no such page, whether it ever came or not."""
        return isinstance(self.error, (PageMissing, PageReplaced))

    @property
    def is_gone(self) -> bool:
        """Whether the page came before and is there no longer."""
        return self.article_id is not None and self.is_missing

    @property
    def is_fact(self) -> bool:
        """Whether it is no failure that somebody could mend: the site's wish, or that it has no such page."""
        return self.is_missing or isinstance(self.error, RobotsForbid)

    @property
    def kind(self) -> str:
        """What a fact is called at its job: `gone`, `missing` or `refused`."""
        return ("gone" if self.is_gone else "missing") if self.is_missing else "refused"


def settle_arrivals(session: Session, arrivals: Sequence[Arrival]) -> list[str]:
    """Keep pages, and note at their entries which articles they are. Returns the articles whose page is new."""
    present = _entries(session, [arrival.entry_id for arrival in arrivals])
    came = [arrival for arrival in arrivals if arrival.entry_id in present]
    moment, known = db.now(session), _known(session, [arrival.canonical_url for arrival in came])
    # In one order, so that two batches which hold the same pages never wait for each other in a circle.
    ordered = sorted(came, key=lambda arrival: arrival.page.sha256)
    stored = _store(session, ordered, known, moment)
    for arrival, made in zip(ordered, stored, strict=True):
        state, error = (EntryState.FETCHED, None) if made.is_new or made.is_own else (EntryState.SKIPPED, KNOWN)
        said = {"article_id": made.article_id, "error": error}
        sources.settle_entry(session, arrival.entry_id, state, **said, asked_at=moment)
    return [made.article_id for made in stored if made.is_new or made.is_changed]


def settle_unchanged(session: Session, same: Sequence[Same]) -> None:
    """Note that pages were asked for again and are as they were."""
    moment = db.now(session)
    for each in same:
        said = {"fetched_at": moment, "robots": dict(each.robots) if each.robots else None, "missing_since": None}
        session.execute(sa.update(Article).where(Article.id == each.article_id).values(**said))
        sources.settle_entry(session, each.entry_id, EntryState.FETCHED, asked_at=moment)


def settle_failures(session: Session, failures: Sequence[Failure]) -> None:
    """Note at entries why their pages did not come, and leave alone the hosts that ask for it."""
    present = _entries(session, [failure.entry_id for failure in failures])
    moment = db.now(session) if failures else None
    for failure in failures:
        if failure.entry_id in present:
            state = _state_after(failure)
            sources.settle_entry(session, failure.entry_id, state, error=str(failure.error), asked_at=moment)
        if failure.is_gone:
            gone = sa.update(Article).where(Article.id == failure.article_id, Article.missing_since.is_(None))
            session.execute(gone.values(missing_since=moment))
        if isinstance(failure.error, RobotsForbid) and failure.article_id:
            said = {"robots": failure.error.decision.as_dict()}
            session.execute(sa.update(Article).where(Article.id == failure.article_id).values(**said))
        if isinstance(failure.error, Unavailable) and failure.error.retry_after:
            pacing.defer(session, pacing.host_of(failure.url), failure.error.retry_after)


def _state_after(failure: Failure) -> EntryState:
    if failure.is_fact and failure.article_id:
        return EntryState.FETCHED
    if isinstance(failure.error, RobotsForbid):
        return EntryState.SKIPPED
    return EntryState.FAILED if failure.final else EntryState.NEW


def _entries(session: Session, entry_ids: Sequence[str]) -> dict[str, Entry]:
    """Those that are still here. While they are held, each is found again without a question."""
    return {entry.id: entry for entry in session.scalars(sa.select(Entry).where(Entry.id.in_(entry_ids)))}


def _known(session: Session, addresses: Sequence[str]) -> dict[str, str]:
    """The articles of these canonical addresses, by address."""
    wish = sa.select(Article.canonical_url, Article.id).where(Article.canonical_url.in_(addresses))
    return dict(session.execute(wish).all())


def _store(session: Session, arrivals: Sequence[Arrival], known: Mapping[str, str], moment: datetime) -> list[Stored]:
    """What becomes of each: a new article, or one that is known. A few statements, however many they are."""
    fresh = [arrival for arrival in arrivals if arrival.canonical_url not in known]
    kept = _keep(session, [arrival.page for arrival in fresh], moment)
    rows = [_row(arrival, kept[arrival.page.sha256], moment) for arrival in fresh]
    made = _insert_articles(session, rows)
    # Of others, another worker was faster, or another page of this batch has the same address.
    late = [row["canonical_url"] for row in rows if row["id"] not in made]
    others = _known(session, late) if late else {}
    new = (
        Stored(row["id"], True) if row["id"] in made else Stored(others[row["canonical_url"]], False) for row in rows
    )
    return [
        _again(session, known[arrival.canonical_url], arrival, moment) if arrival.canonical_url in known else next(new)
        for arrival in arrivals
    ]


def _insert_articles(session: Session, rows: Sequence[dict[str, Any]]) -> set[str]:
    """The ids of those whose address was not there."""
    if not rows:
        return set()
    # The table rather than its class: SQLAlchemy then compiles one statement for all rows.
    made = db.insert(session, Article.__table__).on_conflict_do_nothing(index_elements=["canonical_url"])
    return set(session.execute(made.returning(Article.__table__.c.id), rows).scalars())


def _row(arrival: Arrival, page_id: str, moment: datetime) -> dict[str, Any]:
    return {
        "id": db.new_id(),
        "page_id": page_id,
        "state": State.STORED,
        **_of_the_fetch(arrival),
        **{name: getattr(arrival, name) for name in ("entry_id", "source_id", "url", "canonical_url", "is_sample")},
        **{name: getattr(arrival, name) for name in ("title", "author", "published_at")},
        "published_precision": "time" if arrival.published_at else None,
        "language_hint": arrival.language,
        "excerpt": "",
        "word_count": 0,
        **dict.fromkeys(("fetched_at", "created_at", "updated_at"), moment),
    }


def _again(session: Session, article_id: str, arrival: Arrival, moment: datetime) -> Stored:
    """A known address. If its own entry was fetched again, the newer page takes the place of the older."""
    article = session.get_one(Article, article_id)
    if article.entry_id != arrival.entry_id:
        return Stored(article_id, is_new=False)
    before = article.page_id
    article.page_id = _keep(session, [arrival.page], moment)[arrival.page.sha256]
    article.fetched_at, article.missing_since = moment, None
    for name, value in _of_the_fetch(arrival).items():
        setattr(article, name, value)
    session.flush()
    indexing.place(session, [article_id])
    return Stored(article_id, is_new=False, is_own=True, is_changed=article.page_id != before)


def _of_the_fetch(arrival: Arrival) -> dict[str, Any]:
    marks = {"etag": arrival.page.etag, "modified": arrival.page.modified}
    return marks | {"robots": dict(arrival.robots) if arrival.robots else None}


def _keep(session: Session, found: Sequence[PackedPage], moment: datetime) -> dict[str, str]:
    """The ids of these pages by their digests; of those that are kept already, as they are."""
    if not found:
        return {}
    taken = ("sha256", "body", "size", "content_type", "charset")
    rows = {page.sha256: {name: getattr(page, name) for name in taken} for page in found}
    for row in rows.values():
        row |= {"id": db.new_id(), "created_at": moment}
    table = Page.__table__
    made = db.insert(session, table).on_conflict_do_nothing(index_elements=["sha256"])
    session.execute(made, list(rows.values()))
    wish = sa.select(table.c.sha256, table.c.id).where(table.c.sha256.in_(list(rows)))
    return dict(session.execute(wish).all())


def record_extractions(session: Session, findings: Sequence[Finding]) -> dict[str, Evidence | None]:
    """Write what was read from pages, and find out which articles are copies. Evidence, or None, by article id.

    Takes a few indexed queries for the whole batch. An article that is no longer here is left out, and so is one that
    has been read before if neither its text nor its original has changed since.
    """
    copies.wait_turn(session)
    articles = _articles(session, [finding.article_id for finding in findings])
    present = [finding for finding in findings if finding.article_id in articles]
    verdicts = copies.judge_all(session, articles, present)
    moment = db.now(session)
    changed = versions.supersede(session, articles, present, moment)
    for finding in present:
        article, verdict = articles[finding.article_id], verdicts[finding.article_id]
        if article.state != State.EXTRACTED or article.duplicate_of != (verdict.original_id if verdict else None):
            changed.add(article.id)
        _record(article, finding, verdict, moment)
    anew = [finding for finding in present if finding.article_id in changed]
    _write_texts(session, anew)
    session.flush()  # the index copies from the articles where and when they appeared
    indexing.index(session, [finding.words for finding in anew])
    indexing.place(session, [finding.article_id for finding in present if finding.article_id not in changed])
    bands.write(session, {each.article_id: () if verdicts[each.article_id] else each.print.bands for each in present})
    session.flush()
    return {article_id: verdicts[article_id] for article_id in verdicts if article_id in changed}


def _articles(session: Session, ids: Sequence[str]) -> dict[str, Article]:
    found = session.scalars(sa.select(Article).where(Article.id.in_(ids), Article.state != State.GONE))
    return {article.id: article for article in found}


def _record(article: Article, finding: Finding, evidence: Evidence | None, moment: datetime) -> None:
    extracted = finding.extracted
    article.state, article.error = State.EXTRACTED, None
    article.title, article.author = extracted.title, extracted.author
    article.published_at, article.published_precision = extracted.published_at, extracted.published_precision
    article.language_hint, article.image_url = extracted.language, extracted.image
    article.site, article.licence, article.excerpt = extracted.site, extracted.licence, extracted.excerpt
    article.origins = dict(extracted.origins)
    article.word_count, article.text_hash = finding.print.word_count, finding.print.text_hash
    article.duplicate_of = evidence.original_id if evidence else None
    article.duplicate_evidence = evidence.as_dict() if evidence else None
    article.extracted_at = article.updated_at = moment


def _write_texts(session: Session, findings: Sequence[Finding]) -> None:
    rows = [{"article_id": finding.article_id, "text": finding.extracted.text} for finding in findings]
    if rows:
        ids = [row["article_id"] for row in rows]
        session.execute(sa.update(Article).where(Article.id.in_(ids)).values(archived_at=None))
        made = db.insert(session, StoredText)
        fresh = {"text": made.excluded.text, "packed": None}
        session.execute(made.on_conflict_do_update(index_elements=["article_id"], set_=fresh), rows)


def record_unreadable(session: Session, article_id: str, reason: str) -> None:
    """The page holds no article; the reason stays visible. An article that is no longer here is left out.

    One that has been read before keeps the text that it had: a page that asks for a login now has not unsaid it.
    """
    moment = db.now(session)
    values: dict[str, Any] = {"error": reason, "extracted_at": moment, "updated_at": moment}
    kept = sa.case((Article.state == State.EXTRACTED, State.EXTRACTED), else_=State.UNREADABLE)
    session.execute(sa.update(Article).where(Article.id == article_id).values(**values, state=kept))


def record_outcomes(session: Session, outcomes: Mapping[str, Finding | str]) -> list[str]:
    """Write what was read, and for unreadable pages why. Returns the ids of the articles to go on with:
    those that can be read, unless they were before and nothing has changed."""
    for article_id, outcome in outcomes.items():
        if isinstance(outcome, str):
            record_unreadable(session, article_id, outcome)
    return list(record_extractions(session, [one for one in outcomes.values() if isinstance(one, Finding)]))
