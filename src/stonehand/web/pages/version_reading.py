"""From the rooms to the page of a post's versions: where each comes from, and what changed."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand.accounts import queries as accounts
from stonehand.accounts.permissions import Person
from stonehand.articles import differences
from stonehand.articles.differences import Part
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts import shorthand
from stonehand.drafts.models import Revision
from stonehand.posts import measuring, queries, telling
from stonehand.posts.schemas import SourceOut
from stonehand.posts.states import Deed
from stonehand.web.pages.parts import Link
from stonehand.web.pages.post_reading import BADGES, WRITERS
from stonehand.web.pages.posts import VersionLine, VersionsView
from stonehand.web.words import number, plural

BESIDE = {
    "title": "Title",
    "slug": "Address",
    "excerpt": "Excerpt",
    "meta_title": "Title for search engines",
    "meta_description": "Description",
    "keywords": "Keywords",
    "image_url": "Picture",
    "image_alt": "Words for the picture",
    "categories": "Categories",
    "label": "Label",
}


def page(session: Session, draft_id: str, person: Person, older: int | None, newer: int | None) -> VersionsView:
    """Every version, and what changed between two. Raises `DraftNotFound`, `VersionNotFound`."""
    post = queries.post(session, draft_id)
    rows = drafts.revisions(session, draft_id)
    sources = telling.sources(session, rows)
    names = accounts.names(session, {row.created_by for row in rows})
    last = rows[0].number if rows else 0
    one, other = _compared(session, draft_id, older, newer, last)
    return VersionsView(
        id=draft_id,
        title=post.revision.title if post.revision else post.draft.title,
        badge=BADGES[post.status],
        versions=tuple(_line(row, sources[row.id], names, row.number == last) for row in rows),
        older=one.number if one else 0,
        newer=other.number if other else 0,
        parts=_parts(_typed(session, one), _typed(session, other)) if one and other else (),
        beside=_beside(one, other),
        present=post.draft.current_revision_id or "",
        can_restore=Deed.EDIT in post.deeds and person.may("edit"),
    )


def _compared(
    session: Session, draft_id: str, older: int | None, newer: int | None, last: int
) -> tuple[Revision | None, Revision | None]:
    """The two versions that were named, else the last and the one before it, if there are two."""
    one, other = older or (newer or last) - 1, newer or last
    if one < 1 and not older:
        return None, None
    return queries.version(session, draft_id, one), queries.version(session, draft_id, other)


def _typed(session: Session, row: Revision) -> str:
    """A version's text as one would type it, so that its changes are read and not its addresses."""
    about = measuring.brief(session, row.draft_id, tuple(row.sources))
    return shorthand.short(row.markdown, about.sources, row.language)


def _parts(older: str, newer: str) -> tuple[Part, ...]:
    return tuple(differences.shortened(differences.differences(older, newer), 400))


def _beside(one: Revision | None, other: Revision | None) -> tuple[tuple[str, str, str], ...]:
    if one is None or other is None:
        return ()
    pairs = ((words, _said(one, name), _said(other, name)) for name, words in BESIDE.items())
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _said(row: Revision, name: str) -> str:
    value = getattr(row, name)
    return ", ".join(value) if isinstance(value, list) else str(value)


def _line(row: Revision, sources: Sequence[SourceOut], names: dict[str, str], is_present: bool) -> VersionLine:
    return VersionLine(
        number=row.number,
        title=row.title,
        at=row.created_at,
        by=names.get(row.created_by, "The desk"),
        facts=_facts(row),
        sources=tuple(
            Link(f"{each.number}. {each.title or each.url}, {each.outlet}", f"/articles/{each.article_id}")
            for each in sources
        ),
        is_present=is_present,
        note=row.notes,
    )


def _facts(row: Revision) -> tuple[str, ...]:
    """Who or what wrote it, by which prompt and model, and what that took."""
    found = [WRITERS.get(row.writer) or f"Written by {row.model or 'a model'}"]
    found += [f"prompt {row.prompt_version}"] if row.prompt_version else []
    tokens = row.input_tokens + row.output_tokens
    if tokens:
        found.append(f"{plural(tokens, 'token')} ({number(row.input_tokens)} in, {number(row.output_tokens)} out)")
    found += [f"cost {row.cost_micro / 1e6:.4f}"] if row.cost_micro else []
    return tuple(found)
