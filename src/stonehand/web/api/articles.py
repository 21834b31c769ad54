"""Articles: their texts, their copies, and what was found out about them."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from stonehand import db
from stonehand.analysis import queries as analyses
from stonehand.analysis.schemas import AnalysisOut
from stonehand.articles import queries
from stonehand.articles.schemas import ArticleDetail, ArticleOut
from stonehand.web.api.contract import Before, ById, Limit, Page, page, problems
from stonehand.web.deps import Reader

router = APIRouter(prefix="/articles", tags=["articles"])


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


@router.get("/{article_id}", responses=problems(404), summary="One article")
def one(article_id: ById, person: Reader) -> ArticleAnalysed:
    """Its text, who published it, its copies, and what was found out about it."""
    with db.database().read() as session:
        article = queries.article(session, article_id)
        text = queries.texts(session, [article_id]).get(article_id)
        found = analyses.analyses(session, [article_id]).get(article_id)
        detail = ArticleAnalysed.of(article, text, queries.copies_of(session, article_id))
    return detail.model_copy(update={"analysis": AnalysisOut.model_validate(found) if found else None})
