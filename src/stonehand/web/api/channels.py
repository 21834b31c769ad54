"""Channels, where pieces go, and publications, what went there."""

from __future__ import annotations

from fastapi import APIRouter

from stonehand import db
from stonehand.channels import kinds as channel_kinds
from stonehand.channels import queries, service
from stonehand.channels.schemas import ChannelChange, ChannelIn, ChannelOut, KindOut, TestedOut
from stonehand.publications import queries as publications
from stonehand.publications import reconciling, telling
from stonehand.publications import service as publishing
from stonehand.publications.schemas import ArrivedIn, PublicationOut
from stonehand.web.api.contract import Before, ById, Limit, Page, page, problems, whole
from stonehand.web.deps import Admin, Publisher, Reader

router = APIRouter()


@router.get("/channels", tags=["channels"], summary="Every channel")
def listing(person: Reader) -> Page[ChannelOut]:
    """By name. Their settings hold no secrets."""
    with db.database().read() as session:
        return whole([ChannelOut.model_validate(channel) for channel in queries.channels(session)])


@router.get("/channels/kinds", tags=["channels"], summary="What kinds of channel there are")
def kinds(person: Reader) -> Page[KindOut]:
    """Those of the installed plugins, with their settings."""
    return whole([KindOut.model_validate(each) for each in channel_kinds.all_kinds()])


@router.post("/channels", tags=["channels"], status_code=201, responses=problems(404, 409), summary="Add a channel")
def add(wish: ChannelIn, person: Admin) -> ChannelOut:
    """Its plugin checks the settings first."""
    checked = service.check(wish.kind, wish.name, wish.config)
    with db.database().transaction() as session:
        return ChannelOut.model_validate(service.add(session, person, checked))


@router.get("/channels/{channel_id}", tags=["channels"], responses=problems(404), summary="One channel")
def one(channel_id: ById, person: Reader) -> ChannelOut:
    """Its settings hold no secrets."""
    with db.database().read() as session:
        return ChannelOut.model_validate(queries.channel(session, channel_id))


@router.patch("/channels/{channel_id}", tags=["channels"], responses=problems(404, 409), summary="Change a channel")
def change(channel_id: ById, wish: ChannelChange, person: Admin) -> ChannelOut:
    """Its name, its settings, or whether it is switched on."""
    with db.database().read() as session:
        old = queries.channel(session, channel_id)
    name = old.name if wish.name is None else wish.name
    settings = old.config if wish.config is None else wish.config
    checked = None if (name, settings) == (old.name, old.config) else service.check(old.kind, name, settings, old)
    with db.database().transaction() as session:
        if checked:
            service.edit(session, person, channel_id, checked)
        if wish.is_enabled is not None:
            service.enable(session, person, channel_id, wish.is_enabled)
        return ChannelOut.model_validate(queries.channel(session, channel_id))


@router.post("/channels/{channel_id}/test", tags=["channels"], responses=problems(404), summary="Test a channel")
def test(channel_id: ById, person: Admin) -> TestedOut:
    """Ask its target whether it lets us in, and who we are there. Nothing is published."""
    with db.database().read() as session:
        channel = queries.channel(session, channel_id)
    return TestedOut(words=channel_kinds.test(channel))


@router.delete(
    "/channels/{channel_id}", tags=["channels"], status_code=204, responses=problems(404), summary="Forget a channel"
)
def remove(channel_id: ById, person: Admin) -> None:
    """What was delivered through it stays where it is."""
    with db.database().transaction() as session:
        service.remove(session, person, channel_id)


@router.get("/publications", tags=["publications"], summary="What goes out and what went out, newest first")
def published(person: Reader, before: Before = None, limit: Limit = 50) -> Page[PublicationOut]:
    """In any state."""
    with db.database().read() as session:
        return page(publications.newest(session, limit + 1, before), limit, lambda row: telling.out(session, row))


@router.get("/publications/{publication_id}", tags=["publications"], responses=problems(404), summary="One publication")
def publication(publication_id: ById, person: Reader) -> PublicationOut:
    """Where it is on its way, where it can be seen, or why it failed."""
    with db.database().read() as session:
        return telling.out(session, publications.publication(session, publication_id))


@router.post(
    "/publications/{publication_id}/retry",
    tags=["publications"],
    status_code=202,
    responses=problems(404, 409),
    summary="Try a failed publication again",
)
def retry(publication_id: ById, person: Publisher) -> PublicationOut:
    """Under the same key, so that a piece that did arrive is not shown twice."""
    with db.database().transaction() as session:
        publishing.retry(session, person, publication_id)
        return telling.out(session, publications.publication(session, publication_id))


@router.post(
    "/publications/{publication_id}/arrived",
    tags=["publications"],
    responses=problems(404, 409),
    summary="Say that a piece in doubt is there",
)
def arrived(publication_id: ById, found: ArrivedIn, person: Publisher) -> PublicationOut:
    """For one that needs a look: a person has found it, at this address."""
    with db.database().transaction() as session:
        reconciling.arrived(session, person, publication_id, found.url)
        return telling.out(session, publications.publication(session, publication_id))


@router.post(
    "/publications/{publication_id}/missing",
    tags=["publications"],
    status_code=202,
    responses=problems(404, 409),
    summary="Say that a piece in doubt is not there, and send it again",
)
def missing(publication_id: ById, person: Publisher) -> PublicationOut:
    """For one that needs a look: a person has looked, and it did not arrive."""
    with db.database().transaction() as session:
        reconciling.missing(session, person, publication_id)
        return telling.out(session, publications.publication(session, publication_id))
