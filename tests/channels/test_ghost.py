"""What is Ghost's own: tokens, one mail for each post, changes that meet, and what a post carries."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stonehand.channels.interfaces import ArrivalDisputed, ArrivalUnknown, ConfigUnfit, LoginRefused, Target
from stonehand.plugins.ghost import Ghost
from stonehand.plugins.ghost_site import Key
from tests.channels.conftest import KEY, Kept, make_piece
from tests.lookalikes import ghost as lookalike

PIECE = make_piece()
PUT = "PUT posts/ID/"


@pytest.fixture
def site(near: None) -> Iterator[lookalike.Ghost]:
    with lookalike.Ghost.running() as made:
        yield made


@pytest.fixture
def blog(site: lookalike.Ghost, tmp_path: Path) -> Target:
    return Target("Post", tmp_path / "post", {"url": site.url, "newsletter": "weekly"}, {"api_key": lookalike.API_KEY})


def test_a_token_is_signed_and_lives_five_minutes() -> None:
    head, claims, signature = Key.read(lookalike.API_KEY).token(1_700_000_000).split(".")
    assert json.loads(lookalike.part(head)) == {"alg": "HS256", "typ": "JWT", "kid": lookalike.KEY_ID}
    assert json.loads(lookalike.part(claims)) == {"iat": 1_700_000_000, "exp": 1_700_000_300, "aud": "/admin/"}
    right = hmac.digest(bytes.fromhex(lookalike.KEY_SECRET), f"{head}.{claims}".encode(), hashlib.sha256)
    assert lookalike.part(signature) == right
    for wrong in ("", "abc", "abc:", "abc:xyz", ":a5a5"):
        with pytest.raises(ConfigUnfit, match="id:secret"):
            Key.read(wrong)


@pytest.mark.parametrize("fault", ["lost", "late", "error after", "unheard"])
def test_a_post_is_mailed_once_whatever_befalls_its_publication(
    site: lookalike.Ghost, blog: Target, fault: str
) -> None:
    site.befall(PUT, fault)
    notes = Kept()
    with pytest.raises(ArrivalUnknown):
        Ghost().deliver(PIECE, KEY, blog, notes)
    done = Ghost().deliver(PIECE, KEY, blog, notes)
    site.catch_up()  # what came late is based on an old version and refused
    Ghost().update(replace(PIECE, title="Corrected"), done, KEY, blog, Kept())
    Ghost().retract(done, KEY, blog, "wrong")
    Ghost().deliver(PIECE, KEY, blog, notes)
    (post,) = site.posts.values()
    assert post.mails == [("weekly", "all")]
    assert site.shown.keys() == {f"#stonehand-{KEY}"}


def test_without_a_newsletter_nothing_is_mailed(site: lookalike.Ghost, blog: Target) -> None:
    Ghost().deliver(PIECE, KEY, replace(blog, config={"url": site.url}), Kept())
    assert [post.mails for post in site.posts.values()] == [[]]


def test_a_post_that_somebody_edits_meanwhile_is_read_again(site: lookalike.Ghost, blog: Target) -> None:
    class Meeting(Kept):
        def remember(self, **facts: object) -> None:
            site.posts[str(facts["remote_id"])].changed += 1
            super().remember(**facts)

    done = Ghost().deliver(PIECE, KEY, blog, Meeting())
    assert site.asked[PUT] == 2, "the first was refused, for it was based on an old version"
    assert site.posts[done.remote_id].status == "published"


def test_a_post_carries_what_search_engines_and_readers_need(site: lookalike.Ghost, blog: Target) -> None:
    piece = replace(
        PIECE,
        meta_title="Bridge",
        meta_description="All of the bridge",
        categories=("City",),
        tags=("#bridges", "City", " "),
        image_url="https://pictures.example/1.jpg",
        excerpt="x" * 400,
    )
    Ghost().deliver(piece, KEY, replace(blog, config={**blog.config, "canonical_base": "https://news.example"}), Kept())
    (post,) = site.posts.values()
    assert post.tags == ["City", "bridges", "#stonehand", f"#stonehand-{KEY}"]
    assert post.fields["slug"] == piece.slug
    assert post.fields["canonical_url"] == f"https://news.example/{piece.slug}/"
    assert (post.fields["meta_title"], post.fields["meta_description"]) == ("Bridge", "All of the bridge")
    assert post.fields["feature_image"] == piece.image_url
    assert len(post.fields["custom_excerpt"]) == 300
    assert '"digitalSourceType": "https://schema.org/AlgorithmicMedia' in post.fields["codeinjection_head"]


def test_what_cannot_be_explained_is_for_a_person(site: lookalike.Ghost, blog: Target) -> None:
    notes = Kept()
    done = Ghost().deliver(PIECE, KEY, blog, notes)
    post = site.posts[done.remote_id]
    post.fields["status"] = "scheduled"
    with pytest.raises(ArrivalDisputed, match="made it scheduled"):
        Ghost().deliver(PIECE, KEY, blog, notes)
    post.tags = []
    with pytest.raises(ArrivalDisputed, match="tag"):
        Ghost().deliver(PIECE, KEY, blog, notes)
    site.posts.clear()
    with pytest.raises(ArrivalDisputed, match="no longer there"):
        Ghost().deliver(PIECE, KEY, blog, notes)


def test_settings_are_checked_at_the_site(site: lookalike.Ghost, blog: Target) -> None:
    given = replace(blog, config={"url": f"{site.url}/ghost/", "newsletter": "weekly"})
    assert Ghost().validate(given) == blog.config
    assert "“Harbour Post” with Ghost 5.82.0 lets us in; pieces are mailed with “Weekly letter”" in Ghost().test(blog)
    for changes, words in (
        ({"newsletter": "daily"}, "no active newsletter"),
        ({"newsletter": "weekly+status:paid"}, "slug"),
        ({"url": f"{site.url}/elsewhere"}, "no Admin API"),
        ({"canonical_base": "https://a.example/?b"}, "address"),
    ):
        with pytest.raises(ConfigUnfit, match=words):
            Ghost().validate(replace(given, config={**given.config, **changes}))
    site.secret = "5a" * 32
    with pytest.raises(LoginRefused, match="Admin API key") as caught:
        Ghost().test(blog)
    assert lookalike.KEY_SECRET not in str(caught.value)
