"""Stories: the list, one story, asking for a draft of it, parting it and joining it with another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts.states import OPEN
from stonehand.errors import NotFound
from stonehand.stories import queries as stories
from stonehand.stories.errors import SplitUnfit
from stonehand.stories.passes import verdicts
from stonehand.stories.states import StoryState
from stonehand.web import flash, rendering
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import story_reading as reading
from stonehand.web.pages.chrome import chrome

router = APIRouter(prefix="/stories", include_in_schema=False)
Words = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
Start = Annotated[int, Query(ge=0, le=100_000)]
Id = Annotated[str, Form(min_length=1, max_length=100, pattern=r"^[0-9A-Za-z-]*$")]
Chosen = Annotated[list[Id] | None, Form(max_length=verdicts.MOST)]


@router.get("")
def listing(request: Request, person: Reader, show: str = "", q: Words = "", start: Start = 0) -> Response:
    """All stories by rank, perhaps those in one state, perhaps those with these words in their title."""
    state = StoryState(show) if show in set(StoryState) else None
    with db.database().read() as session:
        view, frame = reading.listing(session, state, q.strip(), start), chrome(session, person)
    return rendering.page(request, "stories/index.html", view, frame)


@router.get("/{story_id}")
def story(request: Request, story_id: ById, person: Reader) -> Response:
    """One story, told in order of time."""
    with db.database().read() as session:
        current = stories.current(session, story_id)
        if current != story_id:
            return flash.redirect(f"/stories/{current}", Flash("That story was merged into this one.", "quiet"))
        view, frame = reading.story(session, story_id, person), chrome(session, person)
    return rendering.page(request, "stories/story.html", view, frame)


@router.post("/{story_id}/split")
def split(story_id: ById, person: Editor, article: Chosen = None) -> Response:
    """Make the chosen articles a story of their own."""
    try:
        with db.database().transaction() as session:
            made = verdicts.split(session, person, story_id, article or [])
    except SplitUnfit as error:
        return flash.redirect(f"/stories/{story_id}", Flash(f"{str(error)[:1].upper()}{str(error)[1:]}.", "bad"))
    return flash.redirect(f"/stories/{made}", Flash("They are a story of their own now, and stay one."))


@router.post("/{story_id}/merge")
def merge(story_id: ById, person: Editor, into: Id) -> Response:
    """Make the story and another one; the larger stays."""
    try:
        with db.database().transaction() as session:
            stays = verdicts.join(session, person, story_id, into)
    except (SplitUnfit, NotFound) as error:
        return flash.redirect(f"/stories/{story_id}", Flash(f"{str(error)[:1].upper()}{str(error)[1:]}.", "bad"))
    return flash.redirect(f"/stories/{stays}", Flash("The two are one story now, and stay one."))


@router.post("/{story_id}/draft")
def commission(story_id: ById, person: Editor) -> Response:
    """Ask for a draft. A story has one open draft at most; if there is one, that stays."""
    with db.database().transaction() as session:
        is_open = any(draft.state in OPEN for draft in drafts.of_story(session, story_id))
        draft_id = drafting.commission(session, story_id, person.id)
        if not is_open:
            accounts.record(session, person, "commissioned", "draft", draft_id, {"story_id": story_id})
    said = "This story has an open draft already." if is_open else "A draft is being written; it will wait for review."
    return flash.redirect(f"/stories/{story_id}", Flash(said, "quiet" if is_open else "good"))
