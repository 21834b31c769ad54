"""Saved searches, their feeds, and everything taken along."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
import sqlalchemy as sa

from stonehand.accounts import queries as accounts
from stonehand.accounts import service as people
from stonehand.accounts.models import AuditRecord
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.library import exporting, feeds, queries, service
from stonehand.library.errors import FeedNotFound, NameTaken, NameUnfit, NotYours, SavedSearchNotFound
from stonehand.library.feeds import Feed
from stonehand.library.queries import Hit
from stonehand.search.errors import SearchMalformed
from tests.library.conftest import NOON, Shelve

HIT = Hit(
    id="0190",
    title="Cracks & <b>bridges</b>\x01",
    url="https://news.example/1?a=1&b=2",
    outlet="Harbour Post",
    author=None,
    language="en",
    at=NOON,
    words=3,
    snippet=[("The ", False), ("bridge", True), (" is closed.", False)],
    tags=["to follow"],
    is_bookmarked=False,
    is_copy=False,
    is_archived=False,
    is_sample=False,
)
FEED = Feed("0191", "Bridges", "bridge", "https://desk.example/f.rss", "https://desk.example/library", NOON, [HIT])


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_readers_of_feeds_understand_it(kind: str) -> None:
    media_type, write = feeds.KINDS[kind]
    seen = feedparser.parse(write(FEED).encode(), response_headers={"content-type": media_type})
    assert not seen.bozo
    assert seen.feed.title == "Bridges"
    entry = seen.entries[0]
    assert entry.link == "https://news.example/1?a=1&b=2"
    assert entry.id == "urn:uuid:0190"
    assert "bridges" in entry.title
    assert entry.summary == "The bridge is closed."
    assert entry.author == "Harbour Post"
    assert [tag.term for tag in entry.tags] == ["to follow"]


def test_the_json_feed_holds_the_same() -> None:
    found = json.loads(feeds.json_feed(FEED))
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["items"][0]["content_text"] == "The bridge is closed."


def test_the_etag_changes_with_what_it_says() -> None:
    later = replace(FEED, hits=[HIT, replace(HIT, id="0192", at=NOON + timedelta(hours=1))])
    assert feeds.etag(feeds.rss(FEED)) == feeds.etag(feeds.rss(FEED)) != feeds.etag(feeds.rss(later))
    assert later.updated_at == NOON + timedelta(hours=1)


def user(database: Database, name: str, role: str = "editor") -> Person:
    with database.transaction() as session:
        return accounts.person(people.new_user(session, f"{name}@example.org", name, role, "x"))


def test_a_saved_search_is_found_by_its_secret_until_it_gets_another(either_database: Database) -> None:
    ada, bo, root = (user(either_database, *who) for who in (("ada",), ("bo",), ("root", "admin")))
    with either_database.transaction() as session:
        made, secret = service.save(session, ada, " Closed  bridges ", " bridge closed ")
        assert (made.name, made.query) == ("Closed bridges", "bridge closed")
        assert queries.by_feed(session, secret).id == made.id
        with pytest.raises(NameTaken):
            service.save(session, bo, "Closed bridges", "x")
        with pytest.raises(SearchMalformed):
            service.save(session, bo, "Wrong", "is:x")
        with pytest.raises(NotYours):
            service.renew_feed(session, bo, made.id)
        _, newer = service.renew_feed(session, root, "Closed bridges")
        with pytest.raises(FeedNotFound):
            queries.by_feed(session, secret)
        assert queries.by_feed(session, newer).id == made.id
    with either_database.transaction() as session:
        people.deactivate(session, root, ada.id)
        with pytest.raises(FeedNotFound):
            queries.by_feed(session, newer)
        service.remove(session, root, made.id)
    with either_database.read() as session, pytest.raises(SavedSearchNotFound):
        queries.saved(session, made.id)


def test_tags_and_bookmarks(either_database: Database, shelve: Shelve) -> None:
    ada, bo = user(either_database, "ada"), user(either_database, "bo")
    one, two = shelve("One", "bridge"), shelve("Two", "bridge")
    with either_database.transaction() as session:
        assert service.tag(session, ada, one, ["To  Follow", "a", "a"]) == ["a", "to follow"]
        assert service.tag(session, ada, one, ["A"]) == ["a", "to follow"]
        assert service.untag(session, bo, one, ["a", "never"]) == ["to follow"]
        for unfit in ("", ' "" ', "x" * 51):
            with pytest.raises(NameUnfit):
                service.tag(session, ada, one, [unfit])
        service.bookmark(session, ada, two)
        service.bookmark(session, ada, two)
        verbs = session.scalars(sa.select(AuditRecord.verb).where(AuditRecord.object_id == one)).all()
    assert sorted(verbs) == ["tagged", "untagged"]
    from tests.library.test_searching import found

    assert found(either_database, 'tag:"to follow"') == [one]
    assert found(either_database, "is:tagged bridge") == [one]
    assert found(either_database, "is:bookmarked", person_id=ada.id) == [two]
    assert found(either_database, "is:bookmarked", person_id=bo.id) == []


def test_everything_can_be_taken_along(
    either_database: Database, shelve: Shelve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "TOGETHER", 2)
    ids = [shelve(f"Title {number}", f"# text {number}\nbridge") for number in range(5)]
    written = [exporting.json_line(each) for each in exporting.export(either_database.read)]
    assert [json.loads(line)["id"] for line in written] == ids
    assert json.loads(written[0])["text"] == "# text 0\nbridge"
    some = list(exporting.export(either_database.read, "title:3 OR title:4"))
    assert [each.id for each in some] == ids[3:]
    page = exporting.markdown(some[0])
    assert page.startswith(f'---\nid: "{ids[3]}"\ntitle: "Title 3"\n')
    assert page.endswith("# Title 3\n\n\\# text 3\n\nbridge\n\n")
    with pytest.raises(SearchMalformed):
        exporting.export(either_database.read, "is:x")
