"""Articles: their texts, their copies, and what was found out about them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.analysis import queries as analyses
from stonehand.analysis.schemas import AnalysisOut
from stonehand.articles import queries, rereading, verdicts, versions
from stonehand.articles.differences import differences
from stonehand.articles.rereading import Selection
from stonehand.articles.schemas import (
    ArticleDetail,
    ArticleOut,
    Differences,
    DuplicateEvidence,
    Merge,
    PartOut,
    Reprocess,
    SimilarOut,
    VersionOut,
    VersionText,
)
from stonehand.web.api.contract import Before, ById, JobRef, Limit, Page, page, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/articles", tags=["articles"])
MOST_VERSIONS = 1_000_000
Number = Annotated[int | None, Query(ge=1, le=MOST_VERSIONS)]


class ArticleAnalysed(ArticleDetail):
    """An article with its text, its copies and the evidence for them; `analysis` is null until it was analysed."""

    analysis: AnalysisOut | None = None


class TotalsOut(BaseModel):
    """How many articles there are: all, readable originals, copies, and pages without text."""

    articles: int
    originals: int
    duplicates: int
    unreadable: int


@router.get("", summary="Articles, newest first")
def listing(person: Reader, before: Before = None, limit: Limit = 50) -> Page[ArticleOut]:
    """Without their texts; copies too, with the evidence that they are copies."""
    with db.database().read() as session:
        return page(queries.recent(session, limit + 1, before), limit, ArticleOut.model_validate)


@router.get("/totals", summary="How many articles there are")
def totals(person: Reader) -> TotalsOut:
    """Originals, copies, and pages that could not be read."""
    with db.database().read() as session:
        return TotalsOut.model_validate(queries.totals(session), from_attributes=True)


@router.post("/reprocess", status_code=202, responses=problems(404), summary="Read kept pages again")
def reprocess(wish: Reprocess, person: Editor) -> JobRef:
    """As jobs. A text that comes out as it was changes nothing; another becomes a new version."""
    selection = Selection(wish.source_id, wish.state, wish.since)
    with db.database().transaction() as session:
        job_id = rereading.ask(session, selection)
        accounts.record(session, person, "reprocessed", "articles", job_id, wish.model_dump(mode="json"))
        count = rereading.count(session, selection)
    return JobRef(job_id=job_id, detail=f"{count} kept pages are read again")


@router.post("/{article_id}/refetch", status_code=202, responses=problems(404), summary="Fetch a page again")
def refetch(article_id: ById, person: Editor) -> JobRef:
    """As a job. If its text has changed, the article gets a new version."""
    with db.database().transaction() as session:
        if rereading.refetch(session, article_id) is None:
            return JobRef(job_id=None, detail="its page is being fetched already")
        accounts.record(session, person, "refetched", "article", article_id)
    return JobRef(job_id=None, detail="its page is fetched as soon as a worker is free")


@router.get("/{article_id}/similar", responses=problems(404), summary="What could be the same text")
def similar(article_id: ById, person: Reader) -> Page[SimilarOut]:
    """Originals that share something with it, the most alike first."""
    with db.database().read() as session:
        found = verdicts.similar(session, article_id)
        listed = [
            SimilarOut(article=ArticleOut.model_validate(one), evidence=DuplicateEvidence.model_validate(evidence))
            for one, evidence in found
        ]
    return whole(listed)


@router.post("/{article_id}/split", responses=problems(404, 409), summary="Say that it is no copy")
def split(article_id: ById, person: Editor) -> ArticleOut:
    """It is remembered: no later reading makes it a copy of that article again."""
    with db.database().transaction() as session:
        original_id = verdicts.split(session, article_id, person.name)
        accounts.record(session, person, "split", "article", article_id, {"original_id": original_id})
        return ArticleOut.model_validate(queries.article(session, article_id))


@router.post("/{article_id}/merge", responses=problems(404, 409), summary="Say what it is a copy of")
def merge(article_id: ById, wish: Merge, person: Editor) -> ArticleOut:
    """It is remembered, whatever the texts say. Its own copies come with it."""
    with db.database().transaction() as session:
        original_id = verdicts.merge(session, article_id, wish.original_id, person.name)
        accounts.record(session, person, "merged", "article", article_id, {"original_id": original_id})
        return ArticleOut.model_validate(queries.article(session, article_id))


@router.get("/{article_id}/versions", responses=problems(404), summary="The texts an article has had")
def its_versions(article_id: ById, person: Reader) -> Page[VersionOut]:
    """The newest first, without the texts themselves."""
    with db.database().read() as session:
        return whole([VersionOut.model_validate(each) for each in versions.listed(session, article_id)])


@router.get("/{article_id}/versions/{number}", responses=problems(404), summary="One text of an article")
def version(article_id: ById, number: ById, person: Reader) -> VersionText:
    """As it was then."""
    with db.database().read() as session:
        known = VersionOut.model_validate(versions.one(session, article_id, _number(number)))
        return VersionText(**known.model_dump(), text=versions.text(session, article_id, known.number))


def _number(written: str) -> int:
    """What is no number of a version is one that no article has."""
    return int(written) if written.isdecimal() and len(written) < len(str(MOST_VERSIONS)) else 0


@router.get("/{article_id}/differences", responses=problems(404), summary="What changed between two versions")
def compared(article_id: ById, person: Reader, older: Number = None, newer: Number = None) -> Differences:
    """In words and in order; of the last two versions if none are named."""
    with db.database().read() as session:
        first, second = versions.pair(session, article_id, older, newer)
        texts = versions.text(session, article_id, first), versions.text(session, article_id, second)
    parts = [PartOut.model_validate(part) for part in differences(*texts)]
    return Differences(older=first, newer=second, parts=parts)


@router.get("/{article_id}", responses=problems(404), summary="One article")
def one(article_id: ById, person: Reader) -> ArticleAnalysed:
    """Its text, who published it, its copies, and what was found out about it."""
    with db.database().read() as session:
        article = queries.article(session, article_id)
        text = queries.texts(session, [article_id]).get(article_id)
        found = analyses.analyses(session, [article_id]).get(article_id)
        detail = ArticleAnalysed.of(article, text, queries.copies_of(session, article_id))
    return detail.model_copy(update={"analysis": AnalysisOut.model_validate(found) if found else None})
