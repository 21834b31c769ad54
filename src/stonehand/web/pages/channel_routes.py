"""The page of channels: adding a folder, switching, removing, and trying a failed piece again."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.channels import queries, service
from stonehand.channels.errors import ChannelNameTaken, ChannelNameUnfit, LoginRefused
from stonehand.errors import Conflict, Forbidden, Rejected, StonehandError, Unavailable
from stonehand.publications import queries as publications
from stonehand.publications import reconciling
from stonehand.publications import service as publishing
from stonehand.publications.errors import AddressUnfit, PublicationNotFailed, PublicationNotInDoubt
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Admin, Publisher, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import channel_reading as reading
from stonehand.web.pages.channels import ChannelsView
from stonehand.web.pages.parts import BLANK, Field
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
Word = Annotated[str, Form(max_length=1000)]


@router.get("/channels")
def index(request: Request, person: Reader) -> Response:
    """Every channel and the latest pieces."""
    return show(request, person, "channels/index.html", lambda session: reading.index(session, person))


@router.post("/channels")
def add(request: Request, person: Admin, name: Word = "", where: Word = "") -> Response:
    """Add a folder. What is wrong stands beside the field it is about."""
    try:
        checked = service.check("folder", name, {"folder": where.strip()})
        with db.database().transaction() as session:
            service.add(session, person, checked)
    except Forbidden:
        raise
    except (ChannelNameTaken, ChannelNameUnfit) as error:
        return _again(request, person, Field(name, _said(error)), Field(where), error.status)
    except (Rejected, Unavailable) as error:
        return _again(request, person, Field(name), Field(where, _said(error)), error.status)
    return flash.redirect("/channels", Flash(f"Added {checked.name}. Approved pieces can go there from now on."))


@router.post("/channels/wordpress")
def add_wordpress(
    request: Request, person: Admin, wp_name: Word = "", url: Word = "", username: Word = "", password: Word = ""
) -> Response:
    """Add a WordPress site. What is wrong stands beside the field it is about; the password is typed again."""
    settings = {"url": url.strip(), "username": username.strip(), "password": password.strip()}
    try:
        checked = service.check("wordpress", wp_name, settings)
        with db.database().transaction() as session:
            service.add(session, person, checked)
    except Forbidden:
        raise
    except (Rejected, Conflict, Unavailable) as error:
        fields = {"wp_name": Field(wp_name), "url": Field(url), "username": Field(username), "password": BLANK}
        wrong = _wrong_field(error)
        fields[wrong] = replace(fields[wrong], error=_said(error))
        return show(
            request,
            person,
            "channels/index.html",
            lambda session: reading.index(session, person, wordpress=fields),
            error.status,
        )
    return flash.redirect("/channels", Flash(f"Added {checked.name}. Approved pieces can go there from now on."))


def _wrong_field(error: StonehandError) -> str:
    if isinstance(error, (ChannelNameTaken, ChannelNameUnfit)):
        return "wp_name"
    return "password" if isinstance(error, LoginRefused) else "url"


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def _again(request: Request, person: Person, name: Field, where: Field, status: int) -> Response:
    def look(session: db.Session) -> ChannelsView:
        return reading.index(session, person, name, where)

    return show(request, person, "channels/index.html", look, status)


@router.post("/channels/{channel_id}/enable")
def enable(channel_id: ById, person: Admin) -> Response:
    """Switch a channel on."""
    return _switch(channel_id, person, True)


@router.post("/channels/{channel_id}/disable")
def disable(channel_id: ById, person: Admin) -> Response:
    """Switch a channel off; what is on its way waits."""
    return _switch(channel_id, person, False)


def _switch(channel_id: str, person: Person, on: bool) -> Response:
    with db.database().transaction() as session:
        service.enable(session, person, channel_id, on)
        name = queries.channel(session, channel_id).name
    words = f"{name} is switched on." if on else f"{name} is switched off. What is on its way there waits."
    return flash.redirect("/channels", Flash(words, "quiet", f"/channels/{channel_id}/{'disable' if on else 'enable'}"))


@router.post("/channels/{channel_id}/remove")
def remove(channel_id: ById, person: Admin) -> Response:
    """Forget a channel; the files stay."""
    with db.database().transaction() as session:
        name = queries.channel(session, channel_id).name
        service.remove(session, person, channel_id)
    return flash.redirect("/channels", Flash(f"Removed {name}. What was published there stays where it is.", "quiet"))


@router.post("/publications/{publication_id}/retry")
def retry(publication_id: ById, person: Publisher) -> Response:
    """Try a failed piece again."""
    try:
        with db.database().transaction() as session:
            publishing.retry(session, person, publication_id)
            title = publications.publication(session, publication_id).title
    except PublicationNotFailed as error:
        return flash.redirect("/channels", Flash(_said(error), "quiet"))
    return flash.redirect("/channels", Flash(f"Trying “{title}” again."))


@router.post("/publications/{publication_id}/arrived")
def arrived(publication_id: ById, person: Publisher, url: Word = "") -> Response:
    """A person has found a piece in doubt at this address."""
    try:
        with db.database().transaction() as session:
            reconciling.arrived(session, person, publication_id, url)
            title = publications.publication(session, publication_id).title
    except (AddressUnfit, PublicationNotInDoubt) as error:
        return flash.redirect("/channels", Flash(_said(error), "bad"))
    return flash.redirect("/channels", Flash(f"“{title}” is published."))


@router.post("/publications/{publication_id}/missing")
def missing(publication_id: ById, person: Publisher) -> Response:
    """A person has looked, and a piece in doubt is not there."""
    try:
        with db.database().transaction() as session:
            reconciling.missing(session, person, publication_id)
            title = publications.publication(session, publication_id).title
    except PublicationNotInDoubt as error:
        return flash.redirect("/channels", Flash(_said(error), "quiet"))
    return flash.redirect("/channels", Flash(f"Sending “{title}” again."))
