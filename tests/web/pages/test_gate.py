"""Stopping everything, policies, decisions about many, comments, and what went out: in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand.accounts.permissions import Person
from stonehand.agents import service as agents
from stonehand.agents.wishes import Wish
from stonehand.brakes import queries as brakes
from stonehand.channels import service as channels
from stonehand.channels.models import Channel
from stonehand.db import Database, now, utc_now
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.jobs.testing import run_all
from stonehand.publications import queries as publications
from stonehand.reviews import queries, service
from stonehand.reviews.models import ApprovalPolicy, Review, ReviewBulk, ReviewComment
from stonehand.web.pages import today_reading
from tests.drafts import world
from tests.publications.kinds import Changeable
from tests.reviews.desk import ANN
from tests.web.pages.browsing import Browser, words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
LATER = ("generation", "reviews", "publishing")


@pytest.fixture
def enter(visit: Visit) -> Visit:
    """Somebody of this role, on a page with a form."""

    def at(role: str) -> Browser:
        browser = visit(role)
        browser.go("/review")
        return browser

    return at


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Changeable:
    made = Changeable()
    monkeypatch.setattr(channels, "plugin", lambda _kind: made)
    return made


@pytest.fixture
def site(database: Database, board: Changeable) -> str:
    with database.transaction() as session:
        made = Channel(id="site", kind="folder", name="Site", slug="site", config={}, created_at=now(session))
        session.add(made)
    return "site"


@pytest.fixture
def waiting(database: Database, site: str) -> list[Review]:
    with database.transaction() as session:
        for _ in range(2):
            drafting.commission(session, world.story(session), "somebody")
    run_all(database, queues=LATER)
    with database.read() as session:
        return [review for review, _, _ in queries.queue(session)]


def test_what_one_has_approved_oneself_waits_for_another_person(
    enter: Visit, people: dict[str, Person], database: Database, site: str, waiting: list[Review]
) -> None:
    first, second = enter("publisher"), enter("admin")
    second.send(f"/policies/{site}/eyes", eyes="two")
    mine, other = waiting
    first.go(f"/review/{mine.id}")
    first.send(f"/review/{mine.id}/approve", channel=site, accept_unsupported="true")
    desk = first.go("/review")
    theirs, heading, others = desk.partition("Approved by you, waiting for another person")
    assert heading
    assert (f"/review/{mine.id}" in theirs, f"/review/{mine.id}" in others) == (False, True)
    assert f"/review/{other.id}" in theirs
    assert "Waits for another person" in others
    desk = second.go("/review")
    assert f"/review/{mine.id}" in desk
    assert "waiting for another person" not in desk
    with database.read() as session:
        assert [queries.waiting(session, each) for each in ("", people["publisher"].id, people["admin"].id)] == [
            2,
            1,
            2,
        ]
        assert queries.following(session, other.id, people["publisher"].id) is None
        waits = [each.href for each in today_reading.today(session, people["publisher"]).waiting]
    assert waits == [f"/review/{other.id}"]


def test_one_button_stops_everything_and_every_page_says_so(enter: Visit, database: Database) -> None:
    publisher = enter("publisher")
    assert "Stop everything" in publisher.go("/jobs")
    assert "/stop-everything" not in enter("editor").go("/review")
    enter("editor").send("/stop-everything", 403)
    publisher.send("/stop-everything", reason="A wrong name")
    with database.read() as session:
        assert brakes.stop(session)
    for path in ("/", "/review", "/sources", "/publications", "/policies"):
        assert "A wrong name. Nothing goes out." in enter("viewer").go(path)
    assert "/resume-everything" not in enter("viewer").go("/")
    publisher.send("/resume-everything")
    assert "A wrong name" not in publisher.go("/review")


def test_a_filter_is_decided_about_at_once_and_taken_back(
    enter: Visit, database: Database, site: str, waiting: list[Review]
) -> None:
    publisher = enter("publisher")
    assert "Decide about all 2 of these" in words(publisher.go("/review"))
    assert "The desk is clear" in publisher.go("/review?language=fr")
    assert "no choice of warnings" in publisher.go("/review?warnings=loud")
    publisher.send("/review/bulk", decision="approve", channel=site, language="en")
    with database.read() as session:
        made = session.scalars(sa.select(ReviewBulk)).one()
        assert (made.wish, made.decided) == ({"language": "en"}, 2)
    page = publisher.go(f"/review/bulk/{made.id}")
    assert "2 drafts decided" in words(page)
    publisher.send(f"/review/bulk/{made.id}/undo")
    with database.read() as session:
        assert [queries.review(session, each.id).state for each in waiting] == ["open"] * 2
    assert "Taken back" in words(publisher.go(f"/review/bulk/{made.id}"))
    enter("viewer").send("/review/bulk", 403, decision="reject")
    assert "Say what should change" in publisher.send("/review/bulk", decision="request_changes")


def test_comments_hold_up_and_are_dealt_with(
    enter: Visit, database: Database, site: str, waiting: list[Review]
) -> None:
    editor, publisher, review = enter("editor"), enter("publisher"), waiting[0]
    here = f"/review/{review.id}"
    editor.send(f"{here}/comments", body="Ask the council.", sentence="The bridge closes.", must="true")
    with database.read() as session:
        comment = session.scalars(sa.select(ReviewComment)).one()
    page = words(publisher.go(here))
    assert "1 comment must be dealt with" in page
    assert "The bridge closes." in page
    publisher.send(f"{here}/approve", 409, channel=site)
    publisher.send(f"{here}/comments", body="I did.", answers=comment.id)
    editor.send(f"{here}/comments/{comment.id}/resolve")
    assert "Dealt with by" in publisher.go(here)
    editor.send(f"{here}/comments/{comment.id}/reopen")
    editor.send(f"{here}/comments/{comment.id}/resolve")
    publisher.send(f"{here}/approve", channel=site)
    page = words(publisher.go(here))
    assert "resolved a comment on the review" in page, "the audit trail is shown"
    assert "Take the decision back" in page


def test_the_page_says_that_another_person_is_needed(
    enter: Visit, database: Database, site: str, waiting: list[Review]
) -> None:
    enter("admin").send(f"/policies/{site}/eyes", eyes="two")
    publisher, here = enter("publisher"), f"/review/{waiting[0].id}"
    assert "Site: two people approve" in words(publisher.go(here))
    publisher.send(f"{here}/approve", channel=site)
    assert "Approved so far by" in words(publisher.go(here))
    enter("admin").send(f"{here}/approve", channel=site)
    with database.read() as session:
        assert queries.review(session, waiting[0].id).state == "approved"


def test_a_policy_is_written_and_switched(enter: Visit, database: Database, site: str) -> None:
    admin = enter("admin")
    form = {"reason": "Weather notes of one agency", "daily_cap": "2", "max_words": "300", "support": "verbatim"}
    assert "on which day the policy expires" in admin.send(f"/policies/{site}", **form, expires="soon")
    day = f"{utc_now() + timedelta(days=5):%Y-%m-%d}"
    with database.transaction() as session:
        told = agents.create(session, ANN, Wish(name="Wire desk"))
    admin.send(f"/policies/{site}", **form, expires=day, agent=[told.id, "gone-agent"])
    shown = admin.go("/policies")
    assert "only 2 agents" in shown
    assert f'value="{told.id}" checked> Wire desk' in shown
    assert 'value="gone-agent" checked> one that was removed' in shown, "unticked, it would be a policy of all agents"
    assert "Policy switched off" in shown
    assert f'value="{day}"' in shown, "the last day, as it was typed, so that saving again moves nothing"
    admin.send(f"/policies/{site}/on")
    assert "Goes out by policy" in admin.go("/policies")
    with database.transaction() as session:
        session.execute(sa.update(ApprovalPolicy).values(expires_at=utc_now()))
    assert "Policy expired" in admin.go("/policies")
    assert "· expired just now" in words(admin.page)
    enter("publisher").send(f"/policies/{site}/off")
    enter("publisher").send(f"/policies/{site}/on", 403)
    admin.send(f"/policies/{site}/remove")
    with database.read() as session:
        assert session.scalars(sa.select(ApprovalPolicy)).all() == []


def test_a_piece_is_corrected_and_taken_back(
    enter: Visit, database: Database, board: Changeable, site: str, waiting: list[Review]
) -> None:
    with database.transaction() as session:
        service.reject(session, waiting[1].id, ANN)
        service.approve(session, waiting[0].id, ANN, time_to_undo=timedelta())
    run_all(database, queues=LATER)
    with database.read() as session:
        (piece,) = publications.newest(session)
        text = drafts.revision(session, piece.revision_id).markdown
    here, editor, publisher = f"/publications/{piece.id}", enter("editor"), enter("publisher")
    assert piece.title in publisher.go("/publications")
    assert "Correct it" in publisher.go(here)
    assert "/retract" not in editor.go(here)
    unchanged = editor.send(f"{here}/correct", title=piece.title, text=text, note="Nothing.")
    assert "The text is as it was" in unchanged
    editor.send(f"{here}/correct", title=piece.title, text=f"It costs 3 million.\n\n{text}", note="The price.")
    with database.read() as session:
        (review, _, _) = queries.queue(session)[0]
    assert "Readers are told" in words(editor.go(f"/review/{review.id}"))
    publisher.send(f"/review/{review.id}/approve", channel=site, accept_unsupported="true")
    with database.transaction() as session:
        session.execute(sa.update(Review).values(due_at=now(session)))
        service.release(session, review.id)
    run_all(database, queues=LATER)
    assert "Corrected" in words(publisher.go(here))
    publisher.send(f"{here}/retract", reason="Made up.")
    run_all(database, queues=LATER)
    page = words(publisher.go(here))
    assert "Taken back: Made up." in page
    assert board.seen == {}
    assert "is retracted already" in publisher.send(f"{here}/retract", reason="Again.")
