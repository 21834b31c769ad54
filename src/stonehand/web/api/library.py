"""The library: searching everything that was read, saved searches and their feeds, tags, bookmarks, exports."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from stonehand import db
from stonehand.library import exporting, nearness, queries, searching, service
from stonehand.library.schemas import HitOut, Results, SavedSearchMade, SavedSearchOut, TagCount
from stonehand.reading import service as readers
from stonehand.reading.counting import Event
from stonehand.reading.states import Deed
from stonehand.retention import erasing
from stonehand.retention.erasing import Kind
from stonehand.search import parsing
from stonehand.web.api.contract import ById, Limit, Page, Wish, problems, whole
from stonehand.web.deps import Admin, Editor, Reader

router = APIRouter(tags=["library"])
NO_NUL = r"^[^\x00]*$"
Asked = Annotated[str, Query(max_length=parsing.LONGEST, pattern=NO_NUL, description="A search; see the guide.")]
Start = Annotated[int, Query(ge=0, le=searching.MOST, description="Results to leave out at the beginning.")]
Order = Annotated[Literal["best", "newest"], Query(description="How results are put in order.")]
Form = Annotated[Literal["jsonl", "markdown"], Query(description="One JSON object a line, or Markdown documents.")]
TagName = Annotated[str, Path(max_length=100, pattern=NO_NUL, description="A tag.")]
EXPORT: dict[int | str, dict[str, Any]] = {200: {"content": {"application/jsonl": {}, "text/markdown": {}}}}


class SearchIn(Wish):
    """A search to keep, and what it is called."""

    name: str = Field(min_length=1, max_length=100)
    query: str = Field(default="", max_length=parsing.LONGEST)


class SearchChange(Wish):
    """What to change of a saved search; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=100)
    query: str | None = Field(default=None, max_length=parsing.LONGEST)


class TagsIn(Wish):
    """Tags to give."""

    tags: list[str] = Field(min_length=1, max_length=50)


class TagsOut(BaseModel):
    """All tags that the article has now."""

    tags: list[str]


@router.get("/library/search", responses=problems(404), summary="Search everything that was read")
def search(person: Reader, q: Asked = "", order: Order = "best", start: Start = 0, limit: Limit = 20) -> Results:
    """Words, "phrases", -not, OR, and fields such as source: or before:. An empty search finds everything."""
    ahead = nearness.ahead(q)
    with db.database().read() as session:
        found = searching.search(session, q, person.id, order, ahead)
        hits = queries.hits(session, found.ids[start : start + limit], found.node, person.id)
    items = [HitOut.of(hit) for hit in hits]
    return Results(items=items, total=len(found.ids), is_cut=found.is_cut, start=start, limit=limit)


@router.get(
    "/library/export", response_class=StreamingResponse, responses=EXPORT | problems(404), summary="Export articles"
)
def export(person: Reader, q: Asked = "", form: Form = "jsonl") -> StreamingResponse:
    """Everything, or what a search finds, with texts; oldest first."""
    return exported(q, form, person.id)


def exported(query: str, form: str, person_id: str) -> StreamingResponse:
    """The answer that writes articles as they are read."""
    media_type, ending, write = exporting.FORMS[form]
    articles = exporting.export(db.database().read, query, person_id)
    headers = {"Content-Disposition": f'attachment; filename="stonehand-articles.{ending}"'}
    return StreamingResponse((write(each) for each in articles), media_type=media_type, headers=headers)


@router.get("/library/tags", summary="The commonest tags")
def tags(person: Reader) -> Page[TagCount]:
    """With how many articles have each."""
    with db.database().read() as session:
        return whole([TagCount(name=name, articles=count) for name, count in queries.all_tags(session)])


@router.get("/library/saved", summary="Every saved search")
def saved(person: Reader) -> Page[SavedSearchOut]:
    """Everybody's, by name."""
    with db.database().read() as session:
        return whole([SavedSearchOut.model_validate(each) for each in queries.saved_searches(session)])


@router.post("/library/saved", status_code=201, responses=problems(409), summary="Save a search")
def save(wish: SearchIn, request: Request, person: Reader) -> SavedSearchMade:
    """It is a feed from then on. The feed's addresses hold a secret and are told this once."""
    with db.database().transaction() as session:
        return SavedSearchMade.told(*service.save(session, person, wish.name, wish.query), base_of(request))


def base_of(request: Request) -> str:
    """Where this installation is, as the caller sees it."""
    return str(request.base_url).rstrip("/")


@router.get("/library/saved/{saved_id}", responses=problems(404), summary="One saved search")
def saved_one(saved_id: ById, person: Reader) -> SavedSearchOut:
    """By its id or its name."""
    with db.database().read() as session:
        return SavedSearchOut.model_validate(queries.saved(session, saved_id))


@router.patch("/library/saved/{saved_id}", responses=problems(404, 409), summary="Change a saved search")
def change(saved_id: ById, wish: SearchChange, person: Reader) -> SavedSearchOut:
    """Its name or what it asks for; its feed stays where it is."""
    with db.database().transaction() as session:
        return SavedSearchOut.model_validate(service.change(session, person, saved_id, wish.name, wish.query))


@router.delete("/library/saved/{saved_id}", status_code=204, responses=problems(404), summary="Forget a saved search")
def remove(saved_id: ById, person: Reader) -> None:
    """And its feed."""
    with db.database().transaction() as session:
        service.remove(session, person, saved_id)


@router.post("/library/saved/{saved_id}/feed", responses=problems(404), summary="Give its feed a new address")
def renew_feed(saved_id: ById, request: Request, person: Reader) -> SavedSearchMade:
    """The old address leads nowhere from then on."""
    with db.database().transaction() as session:
        return SavedSearchMade.told(*service.renew_feed(session, person, saved_id), base_of(request))


@router.get(
    "/library/saved/{saved_id}/export",
    response_class=StreamingResponse,
    responses=EXPORT | problems(404),
    summary="Export what a saved search finds",
)
def export_saved(saved_id: ById, person: Reader, form: Form = "jsonl") -> StreamingResponse:
    """With texts; oldest first."""
    with db.database().read() as session:
        query = queries.saved(session, saved_id).query
    return exported(query, form, person.id)


@router.post("/articles/{article_id}/tags", responses=problems(404), summary="Tag an article")
def tag(article_id: ById, wish: TagsIn, person: Editor) -> TagsOut:
    """For everybody."""
    with db.database().transaction() as session:
        return TagsOut(tags=service.tag(session, person, article_id, wish.tags))


@router.delete("/articles/{article_id}/tags/{name}", responses=problems(404), summary="Take a tag off an article")
def untag(article_id: ById, name: TagName, person: Editor) -> TagsOut:
    """No matter if it did not have it."""
    with db.database().transaction() as session:
        return TagsOut(tags=service.untag(session, person, article_id, [name]))


@router.post("/articles/{article_id}/bookmark", status_code=204, responses=problems(404), summary="Bookmark an article")
def bookmark(article_id: ById, person: Reader) -> None:
    """For oneself."""
    with db.database().transaction() as session:
        service.bookmark(session, person, article_id)
        readers.record(session, person, [Event(db.new_id(), article_id, Deed.SAVE)])


@router.delete(
    "/articles/{article_id}/bookmark", status_code=204, responses=problems(404), summary="Take a bookmark away"
)
def unbookmark(article_id: ById, person: Reader) -> None:
    """One's own; no matter if there was none."""
    with db.database().transaction() as session:
        service.unbookmark(session, person, article_id)
        readers.record(session, person, [Event(db.new_id(), article_id, Deed.SAVE, 0)])


class ForgetIn(Wish):
    """What to forget: an address, a person's name, or the id of a source. `dry_run` only says what would go."""

    kind: Kind
    value: str = Field(min_length=1, max_length=2000)
    dry_run: bool = False


class ForgottenOut(BaseModel):
    """How many articles it was, the drafts that cited some, for an editor to look at, and how many readers."""

    articles: int
    drafts: list[str]
    readers: int
    dry_run: bool


@router.post("/library/forget", responses=problems(404), summary="Forget an address, a person or a source")
def forget(wish: ForgetIn, person: Admin) -> ForgottenOut:
    """For good: texts, raw pages, vectors, places in stories. The audit log keeps that it was done, and a hash."""
    if wish.dry_run:
        with db.database().read() as session:
            found = erasing.look(session, wish.kind, wish.value)
    else:
        found = erasing.forget(db.database().transaction, person, wish.kind, wish.value)
    return ForgottenOut(articles=found.articles, drafts=list(found.drafts), readers=found.readers, dry_run=wish.dry_run)
