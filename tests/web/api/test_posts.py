"""Posts by the API: every step of somebody who writes, who may do it, and what is answered when it cannot be done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from stonehand.articles.models import Article
from stonehand.db import Database, now
from stonehand.drafts import queries as drafts
from stonehand.publications.models import Publication
from tests.drafts.material import HARBOUR
from tests.web.api.conftest import As
from tests.web.pages import newsroom

pytestmark = pytest.mark.usefixtures("pipeline")
TEXT = "The harbour bridge in Norwick will close for six weeks from Monday, the city council said. [1]"


@pytest.fixture
def article(database: Database) -> str:
    with database.transaction() as session:
        return newsroom.article(session, HARBOUR)


@pytest.fixture
def post(as_: As, article: str) -> dict[str, Any]:
    """A post that an editor has begun."""
    wish = {"title": "Bridge closes", "article_ids": [article], "markdown": TEXT, "keyword": "bridge"}
    answer = as_("editor").post("/api/v1/posts", json=wish)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_post_by_hand_and_all_that_is_told_of_it(as_: As, post: dict[str, Any], article: str) -> None:
    assert (post["status"], post["status_formerly"], post["version"]) == ("draft", "draft", 1)
    assert post["can"] == ["edit", "keep", "regenerate", "withdraw"]
    assert post["text"]["sources"][0]["article_id"] == article
    assert "[[1]](https://harbour-post.example/" in post["text"]["markdown"]
    assert post["schema_org"]["headline"] == "Bridge closes"
    assert post["open_graph"]["og:title"] == post["twitter"]["twitter:title"] == "Bridge closes"
    client = as_("viewer")
    assert [each["id"] for each in client.get("/api/v1/posts?status=draft&text=bridge").json()["items"]] == [post["id"]]
    assert client.get("/api/v1/posts?status=published").json()["items"] == []
    assert client.get("/api/v1/posts?status=nonsense").status_code == 422


def test_machines_are_told_who_wrote_it_until_somebody_words_it_otherwise(
    as_: As, post: dict[str, Any], database: Database
) -> None:
    client, address, by_model = as_("editor"), f"/api/v1/posts/{post['id']}", "Written by a language model."
    with database.transaction() as session:
        row = drafts.revision(session, post["revision_id"])
        row.writer, row.model, row.label = "model", "sim", by_model
    said = client.get(address).json()["schema_org"]
    assert said["creditText"] == by_model
    assert said["digitalSourceType"].endswith("TrainedAlgorithmicMediaDigitalSource")
    wish = {"title": "Bridge shut", "expected_revision_id": post["revision_id"]}
    said = client.patch(address, json=wish).json()["schema_org"]
    assert said["creditText"].startswith(f"{by_model} Edited by a person")
    assert said["digitalSourceType"].endswith("HumanEditsDigitalSource")


def test_a_change_keeps_what_is_not_named(as_: As, post: dict[str, Any]) -> None:
    client, address = as_("editor"), f"/api/v1/posts/{post['id']}"
    wish = {"meta_title": "For engines", "keywords": ["bridge"], "expected_revision_id": post["revision_id"]}
    changed = client.patch(address, json=wish | {"hand_in": False}).json()
    assert (changed["status"], changed["version"], changed["title"]) == ("draft", 2, "Bridge closes")
    assert changed["text"]["meta_title"] == "For engines"
    handed = client.patch(address, json={"title": "New", "expected_revision_id": changed["revision_id"]}).json()
    assert (handed["status"], handed["slug"], handed["text"]["keywords"]) == ("in_review", "bridge-closes", ["bridge"])
    late = client.patch(address, json={"title": "Mine", "expected_revision_id": post["revision_id"]})
    assert (late.status_code, "RevisionOutdated" in late.json()["type"]) == (409, True)
    assert client.patch(address, json={"status": "published"}).status_code == 422  # nobody sets a status


def test_a_picture_is_chosen_by_a_person_and_refused_where_no_page_could_show_it(
    as_: As, database: Database, post: dict[str, Any], article: str
) -> None:
    client, address = as_("editor"), f"/api/v1/posts/{post['id']}"
    with database.transaction() as session:
        session.get_one(Article, article).image_url = "https://pictures.example/bridge.jpg"
    (offer,) = as_("viewer").get(f"{address}/pictures").json()["items"]
    assert (offer["article_id"], offer["licence"], post["text"]["image_url"]) == (article, "", "")
    wish = {"expected_revision_id": post["revision_id"], "hand_in": False, "image_alt": "A bridge"}
    for wrong in ("http://a.example/b.jpg", "https://me@a.example/b.jpg", ""):
        assert client.patch(address, json=wish | {"image_url": wrong}).status_code == 422, wrong
    changed = client.patch(address, json=wish | {"image_url": offer["url"], "categories": ["Harbour"]}).json()
    text = changed["text"]
    assert (text["image_url"], text["image_alt"], text["categories"]) == (offer["url"], "A bridge", ["Harbour"])
    assert changed["open_graph"]["og:image"] == offer["url"]
    assert client.get("/api/v1/posts/nothing/pictures").status_code == 404


def test_versions_differences_and_the_way_back(as_: As, post: dict[str, Any]) -> None:
    client, address = as_("editor"), f"/api/v1/posts/{post['id']}"
    changed = {"markdown": f"{TEXT} It is old.", "expected_revision_id": post["revision_id"], "hand_in": False}
    second = client.patch(address, json=changed).json()
    told = client.get(f"{address}/versions").json()["items"]
    assert [(each["number"], each["writer"], each["input_tokens"]) for each in told] == [
        (2, "person", 0),
        (1, "person", 0),
    ]
    parts = client.get(f"{address}/diff?older=1&newer=2").json()["parts"]
    assert [part["text"].strip() for part in parts if part["kind"] == "added"] == ["It is old."]
    assert client.get(f"{address}/diff").json()["parts"] == parts
    assert client.get(f"{address}/versions/2").json()["id"] == second["revision_id"]
    back = {"number": 1, "expected_revision_id": second["revision_id"]}
    third = client.post(f"{address}/restore", json=back).json()
    assert (third["version"], third["text"]["markdown"]) == (3, post["text"]["markdown"])
    assert client.post(f"{address}/restore", json=back).status_code == 409
    assert (
        client.get(f"{address}/versions/9").status_code
        == client.get(f"{address}/diff?older=1&newer=9").status_code
        == 404
    )


def test_metrics_of_what_is_saved_and_what_is_not(as_: As, post: dict[str, Any]) -> None:
    client, address = as_("viewer"), f"/api/v1/posts/{post['id']}/metrics"
    saved = client.get(address).json()
    assert (saved["word_count"], saved["verbatim"], saved["keyword"]) == (16, 1, "bridge")
    assert saved["seo_score"] == sum(part["points"] for part in saved["seo_parts"])
    other = as_("editor").post(address, json={"markdown": "Cheese grows on the moon."}).json()
    assert (other["word_count"], other["unsupported"]) == (5, 1)
    assert client.get(address).json() == saved


def test_a_working_copy_is_ones_own(as_: As, post: dict[str, Any], database: Database) -> None:
    client, address = as_("editor"), f"/api/v1/posts/{post['id']}/working-copy"
    assert client.get(address).json() is None
    typed = {"markdown": "Half a", "expected_revision_id": post["revision_id"]}
    kept = client.put(address, json=typed).json()
    assert (kept["number"], kept["markdown"], kept["title"], kept["is_outdated"]) == (
        1,
        "Half a",
        "Bridge closes",
        False,
    )
    assert client.put(address, json=typed).status_code == 409
    formerly = client.put(address, json={"revision_id": post["revision_id"], "number": 1}).json()
    assert (formerly["number"], formerly["revision_id"]) == (2, post["revision_id"])
    assert as_("publisher").get(address).json() is None
    saved = {"title": "Theirs", "expected_revision_id": post["revision_id"], "hand_in": False}
    as_("publisher").patch(f"/api/v1/posts/{post['id']}", json=saved)
    assert client.get(address).json()["is_outdated"] is True
    with database.read() as session:
        assert all(each.markdown != "Half a" for each in drafts.revisions(session, post["id"]))
    assert client.delete(address).json() == {"discarded": True}


def test_again_and_not_at_all(as_: As, post: dict[str, Any]) -> None:
    client, address = as_("editor"), f"/api/v1/posts/{post['id']}"
    again = client.post(f"{address}/regenerate", json={"note": "Shorter."})
    assert (again.status_code, again.json()["status"], again.json()["can"]) == (202, "draft", ["withdraw"])
    assert client.post(f"{address}/regenerate", json={}).status_code == 409
    gone = client.delete(address).json()
    assert (gone["status"], gone["status_formerly"], gone["can"]) == ("rejected", "draft", [])
    assert client.delete(address).status_code == 409


def test_only_what_can_be_seen_is_told_to_sites(as_: As, post: dict[str, Any], database: Database) -> None:
    client = as_("viewer")
    assert client.get("/api/v1/posts/published").json()["items"] == []
    with database.transaction() as session:
        moment = now(session)
        session.add_all(
            Publication(
                review_id="r",
                draft_id=post["id"],
                revision_id=post["revision_id"],
                channel_id=channel,
                channel_name=channel,
                key="k",
                content_sha256="",
                title="t",
                state="published",
                due_at=moment,
                published_at=moment - timedelta(days=1),
                url="https://site.example/1",
                created_at=moment,
            )
            for channel in ("one", "two")
        )
    [seen] = client.get("/api/v1/posts/published?slug=bridge-closes").json()["items"]
    assert (seen["id"], seen["slug"], seen["url"]) == (post["id"], "bridge-closes", "https://site.example/1")
    assert client.get("/api/v1/posts/published?slug=other").json()["items"] == []
    told = client.get(f"/api/v1/posts/{post['id']}").json()
    assert datetime.fromisoformat(told["schema_org"]["datePublished"]) == (moment - timedelta(days=1)).replace(
        microsecond=0
    )


def test_who_may_do_what(as_: As, post: dict[str, Any]) -> None:
    viewer, address = as_("viewer"), f"/api/v1/posts/{post['id']}"
    assert viewer.get(address).status_code == 200
    answers = (
        viewer.post("/api/v1/posts", json={"title": "T"}),
        viewer.patch(address, json={"title": "T"}),
        viewer.delete(address),
        viewer.post(f"{address}/regenerate", json={}),
        viewer.put(f"{address}/working-copy", json={}),
    )
    assert {answer.status_code for answer in answers} == {403}
    assert as_("editor").get("/api/v1/posts/nothing").status_code == 404


def test_what_cannot_be_kept_says_why(as_: As, post: dict[str, Any]) -> None:
    client, address = as_("editor"), f"/api/v1/posts/{post['id']}"
    seen = {"expected_revision_id": post["revision_id"]}
    html = client.patch(address, json=seen | {"markdown": "Text <script>alert(1)</script>."})
    assert (html.status_code, "raw HTML" in html.json()["detail"]) == (422, True)
    long = client.patch(address, json=seen | {"meta_description": "x" * 161})
    assert (long.status_code, "at most 160" in long.json()["detail"]) == (422, True)
    nowhere = client.post("/api/v1/posts", json={"title": "T", "article_ids": ["nothing"]})
    assert (nowhere.status_code, "is no article" in nowhere.json()["detail"]) == (422, True)
