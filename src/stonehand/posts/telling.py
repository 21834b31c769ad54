"""Posts in the shapes that programs get: with their sources, and what their pages say to machines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from stonehand.articles import differences
from stonehand.articles import queries as articles
from stonehand.channels import heads
from stonehand.db import Session
from stonehand.drafts import wording
from stonehand.drafts.models import Revision
from stonehand.drafts.wording import Wording
from stonehand.posts import previews, queries
from stonehand.posts.queries import Post
from stonehand.posts.schemas import DiffOut, PostDetail, PostOut, SourceOut, VersionOut
from stonehand.publications import telling as publications


def sources(session: Session, rows: Iterable[Revision]) -> dict[str, list[SourceOut]]:
    """What each of these revisions rests on, by its id; what was forgotten meanwhile is left out."""
    listed = list(rows)
    ids = {id_ for row in listed for id_ in row.sources}
    found, outlets = articles.articles(session, ids), articles.outlets(session, ids)
    return {
        row.id: [
            SourceOut(
                number=number, article_id=id_, title=found[id_].title, outlet=outlets.get(id_, ""), url=found[id_].url
            )
            for number, id_ in enumerate(row.sources, 1)
            if id_ in found
        ]
        for row in listed
    }


def versions(session: Session, rows: Sequence[Revision]) -> list[VersionOut]:
    """Revisions with their sources."""
    resting = sources(session, rows)
    return [VersionOut.of(row, resting[row.id]) for row in rows]


def detail(session: Session, post: Post) -> PostDetail:
    """One post with all of it."""
    plain, text = PostOut.of(post).model_dump(), post.revision
    sent = [publications.out(session, each) for each in post.publications]
    if text is None:
        return PostDetail(**plain, publications=sent)
    seen = previews.sight(session, post.id, wording.of(text)).piece
    piece = replace(seen, at=plain["published_at"] or seen.at)
    return PostDetail(
        **plain,
        publications=sent,
        text=versions(session, [text])[0],
        schema_org=heads.schema_org(piece, plain["published_url"] or ""),
        open_graph=dict(heads.open_graph(piece, plain["published_url"] or "")),
        twitter=dict(heads.twitter(piece)),
    )


def present(post: Post) -> Wording:
    """What a post is worded like now; one without a text has only its title."""
    if post.revision is not None:
        return wording.of(post.revision)
    return Wording(post.draft.title, "", sources=tuple(post.draft.article_ids))


def difference(session: Session, draft_id: str, older: int | None = None, newer: int | None = None) -> DiffOut:
    """What changed between two versions, in words; if none is named, in the last one.

    Raises `DraftNotFound`, `VersionNotFound`.
    """
    text = queries.post(session, draft_id).revision
    last = newer or (text.number if text else 0)
    first = older or last - 1
    one, other = queries.version(session, draft_id, first), queries.version(session, draft_id, last)
    return DiffOut(
        older=first,
        newer=last,
        title=DiffOut.told(differences.differences(one.title, other.title)),
        parts=DiffOut.told(differences.differences(one.markdown, other.markdown)),
    )
