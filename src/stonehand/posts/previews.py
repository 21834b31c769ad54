"""A post as its target would show it, also while it is being written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from stonehand.channels import queries as channels
from stonehand.channels import service as channel_service
from stonehand.channels.interfaces import CanPreview, Piece, Target
from stonehand.db import Session, now
from stonehand.drafts import citations, revising, shorthand, spans, wording
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Revision
from stonehand.drafts.pieces import Brief, slug
from stonehand.drafts.wording import Wording
from stonehand.errors import StonehandError
from stonehand.posts import measuring
from stonehand.publications import approvals

BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
USUAL = "folder"
"""The kind whose page is shown where the chosen one has none of its own."""


@dataclass(frozen=True)
class Sight:
    """What is to be shown, and as whose page."""

    piece: Piece
    kind: str
    target: Target


@dataclass(frozen=True)
class Place:
    """A channel that a post can be looked at as."""

    id: str
    name: str
    has_own_page: bool


def places(session: Session) -> list[Place]:
    """The channels that are switched on, those that know their pages first."""
    found = [Place(each.id, each.name, _shows(each.kind)) for each in channels.enabled(session)]
    return sorted(found, key=lambda place: not place.has_own_page)


def _shows(kind: str) -> bool:
    try:
        return isinstance(channel_service.plugin(kind), CanPreview)
    except StonehandError:  # its plugin is gone; the page *Channels* says so
        return False


def sight(session: Session, draft_id: str, worded: Wording, channel_id: str = "") -> Sight:
    """What a channel would show of this wording. Raises `DraftNotFound`."""
    about = measuring.brief(session, draft_id, worded.sources)
    linked = replace(worded, markdown=shorthand.full(worded.markdown, about.sources, about.language))
    piece = _piece(session, about, linked, now(session))
    chosen = next((each for each in places(session) if each.id == channel_id or not channel_id), None)
    if chosen is None:
        return Sight(piece, USUAL, channel_service.unkept("Preview"))
    channel = channels.channel(session, chosen.id)
    return Sight(piece, channel.kind if chosen.has_own_page else USUAL, channel_service.shown(channel))


def _piece(session: Session, about: Brief, worded: Wording, at: datetime) -> Piece:
    draft = drafts.draft(session, about.draft_id)
    before = drafts.revision(session, draft.current_revision_id) if draft.current_revision_id else None
    cited = citations.check(spans.find(worded.markdown, about.language), about.sources)
    ids = worded.sources or tuple(source.article_id for source in about.sources)
    heads, (label, generator) = worded.heads, _origin(before, worded, about.language)
    return Piece(
        draft.id,
        worded.title,
        heads.slug or slug(worded.title),
        heads.excerpt or wording.excerpt(worded.markdown, about.language),
        worded.markdown,
        about.language,
        label,
        generator,
        at,
        approvals.references(session, ids, cited),
        draft.is_sample,
        heads.meta_title,
        heads.meta_description,
        heads.keywords,
        categories=heads.categories,
        tags=heads.keywords,
        image_url=heads.image_url,
        image_alt=heads.image_alt,
    )


def _origin(before: Revision | None, worded: Wording, language: str) -> tuple[str, str]:
    """Label and generator: those of the present version until something is worded otherwise."""
    if before and replace(worded, sources=()) == replace(wording.of(before), sources=()):
        return before.label, drafts.generator(before)
    return revising.label(before.label if before else "", language), "person"


def page(seen: Sight) -> str:
    """The page in HTML. Not to be called inside a transaction: a plugin draws it.

    A picture is not loaded: who writes must not be seen by its host. A box says where it is and what it shows.
    """
    found = BODY.search(drawn := _drawn(seen))
    at = found.end() if found else 0
    return f"{drawn[:at]}{_picture(seen.piece)}{drawn[at:]}"


def _picture(piece: Piece) -> str:
    if not piece.image_url:
        return ""
    return (
        '<figure style="margin:0 0 1rem;padding:.8rem;border:1px dashed;overflow-wrap:anywhere">'
        f"<strong>{escape(piece.image_alt or 'A picture without words')}</strong>"
        f"<figcaption>Picture, not loaded here: {escape(piece.image_url)}</figcaption></figure>"
    )


def _drawn(seen: Sight) -> str:
    kind = channel_service.plugin(seen.kind)
    if not isinstance(kind, CanPreview):
        kind = channel_service.plugin(USUAL)
    assert isinstance(kind, CanPreview)
    return kind.preview(seen.piece, seen.target)
