"""The library: searching, saving searches, tags and bookmarks."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.articles import queries as articles
from stonehand.db import new_id
from stonehand.errors import Conflict, Rejected
from stonehand.library import nearness, searching, service
from stonehand.reading import service as readers
from stonehand.reading.counting import Event
from stonehand.reading.states import Deed
from stonehand.retention import erasing
from stonehand.retention.erasing import Kind
from stonehand.search import parsing
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.api.library import base_of
from stonehand.web.deps import Admin, Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import library_reading as reading
from stonehand.web.pages.showing import show
from stonehand.web.words import plural

router = APIRouter(include_in_schema=False)
# One character more than a search may have, so that the page can say so.
Asked = Annotated[str, Query(max_length=parsing.LONGEST + 1, pattern=r"^[^\x00]*$")]
Start = Annotated[int, Query(ge=0, le=searching.MOST)]
Id = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Form(max_length=parsing.LONGEST, pattern=r"^[^\x00]*$")]


@router.get("/library")
def library(
    request: Request,
    person: Reader,
    q: Asked = "",
    order: Literal["best", "newest"] = "best",
    start: Start = 0,
    saved: Id = "",
) -> Response:
    """Everything that was read, or what a search finds."""
    ahead = nearness.ahead(q.strip())
    return show(
        request,
        person,
        "library/index.html",
        lambda session: reading.page(session, person, reading.Wish(q.strip(), order, start, ahead), saved),
    )


@router.post("/library/saved")
def save(request: Request, person: Reader, name: Text = "", query: Text = "") -> Response:
    """Keep a search. The feed's address is told this once."""
    try:
        with db.database().transaction() as session:
            saved, secret = service.save(session, person, name, query)
    except (Rejected, Conflict) as error:
        return flash.redirect("/library", Flash(_said(error), "bad"))
    return flash.redirect(f"/library?saved={saved.id}", _feed_told(request, saved.name, secret))


def _feed_told(request: Request, name: str, secret: str) -> Flash:
    address = f"{base_of(request)}/feeds/{secret}.rss"
    return Flash(f"“{name}” is a feed now, at {address} (or .atom, .json). Keep the address; it is not shown again.")


@router.post("/library/saved/{saved_id}/feed")
def renew_feed(request: Request, saved_id: ById, person: Reader) -> Response:
    """Give the feed of a saved search a new address."""
    with db.database().transaction() as session:
        saved, secret = service.renew_feed(session, person, saved_id)
    return flash.redirect(f"/library?saved={saved_id}", _feed_told(request, saved.name, secret))


@router.post("/library/saved/{saved_id}/remove")
def remove(saved_id: ById, person: Reader) -> Response:
    """Forget a saved search."""
    with db.database().transaction() as session:
        gone = service.remove(session, person, saved_id).name
    return flash.redirect("/library", Flash(f"“{gone}” and its feed are gone.", "quiet"))


@router.post("/articles/{article_id}/bookmark")
def bookmark(article_id: ById, person: Reader, back: Text = "") -> Response:
    """Remember an article for oneself."""
    with db.database().transaction() as session:
        service.bookmark(session, person, article_id)
        readers.record(session, person, [Event(new_id(), article_id, Deed.SAVE)])
    undo = f"/articles/{article_id}/unbookmark"
    return flash.redirect(back or f"/articles/{article_id}", Flash("Bookmarked; is:bookmarked finds it.", undo=undo))


@router.post("/articles/{article_id}/unbookmark")
def unbookmark(article_id: ById, person: Reader, back: Text = "") -> Response:
    """No longer remember it."""
    with db.database().transaction() as session:
        service.unbookmark(session, person, article_id)
        readers.record(session, person, [Event(new_id(), article_id, Deed.SAVE, 0)])
    return flash.redirect(back or f"/articles/{article_id}", Flash("The bookmark is gone.", "quiet"))


@router.post("/articles/{article_id}/tags")
def tag(article_id: ById, person: Editor, tags: Text = "") -> Response:
    """Give an article tags, with commas between them."""
    try:
        with db.database().transaction() as session:
            service.tag(session, person, article_id, [each for each in tags.split(",") if each.strip()])
    except Rejected as error:
        return flash.redirect(f"/articles/{article_id}", Flash(_said(error), "bad"))
    return flash.redirect(f"/articles/{article_id}")


@router.post("/articles/{article_id}/untag")
def untag(article_id: ById, person: Editor, name: Text = "") -> Response:
    """Take a tag off an article."""
    with db.database().transaction() as session:
        service.untag(session, person, article_id, [name])
    return flash.redirect(f"/articles/{article_id}")


@router.post("/articles/{article_id}/forget")
def forget(article_id: ById, person: Admin) -> Response:
    """Forget an article for good."""
    with db.database().read() as session:
        url = articles.article(session, article_id).url
    cited = erasing.forget(db.database().transaction, person, Kind.URL, url).drafts
    more = f" {plural(len(cited), 'draft cites', 'drafts cite')} it; look at them." if cited else ""
    return flash.redirect(f"/articles/{article_id}", Flash(f"The article is forgotten.{more}", "quiet"))


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
