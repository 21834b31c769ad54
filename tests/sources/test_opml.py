"""Lists of feeds."""

from __future__ import annotations

import pytest

from stonehand.sources import opml
from stonehand.sources.errors import HtmlInstead, OpmlMalformed, XmlForbidden
from stonehand.sources.opml import Outline

JUNK = b"""<?xml version="1.0"?><opml version="1.0"><head><title>Mine &amp; yours</title></head><body>
<outline text="Folder"><outline text="A" xmlUrl="https://a.example/rss" htmlUrl="https://a.example/"/>
<outline text="Deeper"><outline title="B" XMLURL=" https://b.example/feed "/></outline></outline>
<outline text="A again" xmlUrl="HTTPS://A.example:443/rss?utm_source=x"/>
<outline text="no address"/><outline text="not http" xmlUrl="javascript:alert(1)"/><outline xmlUrl="http://["/><junk/>
</body></opml>"""


def test_folders_become_tags_and_junk_is_counted() -> None:
    found = opml.read(JUNK)
    assert found.title == "Mine & yours"
    assert found.outlines == (
        Outline("https://a.example/rss", "A", "https://a.example/", tags=("Folder",)),
        Outline("https://b.example/feed", "B", None, tags=("Deeper", "Folder")),
    )
    assert (found.skipped, [each.url for each in found.refused]) == (1, ["javascript:alert(1)", "http://["])


def test_what_is_written_is_read_back() -> None:
    outlines = (Outline("https://a.example/?x=1&y=2", "Ä <b>", "https://a.example/"), Outline("https://b.example/"))
    found = opml.read(opml.write("List\x00", outlines))
    assert found.title == "List"
    assert [each.url for each in found.outlines] == [each.url for each in outlines]
    assert found.outlines[0].home_url == "https://a.example/"


def test_other_things_are_refused() -> None:
    with pytest.raises(OpmlMalformed, match="<rss>"):
        opml.read(b"<rss/>")
    with pytest.raises(HtmlInstead):
        opml.read(b"<html></html>")
    with pytest.raises(XmlForbidden):
        opml.read(b'<!DOCTYPE opml [<!ENTITY a "b">]><opml>&a;</opml>')
