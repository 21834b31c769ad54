"""Drafts: what was written for a story, sentence by sentence, and a person's changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.db import Session
from stonehand.drafts import queries, service
from stonehand.drafts.schemas import CitationOut, DraftOut, EditIn, RevisionOut
from stonehand.drafts.states import DraftState
from stonehand.publications import queries as publications
from stonehand.publications import telling
from stonehand.publications.schemas import PublicationOut
from stonehand.reviews import queries as reviews
from stonehand.reviews import service as reviewing
from stonehand.reviews.schemas import ReviewOut
from stonehand.web.api.contract import Before, ById, Limit, Page, page, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/drafts", tags=["drafts"])
States = Annotated[list[DraftState], Query(default_factory=list, description="One or several states; all if left out.")]


class CheckedRevision(RevisionOut):
    """A revision, and for each sentence the words of the source that it rests on; `unsupported` have none."""

    citations: list[CitationOut] = Field(default_factory=list)
    unsupported: int = 0


class DraftDetail(DraftOut):
    """A draft with its present text, the decisions about it, and where it went."""

    revision: CheckedRevision | None = None
    reviews: list[ReviewOut] = Field(default_factory=list)
    publications: list[PublicationOut] = Field(default_factory=list)


@router.get("", summary="Drafts, newest first")
def listing(person: Reader, state: States, before: Before = None, limit: Limit = 50) -> Page[DraftOut]:
    """Perhaps only those in some states."""
    with db.database().read() as session:
        found = queries.drafts(session, state or None, limit + 1, before)
        return page(found, limit, DraftOut.model_validate)


@router.get("/{draft_id}", responses=problems(404), summary="One draft")
def one(draft_id: ById, person: Reader) -> DraftDetail:
    """Its present text with every sentence's source, the decisions about it, and where it went."""
    with db.database().read() as session:
        return _detail(session, draft_id)


@router.put("/{draft_id}/text", responses=problems(404, 409), summary="Save your text of a draft")
def edit(draft_id: ById, wish: EditIn, person: Editor) -> DraftDetail:
    """As the next revision, every sentence checked anew. 409 if somebody else has saved since the revision you saw."""
    with db.database().transaction() as session:
        revision_id = service.edit(session, draft_id, wish.markdown, wish.expected_revision_id, person.id, wish.title)
        if revision_id != wish.expected_revision_id:
            accounts.record(session, person, "edited", "draft", draft_id, {"revision_id": revision_id})
            reviewing.open_review(session, draft_id)
    with db.database().read() as session:
        return _detail(session, draft_id)


@router.post("/{draft_id}/rewrite", status_code=202, responses=problems(404, 409), summary="Have a draft written again")
def rewrite(draft_id: ById, person: Editor) -> DraftOut:
    """After changes were requested, or when nothing could be written."""
    with db.database().transaction() as session:
        service.rewrite(session, draft_id)
        accounts.record(session, person, "asked to rewrite", "draft", draft_id)
        return DraftOut.model_validate(queries.draft(session, draft_id))


@router.get("/{draft_id}/revisions", responses=problems(404), summary="Every version of a draft's text")
def revisions(draft_id: ById, person: Reader) -> Page[RevisionOut]:
    """The newest first."""
    with db.database().read() as session:
        queries.draft(session, draft_id)
        return whole([RevisionOut.model_validate(row) for row in queries.revisions(session, draft_id)])


def _detail(session: Session, draft_id: str) -> DraftDetail:
    draft = queries.draft(session, draft_id)
    more = {
        "revision": _checked(session, draft.current_revision_id) if draft.current_revision_id else None,
        "reviews": [ReviewOut.model_validate(row) for row in reviews.of_draft(session, draft_id)],
        "publications": [telling.out(session, row) for row in publications.of_draft(session, draft_id)],
    }
    return DraftDetail.model_validate(draft).model_copy(update=more)


def _checked(session: Session, revision_id: str) -> CheckedRevision:
    cited = [CitationOut.model_validate(row) for row in queries.citations(session, revision_id)]
    more = {"citations": cited, "unsupported": sum(one.kind == "unsupported" for one in cited)}
    return CheckedRevision.model_validate(queries.revision(session, revision_id)).model_copy(update=more)
