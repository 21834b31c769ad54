"""Sources: adding after a look, health, and what they named."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.jobs import queries as jobs
from stonehand.sources import changing, opml, queries, service
from stonehand.sources.recognition import Found, left_out, taken
from stonehand.sources.schemas import EntryOut, PreviewOut, SourceAdd, SourceChange, SourceOut
from stonehand.web.api.contract import Before, ById, JobRef, Limit, Page, page, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(tags=["sources"])
TOGETHER = 50  # sources of a list that are added in one transaction, which must stay short
PREVIEWED = 50  # feeds of a list that are looked up


class AddedOut(BaseModel):
    """What came of one address. `sentence` says what was found there; `is_new` is false if it was here already."""

    source_id: str
    entry_id: str | None
    is_new: bool
    url: str
    title: str
    sentence: str


class LineOut(BaseModel):
    """A line of a list that was left out."""

    url: str
    title: str
    reason: str


class AddedList(Page[AddedOut]):
    """What was added. `refused` are the lines of a list that cannot be."""

    refused: list[LineOut] = Field(default_factory=list)


class Previews(BaseModel):
    """What adding an address would bring, of the first feeds if it is a list; `total` says how many there are."""

    items: list[PreviewOut]
    total: int


@router.get("/sources", summary="Every source, those in trouble first")
def listing(person: Reader) -> Page[SourceOut]:
    """With their health in a sentence each."""
    with db.database().read() as session:
        now = db.now(session)
        return whole([SourceOut.of(source, now) for source in queries.all_sources(session)])


@router.post("/sources", status_code=201, summary="Add what is at an address")
def add(wish: SourceAdd, person: Editor, response: Response) -> AddedList:
    """A feed, a site that offers one, an OPML list, a sitemap, an article; or a source of the given kind.

    200 if all of it was here already. Lines of a list that cannot be taken are in `refused`, each with its reason.
    """
    everything = wish.find()
    found = taken(everything)
    added: list[AddedOut] = []
    for start in range(0, len(found), TOGETHER):
        with db.database().transaction() as session:
            added += [_add(session, person, each, wish) for each in found[start : start + TOGETHER]]
    if not any(each.is_new for each in added):
        response.status_code = 200
    refused = [LineOut(url=each.url, title=each.title, reason=each.refused) for each in left_out(everything)]
    return AddedList(items=added, limit=len(added), refused=refused)


def _add(session: Session, person: Person, found: Found, wish: SourceAdd) -> AddedOut:
    added = service.add(session, found, title=wish.title, interval_seconds=wish.interval_seconds)
    if added.is_new:
        accounts.record(session, person, "added", "source", added.source_id, {"url": found.url})
    return AddedOut(
        source_id=added.source_id,
        entry_id=added.entry_id,
        is_new=added.is_new,
        url=found.url,
        title=wish.title or found.title,
        sentence=found.sentence,
    )


@router.post("/sources/preview", summary="What adding an address would bring")
def preview(wish: SourceAdd, person: Editor) -> Previews:
    """Looks at the address and says what would be new and what is here already. Nothing is saved."""
    found = wish.find()
    with db.database().read() as session:
        return Previews(items=[PreviewOut.of(session, each) for each in found[:PREVIEWED]], total=len(found))


@router.get(
    "/sources.opml",
    response_class=Response,
    responses={200: {"content": {"text/x-opml": {}}}},
    summary="Every source as an OPML list",
)
def as_opml(person: Reader) -> Response:
    """Feeds for any other reader of feeds; the rest of it comes back only here. No secret is in it."""
    with db.database().read() as session:
        outlines = queries.outlines(session)
    headers = {"Content-Disposition": 'attachment; filename="stonehand.opml"'}
    return Response(opml.write("Sources of Stonehand", outlines), media_type="text/x-opml", headers=headers)


@router.get("/sources/{source_id}", responses=problems(404), summary="One source")
def one(source_id: ById, person: Reader) -> SourceOut:
    """With its health in a sentence."""
    with db.database().read() as session:
        return _out(session, source_id)


@router.patch(
    "/sources/{source_id}", responses=problems(404, 409), summary="Rename, pace, tag, rule, pause or resume a source"
)
def change(source_id: ById, wish: SourceChange, person: Editor) -> SourceOut:
    """A new interval counts from the next look on."""
    with db.database().transaction() as session:
        changing.change(session, source_id, wish)
        told = wish.model_dump(mode="json", exclude_defaults=True, exclude={"secret"})
        accounts.record(session, person, "changed", "source", source_id, told)
        return _out(session, source_id)


@router.delete("/sources/{source_id}", status_code=204, responses=problems(404), summary="Forget a source")
def remove(source_id: ById, person: Editor) -> None:
    """And the list of what it named. Articles that came of it stay."""
    with db.database().transaction() as session:
        url = service.get(session, source_id).url
        service.remove(session, source_id)
        accounts.record(session, person, "removed", "source", source_id, {"url": url})


@router.post("/sources/{source_id}/poll", status_code=202, responses=problems(404), summary="Look at a source now")
def poll(source_id: ById, person: Editor) -> JobRef:
    """As a job. If one waits or runs already, it is that one."""
    with db.database().transaction() as session:
        job_id = service.poll_now(session, source_id)
        if job_id is None:
            waiting = jobs.unfinished_as(session, f"sources.poll:{source_id}")
            return JobRef(job_id=waiting and waiting.id, detail="a look at this source waits or runs already")
        accounts.record(session, person, "asked for a look at", "source", source_id, {"job_id": job_id})
        return JobRef(job_id=job_id, detail="the source is looked at as soon as a worker is free")


@router.post("/sources/{source_id}/pause", responses=problems(404), summary="Stop looking at a source")
def pause(source_id: ById, person: Editor) -> SourceOut:
    """Until somebody resumes it."""
    with db.database().transaction() as session:
        service.pause(session, source_id)
        accounts.record(session, person, "paused", "source", source_id)
        return _out(session, source_id)


@router.post("/sources/{source_id}/resume", responses=problems(404), summary="Look at a source again")
def resume(source_id: ById, person: Editor) -> SourceOut:
    """Whatever stopped it."""
    with db.database().transaction() as session:
        service.resume(session, source_id)
        accounts.record(session, person, "resumed", "source", source_id)
        return _out(session, source_id)


@router.get("/sources/{source_id}/entries", responses=problems(404), summary="What a source named, newest first")
def entries(source_id: ById, person: Reader, before: Before = None, limit: Limit = 50) -> Page[EntryOut]:
    """Each with how far it has come, and the article it became."""
    with db.database().read() as session:
        service.get(session, source_id)
        found = queries.entries_of(session, source_id, limit + 1, before)
        return page(found, limit, EntryOut.model_validate)


def _out(session: Session, source_id: str) -> SourceOut:
    return SourceOut.of(service.get(session, source_id), db.now(session))
