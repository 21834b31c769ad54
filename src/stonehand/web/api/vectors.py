"""Vectors: the indexes, and what is near to an article."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.articles import queries as articles
from stonehand.vectors import service
from stonehand.web.api.contract import ById, Limit, problems
from stonehand.web.api.trends import Asked
from stonehand.web.deps import Admin, Reader

router = APIRouter(prefix="/vectors", tags=["vectors"])


class IndexOut(BaseModel):
    """An index of one model. `there` is how many vectors the database has, `count` how many the index."""

    model: str
    kind: str
    place: str
    count: int
    there: int
    until: str
    problem: str


class NearOut(BaseModel):
    """An article, and the cosine of its vector and the one asked for."""

    id: str
    title: str
    cosine: float


@router.get("", summary="The indexes")
def status(person: Reader) -> list[IndexOut]:
    """This machine's, and those of the server that is set."""
    with db.database().read() as session:
        own = service.status(session)
    return [IndexOut(**asdict(each)) for each in (*own, *service.status_afar(own))]


@router.post("/rebuild", status_code=202, summary="Make the indexes anew")
def rebuild(person: Admin) -> Asked:
    """From the vectors in the database, as a job."""
    with db.database().transaction() as session:
        job_id = jobs.enqueue(session, "vectors.rebuild", {}, unique_key="vectors.rebuild", asked_by=person.id)
        accounts.record(session, person, "rebuilt", "vectors", job_id or "", {})
    return Asked(job_id=job_id)


@router.get("/near/{article_id}", responses=problems(404), summary="What is near to an article in meaning")
def near(article_id: ById, person: Reader, limit: Limit = 20) -> list[NearOut]:
    """The closest first."""
    afar = service.near_afar(article_id, limit)
    with db.database().read() as session:
        found = afar if afar is not None else service.near(session, article_id, limit)
        known = articles.articles(session, [each.id for each in found])
    return [NearOut(id=each.id, title=known[each.id].title, cosine=each.cosine) for each in found if each.id in known]
