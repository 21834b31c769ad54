"""What a WordPress post has beside its text, and what becomes of it after it was shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stonehand.channels.interfaces import ArrivalDisputed, LoginRefused, Target
from stonehand.errors import Unavailable
from stonehand.plugins.wordpress import WordPress
from tests.channels.conftest import KEY, Kept, make_piece
from tests.lookalikes import wordpress as lookalike

KIND = WordPress()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
UPLOAD = "POST /media"


class Pictures(BaseHTTPRequestHandler):
    """A site with a picture, and with something that only says it is one."""

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/gone.png" else 200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(b"<svg onload=x>" if self.path == "/false.png" else PNG)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def pictures() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def only(site: lookalike.WordPress) -> lookalike.Post:
    (post,) = site.posts.values()
    return post


def test_categories_and_tags_are_found_by_name_and_made_where_that_is_allowed(
    site: lookalike.WordPress, blog: Target
) -> None:
    site.terms["categories"] |= {7: "City & Country", 8: "City"}
    piece = make_piece(categories=("city & country",), tags=("bridge", "Bridge", "tide"))
    notes = Kept()
    KIND.deliver(piece, KEY, replace(blog, config={**blog.config, "categories": "City, Harbour"}), notes)
    assert (only(site).categories, only(site).tags) == ([7, 8], [])
    assert len(notes.kept["said"]) == 2, "one sentence for all categories, and one for all tags"
    assert "the site has no categories “Harbour”; make them there" in notes.kept["said"][0]
    making = replace(blog, config={**blog.config, "create_terms": "yes"})
    site.terms["tags"][9] = "tide"
    KIND.deliver(make_piece(2, tags=("bridge", "tide")), KEY[::-1], making, Kept())
    assert sorted(site.terms["tags"].values()) == ["bridge", "tide"]
    site.may_make_terms = False
    notes = Kept()
    KIND.deliver(make_piece(3, tags=("wind",)), "f" * 20, making, notes)
    assert "could not be made" in notes.kept["said"][0]
    assert len(site.public()) == 3, "what may not be made keeps no piece"


def test_a_picture_is_uploaded_once_whatever_is_lost(site: lookalike.WordPress, blog: Target, pictures: str) -> None:
    piece = make_piece(image_url=f"{pictures}/bridge.png")
    notes = Kept()
    for what in ("lost", "error after"):
        site.script = {UPLOAD: [what]}
        site.media.clear()
        with pytest.raises(Unavailable):
            KIND.deliver(piece, KEY, blog, notes)
    KIND.deliver(piece, KEY, blog, notes)
    ((number, (slug, content)),) = site.media.items()
    assert (only(site).featured_media, slug, content) == (number, KEY, PNG)
    site.media[number + 1] = (f"{KEY}-2", PNG)
    done = KIND.update(piece, KIND.verify(KEY, blog) or pytest.fail("not there"), KEY, blog, notes)
    assert list(site.media) == [number], "a twin that came late is removed"
    assert done.remote_id == str(only(site).id)


@pytest.mark.parametrize(("path", "words"), [("/false.png", "is no JPEG"), ("/gone.png", "no picture at its address")])
def test_a_picture_that_cannot_be_had_is_left_out_and_that_is_said(
    site: lookalike.WordPress, blog: Target, pictures: str, path: str, words: str
) -> None:
    notes = Kept()
    KIND.deliver(make_piece(image_url=pictures + path), KEY, blog, notes)
    assert words in notes.kept["said"][0]
    assert (site.media, only(site).status) == ({}, "publish")


def test_who_may_not_upload_publishes_without_a_picture(site: lookalike.WordPress, blog: Target, pictures: str) -> None:
    site.may_upload = False
    notes = Kept()
    KIND.deliver(make_piece(image_url=f"{pictures}/bridge.png"), KEY, blog, notes)
    assert "may not upload" in notes.kept["said"][0]
    assert only(site).status == "publish"


@pytest.mark.parametrize(
    ("plugin", "names"),
    [
        ("yoast", ("_yoast_wpseo_title", "_yoast_wpseo_metadesc")),
        ("rankmath", ("rank_math_title", "rank_math_description")),
        ("", ()),
    ],
)
def test_search_engines_are_told_where_the_site_lets_us(
    site: lookalike.WordPress, blog: Target, plugin: str, names: tuple[str, ...]
) -> None:
    site.meta_fields = set(names)
    config = KIND.validate(replace(blog, config={"url": site.url, "username": lookalike.USER}))
    assert config.get("seo", "") == plugin
    notes = Kept()
    piece = make_piece(meta_title="Bridge open", meta_description="At last.")
    KIND.deliver(piece, KEY, replace(blog, config=config), notes)
    assert only(site).meta == dict(zip(names, ("Bridge open", "At last."), strict=False))
    assert ("said" in notes.kept) == (not plugin)


def test_a_piece_is_replaced_under_its_address(site: lookalike.WordPress, blog: Target) -> None:
    done = KIND.deliver(make_piece(), KEY, blog, Kept())
    better = make_piece(title="Bridge closes", markdown="Closed again.", slug="another")
    site.script = {"POST /posts/ID": ["lost"]}
    with pytest.raises(Unavailable):
        KIND.update(better, done, KEY, blog, Kept())
    assert KIND.update(better, done, KEY, blog, Kept()) == done
    assert (only(site).title, only(site).slug, only(site).status) == ("Bridge closes", "bridge-opens-1", "publish")
    assert "Closed again." in only(site).content
    assert KIND.verify(KEY, blog) == done


@pytest.mark.parametrize("way", ["draft", "trash"])
def test_a_piece_is_taken_back_with_the_reason(site: lookalike.WordPress, blog: Target, way: str) -> None:
    done = KIND.deliver(make_piece(), KEY, blog, Kept())
    taking = replace(blog, config={**blog.config, "on_retract": way})
    for _ in range(2):
        KIND.retract(done, KEY, taking, "A source <withdrew> it.")
    assert only(site).status == way
    assert "A source &lt;withdrew&gt; it." in only(site).content
    assert "The bridge" not in only(site).content
    assert KIND.verify(KEY, blog) is None
    with pytest.raises(ArrivalDisputed) if way == "trash" else pytest.raises(AssertionError):
        KIND.update(make_piece(), done, KEY, blog, Kept())
        raise AssertionError("a draft can be changed")
    site.posts.clear()
    KIND.retract(done, KEY, blog, "it is gone already")


def test_it_says_who_we_are_and_what_is_missing(site: lookalike.WordPress, blog: Target) -> None:
    site.may_make_terms, site.meta_fields = False, {"rank_math_title"}
    said = KIND.test(blog)
    assert "as The desk (author); may publish posts, upload pictures" in said
    assert "may not make categories and tags (role Editor)" in said
    assert "told by rankmath; save the channel again" in said
    assert lookalike.PASSWORD not in said
    site.password = "another"
    with pytest.raises(LoginRefused):
        KIND.test(blog)


@pytest.mark.parametrize("what", lookalike.REFUSALS)
def test_a_site_that_does_not_want_to_now_is_asked_again(site: lookalike.WordPress, blog: Target, what: str) -> None:
    site.script = {"POST /posts": [what]}
    with pytest.raises(Unavailable):
        KIND.deliver(make_piece(), KEY, blog, Kept())
    KIND.deliver(make_piece(), KEY, blog, Kept())
    assert len(site.public()) == 1


def test_what_would_be_sent_can_be_seen(blog: Target) -> None:
    piece = make_piece(meta_title="Open", tags=("bridge",), image_url="https://a.example/b.png")
    config = {**blog.config, "seo": "yoast", "categories": "City, Harbour"}
    lines = KIND.shown(piece, replace(blog, secrets={}, config=config))["post"].splitlines()
    told = {f"slug: {piece.slug}", "tags: bridge", f"picture: {piece.image_url}", "categories: City, Harbour"}
    assert told | {"_yoast_wpseo_title: Open"} <= set(lines)
