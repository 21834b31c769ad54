"""Stories: what several outlets report on the same event, told in order of time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts.schemas import DraftOut
from stonehand.stories import queries
from stonehand.stories.schemas import StoryDetail, StoryOut
from stonehand.stories.states import StoryState
from stonehand.web.api.contract import ById, Limit, Page, problems
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/stories", tags=["stories"])
Place = Annotated[str, Query(pattern=r"^[0-9]{1,6}$", description="`next` of the part before.")]
Words = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="All must stand in the title.")]


class ToldStory(StoryDetail):
    """A story with its timeline and the drafts that were written of it."""

    drafts: list[DraftOut]


@router.get("", summary="Stories by rank")
def listing(
    person: Reader, state: StoryState | None = None, words: Words = "", before: Place = "0", limit: Limit = 50
) -> Page[StoryOut]:
    """The most prominent first. Ranks move, so a story may show up in two parts of the list."""
    start = int(before)
    with db.database().read() as session:
        found = queries.top(session, limit + 1, start, state, words)
    following = str(start + limit) if len(found) > limit else None
    return Page(items=[StoryOut.model_validate(story) for story in found[:limit]], next=following, limit=limit)


@router.get("/{story_id}", responses=problems(404), summary="One story and its timeline")
def one(story_id: ById, person: Reader) -> ToldStory:
    """Earliest report first, copies under their originals, each with the reason why it stands here."""
    with db.database().read() as session:
        told = StoryDetail.of(queries.story(session, story_id), queries.timeline(session, story_id))
        written = [DraftOut.model_validate(draft) for draft in drafts.of_story(session, story_id)]
    return ToldStory(**told.model_dump(), drafts=written)


@router.post("/{story_id}/draft", status_code=202, responses=problems(404), summary="Commission a draft of a story")
def commission(story_id: ById, person: Editor) -> DraftOut:
    """A story has one open draft at most; if there is one, this is it."""
    with db.database().transaction() as session:
        draft_id = drafting.commission(session, story_id, person.id)
        accounts.record(session, person, "commissioned", "draft", draft_id, {"story_id": story_id})
        return DraftOut.model_validate(drafts.draft(session, draft_id))
