"""Reading and digests over the API."""

from __future__ import annotations

import json
from collections.abc import Callable

from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.reading import keeping
from stonehand.reading.levels import QUESTIONS
from tests.library.conftest import put
from tests.reading.conftest import tell  # noqa: F401  a fixture
from tests.web.api.conftest import As

AT = "/api/v1"


def test_events_count_once_and_name_what_is_unknown(database: Database, as_: As) -> None:
    one = put(database, "Bridge", "x")
    events = [
        {"id": "e1", "article_id": one, "deed": "view", "seconds": 20, "scroll": 60},
        {"id": "e2", "article_id": one, "deed": "rate", "value": 5},
        {"id": "e3", "article_id": "gone", "deed": "view"},
    ]
    viewer = as_("viewer")
    first = viewer.post(f"{AT}/reading/events", json={"events": events}).json()
    assert first == {"counted": 2, "repeated": 0, "unknown": ["gone"]}
    again = viewer.post(f"{AT}/reading/events", json={"events": events}).json()
    assert again == {"counted": 0, "repeated": 2, "unknown": ["gone"]}
    assert viewer.get(f"{AT}/reading/progress").json()["rated"] == 1
    (row,) = viewer.get(f"{AT}/reading/history").json()["items"]
    assert (row["rating"], row["scroll"]) == (5, 60)
    bad = viewer.post(f"{AT}/reading/events", json={"events": [{"id": "e", "article_id": one, "deed": "rate"}]})
    assert bad.status_code == 422
    assert "rate from 1 to 5" in bad.json()["detail"]
    assert viewer.get(f"{AT}/reading/popular").json()["items"][0]["article_id"] == one
    assert viewer.get(f"{AT}/reading/trending").json()["items"][0]["article_id"] == one


def test_recommendations_with_reasons_and_what_to_say_against_them(
    database: Database, as_: As, people: dict[str, Person]
) -> None:
    viewer = as_("viewer")
    assert viewer.get(f"{AT}/reading/recommendations").json() == {"items": [], "made_at": None}
    past, one = put(database, "Past", "x"), put(database, "Bridge", "y")
    with database.transaction() as session:
        items = [{"article_id": one, "score": 0.9, "kind": "readers", "detail": past}]
        keeping.store(session, {people["viewer"].id: items})
    found = viewer.get(f"{AT}/reading/recommendations").json()
    (item,) = found["items"]
    assert item["reason"] == "Others who read “Past” read this too."
    assert viewer.post(f"{AT}/reading/less", json=item["less"]).status_code == 201
    (wish,) = viewer.get(f"{AT}/reading/less").json()["items"]
    assert (wish["kind"], wish["value"], wish["words"]) == ("because", past, "Past")
    assert viewer.delete(f"{AT}/reading/less", params=item["less"]).status_code == 204
    assert viewer.get(f"{AT}/reading/less").json()["items"] == []
    assert viewer.post(f"{AT}/reading/less", json={"kind": "article", "value": "gone"}).status_code == 404
    assert viewer.post(f"{AT}/reading/recommendations/refresh").status_code == 202
    assert as_("editor").get(f"{AT}/reading/recommendations").json()["items"] == []  # each their own


def test_profile_assessment_and_access(database: Database, as_: As) -> None:
    one, viewer = put(database, "Bridge", "x"), as_("viewer")
    assert viewer.patch(f"{AT}/reading/profile", json={"topics": ["ferries"]}).json()["topics"] == ["ferries"]
    assert viewer.patch(f"{AT}/reading/profile", json={"digest": "daily"}).json()["topics"] == ["ferries"]
    assert viewer.patch(f"{AT}/reading/profile", json={"digest": "hourly"}).status_code == 422
    assert viewer.get(f"{AT}/articles/{one}/access").json()["allowed"] is True
    level = {"phase": "DO", "difficulty": "Intermediate"}
    assert viewer.put(f"{AT}/articles/{one}/level", json=level).status_code == 403
    assert as_("editor").put(f"{AT}/articles/{one}/level", json=level).json()["phase"] == "DO"
    shut = viewer.get(f"{AT}/articles/{one}/access").json()
    assert (shut["allowed"], shut["required_score"], shut["score"]) == (False, 60, None)
    assert viewer.get(f"{AT}/reading/assessment").json() is None
    questions = viewer.get(f"{AT}/reading/assessment/questions").json()["items"]
    answers = {each["key"]: 3 for each in questions}
    assert len(answers) == len(QUESTIONS)
    found = viewer.post(f"{AT}/reading/assessment", json={"answers": answers}).json()
    assert (found["do"], found["levels"]["DO"], found["readiness"]) == (75, "Intermediate", "Intermediate")
    assert viewer.get(f"{AT}/articles/{one}/access").json()["allowed"] is True
    assert viewer.put(f"{AT}/reading/assessment/scores", json={"be": 1, "do": 59, "have": 1}).json()["do"] == 59
    assert viewer.get(f"{AT}/articles/{one}/access").json()["allowed"] is False
    assert viewer.put(f"{AT}/reading/assessment/scores", json={"be": 101, "do": 0, "have": 1}).status_code == 422
    assert viewer.get(f"{AT}/articles/gone/access").status_code == 404


def test_related_articles(database: Database, as_: As) -> None:
    one = put(database, "Bridge", "x")
    assert as_("viewer").get(f"{AT}/articles/{one}/related").json()["items"] == []
    assert as_("viewer").get(f"{AT}/articles/gone/related").status_code == 404


def test_everything_of_oneself_comes_along_and_goes(database: Database, as_: As) -> None:
    one, viewer = put(database, "Bridge", "x"), as_("viewer")
    viewer.post(f"{AT}/reading/events", json={"events": [{"id": "e", "article_id": one, "deed": "like"}]})
    viewer.patch(f"{AT}/reading/profile", json={"topics": ["ferries"]})
    as_("editor").post(f"{AT}/reading/events", json={"events": [{"id": "e", "article_id": one, "deed": "like"}]})
    rows = [json.loads(line) for line in viewer.get(f"{AT}/reading/export").text.splitlines()]
    assert {row["table"] for row in rows} == {"reading_events", "readings", "reader_profiles"}
    assert all("user_id" not in row for row in rows)
    assert viewer.delete(f"{AT}/reading/me").status_code == 204
    assert viewer.get(f"{AT}/reading/export").text == ""
    assert as_("editor").get(f"{AT}/reading/export").text != ""


def test_forget_person_forgets_a_reader(database: Database, as_: As) -> None:
    one, viewer = put(database, "Bridge", "x"), as_("viewer")
    viewer.post(f"{AT}/reading/events", json={"events": [{"id": "e", "article_id": one, "deed": "like"}]})
    wish = {"kind": "person", "value": "Viewer@Example.org", "dry_run": True}
    admin = as_("admin")
    assert admin.post(f"{AT}/library/forget", json=wish).json() == {
        "articles": 0,
        "drafts": [],
        "readers": 1,
        "dry_run": True,
    }
    assert viewer.get(f"{AT}/reading/export").text != ""
    assert admin.post(f"{AT}/library/forget", json=wish | {"dry_run": False}).json()["readers"] == 1
    assert viewer.get(f"{AT}/reading/export").text == ""
    assert viewer.get(f"{AT}/reading/popular").json()["items"][0]["article_id"] == one  # sums of all stay


def test_a_forgotten_article_takes_what_readers_did_with_it_along(database: Database, as_: As) -> None:
    one = put(database, "Bridge", "x", url="https://news.example/bridge")
    viewer = as_("viewer")
    viewer.post(f"{AT}/reading/events", json={"events": [{"id": "e", "article_id": one, "deed": "like"}]})
    as_("admin").post(f"{AT}/library/forget", json={"kind": "url", "value": "https://news.example/bridge"})
    assert viewer.get(f"{AT}/reading/history").json()["items"] == []
    assert viewer.get(f"{AT}/reading/popular").json()["items"] == []


def test_digests(
    database: Database,
    pipeline: None,
    as_: As,
    tell: Callable[..., str],  # noqa: F811
) -> None:
    editor, publisher = as_("editor"), as_("publisher")
    refused = editor.post(f"{AT}/digests", json={"period": "daily"})
    assert refused.status_code == 409
    assert as_("viewer").post(f"{AT}/digests", json={"period": "daily"}).status_code == 403
    story, article = tell("Bridge closes"), put(database, "Bridge closes", "x")
    from tests.reading.conftest import placement

    with database.transaction() as session:
        from stonehand.db import utc_now

        session.add(placement(article, story, "Gazette", "https://x.example", "Bridge closes", utc_now()))
    made = editor.post(f"{AT}/digests", json={"period": "daily"})
    assert made.status_code == 202
    digest = made.json()
    assert digest["sections"] == [{"story_id": story, "title": "Bridge closes", "article_ids": [article]}]
    assert editor.get(f"{AT}/digests").json()["items"][0]["id"] == digest["id"]
    assert editor.get(f"{AT}/digests/{digest['id']}").json()["mails"] == {}
    assert publisher.get(f"{AT}/digests/{digest['id']}/mails").json()["items"] == []
    assert publisher.post(f"{AT}/digests/{digest['id']}/mails/nobody/send-again").status_code == 404
    assert editor.get(f"{AT}/digests/gone").status_code == 404
