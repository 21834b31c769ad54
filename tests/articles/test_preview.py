"""What is shown of a stranger's page can neither run nor load anything."""

from __future__ import annotations

import re
import time

import pytest

from stonehand.articles.errors import Unreadable
from stonehand.articles.preview import KEPT, clean, safe_html

URL = "https://example.org/a/page"


def shown(body: str) -> str:
    return safe_html(f"<!doctype html><html><head><title>t</title></head><body>{body}</body></html>".encode(), URL)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><a href='javascript:alert(1)'>x</a></svg>",
        "<a href='java&#x09;script:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<p onclick='alert(1)' style='background:url(javascript:alert(1))'>x</p>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action='https://evil.example'><input name=p autofocus onfocus=alert(1)><button>Go</button></form>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=https://evil.example'>",
    ],
)
def test_nothing_runs_loads_or_submits(attack: str) -> None:
    for result in (shown(f"<p>Kept words.</p>{attack}<p>More words.</p>"), clean(attack, URL)):
        assert set(re.findall(r"<([a-z]+)", result)) <= KEPT
        assert set(re.findall(r"\s([a-z]+)=", result)) <= {"href", "rel", "title"}
        assert all(href.startswith("https://") for href in re.findall(r'href="([^"]*)', result))


def test_text_structure_and_links_stay() -> None:
    result = shown("<h1>Head</h1><p>One <em>two</em> <a href='../b' class=x>three</a></p><ul><li>four</li></ul>")
    assert "<h1>Head</h1>" in result
    assert '<a href="https://example.org/b" rel="noopener noreferrer nofollow">three</a>' in result
    assert "<li>four</li>" in result


def test_deep_nesting_costs_little() -> None:
    started = time.process_time()
    assert "words" in shown("<p>some words</p>" + "<div>" * 100_000)
    assert time.process_time() - started < 5


def test_an_empty_page_has_no_preview() -> None:
    with pytest.raises(Unreadable, match="empty"):
        safe_html(b" ", URL)
