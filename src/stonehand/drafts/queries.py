"""Questions about drafts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.drafts.errors import DraftNotFound, RevisionNotFound
from stonehand.drafts.models import Citation, Draft, Revision
from stonehand.drafts.pieces import Cited, PieceText
from stonehand.drafts.states import WAITING, DraftState


@dataclass(frozen=True)
class Footing:
    """How many sentences a revision has, how many of them no source supports, and the articles of the others."""

    sentences: int
    unsupported: int
    article_ids: frozenset[str]


NO_FOOTING = Footing(0, 0, frozenset())


def draft(session: Session, draft_id: str) -> Draft:
    """A draft by id. Raises `DraftNotFound`."""
    found = session.get(Draft, draft_id)
    if found is None:
        raise DraftNotFound(f"there is no draft {draft_id}; it may have been removed")
    return found


def revision(session: Session, revision_id: str) -> Revision:
    """A revision by id. Raises `RevisionNotFound`."""
    found = session.get(Revision, revision_id)
    if found is None:
        raise RevisionNotFound(f"there is no revision {revision_id}; it may have been removed")
    return found


def revisions(session: Session, draft_id: str) -> Sequence[Revision]:
    """All revisions of a draft, the newest first."""
    return session.scalars(
        sa.select(Revision).where(Revision.draft_id == draft_id).order_by(Revision.number.desc())
    ).all()


def citations(session: Session, revision_id: str) -> Sequence[Citation]:
    """The citations of a revision, in the order of its text."""
    return session.scalars(
        sa.select(Citation).where(Citation.revision_id == revision_id).order_by(Citation.position)
    ).all()


def unsupported(session: Session, revision_id: str) -> int:
    """How many sentences of a revision are not supported by its sources."""
    wish = sa.select(sa.func.count()).where(Citation.revision_id == revision_id, Citation.kind == "unsupported")
    return session.scalar(wish) or 0


def footings(session: Session, revision_ids: Collection[str]) -> dict[str, Footing]:
    """What the sentences of these revisions rest on, by revision; one without sentences is left out."""
    rows = session.execute(
        sa.select(Citation.revision_id, Citation.sentence_start, Citation.kind, Citation.article_id).where(
            Citation.revision_id.in_(revision_ids)
        )
    )
    found: dict[str, list[tuple[int, str, str | None]]] = {}
    for revision_id, start, kind, article_id in rows:
        found.setdefault(revision_id, []).append((start, kind, article_id))
    return {revision_id: _footing(facts) for revision_id, facts in found.items()}


def _footing(facts: Sequence[tuple[int, str, str | None]]) -> Footing:
    unsupported = {start for start, kind, _ in facts if kind == "unsupported"}
    articles = frozenset(article for _, kind, article in facts if article and kind != "unsupported")
    return Footing(len({start for start, _, _ in facts}), len(unsupported), articles)


def drafts(
    session: Session, states: Iterable[DraftState] | None = None, limit: int = 50, before: str | None = None
) -> Sequence[Draft]:
    """Drafts, the newest first, perhaps only in some states, perhaps only those older than the draft `before`."""
    wish = sa.select(Draft).order_by(Draft.id.desc()).limit(limit)
    if states is not None:
        wish = wish.where(Draft.state.in_(list(states)))
    if before is not None:
        wish = wish.where(Draft.id < before)
    return session.scalars(wish).all()


def of_story(session: Session, story_id: str) -> Sequence[Draft]:
    """The drafts of a story, the newest first."""
    return session.scalars(sa.select(Draft).where(Draft.story_id == story_id).order_by(Draft.id.desc())).all()


def of_stories(session: Session, story_ids: Iterable[str]) -> dict[str, Draft]:
    """The newest draft of each of these stories that has one."""
    wish = sa.select(Draft).where(Draft.story_id.in_(list(story_ids))).order_by(Draft.id)
    return {row.story_id: row for row in session.scalars(wish)}


def of_digest(session: Session, digest_id: str) -> Draft | None:
    """The draft of a digest, once it was commissioned."""
    return session.scalars(sa.select(Draft).where(Draft.digest_id == digest_id)).one_or_none()


def citing(session: Session, article_id: str, limit: int = 10) -> Sequence[Draft]:
    """The drafts that rest on this article, the newest first."""
    revisions = sa.select(Citation.revision_id).where(Citation.article_id == article_id)
    wish = sa.select(Draft).join(Revision, Revision.draft_id == Draft.id).where(Revision.id.in_(revisions))
    return session.scalars(wish.distinct().order_by(Draft.id.desc()).limit(limit)).all()


def waiting(session: Session) -> int:
    """How many drafts are being written or wait for a reviewer."""
    return session.scalar(sa.select(sa.func.count()).select_from(Draft).where(Draft.state.in_(WAITING))) or 0


def counts(session: Session) -> dict[str, int]:
    """How many drafts are in each state."""
    found = session.execute(sa.select(Draft.state, sa.func.count()).group_by(Draft.state))
    return dict(found.all())


def generator(row: Revision) -> str:
    """Who wrote it, for machines: `offline`, `model:<name>` or `person`."""
    return f"model:{row.model}" if row.model else row.writer


def piece(session: Session, revision_id: str) -> PieceText:
    """A revision as it goes out. Raises `RevisionNotFound`."""
    row = revision(session, revision_id)
    cited = tuple(
        Cited(
            one.sentence_start,
            one.sentence_end,
            one.kind,
            one.article_id,
            one.source_start,
            one.source_end,
            one.quote,
            one.cosine,
        )
        for one in citations(session, revision_id)
    )
    return PieceText(
        title=row.title,
        slug=row.slug,
        markdown=row.markdown,
        excerpt=row.excerpt,
        language=row.language,
        label=row.label,
        generator=generator(row),
        content_sha256=row.content_sha256,
        is_sample=draft(session, row.draft_id).is_sample,
        sources=tuple(row.sources),
        citations=cited,
        meta_title=row.meta_title,
        meta_description=row.meta_description,
        keywords=tuple(row.keywords),
        image_url=row.image_url,
        image_alt=row.image_alt,
        categories=tuple(row.categories),
    )
