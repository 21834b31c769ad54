"""Two spellings of one page are one address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.sources.addresses import absolute, canonical_url, host_of
from stonehand.sources.errors import AddressMalformed


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("HTTP://Example.ORG:80/a/../b?utm_source=x&b=2&a=1#f", "http://example.org/b?a=1&b=2"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org:443/x?fbclid=1&gclid=2&msclkid=3&mc_eid=4", "https://example.org/x"),
        ("https://exämple.org/ä b", "https://xn--exmple-cua.org/%C3%A4%20b"),
        ("https://example.org/%7euser/%c3%a4", "https://example.org/~user/%C3%A4"),
        ("https://reader:secret@example.org:8443/", "https://example.org:8443/"),
        ("https://[2001:DB8::1]/x", "https://[2001:db8::1]/x"),
        ("https://example.org//x", "https://example.org//x"),
        ("  https://example.org/x\n", "https://example.org/x"),
    ],
)
def test_one_spelling(written: str, canonical: str) -> None:
    assert canonical_url(written) == canonical


def test_parameters_that_may_choose_the_page_stay() -> None:
    url = "https://example.org/x?id=5&ref=3&source=4&t=2&utm=6&v=1"
    assert canonical_url(url) == url


@pytest.mark.parametrize(
    "wrong", ["", "example.org", "ftp://example.org", "mailto:a@b", "http://[bad", "http://", "http://a:99999/"]
)
def test_anything_else_is_refused(wrong: str) -> None:
    with pytest.raises(AddressMalformed):
        canonical_url(wrong)


@given(st.text(max_size=60))
def test_canonical_is_idempotent_and_never_fails_otherwise(rest: str) -> None:
    try:
        once = canonical_url("http://example.org/" + rest)
    except AddressMalformed:
        return
    assert canonical_url(once) == once


def test_links_become_whole_or_nothing() -> None:
    assert absolute("https://example.org/feed/rss", "../a") == "https://example.org/a"
    assert absolute("https://example.org/", "//other.org/x") == "https://other.org/x"
    assert absolute("https://example.org/", "javascript:alert(1)") is None
    assert absolute("https://example.org/", "http://[") is None
    assert absolute("https://example.org/", "x" * 3000) is None


def test_host_names_its_port_only_if_unusual() -> None:
    assert host_of("http://Example.org:80/") == "example.org"
    assert host_of("http://127.0.0.1:8080/") == "127.0.0.1:8080"
