"""Questions about posts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft, Revision
from stonehand.posts.errors import VersionNotFound
from stonehand.posts.states import BY_URGENCY, DECIDED, OF_DRAFT, Deed, PostStatus, deeds, status
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState

LONGEST_SEARCH = 200  # characters


@dataclass(frozen=True)
class Post:
    """A draft with its present text, where it went, and the status that follows from both."""

    draft: Draft
    revision: Revision | None
    publications: tuple[Publication, ...]

    @property
    def id(self) -> str:
        """The draft's."""
        return self.draft.id

    @property
    def status(self) -> PostStatus:
        """Where it is."""
        return status(self.draft.state, [each.state for each in self.publications])

    @property
    def deeds(self) -> frozenset[Deed]:
        """What can be done with it."""
        return deeds(self.draft.state, [each.state for each in self.publications])


@dataclass(frozen=True)
class Wanted:
    """Which posts: in one of these states, of this agent, with these words in title or text; all that is left out."""

    statuses: tuple[PostStatus, ...] = ()
    agent_id: str = ""
    text: str = ""


EVERY = Wanted()


def status_column() -> sa.ColumnElement[str]:
    """`states.status` as SQL, for statements over `Draft`."""
    urgency: dict[Any, Any] = {each.value: len(BY_URGENCY) - at for at, each in enumerate(BY_URGENCY)}
    most = sa.select(sa.func.max(sa.case(urgency, value=Publication.state, else_=0)))
    urgent = most.where(Publication.draft_id == Draft.id).correlate(Draft).scalar_subquery()
    names: dict[Any, Any] = {len(BY_URGENCY) - at: each.value for at, each in enumerate(BY_URGENCY)}
    of_draft: dict[Any, Any] = {state: each.value for state, each in OF_DRAFT.items()}
    plain = sa.case(of_draft, value=Draft.state, else_=Draft.state)
    return sa.case((Draft.state.in_(DECIDED), sa.case(names, value=urgent, else_=plain)), else_=plain)


def post(session: Session, draft_id: str) -> Post:
    """A post by its draft's id. Raises `DraftNotFound`."""
    return _posts(session, [drafts.draft(session, draft_id)])[0]


def posts(session: Session, wanted: Wanted = EVERY, limit: int = 50, before: str | None = None) -> list[Post]:
    """Posts, the newest first, perhaps only those older than the post `before`."""
    wish = sa.select(Draft).order_by(Draft.id.desc()).limit(limit)
    if wanted.statuses:
        states = [state for state, each in OF_DRAFT.items() if each in wanted.statuses or state in DECIDED]
        wish = wish.where(Draft.state.in_(states), status_column().in_([each.value for each in wanted.statuses]))
    if wanted.agent_id:
        wish = wish.where(Draft.agent_id == wanted.agent_id)
    if wanted.text.strip():
        wish = wish.where(_has(wanted.text.strip()[:LONGEST_SEARCH]))
    if before is not None:
        wish = wish.where(Draft.id < before)
    return _posts(session, session.scalars(wish).all())


def _has(words: str) -> sa.ColumnElement[bool]:
    said = sa.exists().where(
        Revision.id == Draft.current_revision_id, Revision.markdown.icontains(words, autoescape=True)
    )
    return sa.or_(Draft.title.icontains(words, autoescape=True), said)


def counts(session: Session) -> dict[PostStatus, int]:
    """How many posts there are in each status that any has."""
    column = status_column().label("status")
    found = session.execute(sa.select(column, sa.func.count()).select_from(Draft).group_by(column))
    return {PostStatus(name): count for name, count in found}


def _posts(session: Session, rows: Sequence[Draft]) -> list[Post]:
    texts = _revisions(session, [row.current_revision_id for row in rows if row.current_revision_id])
    sent: dict[str, list[Publication]] = {}
    wish = sa.select(Publication).where(Publication.draft_id.in_([row.id for row in rows])).order_by(Publication.id)
    for each in session.scalars(wish):
        sent.setdefault(each.draft_id, []).append(each)
    return [Post(row, texts.get(row.current_revision_id or ""), tuple(sent.get(row.id, ()))) for row in rows]


def _revisions(session: Session, ids: Collection[str]) -> dict[str, Revision]:
    return {row.id: row for row in session.scalars(sa.select(Revision).where(Revision.id.in_(ids)))}


def version(session: Session, draft_id: str, number: int) -> Revision:
    """A version of a post by its number. Raises `VersionNotFound`."""
    wish = sa.select(Revision).where(Revision.draft_id == draft_id, Revision.number == number)
    found = session.scalars(wish).one_or_none()
    if found is None:
        raise VersionNotFound(f"there is no version {number} of draft {draft_id}; see its list of versions")
    return found


def published(
    session: Session, limit: int = 50, before: str | None = None, slug: str | None = None
) -> list[tuple[Publication, Revision]]:
    """What can be seen somewhere, each text once by its first publication, the latest first."""
    first = sa.func.min(Publication.id)
    out = sa.select(first).where(Publication.state == PublicationState.PUBLISHED).group_by(Publication.revision_id)
    wish = (
        sa.select(Publication, Revision)
        .join(Revision, Revision.id == Publication.revision_id)
        .where(Publication.id.in_(out))
        .order_by(Publication.id.desc())
        .limit(limit)
    )
    if before is not None:
        wish = wish.where(Publication.id < before)
    if slug is not None:
        wish = wish.where(Revision.slug == slug)
    return [(each, text) for each, text in session.execute(wish)]
