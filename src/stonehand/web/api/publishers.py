"""Channels as older installations call them: publishers, with their shapes and words."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from stonehand import db
from stonehand.channels import kinds, queries, service
from stonehand.channels.models import Channel
from stonehand.errors import Rejected, Unavailable
from stonehand.web.api.contract import ById, problems
from stonehand.web.deps import Admin, Reader

router = APIRouter(prefix="/publishers", tags=["publishers"])


class PublisherIn(BaseModel):
    """A new publisher: `type` is a kind of channel, `config` its settings."""

    name: str = Field(default="", max_length=100)
    type: str = Field(max_length=50)
    config: dict[str, Any] = Field(default_factory=dict)


class PublisherOut(BaseModel):
    """A publisher. Its secrets are not shown."""

    id: str
    name: str
    type: str
    config: dict[str, Any]
    is_active: bool


class PublisherTested(BaseModel):
    """Whether its target lets us in, and what it says."""

    success: bool
    message: str


def _shown(channel: Channel) -> PublisherOut:
    return PublisherOut(
        id=channel.id, name=channel.name, type=channel.kind, config=channel.config, is_active=channel.is_enabled
    )


@router.get("", summary="Every publisher")
def listing(person: Reader) -> list[PublisherOut]:
    """The same as `GET /channels`."""
    with db.database().read() as session:
        return [_shown(each) for each in queries.channels(session)]


@router.post("", status_code=201, responses=problems(404, 409), summary="Add a publisher")
def add(wish: PublisherIn, person: Admin) -> PublisherOut:
    """The same as `POST /channels`; without a name it is called by its type."""
    checked = service.check(wish.type, wish.name or wish.type, wish.config)
    with db.database().transaction() as session:
        return _shown(service.add(session, person, checked))


@router.get("/{publisher_id}", responses=problems(404), summary="One publisher")
def one(publisher_id: ById, person: Reader) -> PublisherOut:
    """The same as `GET /channels/{channel_id}`."""
    with db.database().read() as session:
        return _shown(queries.channel(session, publisher_id))


@router.delete("/{publisher_id}", status_code=204, responses=problems(404), summary="Forget a publisher")
def remove(publisher_id: ById, person: Admin) -> None:
    """The same as `DELETE /channels/{channel_id}`."""
    with db.database().transaction() as session:
        service.remove(session, person, publisher_id)


@router.post("/{publisher_id}/test", responses=problems(404), summary="Test a publisher")
def test(publisher_id: ById, person: Admin) -> PublisherTested:
    """As `POST /channels/{channel_id}/test`, but what is wrong is an answer, not an error."""
    with db.database().read() as session:
        channel = queries.channel(session, publisher_id)
    try:
        return PublisherTested(success=True, message=kinds.test(channel))
    except (Rejected, Unavailable) as error:
        return PublisherTested(success=False, message=str(error))
