"""The pages of readers, and the link of a letter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.mailings import unsubscribing
from stonehand.reading import keeping, queries, service
from stonehand.reading.levels import QUESTIONS
from stonehand.reading.models import ReaderProfile
from stonehand.reading.states import Deed
from stonehand.web import security
from tests.library.conftest import put
from tests.reading.conftest import tell  # noqa: F401  a fixture
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit


def recommend(database: Database, person: Person, *article_ids: str, kind: str = "new", detail: str = "") -> None:
    items = [{"article_id": id_, "score": 0.5, "kind": kind, "detail": detail} for id_ in article_ids]
    with database.transaction() as session:
        keeping.store(session, {person.id: items})


def test_a_first_visit_asks_for_a_list(database: Database, visit: Visit, people: dict[str, Person]) -> None:
    assert "Your list is being made" in words(visit("viewer").go("/for-you"))
    with database.read() as session:
        (job,) = session.scalars(sa.select(Job)).all()
        assert (job.task, job.args) == ("reading.update", {"user_id": people["viewer"].id})


def test_each_article_says_why_and_can_be_turned_down(
    database: Database, visit: Visit, people: dict[str, Person]
) -> None:
    past, one = put(database, "Old bridge", "x"), put(database, "New <bridge>", "y", site="Harbour Post")
    recommend(database, people["viewer"], one, kind="alike", detail=past)
    browser = visit("viewer")
    page = browser.go("/for-you")
    assert "Because you read “Old bridge”." in words(page)
    assert "New &lt;bridge&gt;" in page
    said = browser.send("/for-you/less", kind="because", value=past, back="/for-you")
    assert "Less of it from now on" in words(said)
    assert "Old bridge" in words(browser.go("/for-you/preferences"))
    said = browser.send("/for-you/again", kind="because", value=past)
    assert "Taken back" in words(said)
    browser.go("/for-you")
    said = browser.send(f"/for-you/deeds/{one}", deed="dismiss", back="/for-you")
    assert "will not be recommended again" in words(said)
    assert "New" not in words(browser.go("/for-you")).partition("For you")[2].partition("Your levels")[0]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/for-you/deeds/nothing", {"deed": "like"}),
        ("/for-you/deeds/nothing", {"deed": "paint"}),
        ("/for-you/deeds/nothing", {"deed": "rate", "value": "9"}),
        ("/for-you/less", {"kind": "weather", "value": "rain"}),
        ("/for-you/less", {"kind": "article", "value": "nothing"}),
    ],
)
def test_what_cannot_be_is_said_and_nothing_breaks(
    database: Database, visit: Visit, path: str, fields: dict[str, str]
) -> None:
    browser = visit("viewer")
    browser.go("/for-you")
    assert 'class="message bad"' in browser.send(path, back="/for-you", **fields)


def test_popular_and_trending_of_what_readers_did(database: Database, visit: Visit, people: dict[str, Person]) -> None:
    one = put(database, "Bridge closes", "x")
    browser = visit("viewer")
    assert "nobody read anything" in words(browser.go("/for-you/popular"))
    browser.send(f"/for-you/deeds/{one}", deed="share")
    assert "Bridge closes" in words(browser.go("/for-you/popular"))
    assert "Bridge closes" in words(browser.go("/for-you/trending"))


def test_preferences_are_kept_or_refused_with_words(
    database: Database, visit: Visit, people: dict[str, Person]
) -> None:
    browser = visit("viewer")
    browser.go("/for-you/preferences")
    browser.send("/for-you/preferences", topics="ferries\n\nharbour", languages="en, DE", digest="weekly")
    with database.read() as session:
        found = session.scalars(sa.select(ReaderProfile)).one()
        assert (found.topics, found.languages, found.digest) == (["ferries", "harbour"], ["en", "de"], "weekly")
    said = browser.send("/for-you/preferences", 422, topics="x", languages="klingon", digest="")
    assert "is no language" in words(said)
    with database.read() as session:
        assert session.scalars(sa.select(ReaderProfile.topics)).one() == ["ferries", "harbour"]


def test_the_assessment_shows_scores_and_what_they_unlock(database: Database, visit: Visit) -> None:
    browser = visit("viewer")
    assert words(browser.go("/for-you/assessment")).count("Not at all") == len(QUESTIONS)
    said = browser.send("/for-you/assessment", 422, be_values="4")
    assert "11 answers are missing" in words(said)
    said = browser.send("/for-you/assessment", 422, **dict.fromkeys([each.key for each in QUESTIONS], "7"))
    assert "answers go from 0 to 4" in words(said)
    answers = {each.key: "3" for each in QUESTIONS}
    page = words(browser.send("/for-you/assessment", **answers))
    assert "75 of 100" in page
    assert "80 unlocks Advanced" in page
    assert "readiness: Intermediate" in page


def test_the_page_of_an_article_knows_its_reader(database: Database, visit: Visit) -> None:
    one = put(database, "Bridge closes", "The bridge is closed.")
    browser = visit("viewer")
    page = browser.go(f"/articles/{one}")
    assert f'data-reading="{one}"' in page
    assert "/static/reading.js" in page
    assert "1 minute to read" in words(page)
    browser.send(f"/for-you/deeds/{one}", deed="read")
    browser.send(f"/for-you/deeds/{one}", deed="rate", value="4")
    page = browser.send(f"/for-you/deeds/{one}", deed="like")
    assert "You have read it" in words(page)
    assert "Liked" in words(page)
    assert "<option selected>4</option>" in page
    assert "Bridge closes" in words(browser.go("/for-you/progress"))
    assert "liked, 4 stars" in words(browser.go("/for-you/progress"))


def test_levels_are_set_by_editors_and_tell_what_unlocks(
    database: Database, visit: Visit, people: dict[str, Person]
) -> None:
    one = put(database, "Bridge closes", "The bridge is closed.")
    editor = visit("editor")
    editor.go(f"/articles/{one}")
    assert "Its level is kept" in words(editor.send(f"/for-you/levels/{one}", phase="DO", difficulty="Advanced"))
    assert "Choose a phase" in words(editor.send(f"/for-you/levels/{one}", phase="X", difficulty="Advanced"))
    viewer = visit("viewer")
    assert "A score of 80 in DO unlocks it" in words(viewer.go(f"/articles/{one}"))
    recommend(database, people["viewer"], one)
    assert "Bridge closes" not in words(viewer.go("/for-you"))
    viewer.send(f"/for-you/levels/{one}", 403, phase="DO", difficulty="Beginner")


def test_a_bookmark_is_a_deed_too(database: Database, visit: Visit, people: dict[str, Person]) -> None:
    one = put(database, "Bridge closes", "The bridge is closed.")
    browser = visit("viewer")
    browser.go(f"/articles/{one}")
    browser.send(f"/articles/{one}/bookmark")
    with database.read() as session:
        found = queries.reading(session, people["viewer"].id, one)
        assert found is not None
        assert found.saved
    browser.send(f"/articles/{one}/unbookmark")
    with database.read() as session:
        found = queries.reading(session, people["viewer"].id, one)
        assert found is not None
        assert not found.saved


def test_a_reader_takes_along_and_forgets_what_is_kept(database: Database, visit: Visit) -> None:
    one = put(database, "Bridge closes", "x")
    browser = visit("viewer")
    browser.go("/for-you/preferences")
    browser.send(f"/for-you/deeds/{one}", deed="like")
    assert '"table": "reading_events"' in browser.client.get("/for-you/export").text
    browser.go("/for-you/preferences")
    browser.send("/for-you/forget")
    assert browser.client.get("/for-you/export").text == ""


def test_digests_are_made_by_editors(
    database: Database,
    visit: Visit,
    tell: Callable[..., str],  # noqa: F811
) -> None:
    browser = visit("editor")
    browser.go("/for-you/digests")
    assert "No story was reported on" in words(browser.send("/for-you/digests", period="daily"))
    viewer = visit("viewer")
    viewer.go("/for-you/digests")
    viewer.send("/for-you/digests", 403, period="daily")


def test_the_link_of_a_letter_needs_no_sign_in_and_asks_before_it_ends(
    database: Database, app: FastAPI, people: dict[str, Person]
) -> None:
    reader = people["viewer"]
    with database.transaction() as session:
        service.tell(session, reader, digest="daily")
    client, address = TestClient(app), f"/unsubscribe/{unsubscribing.secret(reader.id)}"
    page = client.get(address)
    assert page.status_code == 200
    assert "v…@example.org" in page.text
    assert reader.email not in page.text
    with database.read() as session:
        profile = queries.profile(session, reader.id)
        assert profile is not None
        assert profile.digest == "daily"  # looking at it ends nothing
    # as a mail program does it (RFC 8058): no cookie, no token of ours
    answer = TestClient(app).post(address, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "No more digests" in answer.text
    with database.read() as session:
        profile = queries.profile(session, reader.id)
        assert profile is not None
        assert profile.digest == ""
    assert "No more digests" in client.get(address).text
    assert TestClient(app).post("/unsubscribe/nonsense").status_code == 404


def test_somebody_who_is_signed_in_elsewhere_can_end_it_too(
    database: Database, visit: Visit, people: dict[str, Person]
) -> None:
    browser = visit("admin")
    assert browser.client.cookies[security.session_cookie()]
    address = f"/unsubscribe/{unsubscribing.secret(people['viewer'].id)}"
    assert browser.client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Deed.VIEW
