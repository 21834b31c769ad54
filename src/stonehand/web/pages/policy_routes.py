"""The page of policies, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from stonehand import config, db
from stonehand.channels import looking
from stonehand.db import Session
from stonehand.errors import Conflict, Forbidden, Rejected
from stonehand.reviews import policies
from stonehand.reviews.errors import PolicyUnfit
from stonehand.reviews.policies import PolicyTerms
from stonehand.timing import clocks
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Admin, Publisher, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import policy_reading as reading
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/policies", include_in_schema=False)
HERE = "/policies"
Word = Annotated[str, Form(max_length=20_000)]


@router.get("")
def index(request: Request, person: Reader) -> Response:
    """Who must approve what, and what goes out without a person."""
    return show(request, person, "policies/index.html", lambda session: reading.index(session, person))


@router.post("/{channel_id}/eyes")
def set_eyes(channel_id: ById, person: Admin, eyes: Word = "") -> Response:
    """Say who must approve what goes to a channel."""
    return _do(lambda session: looking.set_eyes(session, person, channel_id, eyes), "That holds from now on.")


class Typed(BaseModel):
    """The form of a policy, as it was filled in."""

    source: list[str] = Field(default_factory=list, max_length=200)
    agent: list[str] = Field(default_factory=list, max_length=200)
    reason: str = Field(default="", max_length=2000)
    daily_cap: str = Field(default="", max_length=20)
    expires: str = Field(default="", max_length=20)
    support: str = Field(default="", max_length=20)
    max_words: str = Field(default="", max_length=20)
    csrf_token: str = ""

    def terms(self) -> PolicyTerms:
        """What it asks for. Raises `PolicyUnfit`."""
        cap, words = _number(self.daily_cap, "the daily cap"), _number(self.max_words, "the longest text")
        lists = tuple(self.source), tuple(self.agent)
        return PolicyTerms(self.reason, cap, _end_of(self.expires), self.support, *lists, words)


@router.post("/{channel_id}")
def put(channel_id: ById, person: Admin, typed: Annotated[Typed, Form()]) -> Response:
    """Write a channel's policy. A new one is switched off."""

    def deed(session: Session) -> object:
        return policies.put(session, person, channel_id, typed.terms())

    return _do(deed, "Written. It decides nothing unless it is switched on.")


def _number(text: str, what: str) -> int:
    if not text.strip().isdecimal() or len(text) > 9:
        raise PolicyUnfit(f"{what} is a whole number, not {text[:20]!r}")
    return int(text)


def _end_of(day: str) -> datetime:
    try:
        return clocks.first_at(date.fromisoformat(day.strip()) + timedelta(days=1), time(), config.settings().zone)
    except ValueError as error:
        raise PolicyUnfit("say on which day the policy expires, such as 2027-01-31") from error


@router.post("/{channel_id}/on")
def switch_on(channel_id: ById, person: Admin) -> Response:
    """Let a policy decide."""
    return _do(lambda session: policies.switch(session, person, channel_id, True), "The policy decides from now on.")


@router.post("/{channel_id}/off")
def switch_off(channel_id: ById, person: Publisher) -> Response:
    """Let it decide no longer."""
    return _do(lambda session: policies.switch(session, person, channel_id, False), "A person approves again.")


@router.post("/{channel_id}/remove")
def remove(channel_id: ById, person: Admin) -> Response:
    """Remove a policy."""
    return _do(lambda session: policies.remove(session, person, channel_id), "Removed. A person approves again.")


def _do(deed: Callable[[Session], object], words: str) -> Response:
    try:
        with db.database().transaction() as session:
            deed(session)
    except Forbidden:
        raise
    except (Rejected, Conflict) as error:
        said = str(error)
        return flash.redirect(HERE, Flash(f"{said[:1].upper()}{said[1:]}.", "bad"))
    return flash.redirect(HERE, Flash(words, "quiet"))
