"""Times of pieces by the API, in the shapes of before; addresses for programs; and the page of the calendar."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from stonehand import db
from stonehand.accounts import doors
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.publications.models import Publication
from stonehand.reviews import service as reviewing
from stonehand.reviews.models import Review
from tests.drafts import world
from tests.web.api.conftest import PASSWORD, As
from tests.web.pages.browsing import Browser, words

pytestmark = pytest.mark.usefixtures("pipeline")
LATER = ("generation", "reviews", "publishing")


@pytest.fixture
def draft(as_: As, database: Database) -> str:
    """A written draft that waits for a decision."""
    with database.transaction() as session:
        story = world.story(session)
    made = as_("editor").post(f"/api/v1/stories/{story}/draft").json()
    run_all(database, queues=LATER)
    return str(made["id"])


@pytest.fixture
def channel(as_: As) -> str:
    wish = {"kind": "folder", "name": "Folder", "config": {"base_url": "https://n.example/"}}
    return str(as_("admin").post("/api/v1/channels", json=wish).json()["id"])


@pytest.fixture
def browser(database: Database, people: dict[str, Person], client: TestClient) -> Browser:
    return Browser(client, doors.sign_in(database, people["admin"].email, PASSWORD, "testclient").secret)


def tomorrow(hour: int = 9) -> datetime:
    return (datetime.now(UTC) + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)


def approve(as_: As, database: Database) -> None:
    (waiting,) = as_("publisher").get("/api/v1/reviews").json()["items"]
    wish = {"accept_unsupported": True}
    assert as_("publisher").post(f"/api/v1/reviews/{waiting['review']['id']}/approve", json=wish).status_code == 200
    with database.transaction() as session:
        session.execute(sa.update(Review).values(due_at=db.now(session)))
        reviewing.release(session, waiting["review"]["id"])
    run_all(database, queues=LATER)


def test_a_post_is_scheduled_in_the_shape_of_before(as_: As, database: Database, draft: str, channel: str) -> None:
    publisher, at = as_("publisher"), tomorrow()
    wish = {"scheduled_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "publisher_id": channel}
    assert as_("editor").post(f"/api/v1/posts/{draft}/schedule", json=wish).status_code == 403
    told = publisher.post(f"/api/v1/posts/{draft}/schedule", json=wish).json()
    assert (told["post_id"], told["publisher_id"], told["status"]) == (draft, channel, "draft")
    assert told["publication_id"] is None
    assert "once somebody has approved it" in told["message"]
    approve(as_, database)
    with database.read() as session:
        (row,) = session.scalars(sa.select(Publication)).all()
    assert (row.state, row.due_at) == ("scheduled", at)
    zurich = {"scheduled_at": f"{tomorrow():%Y-%m-%d}T20:00", "publisher_id": channel, "timezone": "Asia/Tokyo"}
    told = publisher.post(f"/api/v1/posts/{draft}/schedule", json=zurich).json()
    assert (told["status"], told["publication_id"]) == ("scheduled", row.id)
    assert told["scheduled_at"].startswith(f"{tomorrow():%Y-%m-%d}T11:00:00")
    assert publisher.delete(f"/api/v1/posts/{draft}/schedule", params={"publisher_id": channel}).status_code == 204
    again = publisher.delete(f"/api/v1/posts/{draft}/schedule", params={"publisher_id": channel})
    assert again.status_code == 404
    moved = publisher.post(f"/api/v1/publications/{row.id}/move", json={"scheduled_at": at.isoformat()})
    assert moved.json()["status"] == "scheduled"
    off = publisher.post(f"/api/v1/publications/{row.id}/take-off", json={"reason": "too early"}).json()
    assert (off["state"], off["published_at"]) == ("retracted", None)
    assert "too early" in off["error"]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"scheduled_at": "soon"}, "is no time"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "is past"),
        ({"scheduled_at": "2026-12-01T09:00", "timezone": "Mars"}, "not a time zone"),
    ],
)
def test_a_time_that_cannot_be_is_refused(as_: As, draft: str, channel: str, wish: dict[str, str], said: str) -> None:
    answer = as_("publisher").post(f"/api/v1/posts/{draft}/schedule", json={"publisher_id": channel, **wish})
    assert answer.status_code == 422
    assert said in answer.text


def test_the_calendar_tells_what_waits_for_what(as_: As, database: Database, draft: str, channel: str) -> None:
    at = tomorrow(3)
    hours = {"timezone": "UTC", "quiet": ["22:00-07:00"], "per_day": 5}
    kept = as_("admin").put(f"/api/v1/channels/{channel}/hours", json=hours).json()
    assert kept["words"] == "quiet 22:00-07:00, at most 5 a day (UTC)"
    assert as_("publisher").put(f"/api/v1/channels/{channel}/hours", json=hours).status_code == 403
    told = as_("publisher").post(
        f"/api/v1/posts/{draft}/schedule", json={"scheduled_at": at.isoformat(), "publisher_id": channel}
    )
    assert "quiet hours: it goes out at" in told.json()["message"]
    made = as_("editor").post("/api/v1/agents", json={"name": "Harbour desk", "schedule_cron": "0 6 * * *"}).json()
    viewer = as_("viewer")
    kinds = {each["kind"]: each for each in viewer.get("/api/v1/calendar").json()["items"]}
    assert kinds["wish"]["at"].startswith(f"{at:%Y-%m-%dT%H:%M}")
    assert (kinds["run"]["title"], kinds["run"]["url"]) == ("Harbour desk", f"/agents/{made['id']}")
    approve(as_, database)
    (mine,) = [each for each in viewer.get("/api/v1/calendar").json()["items"] if each["kind"] == "publication"]
    assert (mine["note"], mine["due_at"][11:16], mine["at"][11:16]) == ("quiet hours", "03:00", "07:00")
    wrong = viewer.get("/api/v1/calendar", params={"since": at.isoformat(), "until": at.isoformat()})
    assert wrong.status_code == 422
    assert viewer.get("/api/v1/calendar", params={"channel_id": "other"}).json()["items"] == []


def addresses(as_: As, what: str) -> list[str]:
    answer = as_("editor").post("/api/v1/calendar/addresses", json={"what": what})
    assert answer.status_code == 201, answer.text
    return [each.partition("testserver")[2] for each in answer.json()["urls"]]


def check_what_was_corrected_and_taken_back(client: TestClient, database: Database, feeds: list[str]) -> None:
    """A correction says when it was, under the same id; what is taken back is in no feed, and neither on its way."""
    tags = {name: f"{{http://www.w3.org/2005/Atom}}{name}" for name in ("updated", "published", "entry")}
    with database.transaction() as session:
        (row,) = session.scalars(sa.select(Publication)).all()
        row.corrected_at = (row.published_at or row.due_at) + timedelta(days=2)
        wanted = row.corrected_at.date().isoformat()
    bodies = {each.rpartition(".")[2]: client.get(each).text for each in feeds}
    (item,) = json.loads(bodies["json"])["items"]
    (entry,) = ElementTree.fromstring(bodies["atom"].encode()).iter(tags["entry"])
    assert item["date_modified"].startswith(wanted)
    assert (entry.findtext(tags["updated"]), entry.findtext(tags["published"])) == (
        item["date_modified"],
        item["date_published"],
    )
    (said,) = ElementTree.fromstring(bodies["rss"].encode()).iter(tags["updated"])
    assert said.text == item["date_modified"]
    for state in ("retracting", "retracted"):
        with database.transaction() as session:
            session.execute(sa.update(Publication).values(state=state))
        assert not any(row.title in client.get(each).text for each in feeds)


def test_programs_read_the_calendar_and_what_went_out(
    as_: As, database: Database, client: TestClient, draft: str, channel: str
) -> None:
    (ics,) = addresses(as_, "calendar")
    feeds = addresses(as_, "published")
    empty = client.get(ics).text
    assert [line for line in empty.splitlines() if line.startswith("BEGIN:")][1:] == [
        "BEGIN:VTIMEZONE",
        "BEGIN:STANDARD",
    ]  # RFC 5545 wants a component, and nobody sees this one
    as_("publisher").post(
        f"/api/v1/posts/{draft}/schedule", json={"scheduled_at": tomorrow().isoformat(), "publisher_id": channel}
    )
    body = client.get(ics).text
    assert body.startswith("BEGIN:VCALENDAR\r\n")
    assert "STATUS:TENTATIVE" in body
    assert "VTIMEZONE" not in body
    assert max(len(line.encode()) for line in body.split("\r\n")) <= 75
    as_("publisher").delete(f"/api/v1/posts/{draft}/schedule", params={"publisher_id": channel})
    approve(as_, database)
    told = {each.rpartition(".")[2]: client.get(each) for each in feeds}
    with database.read() as session:
        (row,) = session.scalars(sa.select(Publication)).all()
    (item,) = json.loads(told["json"].text)["items"]
    assert item["id"] == f"urn:uuid:{row.id}"
    assert item["_stonehand"]["label"] in item["content_text"]
    assert item["_stonehand"]["sources"]
    guid = ElementTree.fromstring(told["rss"].content).find("channel/item/guid")
    assert guid is not None
    assert guid.text == item["id"]
    atom = ElementTree.fromstring(told["atom"].content)
    via = atom.findall(".//{http://www.w3.org/2005/Atom}link[@rel='via']")
    assert [each.get("href") for each in via] == item["_stonehand"]["sources"]
    shown = client.get(ics).text.replace("\r\n ", "")
    [address] = [line for line in shown.split("\r\n") if line.startswith("URL:")]
    there = row.url if (row.url or "").startswith("http") else f"/publications/{row.id}"
    assert address.endswith(there or ""), "a path on the desk's machine used to stand here"
    assert "file:" not in shown
    head = client.head(ics)
    assert (head.status_code, head.text) == (200, "")
    assert head.headers["content-type"].startswith("text/calendar")
    again = client.get(feeds[0], headers={"If-None-Match": told["rss"].headers["etag"]})
    assert again.status_code == 304
    check_what_was_corrected_and_taken_back(client, database, feeds)
    for wrong in (ics.replace(".ics", ".rss"), feeds[0].replace("rss", "ics"), "/feeds/out/abcdefghijk.ics"):
        assert client.get(wrong).status_code == 404
    for each in as_("editor").get("/api/v1/calendar/addresses").json()["items"]:
        assert "urls" not in each or not each["urls"]
        assert as_("publisher").delete(f"/api/v1/calendar/addresses/{each['id']}").status_code == 404
        assert as_("editor").delete(f"/api/v1/calendar/addresses/{each['id']}").status_code == 204
    assert client.get(ics).status_code == 404


def test_a_piece_is_scheduled_moved_and_taken_off_without_scripts(
    browser: Browser, as_: As, database: Database, draft: str, channel: str
) -> None:
    page = browser.go("/calendar?zone=Europe/Zurich&span=list")
    assert f'value="{draft}"' in page
    place = {"span": "list", "zone": "Europe/Zurich"}
    due = f"{tomorrow():%Y-%m-%d}T09:00"
    page = browser.send("/calendar/schedule", draft=draft, channel=channel, due=due, **place)
    assert "once approved" in words(page)
    assert "Waits for approval" in words(page)
    wish = {"kind": "wish", "id": f"{draft}/{channel}", **place}
    page = browser.send("/calendar/move", due=due.replace("09:00", "10:30"), **wish)
    assert "10:30" in words(page)
    assert "is past" in words(browser.send("/calendar/move", 422, due="2020-01-01T09:00", **wish))
    approve(as_, database)
    with database.read() as session:
        (row,) = session.scalars(sa.select(Publication)).all()
    browser.go("/calendar")
    piece: dict[str, Any] = {"kind": "publication", "id": row.id, **place}
    assert "Scheduled" in words(browser.send("/calendar/move", due=due, **piece))
    assert "Taken off" in words(browser.send("/calendar/take-off", reason="no", **piece))
    page = browser.send(
        "/calendar/hours", channel=channel, timezone="Europe/Zurich", quiet="22:00-07:00", gap_minutes="15"
    )
    assert "quiet 22:00-07:00, 15 min apart (Europe/Zurich)" in words(page)
    assert "no quiet time" in words(browser.send("/calendar/hours", 422, channel=channel, quiet="at night"))
    page = browser.send("/calendar/addresses", what="calendar")
    assert "/feeds/out/shd_" in page
    assert "/feeds/out/shd_" not in browser.go("/calendar?span=week")
    for wrong in ("span=year", "at=never", "zone=Mars", "at=9999-12-31", "at=0001-01-01"):
        browser.go(f"/calendar?{wrong}")
