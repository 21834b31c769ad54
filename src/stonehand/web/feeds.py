"""Saved searches as feeds, for readers that cannot sign in: a secret in the address lets them in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from stonehand import db
from stonehand.library import feeds, queries, searching
from stonehand.library.errors import FeedNotFound
from stonehand.library.feeds import Feed
from stonehand.web.api.library import base_of
from stonehand.web.deps import public

router = APIRouter(include_in_schema=False, dependencies=[public])
MOST = 50  # articles in a feed
Secret = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{10,100}$")]


@router.get("/feeds/{secret}.{kind}")
def feed(request: Request, secret: Secret, kind: str) -> Response:
    """The newest articles of a saved search. Answers 304 to a reader that has them already."""
    if kind not in feeds.KINDS:
        raise FeedNotFound(f"there is no feed of the kind {kind!r}; the kinds are {', '.join(feeds.KINDS)}")
    media_type, write = feeds.KINDS[kind]
    body = write(_read(secret, f"{base_of(request)}/feeds/{secret}.{kind}", base_of(request)))
    headers = {"ETag": feeds.etag(body), "Cache-Control": "private, max-age=300"}
    seen = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in seen:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _read(secret: str, address: str, base: str) -> Feed:
    with db.database().read() as session:
        saved = queries.by_feed(session, secret)
        found = searching.search(session, saved.query, saved.user_id, "newest")
        hits = queries.hits(session, found.ids[:MOST], found.node, saved.user_id)
        page = f"{base}/library?saved={saved.id}"
        return Feed(saved.id, saved.name, saved.query, address, page, saved.updated_at, hits)
