"""From whatever somebody gives us to the sources it means."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from pathlib import Path

import pytest

from stonehand import config
from stonehand.http_client import PageMissing
from stonehand.sources import intake, opml
from stonehand.sources.contract import things
from stonehand.sources.errors import FileUnreadable, NothingFound, OpmlMalformed
from stonehand.sources.recognition import left_out, taken
from tests.lookalikes import services
from tests.sources.conftest import Site, feed

pytestmark = pytest.mark.usefixtures("database")
LISTS = b"<opml><body><outline xmlUrl='https://a.example/rss' text='A'/><outline xmlUrl='https://b.example/rss'/></body></opml>"


def test_a_feed_is_itself(site: Site) -> None:
    (found,) = intake.identify(site.put("/rss", feed(1, 2)))
    assert found.sentence == "an RSS feed of 2 entries: ‘News’"


def test_a_site_becomes_the_feed_it_offers(site: Site) -> None:
    site.put("/posts", feed(1, title="Posts"))
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in ("/gone", "/posts"))
    (found,) = intake.identify(site.put("/", f"<html><title>Site</title>{links}</html>"))
    assert (found.what, found.url) == ("feed", site.url + "/posts")
    assert found.sentence == "a site with an RSS feed of 1 entry: ‘Posts’; it offers 1 other feed as well"


def test_a_site_that_mentions_no_feed_is_searched(site: Site) -> None:
    site.put("/feed.xml", feed(1))
    (found,) = intake.identify(site.put("/", "<html><title>Site</title></html>"))
    assert found.url == site.url + "/feed.xml"


def test_a_sitemap_is_the_last_resort(site: Site) -> None:
    site.put("/robots.txt", f"Sitemap: {site.url}/my-map.xml")
    site.put("/my-map.xml", "<urlset><url><loc>/1</loc></url></urlset>")
    (found,) = intake.identify(site.put("/", "<html><title>Site</title></html>"))
    assert (found.kind, found.title) == ("sitemap", "Site")
    assert found.sentence == "a site with a sitemap of 1 page"


def test_a_site_with_nothing_says_what_to_do(site: Site) -> None:
    with pytest.raises(NothingFound, match="give the address of its feed"):
        intake.identify(site.put("/", "<html><title>Site</title></html>"))
    with pytest.raises(PageMissing):
        intake.identify(site.url + "/nothing")


def test_a_page_within_a_site_without_feeds_is_a_single_page(site: Site) -> None:
    (found,) = intake.identify(site.put("/deep/page", "<html><title>Short</title><p>Hello</p></html>"))
    assert (found.kind, found.sentence) == ("pages", "a single page: ‘Short’")


def test_a_list_within_a_site_says_that_it_can_be_followed(site: Site) -> None:
    url = site.put("/news", services.front_page(things(1, 2, 3, 4, 5, 6)), Content_Type="text/html")
    (found,) = intake.identify(url)
    assert found.kind == "pages"
    assert "; 6 things repeat in it: to follow it, add it as a watched page" in found.sentence


def test_an_article_is_itself(site: Site) -> None:
    url = site.put(
        "/a", '<html><title>T</title><meta property="og:type" content="article"></html>', Content_Type="text/html"
    )
    (found,) = intake.identify(url)
    assert (found.kind, found.sentence) == ("pages", "an article: ‘T’")


def test_an_opml_address_becomes_its_feeds(site: Site) -> None:
    found = intake.identify(site.put("/list.opml", LISTS))
    assert [each.url for each in found] == ["https://a.example/rss", "https://b.example/rss"]
    assert found[0].sentence == f"a feed listed in {site.url}/list.opml: ‘A’"


def test_a_line_that_cannot_be_taken_says_why_and_the_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it were added by itself: nothing is left for the first look to find out."""
    addresses = {"inside.example": "10.1.2.3", "fine.example": "93.184.215.14"}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: _found(addresses.get(host) or host, port))
    bad = {
        "http://127.0.0.1/rss": "inside a private or reserved network",
        "http://[::ffff:10.0.0.1]/rss": "inside a private or reserved network",
        "http://169.254.169.254/latest": "where clouds keep secrets",
        "https://inside.example/rss": "STONEHAND_ALLOW_NETWORKS",
        "ftp://fine.example/rss": "is not an http or https address",
        "javascript:alert(1)": "is not an http or https address",
        "rubbish": "is not an http or https address",
        "https://me:secret@other.example/rss": "holds a user name or password",
    }
    lines = "".join(f'<outline text="{number}" xmlUrl="{url}"/>' for number, url in enumerate(bad))
    good = '<outline text="Good" xmlUrl="https://fine.example/rss"/><outline text="No feed" url="https://x.example/"/>'
    found = intake.from_opml(f"<opml><body>{lines}{good}</body></opml>".encode(), "mine.opml")
    assert [each.url for each in taken(found)] == ["https://fine.example/rss"]
    said = {each.url: each.refused for each in left_out(found)}
    assert said.keys() == bad.keys()
    assert [url for url, words in bad.items() if words not in said[url]] == []
    with pytest.raises(NothingFound, match=r"no feed that can be added: ‘0’: 127\.0\.0\.1 is inside"):
        intake.from_opml(f"<opml><body>{lines}</body></opml>".encode(), "mine.opml")


def _found(address: str, port: int) -> list[tuple[object, ...]]:
    ip_address(address)
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def test_a_line_of_an_unknown_kind_is_left_out_and_an_open_network_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "10.0.0.0/8")
    config.settings.cache_clear()
    kind = f'xmlns:s="{opml.OURS}" s:kind="telex" url="https://b.example/"'
    lines = f'<outline text="Intranet" xmlUrl="http://10.1.2.3/rss"/><outline text="Telex" {kind}/>'
    found = intake.from_opml(f"<opml><body>{lines}</body></opml>".encode(), "mine.opml")
    assert [each.title for each in taken(found)] == ["Intranet"]
    assert [(each.title, "there is no source of kind 'telex'" in each.refused) for each in left_out(found)] == [
        ("Telex", True)
    ]


def test_files_are_read_only_where_they_are_allowed(tmp_path: Path, site: Site) -> None:
    path = tmp_path / "feeds.xml"
    path.write_bytes(LISTS)
    assert len(intake.identify(str(path), files=True)) == 2
    with pytest.raises(Exception, match=r"address|host") as caught:
        intake.identify(str(path))
    assert not isinstance(caught.value, FileUnreadable)
    with pytest.raises(FileUnreadable, match="No such file"):
        intake.identify(str(tmp_path / "missing.opml"), files=True)
    with pytest.raises(FileUnreadable, match="directory"):
        intake.identify(str(tmp_path), files=True)
    path.write_text("<rss/>")
    with pytest.raises(OpmlMalformed):
        intake.identify(str(path), files=True)
    path.write_text("<opml/>")
    with pytest.raises(NothingFound, match="names no feed"):
        intake.identify(str(path), files=True)
