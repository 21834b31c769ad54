"""A channel, an approved text, and the part of the pipeline that publishes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import stonehand.publications.tasks  # noqa: F401  declares the tasks that the pipeline names
from stonehand import db, jobs
from stonehand.accounts.permissions import Person, granted
from stonehand.channels import service as channels
from stonehand.channels.interfaces import Reference
from stonehand.channels.models import Channel
from stonehand.db import Database
from stonehand.drafts.models import Draft
from stonehand.drafts.states import DraftState
from stonehand.nlp import embedding, lexical
from stonehand.publications import approvals
from stonehand.publications.approvals import Approved
from stonehand.publications.events import PiecePublished, PublicationDue

ADMIN = Person("1", "a@example.org", "Ada", "admin", granted("admin"))


@pytest.fixture(autouse=True)
def pipeline() -> Iterator[None]:
    from stonehand.jobs import announcements

    before = [(event, name) for event, names in announcements._followers.items() for name in names or ("",)]
    jobs.follow([(PublicationDue, "publications.publish"), (PiecePublished, "")])
    yield
    jobs.follow(before)


@pytest.fixture
def channel(database: Database) -> Channel:
    checked = channels.check("folder", "Folder", {"base_url": "https://n.example/"})
    with database.transaction() as session:
        return channels.add(session, ADMIN, checked)


@pytest.fixture
def approved(database: Database, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Approved:
    moment = db.utc_now()
    with database.transaction() as session:
        session.add(
            Draft(
                id="d1", story_id="s", title="T", state=DraftState.APPROVED, created_by="1", created_at=moment,
                updated_at=moment,
            )
        )  # fmt: skip
    made = Approved(
        review_id="r1",
        draft_id="d1",
        revision_id="v1",
        content_sha256="a" * 64,
        channel_ids=(channel.id,),
        due_at=None,
        is_sample=False,
        title="Bridge opens",
        slug="bridge-opens",
        excerpt="It is open.",
        markdown="The bridge is open [1].",
        language="en",
        label="Put together by a program from quoted sources.",
        generator="offline",
        references=(Reference(1, "Bridge", "https://a.example/", "Post", ("The bridge is open.",)),),
    )
    monkeypatch.setattr(approvals, "approved", lambda _session, _review_id: made)
    return made


@pytest.fixture
def quick_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors of words instead of the model's, which each test would have to build anew in its own data directory."""
    monkeypatch.setattr(embedding, "embed", lexical.hashed)
