"""The board of trends, one trend, and an editor who parts and joins stories."""

from __future__ import annotations

import re

import pytest

from stonehand import db, jobs
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.stories import queries
from stonehand.stories.models import Placement
from tests.drafts import world
from tests.drafts.material import HARBOUR, RIVAL
from tests.trends.conftest import analyse
from tests.web.api.conftest import As, as_
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
__all__ = ["as_"]


@pytest.fixture
def story_id(database: Database) -> str:
    """A story of two outlets, judged an hour after it was reported."""
    with database.transaction() as session:
        made = world.story(session, (("Harbour Post", HARBOUR), ("Norwick Daily", RIVAL)))
        analyse(session, made)
        queries.story(session, made).last_at = db.now(session)
        jobs.enqueue(session, "trends.update", {})
    run_all(database, queues=("stories",))
    return made


def test_the_board_shows_states_with_reasons(visit: Visit, story_id: str, database: Database) -> None:
    viewer = visit("viewer")
    page = viewer.go("/trends")
    text = words(page)
    assert "Told by 2 outlets; 2 reports in the last 6 hours" in text
    assert '<svg class="spark"' in page
    assert "Judge now" not in text
    assert "Viral 0" in text
    assert f"/trends/{story_id}" in viewer.go("/trends?show=emerging")
    assert "None now" in words(viewer.go("/trends?show=dead"))
    assert f"/trends/{story_id}" in viewer.go("/trends?show=nonsense")


def test_a_trend_explains_itself(visit: Visit, story_id: str) -> None:
    text = words(visit("viewer").go(f"/trends/{story_id}"))
    for said in (
        "Engagement",
        "50 %",
        "Surprise",
        "How it turned",
        "Emerging",
        "Reports in the last 6 hours 2, expected",
    ):
        assert said in text
    visit("viewer").go("/trends/nothing", 404)
    assert "Trend . Emerging: Told by 2 outlets" in words(visit("viewer").go(f"/stories/{story_id}"))


def test_stories_are_judged_on_request(visit: Visit, story_id: str, database: Database) -> None:
    editor = visit("editor")
    editor.go("/trends")
    assert "being judged" in words(editor.send("/trends/update"))
    visit("viewer").go("/trends")
    assert visit("viewer").answer("/trends/update").status_code == 403


def test_an_editor_parts_and_joins_stories(visit: Visit, story_id: str, database: Database) -> None:
    editor = visit("editor")
    page = editor.go(f"/stories/{story_id}")
    one = re.findall(r'name="article" value="([^"]+)"', page)[0]
    assert "choose at least one" in words(editor.send(f"/stories/{story_id}/split")).lower()
    told = words(editor.send(f"/stories/{story_id}/split", article=one))
    assert "They are a story of their own now" in told
    assert "This story was split from" in told
    with database.read() as session:
        placed = session.get(Placement, one)
        assert placed is not None
        made = placed.story_id
    assert made != story_id
    assert "itself" in words(editor.send(f"/stories/{made}/merge", into=made))
    editor.go(f"/stories/{made}")
    editor.send(f"/stories/{made}/draft")
    told = words(editor.send(f"/stories/{made}/merge", into=story_id))
    assert "Being written" in told  # what was drafted of a merged story is shown with the one it became part of
    assert "The two are one story now" in told
    assert "was merged into this story: 1 article; an editor said so." in told
    assert "That story was merged into this one." in words(editor.go(f"/stories/{made}"))
    viewer = visit("viewer")
    assert 'name="article"' not in viewer.go(f"/stories/{story_id}")
    assert viewer.answer(f"/stories/{story_id}/split", article=one).status_code == 403


def test_the_same_through_the_api(as_: As, story_id: str, database: Database) -> None:
    viewer, editor = as_("viewer"), as_("editor")
    (row,) = viewer.get("/api/v1/trends").json()["items"]
    assert (row["story_id"], row["state"]) == (story_id, "emerging")
    assert viewer.get("/api/v1/trends?state=dead").json()["items"] == []
    told = viewer.get(f"/api/v1/trends/{story_id}").json()
    assert {"parts", "history", "turns", "why"} <= told.keys()
    assert told["turns"][0]["became"] == "emerging"
    assert viewer.get("/api/v1/trends/statistics").json()["states"]["emerging"] == 1
    assert viewer.post("/api/v1/trends/update").status_code == 403
    assert editor.post("/api/v1/trends/update").json()["job_id"]
    assert editor.post("/api/v1/trends/update").json()["job_id"] is None
    articles = [step["article_id"] for step in viewer.get(f"/api/v1/stories/{story_id}").json()["timeline"]]
    assert editor.post(f"/api/v1/stories/{story_id}/split", json={"article_ids": articles}).status_code == 422
    assert viewer.post(f"/api/v1/stories/{story_id}/split", json={"article_ids": articles[:1]}).status_code == 403
    made = editor.post(f"/api/v1/stories/{story_id}/split", json={"article_ids": articles[1:]}).json()["story_id"]
    assert editor.post(f"/api/v1/stories/{made}/merge", json={"into": story_id}).json() == {"story_id": story_id}
    assert editor.post(f"/api/v1/stories/{made}/merge", json={"into": "nowhere"}).status_code == 404
    gone = viewer.get(f"/api/v1/stories/{made}").json()
    assert gone["merged_into"] == story_id
    assert [each["kind"] for each in gone["changes"]] == ["merged", "split"]


def test_vectors_through_the_api(as_: As, story_id: str, database: Database) -> None:
    viewer = as_("viewer")
    articles = [step["article_id"] for step in viewer.get(f"/api/v1/stories/{story_id}").json()["timeline"]]
    near = viewer.get(f"/api/v1/vectors/near/{articles[0]}").json()
    assert [each["id"] for each in near] == articles[1:]
    (index,) = viewer.get("/api/v1/vectors").json()
    assert (index["kind"], index["count"], index["there"]) == ("local", 2, 2)
    assert viewer.get("/api/v1/vectors/near/nothing").status_code == 404
    assert as_("editor").post("/api/v1/vectors/rebuild").status_code == 403
    assert as_("admin").post("/api/v1/vectors/rebuild").status_code == 202
