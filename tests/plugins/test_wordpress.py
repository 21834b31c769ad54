"""The WordPress channel against a site that behaves well, and one that does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stonehand.channels.interfaces import (
    ArrivalDisputed,
    ArrivalUnknown,
    ConfigUnfit,
    LoginRefused,
    Target,
)
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import AddressForbidden
from stonehand.plugins import json_service
from stonehand.plugins.channel_settings import address
from stonehand.plugins.json_service import AnswerOdd
from stonehand.plugins.wordpress import WordPress
from tests.channels.conftest import KEY, Kept, make_piece
from tests.lookalikes import wordpress as lookalike

CREATE, PUBLISH, LOOK, SEARCH = "POST /posts", "POST /posts/ID", "GET /posts/ID", "GET /posts"
PIECE = make_piece()
EXAMPLE = "https://blog.example.org"


def test_a_piece_is_hidden_until_its_number_is_written_down(site: lookalike.WordPress, blog: Target) -> None:
    class Watching(Kept):
        def remember(self, **facts: object) -> None:
            (post,) = site.posts.values()
            assert (post.status, post.slug, facts) == ("draft", KEY, {"remote_id": str(post.id)})
            super().remember(**facts)

    done = WordPress().deliver(PIECE, KEY, blog, Watching())
    (post,) = site.posts.values()
    assert (done.url, done.remote_id) == (f"{site.url}/{PIECE.slug}/", str(post.id))
    assert (post.status, post.slug, post.title) == ("publish", PIECE.slug, PIECE.title)
    assert PIECE.label in post.content
    assert "<strong>open</strong>" in post.content


def test_a_text_can_do_nothing_at_the_site(site: lookalike.WordPress, blog: Target) -> None:
    nasty = replace(PIECE, markdown="<script>alert(1)</script> [x](javascript:alert(1))", label="<b onclick=x>")
    WordPress().deliver(nasty, KEY, blog, Kept())
    (post,) = site.posts.values()
    assert "<script" not in post.content
    assert "javascript:" not in post.content.replace("](javascript:", "")
    assert "<b onclick" not in post.content


@pytest.mark.parametrize("what", lookalike.MISFORTUNES)
@pytest.mark.parametrize("when", [SEARCH, CREATE, PUBLISH, LOOK])
def test_whatever_goes_wrong_a_repeat_shows_it_once(
    site: lookalike.WordPress, blog: Target, what: str, when: str
) -> None:
    site.script = {when: [what]}
    site.patience = 2.2
    notes = Kept()
    with pytest.raises(Unavailable) as caught:
        WordPress().deliver(PIECE, KEY, blog, notes)
    assert isinstance(caught.value, ArrivalUnknown) == bool(notes.kept)
    if when == CREATE:
        assert (caught.value.retry_after or 0) >= json_service.LATE, "the next look must not come too early"
    done = WordPress().deliver(PIECE, KEY, blog, notes)
    assert site.public() == {KEY: [int(done.remote_id)]}
    assert site.doubled() == []
    assert len(site.posts) <= 2


def test_a_repeat_goes_on_with_the_draft_that_was_written_down(site: lookalike.WordPress, blog: Target) -> None:
    site.script = {PUBLISH: ["error"]}
    notes = Kept()
    with pytest.raises(ArrivalUnknown, match="without an answer"):
        WordPress().deliver(PIECE, KEY, blog, notes)
    site.create({"content": f"<!-- stonehand-key:{KEY} -->", "slug": KEY, "status": "draft"})
    done = WordPress().deliver(PIECE, KEY, blog, notes)
    assert done.remote_id == notes.kept["remote_id"]
    assert site.asked[CREATE] == 1


def test_a_site_that_says_yes_and_does_nothing_is_not_believed(
    site: lookalike.WordPress, blog: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = site.update

    def pretend(number: int, wish: Mapping[str, object]) -> object:
        return site.show(site.find(number)) if wish.get("status") == "publish" else really(number, wish)

    monkeypatch.setattr(site, "update", pretend)
    with pytest.raises(ArrivalUnknown, match="still draft"):
        WordPress().deliver(PIECE, KEY, blog, Kept())


def test_what_was_written_down_and_is_not_there_is_for_a_person(site: lookalike.WordPress, blog: Target) -> None:
    notes = Kept()
    done = WordPress().deliver(PIECE, KEY, blog, notes)
    post = site.posts[int(done.remote_id)]
    post.status = "trash"
    with pytest.raises(ArrivalDisputed, match="made it trash"):
        WordPress().deliver(PIECE, KEY, blog, notes)
    post.status, post.content = "publish", "another text"
    with pytest.raises(ArrivalDisputed, match="not the one"):
        WordPress().deliver(PIECE, KEY, blog, notes)
    site.delete(post.id, force=True)
    with pytest.raises(ArrivalDisputed, match="no longer there"):
        WordPress().deliver(PIECE, KEY, blog, notes)
    assert site.public() == {}


def test_a_login_that_does_not_work_says_so(site: lookalike.WordPress, blog: Target) -> None:
    site.may_publish = False
    with pytest.raises(LoginRefused, match="rest_cannot_create"):
        WordPress().deliver(PIECE, KEY, blog, Kept())
    with pytest.raises(ConfigUnfit, match="role Author"):
        WordPress().validate(blog)
    site.password = "another"
    with pytest.raises(LoginRefused, match="incorrect_password") as caught:
        WordPress().deliver(PIECE, KEY, blog, Kept())
    assert lookalike.PASSWORD not in str(caught.value)
    with pytest.raises(LoginRefused, match="enter it again"):
        WordPress().deliver(PIECE, KEY, replace(blog, secrets={}), Kept())


def test_a_post_that_is_refused_is_not_tried_again(
    site: lookalike.WordPress, blog: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_wish: object) -> object:
        raise lookalike.Refused(400, "rest_invalid_param", "Invalid parameter(s): slug")

    monkeypatch.setattr(site, "create", refuse)
    with pytest.raises(Rejected, match="rest_invalid_param"):
        WordPress().deliver(PIECE, KEY, blog, Kept())


def test_settings_are_checked_at_the_site(site: lookalike.WordPress, blog: Target) -> None:
    given = replace(blog, config={"url": f"{site.url}/", "username": lookalike.USER})
    assert WordPress().validate(given) == {**blog.config, "create_terms": "no", "on_retract": "draft"}
    site.pretty_links = False
    kept = WordPress().validate(given)
    assert kept["api"] == f"{site.url}/?rest_route=/"
    plain = replace(blog, config=kept)
    assert WordPress().deliver(PIECE, KEY, plain, Kept()) == WordPress().verify(KEY, plain)
    for missing in ("url", "username"):
        with pytest.raises(ConfigUnfit, match=f"needs its {missing}"):
            WordPress().validate(replace(given, config={**given.config, missing: ""}))
    with pytest.raises(ConfigUnfit, match="needs its password"):
        WordPress().validate(replace(given, secrets={}))
    with pytest.raises(ConfigUnfit, match="no REST API"):
        WordPress().validate(replace(given, config={**given.config, "url": f"{site.url}/elsewhere"}))


def test_a_password_does_not_travel_in_the_open() -> None:
    assert address("blog.example.org/news/", EXAMPLE) == "https://blog.example.org/news"
    assert address("http://192.168.1.5:8080", EXAMPLE) == "http://192.168.1.5:8080"
    for open_, words in (
        ("http://blog.example.org", "in the open"),
        ("https://a@b.example", "address"),
        ("ftp://b", "a"),
    ):
        with pytest.raises(ConfigUnfit, match=words):
            address(open_, EXAMPLE)


def test_a_site_within_the_own_network_needs_the_operator(
    site: lookalike.WordPress, blog: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stonehand import config, http_client

    monkeypatch.delenv("STONEHAND_ALLOW_NETWORKS")
    config.settings.cache_clear()
    http_client.close()
    with pytest.raises(AddressForbidden, match="STONEHAND_ALLOW_NETWORKS"):
        WordPress().validate(blog)


def test_only_old_drafts_of_ours_are_leftovers(site: lookalike.WordPress, blog: Target) -> None:
    for number in range(100):
        site.create({"content": f"<!-- stonehand-key:{number:012} -->", "status": "draft"})
    site.create({"content": "somebody's own", "status": "draft"})
    WordPress().deliver(PIECE, KEY, blog, Kept())
    now = datetime.now(UTC)
    assert WordPress().leftovers(blog, now - timedelta(hours=1)) == []
    found = WordPress().leftovers(blog, now + timedelta(hours=1))
    assert {each.key for each in found} == {f"{number:012}" for number in range(100)}
    for each in (found[0], found[0]):
        WordPress().discard(each, blog)
    site.posts[int(found[1].remote_id)].status = "publish"
    WordPress().discard(found[1], blog)
    assert len(site.drafts()) == 99
    assert len(site.public()) == 2


def test_a_page_in_front_is_not_taken_for_an_answer(site: lookalike.WordPress, blog: Target) -> None:
    site.script = {CREATE: ["login page"]}
    with pytest.raises(AnswerOdd, match="a page instead of data"):
        WordPress().deliver(PIECE, KEY, blog, Kept())
