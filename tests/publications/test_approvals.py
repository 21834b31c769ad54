"""What a reviewer approved is what goes out, to the letter."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.articles.models import Article
from stonehand.channels.interfaces import Reference
from stonehand.channels.models import Channel
from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafts_service
from stonehand.drafts.events import DraftWritten
from stonehand.drafts.models import Draft, Revision
from stonehand.drafts.pieces import Cited, Piece
from stonehand.drafts.states import DraftState
from stonehand.jobs.testing import run_all
from stonehand.publications import approvals, queries
from stonehand.publications.errors import ContentNotApproved
from stonehand.publications.events import PiecePublished, PublicationDue
from stonehand.reviews import queries as reviews_queries
from stonehand.reviews import service as reviews
from stonehand.reviews.errors import ReviewNotApproved
from stonehand.reviews.events import ReviewApproved

from .conftest import ADMIN


@pytest.fixture
def review_id(database: Database, channel: Channel) -> str:
    """An open review of a piece that cites the second of its three sources twice, and the third once."""
    jobs.follow(
        [
            (DraftWritten, ""),
            (ReviewApproved, "publications.prepare"),
            (PublicationDue, "publications.publish"),
            (PiecePublished, ""),
        ]
    )
    moment = db.utc_now()
    made = {"created_at": moment, "updated_at": moment}
    with database.transaction() as session:
        for n in "123":
            url = f"https://www.paper{n}.example/a"
            session.add(Article(id=f"a{n}", url=url, canonical_url=url, title=f"Title {n}", fetched_at=moment, **made))
        session.add(Draft(id="d1", story_id="s", title="T", state=DraftState.COMMISSIONED, created_by="1", **made))
    piece = Piece(
        title="Bridge opens",
        slug="bridge-opens",
        excerpt="It is open.",
        markdown="It is open [2]. Nobody fell [2]. Birds sang [3].",
        language="en",
        label="Put together by a program.",
        writer="offline",
        sources=("a1", "a2", "a3"),
        citations=(
            Cited(0, 11, "verbatim", "a2", 0, 11, "It is open."),
            Cited(16, 28, "verbatim", "a2", 12, 24, "Nobody fell."),
            Cited(33, 44, "verbatim", "a3", 0, 11, "Birds sang."),
        ),
    )
    with database.transaction() as session:
        drafts_service.record_revision(session, "d1", piece, "writer")
        opened = reviews.open_review(session, "d1")
    assert opened is not None
    return opened


def approve(database: Database, review_id: str) -> None:
    with database.transaction() as session:
        reviews.approve(session, review_id, ADMIN, time_to_undo=timedelta(0))


def test_an_approved_piece_goes_out_by_itself(database: Database, data_dir: Path, review_id: str) -> None:
    approve(database, review_id)
    run_all(database)
    with database.read() as session:
        (publication,) = queries.of_draft(session, "d1")
        assert publication.state == "published", publication.error
        assert drafts.draft(session, "d1").state == "published"
        markdown = drafts.revision(session, publication.revision_id).markdown
    written = (data_dir / "published" / "folder" / f"{publication.remote_id}.md").read_text()
    assert written.endswith(f"\n\n{markdown}\n")


def test_sources_keep_their_numbers_and_only_cited_ones_are_named(database: Database, review_id: str) -> None:
    approve(database, review_id)
    with database.read() as session:
        approved = approvals.approved(session, review_id)
    assert approved.generator == "offline"
    assert approved.references == (
        Reference(2, "Title 2", "https://www.paper2.example/a", "paper2.example", ("It is open.", "Nobody fell.")),
        Reference(3, "Title 3", "https://www.paper3.example/a", "paper3.example", ("Birds sang.",)),
    )


def test_what_nobody_approved_does_not_go_out(database: Database, review_id: str) -> None:
    with database.read() as session, pytest.raises(ReviewNotApproved):
        approvals.approved(session, review_id)


@pytest.mark.parametrize("field", ["title", "slug", "excerpt", "markdown", "language", "label"])
def test_a_text_that_changed_after_approval_is_refused(database: Database, review_id: str, field: str) -> None:
    approve(database, review_id)
    with database.transaction() as session:
        revision_id = reviews_queries.approved(session, review_id).revision_id
        session.execute(sa.update(Revision).where(Revision.id == revision_id).values({field: "something else"}))
    with database.read() as session, pytest.raises(ContentNotApproved, match="approve it again"):
        approvals.approved(session, review_id)
    run_all(database)
    with database.read() as session:
        assert not queries.newest(session)
