"""The calendar and what went out, for programs that cannot sign in: a secret in the address lets them in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from stonehand import db
from stonehand.agents import diary
from stonehand.channels import queries as channels
from stonehand.channels.errors import ChannelNotFound
from stonehand.library.feeds import etag
from stonehand.publications import ical
from stonehand.publications import outward as published
from stonehand.publications.outward import Feed
from stonehand.timing import outward
from stonehand.timing.errors import AddressUnknown
from stonehand.timing.models import OutwardFeed
from stonehand.web.api.library import base_of
from stonehand.web.deps import public

router = APIRouter(include_in_schema=False, dependencies=[public])
BEHIND, AHEAD = timedelta(days=35), timedelta(days=100)
Secret = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{10,100}$")]


@router.api_route("/feeds/out/{secret}.{kind}", methods=["GET", "HEAD"])  # calendar programs ask for the head first
def feed(request: Request, secret: Secret, kind: str) -> Response:
    """The calendar as `ics`, or what went out as `rss`, `atom` or `json`. 304 for who has it already."""
    base = base_of(request)
    with db.database().read() as session:
        found = outward.by_secret(session, secret)
        if found.what == outward.CALENDAR and kind == "ics":
            media_type, body = ical.MEDIA_TYPE, _calendar(session, found, base)
        elif found.what == outward.PUBLISHED and kind in published.KINDS:
            media_type, write = published.KINDS[kind]
            body = write(_published(session, found, base, f"{base}/feeds/out/{secret}.{kind}"))
        else:
            raise AddressUnknown(f"this address has no form {kind[:20]!r}")
    headers = {"ETag": etag(body), "Cache-Control": "private, max-age=300"}
    seen = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in seen:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _calendar(session: db.Session, found: OutwardFeed, base: str) -> str:
    moment = db.now(session)
    entries = diary.entries(session, moment - BEHIND, moment + AHEAD, found.channel_id)
    return ical.written(entries, base, found.created_at, _name(session, found))


def _published(session: db.Session, found: OutwardFeed, base: str, address: str) -> Feed:
    items = published.told(session, found.channel_id)
    return Feed(found.id, _name(session, found), address, f"{base}/channels", items, found.created_at)


def _name(session: db.Session, found: OutwardFeed) -> str:
    try:
        return channels.channel(session, found.channel_id).name if found.channel_id else "Stonehand"
    except ChannelNotFound:
        return "Stonehand"
