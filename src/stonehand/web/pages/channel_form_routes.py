"""The pages that add a channel of any kind, change one, and test whether its target lets us in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.channels import kinds, queries, service
from stonehand.channels.errors import ChannelNameTaken, ChannelNameUnfit, LoginRefused
from stonehand.channels.kinds import Kind
from stonehand.channels.models import Channel
from stonehand.errors import Conflict, Forbidden, Rejected, StonehandError, Unavailable
from stonehand.vault import SecretUnreadable
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Admin
from stonehand.web.flash import Flash
from stonehand.web.pages import channel_form as forms
from stonehand.web.pages.channel_form import NAME, ChannelForm
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
LONGEST = 8000  # characters of one field, which may hold a private key


async def _typed(request: Request) -> dict[str, str]:
    sent = await request.form()
    return {name: value.strip()[:LONGEST] for name, value in sent.items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(_typed)]


@router.get("/channels/add/{kind}")
def add_form(request: Request, kind: ById, person: Admin) -> Response:
    """An empty form of this kind."""
    return _show(request, person, forms.blank(kinds.kind(kind)))


@router.post("/channels/add/{kind}")
def add(request: Request, kind: ById, person: Admin, form: Typed) -> Response:
    """Add a channel of this kind. What is wrong stands beside the field it is about."""
    found = kinds.kind(kind)
    try:
        checked = service.check(kind, form.get(NAME, ""), _settings(found, form))
        with db.database().transaction() as session:
            service.add(session, person, checked)
    except Forbidden:
        raise
    except (Rejected, Conflict, Unavailable) as error:
        return _show(request, person, forms.typed(found, form, _said(error), _wrong(found, error)), error.status)
    return flash.redirect("/channels", Flash(f"Added {checked.name}. Approved pieces can go there from now on."))


@router.get("/channels/{channel_id}/edit")
def edit_form(request: Request, channel_id: ById, person: Admin) -> Response:
    """The form of a channel, without its secrets."""
    with db.database().read() as session:
        channel = queries.channel(session, channel_id)
    return _show(request, person, forms.filled(kinds.kind(channel.kind), channel))


@router.post("/channels/{channel_id}/edit")
def edit(request: Request, channel_id: ById, person: Admin, form: Typed) -> Response:
    """Change a channel. Secrets that are left empty stay, unless they would go elsewhere."""
    with db.database().read() as session:
        old = queries.channel(session, channel_id)
    found = kinds.kind(old.kind)
    try:
        checked = service.check(old.kind, form.get(NAME, ""), _fieldless(found, old) | _settings(found, form), old)
        with db.database().transaction() as session:
            service.edit(session, person, channel_id, checked)
    except Forbidden:
        raise
    except (Rejected, Conflict, Unavailable) as error:
        again = forms.typed(found, form, _said(error), _wrong(found, error), channel_id)
        return _show(request, person, again, error.status)
    return flash.redirect("/channels", Flash(f"Changed {checked.name}."))


@router.post("/channels/{channel_id}/test")
def test(channel_id: ById, person: Admin) -> Response:
    """Ask its target whether it lets us in. Nothing is published, and a channel that is off stays off."""
    with db.database().read() as session:
        channel = queries.channel(session, channel_id)
    try:
        words = kinds.test(channel)
    except (Rejected, Unavailable) as error:
        return flash.redirect("/channels", Flash(f"{channel.name}: {_said(error)}", "bad"))
    return flash.redirect("/channels", Flash(f"{channel.name}: {words}"))


def _show(request: Request, person: Person, form: ChannelForm, status: int = 200) -> Response:
    return show(request, person, "channels/form.html", lambda _session: form, status)


def _settings(kind: Kind, form: Mapping[str, str]) -> dict[str, str]:
    return {each.name: form[each.name] for each in kind.settings if form.get(each.name)}


def _fieldless(kind: Kind, channel: Channel) -> dict[str, Any]:
    """What is kept of a channel and has no field, such as the settings of a kind that a dry run plays."""
    fields = {each.name for each in kind.settings}
    return {name: value for name, value in channel.config.items() if name not in fields}


def _wrong(kind: Kind, error: StonehandError) -> str:
    """The field that an error is about: the one that it names, or the one that its kind points to."""
    if isinstance(error, (ChannelNameTaken, ChannelNameUnfit)):
        return NAME
    if isinstance(error, (LoginRefused, SecretUnreadable)) and kind.secrets:
        return kind.secrets[-1]
    words = set(str(error).replace(",", " ").split())
    return next((each.name for each in kind.settings if each.name in words), "")


def _said(error: Exception) -> str:
    words = str(error)
    is_host = "." in words.partition(" ")[0]  # whose name is not written with a capital
    return f"{words if is_host else words[:1].upper() + words[1:]}."
