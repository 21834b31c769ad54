"""robots.txt: what a site lets us fetch, and fetching nevertheless."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.sources import service
from stonehand.sources.addresses import canonical_url
from stonehand.sources.robots import asking, overruling
from stonehand.sources.robots.schemas import Overrule, RobotsOut
from stonehand.sources.schemas import SourceOut
from stonehand.web.api.contract import ById, problems
from stonehand.web.deps import Admin, Editor

router = APIRouter(tags=["sources"])
Url = Annotated[str, Query(min_length=8, max_length=2000, description="The address of a page.")]


@router.get("/robots", summary="Whether a page may be fetched")
def ask(url: Url, person: Editor, anew: bool = False) -> RobotsOut:
    """By the robots.txt of its site, which is asked for if it is not known, or if it shall be asked `anew`."""
    canonical_url(url)  # raises for what is no address
    return RobotsOut.said(asking.consult(url, anew=anew))


@router.put("/sources/{source_id}/robots", responses=problems(404), summary="Fetch against robots.txt")
def overrule(source_id: ById, wish: Overrule, person: Admin) -> SourceOut:
    """The pages of this source, with a reason that is kept with each. Those that were refused last are fetched now."""
    with db.database().transaction() as session:
        source = service.get(session, source_id)
        count = overruling.overrule(session, source, wish.reason, person.name)
        told = {"reason": wish.reason, "fetched_now": count}
        accounts.record(session, person, "overruled robots.txt for", "source", source_id, told)
        return SourceOut.of(source, db.now(session))


@router.delete("/sources/{source_id}/robots", responses=problems(404), summary="Heed robots.txt again")
def heed(source_id: ById, person: Admin) -> SourceOut:
    """Articles that were read stay."""
    with db.database().transaction() as session:
        source = service.get(session, source_id)
        if overruling.heed(source):
            accounts.record(session, person, "heeds robots.txt for", "source", source_id)
        return SourceOut.of(source, db.now(session))
