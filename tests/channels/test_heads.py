"""What a page says to machines: the right length, the right words, and nothing that breaks out."""

from __future__ import annotations

import json
from dataclasses import replace

import lxml.html
import pytest

from stonehand.channels import heads
from stonehand.channels.interfaces import Piece
from stonehand.plugins import folder_pages

from .conftest import make_piece
from .test_folder_pages import nasty, only

URL = "https://news.example.org/bridge.html"


def full() -> Piece:
    return make_piece(
        meta_title="Bridge opens",
        meta_description="When the bridge opens.",
        keywords=("bridge", "Norwick"),
        image_url="https://img.example/a.jpg",
        generator="model: small",
    )


def test_schema_org_names_what_search_engines_ask_for() -> None:
    facts = heads.schema_org(full(), URL, "City News")
    assert facts["@type"] == "Article"
    assert facts["headline"] == "Bridge opens, part 1"
    assert facts["description"] == "When the bridge opens."
    assert facts["wordCount"] == 7  # The bridge is open. Nobody was surprised.
    assert facts["author"] == facts["publisher"] == {"@type": "Organization", "name": "City News"}
    assert facts["url"] == URL
    assert facts["keywords"] == ["bridge", "Norwick"]
    assert facts["digitalSourceType"] == "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
    assert facts["citation"] == ["https://a.example/1?a=1&b=2"]


def test_what_is_unknown_is_left_out() -> None:
    facts = heads.schema_org(make_piece(generator="person"), "file:///tmp/x", "")
    assert not {"url", "author", "keywords", "image"} & set(facts)
    names = {name for name, _ in heads.open_graph(make_piece(), "file:///tmp/x")}
    assert not {"og:url", "og:image", "og:site_name", "article:tag"} & names


def test_titles_and_descriptions_are_cut_at_a_word() -> None:
    long = make_piece(title="word " * 60, excerpt="other " * 60)
    facts, graph, card = heads.schema_org(long), dict(heads.open_graph(long)), dict(heads.twitter(long))
    assert len(facts["headline"]) <= 110
    assert len(facts["description"]) <= 200
    assert facts["headline"].endswith("word…")
    assert len(graph["og:title"]) <= 70
    assert len(graph["og:description"]) <= 160
    assert card["twitter:title"] == graph["og:title"]
    assert card["twitter:card"] == "summary"


def test_the_folder_s_page_carries_all_of_it() -> None:
    page = lxml.html.fromstring(folder_pages.as_page(full(), URL, "City News"))
    said = {(meta.get("property") or meta.get("name")): meta.get("content") for meta in page.iterfind(".//head/meta")}
    assert page.findtext(".//title") == "Bridge opens"
    assert said["description"] == said["og:description"] == "When the bridge opens."
    assert said["og:title"] == said["twitter:title"] == "Bridge opens"
    assert said["keywords"] == "bridge, Norwick"
    assert said["twitter:image"] == "https://img.example/a.jpg"
    assert only(page, ".//link[@rel='canonical']").get("href") == URL
    assert json.loads(only(page, ".//script").text)["headline"] == "Bridge opens, part 1"


@pytest.mark.parametrize("field", ["title", "meta_title", "meta_description", "excerpt", "label", "generator"])
def test_nothing_breaks_out_of_the_head(field: str) -> None:
    evil = '"><script>alert(1)</script></title></script><!--'
    piece = replace(nasty(), keywords=(evil,), image_url=f"https://a.example/{evil}", **{field: evil})  # type: ignore[arg-type]
    html = heads.as_html(piece, f"https://b.example/{evil}", evil)
    page = lxml.html.fromstring(folder_pages.clean(f"<html><head>{html}</head><body></body></html>"))
    script = only(page, ".//script")
    assert script.get("type") == "application/ld+json"
    assert json.loads(script.text)["@type"] == "Article"
    assert only(page, "body").text_content() == ""
