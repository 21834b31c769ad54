"""Prompts: the library with its versions, previews, and rehearsals on real stories."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from stonehand import db
from stonehand.drafts.pieces import Instructions
from stonehand.prompts import comparing, purposes, queries, service
from stonehand.prompts.library import PromptText
from stonehand.prompts.schemas import LineOut, PromptOut, PurposeOut, VersionOut
from stonehand.rehearsals import previewing
from stonehand.rehearsals import queries as rehearsals
from stonehand.rehearsals import service as rehearsing
from stonehand.rehearsals.previewing import Preview
from stonehand.rehearsals.schemas import MessageOut, PreviewOut, RehearsalItemOut, RehearsalOut
from stonehand.rehearsals.service import Caps
from stonehand.rehearsals.subjects import Subject
from stonehand.web.api.contract import ID, ById, Limit, Page, Wish, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(tags=["prompts"])
NO_NUL = r"^[^\x00]*$"
KEY = r"^[A-Za-z0-9_.:-]{1,70}(@[0-9]{1,7})?$"
Template = Annotated[str, Field(max_length=20_000, pattern=NO_NUL)]
Short = Annotated[str, Field(max_length=500, pattern=NO_NUL)]
MaybeId = Annotated[str, Field(pattern=rf"{ID}|^$", max_length=64)]
Number = Annotated[int, Query(ge=0, le=9_999_999, description="A version; 0 is the present one.")]


class PromptIn(Wish):
    """A prompt to make. What a template may hold: see the guide."""

    name: str = Field(min_length=1, max_length=100, pattern=NO_NUL)
    purpose: str = Field(max_length=40, pattern=NO_NUL)
    template: Template
    description: Short = ""


class TemplateIn(Wish):
    """A template, and what changed."""

    template: Template
    note: Short = ""


class RenameIn(Wish):
    """Another name, and what it is for."""

    name: str = Field(min_length=1, max_length=100, pattern=NO_NUL)
    description: Short = ""


class CopyIn(Wish):
    """The name of the copy."""

    name: str = Field(min_length=1, max_length=100, pattern=NO_NUL)


class InstructionsIn(Wish):
    """What an agent or a reviewer would ask for."""

    keyword: Short = ""
    brief: Short = ""
    expertise: Short = ""
    persona: Short = ""
    tone: Short = ""
    words: int = Field(default=0, ge=0, le=10_000)
    language: str = Field(default="", max_length=10, pattern=NO_NUL)
    note: Short = ""


class SubjectIn(Wish):
    """What to try it on: a story, an article or a draft. `template` is one that is not saved yet."""

    story_id: MaybeId = ""
    article_id: MaybeId = ""
    draft_id: MaybeId = ""
    template: Template | None = None
    instructions: InstructionsIn | None = None


class ReplayIn(Wish):
    """How many stories at most and what they may cost together, in millionths; `against` is another prompt, or empty
    for the texts as they were written."""

    against: str = Field(default="", pattern=rf"{KEY}|^$", max_length=80)
    stories: int = Field(default=10, ge=1, le=50)
    cap_micro: int = Field(default=1_000_000, ge=0, le=1_000_000_000_000)


@router.get("/prompts", summary="Every prompt")
def listing(
    person: Reader,
    purpose: Annotated[str, Query(max_length=40, pattern=NO_NUL, description="Only of this purpose.")] = "",
    retired: Annotated[bool, Query(description="With those that are no longer offered.")] = False,
) -> Page[PromptOut]:
    """Built-in ones first, by purpose."""
    with db.database().read() as session:
        return whole([PromptOut.of(each) for each in queries.prompts(session, purpose, retired)])


@router.get("/prompts/purposes", summary="What can be asked for")
def known_purposes(person: Reader) -> Page[PurposeOut]:
    """Each with the names that its templates may use, and what it must answer."""
    return whole([PurposeOut.model_validate(each) for each in purposes.PURPOSES.values()])


@router.post("/prompts", status_code=201, responses=problems(409), summary="Make a prompt")
def create(wish: PromptIn, person: Editor) -> PromptOut:
    """Its template is checked; an error says in which line and how to mend it."""
    with db.database().transaction() as session:
        made = service.create(session, person, service.Wish(wish.name, wish.purpose, wish.template, wish.description))
        return PromptOut.of(queries.listed(session, made.id))


@router.get("/prompts/{key}", responses=problems(404), summary="One prompt")
def one(key: ById, person: Reader) -> PromptOut:
    """By its id or its slug."""
    with db.database().read() as session:
        return PromptOut.of(queries.listed(session, key))


@router.put("/prompts/{key}/template", responses=problems(404, 409), summary="Save the next version of a prompt")
def edit(key: ById, wish: TemplateIn, person: Editor) -> PromptOut:
    """Earlier versions never change. A built-in prompt is copied first."""
    with db.database().transaction() as session:
        service.edit(session, person, key, wish.template, wish.note)
        return PromptOut.of(queries.listed(session, key))


@router.patch("/prompts/{key}", responses=problems(404, 409), summary="Rename a prompt")
def rename(key: ById, wish: RenameIn, person: Editor) -> PromptOut:
    """The word that it is found by stays."""
    with db.database().transaction() as session:
        service.rename(session, person, key, wish.name, wish.description)
        return PromptOut.of(queries.listed(session, key))


@router.post("/prompts/{key}/copy", status_code=201, responses=problems(404, 409), summary="Copy a prompt")
def copy(key: ById, wish: CopyIn, person: Editor) -> PromptOut:
    """Under another name, to be edited."""
    with db.database().transaction() as session:
        return PromptOut.of(queries.listed(session, service.copy(session, person, key, wish.name).id))


@router.put("/prompts/{key}/default", responses=problems(404, 409), summary="Use a prompt where nobody names another")
def choose(key: ById, person: Editor) -> PromptOut:
    """For its purpose."""
    with db.database().transaction() as session:
        return PromptOut.of(queries.listed(session, service.choose(session, person, key).id))


@router.delete("/prompts/{key}", responses=problems(404, 409), summary="Retire a prompt")
def retire(key: ById, person: Editor) -> PromptOut:
    """It is no longer offered; its versions stay, since texts were written by them."""
    with db.database().transaction() as session:
        return PromptOut.of(queries.listed(session, service.retire(session, person, key).id))


@router.post("/prompts/{key}/bring-back", responses=problems(404, 409), summary="Offer a retired prompt again")
def bring_back(key: ById, person: Editor) -> PromptOut:
    """As it was."""
    with db.database().transaction() as session:
        return PromptOut.of(queries.listed(session, service.bring_back(session, person, key).id))


@router.get("/prompts/{key}/versions", responses=problems(404), summary="What a prompt said before")
def its_versions(key: ById, person: Reader) -> Page[VersionOut]:
    """The newest first."""
    with db.database().read() as session:
        return whole([VersionOut.model_validate(each) for each in queries.versions(session, key)])


@router.get("/prompts/{key}/diff", responses=problems(404), summary="What changed between two versions")
def diff(key: ById, person: Reader, old: Number = 1, new: Number = 0) -> Page[LineOut]:
    """Every line of both."""
    with db.database().read() as session:
        before, after = (queries.prompt(session, f"{key}@{each}" if each else key) for each in (old, new))
    return whole([LineOut.model_validate(each) for each in comparing.compare(before.template, after.template)])


@router.post("/prompts/{key}/preview", responses=problems(404), summary="What exactly would be sent")
def preview(key: ById, wish: SubjectIn, person: Editor) -> PreviewOut:
    """For a story, an article or a draft, with the tokens and the worst cost; nothing is sent."""
    with db.database().read() as session:
        return _shown(previewing.preview(session, _prompt(session, key, wish), _subject(wish)))


def _prompt(session: db.Session, key: str, wish: SubjectIn) -> PromptText:
    found = queries.prompt(session, key)
    return found if wish.template is None else previewing.typed(found, wish.template)


def _subject(wish: SubjectIn) -> Subject:
    told = Instructions(**wish.instructions.model_dump()) if wish.instructions else None
    return Subject(wish.story_id, wish.article_id, wish.draft_id, told)


def _shown(found: Preview) -> PreviewOut:
    return PreviewOut(
        title=found.title,
        messages=[MessageOut.model_validate(each) for each in found.messages],
        input_tokens=found.estimate.input_tokens,
        most_output_tokens=found.estimate.most_output_tokens,
        worst_micro=found.estimate.worst_micro,
        can_ask=found.can_ask,
    )


@router.post("/prompts/{key}/try", status_code=202, responses=problems(404), summary="Ask a model once, and show it")
def try_it(key: ById, wish: SubjectIn, person: Editor) -> RehearsalOut:
    """As a job; what comes back never becomes a draft."""
    with db.database().transaction() as session:
        made = rehearsing.ask_try(session, person, _prompt(session, key, wish), _subject(wish))
        return RehearsalOut.model_validate(made)


@router.post("/prompts/{key}/replay", status_code=202, responses=problems(404), summary="Replay over the last 30 days")
def replay(key: ById, wish: ReplayIn, person: Editor) -> RehearsalOut:
    """Over stories that got drafts, as a job, beside another prompt or the texts as they were; no draft comes of it."""
    with db.database().transaction() as session:
        caps = Caps(wish.stories, wish.cap_micro)
        made = rehearsing.ask_replay(session, person, queries.prompt(session, key), wish.against, caps)
        return RehearsalOut.model_validate(made)


@router.get("/rehearsals", summary="Prompts that were tried or replayed")
def all_rehearsals(person: Reader, limit: Limit = 50) -> Page[RehearsalOut]:
    """The latest first; they are kept for 30 days."""
    with db.database().read() as session:
        return whole([RehearsalOut.model_validate(each) for each in rehearsals.rehearsals(session, "", limit)])


@router.get("/rehearsals/{rehearsal_id}", responses=problems(404), summary="One rehearsal")
def rehearsal(rehearsal_id: ById, person: Reader) -> RehearsalOut:
    """How far it is, what it cost, and the means of old and new."""
    with db.database().read() as session:
        return RehearsalOut.model_validate(rehearsals.rehearsal(session, rehearsal_id))


@router.get("/rehearsals/{rehearsal_id}/items", responses=problems(404), summary="The stories of a rehearsal")
def its_items(rehearsal_id: ById, person: Reader) -> Page[RehearsalItemOut]:
    """Old beside new, with checks."""
    with db.database().read() as session:
        found = rehearsals.rehearsal(session, rehearsal_id)
        return whole([RehearsalItemOut.model_validate(each) for each in rehearsals.items(session, found.id)])
