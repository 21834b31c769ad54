"""Correcting and retracting what can be seen, and the pages that it cites."""

from __future__ import annotations

from fastapi import APIRouter

from stonehand import db
from stonehand.db import Session
from stonehand.publications import changes, correcting, queries, settling, telling, watching
from stonehand.publications.models import CitedPage
from stonehand.publications.schemas import (
    ChangeOut,
    CitedPageOut,
    CorrectIn,
    PublicationOut,
    RetractIn,
)
from stonehand.reviews.schemas import ReviewOut
from stonehand.web.api.contract import ById, Page, problems, whole
from stonehand.web.deps import Editor, Publisher, Reader

router = APIRouter(prefix="/publications", tags=["publications"])


@router.post("/{publication_id}/correct", status_code=202, responses=problems(404, 409), summary="Correct a piece")
def correct(publication_id: ById, wish: CorrectIn, person: Editor) -> ReviewOut:
    """The corrected text is reviewed; once it is approved, it is shown wherever the piece is, with the note."""
    with db.database().transaction() as session:
        review = correcting.correct(session, person, publication_id, wish.markdown, wish.note, wish.title)
        return ReviewOut.model_validate(review)


@router.post("/{publication_id}/retract", status_code=202, responses=problems(404, 409), summary="Take a piece back")
def retract(publication_id: ById, wish: RetractIn, person: Publisher) -> PublicationOut:
    """From where it can be seen; one that has not gone out yet never does."""
    with db.database().transaction() as session:
        return telling.out(session, changes.retract(session, person, publication_id, wish.reason))


@router.get("/{publication_id}/changes", responses=problems(404), summary="A piece's corrections and retractions")
def change_list(publication_id: ById, person: Reader) -> Page[ChangeOut]:
    """The oldest first."""
    with db.database().read() as session:
        queries.publication(session, publication_id)
        found = changes.of_publications(session, [publication_id])
        return whole([ChangeOut.model_validate(each) for each in found])


@router.post("/changes/{change_id}/retry", status_code=202, responses=problems(404, 409), summary="Try a change again")
def retry_change(change_id: ById, person: Publisher) -> ChangeOut:
    """One that failed; saying the same again does no harm."""
    with db.database().transaction() as session:
        changes.retry(session, person, change_id)
        return _change(session, change_id)


@router.post("/changes/{change_id}/happened", responses=problems(404, 409), summary="Say that a change has happened")
def change_happened(change_id: ById, person: Publisher) -> ChangeOut:
    """For one in doubt, or that a person has made by hand."""
    with db.database().transaction() as session:
        settling.happened(session, person, change_id)
        return _change(session, change_id)


@router.post("/changes/{change_id}/missing", status_code=202, responses=problems(404, 409), summary="Say it has not")
def change_missing(change_id: ById, person: Publisher) -> ChangeOut:
    """For one in doubt: it is sent again."""
    with db.database().transaction() as session:
        settling.missing(session, person, change_id)
        return _change(session, change_id)


def _change(session: Session, change_id: str) -> ChangeOut:
    session.flush()
    return ChangeOut.model_validate(changes.change(session, change_id))


@router.get("/{publication_id}/sources", responses=problems(404), summary="Whether what a piece cites still stands")
def sources(publication_id: ById, person: Reader) -> Page[CitedPageOut]:
    """Each watched page, and the words that no longer stand there."""
    with db.database().read() as session:
        publication = queries.publication(session, publication_id)
        rows = watching.of_publication(session, publication)
        return whole([_cited(session, publication_id, page, article.url) for page, article in rows])


def _cited(session: Session, publication_id: str, page: CitedPage, url: str) -> CitedPageOut:
    gone = watching.vanished(session, page.article_id).get(publication_id, []) if page.trouble == "changed" else []
    return CitedPageOut(
        article_id=page.article_id,
        url=url,
        looks=page.looks,
        due_at=page.due_at,
        trouble=page.trouble,
        trouble_since=page.trouble_since,
        vanished=gone,
    )


@router.post("/sources/{article_id}/settle", status_code=204, responses=problems(404), summary="Nothing is to be done")
def settle(article_id: ById, person: Editor) -> None:
    """About a cited page as it is now; if it changes again, there is another alert."""
    with db.database().transaction() as session:
        watching.settle(session, person, article_id)
