"""The sample newsroom: whether it is loaded, and taking it away."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.db import Session
from stonehand.sample import loading
from stonehand.sources import queries
from stonehand.web.deps import Admin, Reader

router = APIRouter(prefix="/sample", tags=["sample"])


class SampleOut(BaseModel):
    """Whether the sample newsroom is loaded, and how many sources it has."""

    loaded: bool
    sources: int


@router.get("", summary="Whether the sample newsroom is loaded")
def status(person: Reader) -> SampleOut:
    """Everything of it is invented, and marked `is_sample` wherever it is shown."""
    with db.database().read() as session:
        return _status(session)


@router.post("/remove", summary="Take the sample newsroom away")
def remove(person: Admin) -> SampleOut:
    """With all that came of it. No matter if it is not loaded."""
    loading.remove_all(db.database())
    with db.database().transaction() as session:
        accounts.record(session, person, "removed", "sample", "sample")
        return _status(session)


def _status(session: Session) -> SampleOut:
    count = sum(source.is_sample for source in queries.all_sources(session))
    return SampleOut(loaded=count > 0, sources=count)
