"""Finding the original of a copy among all stored articles: a few indexed queries for a whole batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from stonehand.articles import archiving, bands, duplicates
from stonehand.articles.duplicates import Evidence, Fingerprint
from stonehand.articles.extraction import Extracted
from stonehand.articles.indexing import Folded
from stonehand.articles.models import Article, StoredText, Verdict
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.sources.addresses import canonical_url
from stonehand.sources.errors import AddressMalformed

MOST_CANDIDATES = 4  # of one article are compared word for word
COMPARED_TEXT = 60_000  # characters of a stored text; more words than are compared
TURN = 7_305_118  # the number of our advisory lock
IS_ORIGINAL = (Article.state == State.EXTRACTED, Article.duplicate_of.is_(None))


@dataclass(frozen=True)
class Finding:
    """What was read from an article's page, its fingerprint, and its words as the index keeps them."""

    article_id: str
    extracted: Extracted
    print: Fingerprint
    words: Folded


def wait_turn(session: Session) -> None:
    """One batch at a time, or two workers that hold copies of one text would not see each other's.

    SQLite has one writer anyway; PostgreSQL holds the lock until the transaction ends.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(TURN)))


def judge_all(
    session: Session, articles: Mapping[str, Article], findings: Sequence[Finding]
) -> dict[str, Evidence | None]:
    """Evidence for each finding that it is a copy, or None. Within the batch the first one is the original."""
    own = set(articles)
    kept = _with_copies(session, articles)
    same_url = _same_address(session, articles, findings)
    met = _meetings(session, findings, own)
    said = _said(session, own)
    stored = _stored_prints(
        session, {found for some in (*same_url.values(), *met.values(), said.same.values()) for found in some}
    )
    verdicts: dict[str, Evidence | None] = {}
    fresh: list[Finding] = []
    for finding in findings:
        key = finding.article_id
        rivals = [found for found in (*same_url[key], *met[key]) if found in stored]
        others = [(found, stored[found]) for found in dict.fromkeys(rivals)]
        others += [(one.article_id, one.print) for one in fresh if _meet(one.print, finding.print)]
        others = [(found, other) for found, other in others if frozenset((key, found)) not in said.different]
        if (original := said.same.get(key)) in stored and original is not None:
            verdict: Evidence | None = duplicates.measured("person", original, finding.print, stored[original])
        else:
            verdict = None if key in kept else duplicates.judge(finding.print, others, frozenset(same_url[key]))
        verdicts[key] = verdict
        if verdict is None:
            fresh.append(finding)
    return verdicts


@dataclass(frozen=True)
class _Said:
    """What people said: originals by copy, and pairs that are different."""

    same: Mapping[str, str]
    different: Set[frozenset[str]]


def _said(session: Session, ids: Set[str]) -> _Said:
    """Of these articles. An original that has become a copy since is followed to its own."""
    about = sa.or_(Verdict.low_id.in_(ids), Verdict.high_id.in_(ids))
    original = sa.select(Article.duplicate_of).where(Article.id == Verdict.original_id).scalar_subquery()
    rows = session.execute(
        sa.select(Verdict.low_id, Verdict.high_id, Verdict.original_id, original).where(about).order_by(Verdict.said_at)
    ).all()
    same = {}
    for low, high, said, followed in rows:
        copy = low if said == high else high
        if said and (followed or said) != copy:
            same[copy] = followed or said
    return _Said(same, {frozenset((low, high)) for low, high, said, _ in rows if said is None})


@dataclass(frozen=True)
class Similar:
    """An article, and the fingerprint of its text."""

    article_id: str
    print: Fingerprint


def similar(session: Session, one: Similar) -> list[Evidence]:
    """Stored originals that meet an article in a band or share its text, with what each layer says."""
    met = _meetings(session, [one], {one.article_id})[one.article_id]
    stored = _stored_prints(session, set(met))
    return [duplicates.measured("near", found, one.print, other) for found, other in stored.items()]


def _meet(one: Fingerprint, other: Fingerprint) -> bool:
    return one.text_hash == other.text_hash or not set(one.bands).isdisjoint(other.bands)


def _with_copies(session: Session, articles: Mapping[str, Article]) -> set[str]:
    """Articles read again that others are copies of: they stay originals."""
    again = [article.id for article in articles.values() if article.extracted_at]
    if not again:
        return set()
    originals = session.scalars(sa.select(Article.duplicate_of).where(Article.duplicate_of.in_(again)))
    return {found for found in originals if found}


def _same_address(
    session: Session, articles: Mapping[str, Article], findings: Sequence[Finding]
) -> dict[str, list[str]]:
    """Originals at the address that a page declares as its own."""
    declared: dict[str, str] = {}
    for finding in findings:
        with suppress(AddressMalformed):
            declared[finding.article_id] = canonical_url(finding.extracted.canonical_url or "")
    wanted = {url for key, url in declared.items() if url != articles[key].canonical_url}
    at: dict[str, str] = {}
    if wanted:
        statement = sa.select(Article.canonical_url, Article.id).where(Article.canonical_url.in_(wanted), *IS_ORIGINAL)
        at = dict(session.execute(statement).all())
    return {
        finding.article_id: [found]
        if (found := at.get(declared.get(finding.article_id, ""))) and found != finding.article_id
        else []
        for finding in findings
    }


def _meetings(session: Session, findings: Sequence[Finding | Similar], own: set[str]) -> dict[str, list[str]]:
    """Stored originals with the same text first, then those that share the most bands."""
    hashes = {finding.print.text_hash for finding in findings}
    rows = session.execute(
        sa.select(Article.text_hash, Article.id)
        .where(Article.text_hash.in_(hashes), Article.id.not_in(own), *IS_ORIGINAL)
        .order_by(Article.id)
    )
    same: dict[str, list[str]] = {}
    for text_hash, found in rows:
        same.setdefault(text_hash or "", []).append(found)
    sharing = _sharing(session, findings, own)
    return {
        finding.article_id: (same.get(finding.print.text_hash, [])[:1] + _most_shared(finding, sharing))
        for finding in findings
    }


def _sharing(session: Session, findings: Sequence[Finding | Similar], own: set[str]) -> dict[int, list[str]]:
    met = bands.meetings(session, {value for finding in findings for value in finding.print.bands})
    return {value: [each for each in ids if each not in own] for value, ids in met.items()}


def _most_shared(finding: Finding | Similar, sharing: Mapping[int, list[str]]) -> list[str]:
    count = Counter(found for value in finding.print.bands for found in sharing.get(value, ()))
    return [found for found, _ in count.most_common(MOST_CANDIDATES)]


def _stored_prints(session: Session, ids: set[str]) -> dict[str, Fingerprint]:
    if not ids:
        return {}
    start: sa.Function[str] = sa.func.substr(StoredText.text, 1, COMPARED_TEXT)
    rows = session.execute(
        sa.select(Article.id, Article.text_hash, start, StoredText.packed)
        .join(StoredText, StoredText.article_id == Article.id)
        .where(Article.id.in_(ids), *IS_ORIGINAL)
    )
    return {
        found: duplicates.of_stored(archiving.text_of(text, packed)[:COMPARED_TEXT], text_hash or "")
        for found, text_hash, text, packed in rows
    }
