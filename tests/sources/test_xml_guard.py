"""The guard before every XML document."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.sources import xml_guard
from stonehand.sources.errors import HtmlInstead, Unreadable, XmlBroken, XmlForbidden

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">'.encode() for i in range(9))
    + b"]><rss><channel><title>&j;</title></channel></rss>"
)


def test_deeply_nested_xml_is_refused_quickly() -> None:
    body = b"<rss>" + b"<a>" * 950_000
    started = time.monotonic()
    with pytest.raises(XmlForbidden, match="levels deep"):
        xml_guard.parse(body)
    assert time.monotonic() - started < 10


def test_a_hundred_levels_are_enough() -> None:
    assert xml_guard.parse(b"<a>" * 100 + b"</a>" * 100).name == "a"
    with pytest.raises(XmlForbidden):
        xml_guard.parse(b"<a>" * 101 + b"</a>" * 101)


def test_too_many_elements_are_refused() -> None:
    with pytest.raises(XmlForbidden, match="200,000"):
        xml_guard.parse(b"<r>" + b"<a/>" * 200_001 + b"</r>")


def test_billion_laughs_are_refused() -> None:
    with pytest.raises(XmlForbidden, match="entities"):
        xml_guard.parse(LAUGHS)


def test_external_entities_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP SECRET")
    body = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss><title>&x;</title></rss>'
    with pytest.raises(XmlForbidden):
        xml_guard.parse(body.encode())


def test_parameter_entities_are_refused() -> None:
    with pytest.raises(XmlForbidden):
        xml_guard.parse(b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><rss/>')


def test_entities_hidden_in_another_encoding_are_refused() -> None:
    with pytest.raises(XmlForbidden):
        xml_guard.parse(LAUGHS.decode().replace('"1.0"', '"1.0" encoding="utf-16"', 1).encode("utf-16"))


def test_the_document_type_of_old_feeds_is_dropped() -> None:
    body = b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://127.0.0.1:9/rss.dtd"><rss><a/></rss>'
    assert b"DOCTYPE" not in xml_guard.parse(body).serialised()


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>404</body></html>",
        b"\xef\xbb\xbf\n<HTML><p>hello",
        b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x"><html/>',
        b"<!-- cached --><!doctype html><title>x</title>",
    ],
)
def test_html_is_told_apart(body: bytes) -> None:
    with pytest.raises(HtmlInstead, match="HTML page came where XML was promised"):
        xml_guard.parse(body)


def test_ampersands_and_named_entities_are_mended_outside_cdata() -> None:
    guarded = xml_guard.parse(b"<r><a>AT&T&nbsp;caf&eacute; &lt;</a><b><![CDATA[x?a=1&b=2]]></b></r>")
    assert guarded.root.findtext("a") == "AT&T\xa0café <"
    assert guarded.root.findtext("b") == "x?a=1&b=2"
    assert guarded.broken


def test_truncated_xml_keeps_what_came() -> None:
    guarded = xml_guard.parse(b"<rss><item>1</item><item>2</item><item>3")
    assert len(guarded.root) == 3
    assert guarded.broken


@pytest.mark.parametrize("body", [b"", b"   ", b"hello", b"\x00\x01\x02", b"<", b"<!-- only a comment -->"])
def test_nothing_to_read(body: bytes) -> None:
    with pytest.raises(XmlBroken):
        xml_guard.parse(body)


@given(st.one_of(st.binary(max_size=300), st.text("<>/ab!-[]&;\"'= ?x", max_size=200).map(str.encode)))
def test_nothing_but_our_errors(body: bytes) -> None:
    try:
        guarded = xml_guard.parse(body)
    except Unreadable:
        return
    assert xml_guard.parse(guarded.serialised()).name == guarded.name
