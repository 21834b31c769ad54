"""The review desk: reading, deciding, thinking again, and two people at one text."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand.accounts.models import AuditRecord
from stonehand.accounts.permissions import Person
from stonehand.channels.models import Channel
from stonehand.db import Database, new_id, now
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.jobs.testing import run_all
from stonehand.reviews import queries, service
from stonehand.reviews.models import Review
from tests.drafts import world
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
LATER = ("generation", "reviews", "publishing")


@pytest.fixture
def channel(database: Database) -> str:
    with database.transaction() as session:
        made = Channel(id=new_id(), kind="folder", name="Site", slug="site", config={}, created_at=now(session))
        session.add(made)
        return made.id


@pytest.fixture
def review(database: Database, channel: str) -> Review:
    """An open review of a draft that a job has written."""
    with database.transaction() as session:
        drafting.commission(session, world.story(session), "somebody")
    run_all(database, queues=LATER)
    with database.read() as session:
        [(found, _, _)] = queries.queue(session)
        return found


def state(database: Database, review_id: str) -> str:
    with database.read() as session:
        return queries.review(session, review_id).state


def text_of(database: Database, review: Review) -> str:
    with database.read() as session:
        return drafts.revision(session, review.revision_id).markdown


def own_words(database: Database, people: dict[str, Person], review: Review) -> str:
    """The review after an editor has added a sentence that no source supports."""
    text = "Cheese grows on the moon.\n\n" + text_of(database, review)
    with database.transaction() as session:
        return service.revise(session, review.id, people["editor"], text, review.revision_id)


def test_the_queue_shows_what_waits(visit: Visit, review: Review) -> None:
    page = visit("viewer").go("/review")
    assert f'href="/review/{review.id}"' in page
    assert "2 outlets" in words(page)
    assert "0 without a source" in words(page)
    assert "The desk is clear" in visit("viewer").go("/review?show=rejected")
    visit("viewer").go("/review?show=nonsense", 422)


def test_every_sentence_stands_beside_its_source(visit: Visit, review: Review, database: Database) -> None:
    page = visit("viewer").go(f"/review/{review.id}")
    marked = re.findall(r"<mark>([^<]+)</mark>", page)
    with database.read() as session:
        citations = drafts.citations(session, review.revision_id)
    assert len(marked) == len(citations)
    assert "Every sentence has a source." in page
    assert re.search(r'<span class="around">[^<]+</span><mark>', page)
    assert "word for word" in page
    assert f'href="/articles/{citations[0].article_id}#at-0"' in page
    visit("viewer").go("/review/nowhere", 404)


def test_a_viewer_reads_and_decides_nothing(visit: Visit, review: Review, channel: str, database: Database) -> None:
    viewer = visit("viewer")
    page = viewer.go(f"/review/{review.id}")
    assert "/approve" not in page
    assert "/edit" not in page
    for verb in ("approve", "changes", "reject", "edit", "undo"):
        viewer.go("/review")
        viewer.send(f"/review/{review.id}/{verb}", 403, channel=channel, reason="no", text="Mine.", title="Mine")
    editor = visit("editor")
    assert "/approve" not in editor.go(f"/review/{review.id}")
    editor.send(f"/review/{review.id}/approve", 403, channel=channel)
    assert state(database, review.id) == "open"


def test_a_form_from_elsewhere_decides_nothing(visit: Visit, review: Review, channel: str, database: Database) -> None:
    publisher = visit("publisher")
    publisher.send(f"/review/{review.id}/approve", 403, channel=channel)
    publisher.go(f"/review/{review.id}")
    headers = {"Origin": "https://elsewhere.example"}
    publisher.client.headers.update(headers)
    publisher.send(f"/review/{review.id}/approve", 403, channel=channel)
    assert state(database, review.id) == "open"


def test_approving_offers_to_take_it_back_for_ten_seconds(
    visit: Visit, review: Review, channel: str, database: Database
) -> None:
    publisher = visit("publisher")
    publisher.go(f"/review/{review.id}")
    said = publisher.send(f"/review/{review.id}/approve", channel=channel)
    assert "It goes out in 10 seconds." in said
    assert 'data-lasts="10"' in said
    assert state(database, review.id) == "approved"
    undone = publisher.send(f"/review/{review.id}/undo")
    assert "Taken back" in undone
    assert state(database, review.id) == "open"


def test_undo_too_late_says_so(visit: Visit, review: Review, channel: str, database: Database) -> None:
    publisher = visit("publisher")
    publisher.go(f"/review/{review.id}")
    publisher.send(f"/review/{review.id}/approve", channel=channel)
    with database.transaction() as session:
        session.execute(sa.update(Review).values(due_at=now(session) - timedelta(seconds=1)))
        assert service.release(session, review.id)
    publisher.go(f"/review/{review.id}")
    publisher.go("/review")
    publisher.go(f"/review/{review.id}")
    said = publisher.send(f"/review/{review.id}/undo")
    assert "The approval has taken effect" in said
    assert state(database, review.id) == "approved"


def test_an_approval_needs_a_channel(visit: Visit, review: Review, database: Database) -> None:
    publisher = visit("publisher")
    publisher.go(f"/review/{review.id}")
    said = publisher.send(f"/review/{review.id}/approve", 422)
    assert "choose at least one channel" in said
    publisher.send(f"/review/{review.id}/approve", 422, channel="nowhere")
    assert state(database, review.id) == "open"


def test_unsupported_sentences_are_marked_and_take_a_tick(
    visit: Visit, review: Review, channel: str, people: dict[str, Person], database: Database
) -> None:
    again = own_words(database, people, review)
    publisher = visit("publisher")
    page = publisher.go(f"/review/{again}")
    assert 'class="unsupported"' in page
    assert "No source says this." in page
    assert re.search(r'name="accept_unsupported" value="true" required', page)
    refused = publisher.send(f"/review/{again}/approve", 422, channel=channel)
    assert "no source supports 1 of the sentences" in refused
    publisher.send(f"/review/{again}/approve", channel=channel, accept_unsupported="true")
    assert state(database, again) == "approved"


def test_an_old_address_leads_to_the_newest_revision(
    visit: Visit, review: Review, people: dict[str, Person], database: Database
) -> None:
    again = own_words(database, people, review)
    answer = visit("viewer").client.get(f"/review/{review.id}", follow_redirects=False)
    assert answer.headers["location"] == f"/review/{again}"


def test_sending_back_takes_a_note_and_rejecting_does_not(visit: Visit, review: Review, database: Database) -> None:
    editor = visit("editor")
    editor.go(f"/review/{review.id}")
    assert "Say what should change" in editor.send(f"/review/{review.id}/changes", 422, reason=" ")
    editor.send(f"/review/{review.id}/changes", reason="Say who closed it.")
    assert state(database, review.id) == "changes_requested"
    page = editor.go(f"/review/{review.id}")
    assert "Editor" in words(page)
    assert "Say who closed it." in page
    assert "/rewrite" in page
    editor.send(f"/review/{review.id}/rewrite")
    run_all(database, queues=LATER)
    with database.read() as session:
        [(newest, _, _)] = queries.queue(session)
    editor.go(f"/review/{newest.id}")
    editor.send(f"/review/{newest.id}/reject")
    assert state(database, newest.id) == "rejected"
    twice = editor.send(f"/review/{newest.id}/reject")
    assert "The review is rejected already" in twice


def test_an_edit_becomes_the_next_revision(visit: Visit, review: Review, database: Database) -> None:
    editor = visit("editor")
    page = editor.go(f"/review/{review.id}")
    assert f'name="expected" value="{review.revision_id}"' in page
    text = text_of(database, review).replace("\n", "\r\n")
    wish = {"title": "A better title", "text": text, "expected": review.revision_id}
    page = editor.send(f"/review/{review.id}/edit", **wish)
    assert "A better title" in page
    assert "revision 2" in words(page)
    with database.read() as session:
        verbs = set(session.scalars(sa.select(AuditRecord.verb)))
    assert "edited" in verbs


def test_two_people_at_one_text_lose_nothing(
    visit: Visit, review: Review, people: dict[str, Person], database: Database
) -> None:
    editor = visit("editor")
    editor.go(f"/review/{review.id}")
    newer = own_words(database, people, review)
    mine = "The ferry runs every ten minutes. These are my words."
    wish = {"title": "Mine", "text": mine, "expected": review.revision_id}
    page = editor.send(f"/review/{review.id}/edit", 409, **wish)
    assert mine in page
    assert 'value="Mine"' in page
    assert "revision 2 was saved while you wrote" in page
    assert "Cheese grows on the moon." in page
    [expected] = re.findall(r'name="expected" value="([^"]+)"', page)
    saved = editor.send(f"/review/{newer}/edit", title="Mine", text=mine, expected=expected)
    assert "revision 3" in words(saved)
    assert "These are my words." in saved


def test_text_that_may_not_go_out_stays_in_the_field(visit: Visit, review: Review) -> None:
    editor = visit("editor")
    editor.go(f"/review/{review.id}")
    wish = {"title": "T", "text": "Look at <script>alert(1)</script> this.", "expected": review.revision_id}
    page = editor.send(f"/review/{review.id}/edit", 422, **wish)
    assert "Not saved" in page
    assert "Look at &lt;script&gt;alert(1)&lt;/script&gt; this." in page
    assert "<script>alert" not in page


def test_text_written_while_somebody_approved_is_shown_again(
    visit: Visit, review: Review, channel: str, people: dict[str, Person], database: Database
) -> None:
    editor = visit("editor")
    editor.go(f"/review/{review.id}")
    with database.transaction() as session:
        service.approve(session, review.id, people["publisher"], [channel])
    wish = {"title": "T", "text": "Words that took an hour to write.", "expected": review.revision_id}
    page = editor.send(f"/review/{review.id}/edit", 409, **wish)
    assert "Words that took an hour to write." in page
    assert "which was not saved" in page
