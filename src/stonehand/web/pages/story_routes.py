"""Stories: the list, one story, and asking for a draft of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts.states import OPEN
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
        view, frame = reading.story(session, story_id, person), chrome(session, person)
    return rendering.page(request, "stories/story.html", view, frame)


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
