"""Stories: what several outlets report on the same event, told in order of time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts.schemas import DraftOut
from stonehand.stories import queries
from stonehand.stories.passes import verdicts
from stonehand.stories.schemas import ChangeOut, StoryDetail, StoryOut
from stonehand.stories.states import StoryState
from stonehand.web.api.contract import ById, Limit, Page, problems
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/stories", tags=["stories"])
Place = Annotated[str, Query(pattern=r"^[0-9]{1,6}$", description="`next` of the part before.")]
Words = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="All must stand in the title.")]


class ToldStory(StoryDetail):
    """A story with its timeline, the drafts that were written of it, and what moved into it and out of it."""

    drafts: list[DraftOut]
    changes: list[ChangeOut]


class Parted(BaseModel):
    """The articles that are another story; copies go with their originals."""

    article_ids: list[str] = Field(min_length=1, max_length=verdicts.MOST)


class Joined(BaseModel):
    """The story that this one becomes part of."""

    into: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")


class Made(BaseModel):
    """The story that has the articles now."""

    story_id: str


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
        changes = [ChangeOut.of(each, story_id) for each in queries.changes(session, story_id)]
    return ToldStory(**told.model_dump(), drafts=written, changes=changes)


@router.post("/{story_id}/split", status_code=201, responses=problems(404), summary="Part articles from a story")
def split(story_id: ById, asked: Parted, person: Editor) -> Made:
    """They become a story of their own. It is remembered: no later pass joins them again."""
    with db.database().transaction() as session:
        return Made(story_id=verdicts.split(session, person, story_id, asked.article_ids))


@router.post("/{story_id}/merge", responses=problems(404), summary="Join a story with another")
def merge(story_id: ById, asked: Joined, person: Editor) -> Made:
    """Its articles go there. It is remembered: no later pass parts them again."""
    with db.database().transaction() as session:
        verdicts.merge(session, person, story_id, asked.into)
    return Made(story_id=asked.into)


@router.post("/{story_id}/draft", status_code=202, responses=problems(404), summary="Commission a draft of a story")
def commission(story_id: ById, person: Editor) -> DraftOut:
    """A story has one open draft at most; if there is one, this is it."""
    with db.database().transaction() as session:
        draft_id = drafting.commission(session, story_id, person.id)
        accounts.record(session, person, "commissioned", "draft", draft_id, {"story_id": story_id})
        return DraftOut.model_validate(drafts.draft(session, draft_id))
