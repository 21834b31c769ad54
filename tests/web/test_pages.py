"""Every page with the made-up views: complete without scripts, its blocks on demand, nothing unescaped."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from stonehand.web import flash, rendering, security
from tests.web import gallery, samples

EVERY = [*gallery.PAGES, *gallery.DOORS]
TEMPLATES = Path(rendering.HERE / "templates")
WEIGHT = 100 * 1024  # bytes, compressed, of a first visit


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(gallery.app(), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", EVERY)
def test_a_page_is_whole_and_names_no_other_host(client: TestClient, path: str) -> None:
    text = client.get(path).text
    assert len(re.findall(r"<h1[ >]", text)) == 1
    assert '<a class="skip" href="#main">' in text
    assert not re.search(r'(src|action)="(https?:)?//', text)
    assert not re.search(r'<link[^>]+href="https?:', text)
    assert " style=" not in text
    assert not re.search(r"\son[a-z]+=", text)


@pytest.mark.parametrize("path", EVERY)
def test_every_script_has_the_nonce_and_every_form_a_token(client: TestClient, path: str) -> None:
    answer = client.get(path)
    nonce = re.findall(r"'nonce-([^']+)'", answer.headers["content-security-policy"])[0]
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert scripts
    assert all(f'nonce="{nonce}"' in script for script in scripts)
    for form in re.findall(r'<form[^>]*method="post".*?</form>', answer.text, re.DOTALL):
        assert re.search(r'name="csrf_token" value="[\w\-=]{80,}"', form)


def test_a_first_visit_is_light(client: TestClient) -> None:
    page = client.get("/")
    files = [gzip.compress(page.content)]
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        files.append(gzip.compress(answer.content))
    assert sum(map(len, files)) < WEIGHT


def test_htmx_gets_only_the_block_it_asks_for(client: TestClient) -> None:
    block = client.get("/", headers={"HX-Request": "true", "HX-Target": "section#stories-now"}).text
    assert "Harbour bridge closes" in block
    assert "<html" not in block
    assert block.lstrip().startswith("<section")
    whole = client.get("/", headers={"HX-Request": "true", "HX-Target": "body"}).text
    assert "<html" in whole


@pytest.mark.parametrize("path", EVERY)
def test_every_live_block_can_be_shown_alone(client: TestClient, path: str) -> None:
    """It runs without what stands around it in its template, such as macros."""
    for name in re.findall(r'id="([\w-]+)" hx-get="', client.get(path).text):
        block = client.get(path, headers={"HX-Request": "true", "HX-Target": f"div#{name}"})
        assert f'id="{name}"' in block.text
        assert "<html" not in block.text


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*/*.html")), ids=lambda path: path.name)
def test_every_live_block_has_the_name_of_its_id(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    for name in re.findall(r'hx\.(?:live|ask)\("#?([\w-]+)"', text):
        if not name.startswith("/"):
            assert f"{{% block {name.replace('-', '_')} %}}" in text


def test_htmx_attributes_live_in_one_file() -> None:
    for template in TEMPLATES.rglob("*.html"):
        if template.name != "hx.html":
            assert not re.search(r"\bhx-[a-z]+[:=]", template.read_text(encoding="utf-8")), template


def _rendered(template: str, view: object) -> str:
    request = Request({"type": "http", "path": "/", "headers": [], "query_string": b"", "method": "GET"})
    return bytes(rendering.page(request, template, view, samples.CHROME).body).decode()


def test_strangers_words_are_escaped() -> None:
    card = replace(samples.STORIES[0], title="<script>alert(1)</script>", outlets=('"><img src=x>',))
    view = replace(samples.TODAY, stories=(card,))
    text = _rendered("today/index.html", view)
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_an_article_keeps_its_html_in_a_sandbox(client: TestClient) -> None:
    text = client.get("/articles/one").text
    assert re.search(r'<iframe sandbox title="[^"]+" srcdoc="&lt;h1&gt;', text)


def test_an_unsupported_sentence_is_marked_and_named(client: TestClient) -> None:
    text = client.get("/review/one").text
    assert '<li id="s3" value="3" class="unsupported"' in text
    assert '<a href="#s3">3</a>' in text
    for key in "aes":
        assert f'data-key="{key}"' in text


def test_a_running_job_refreshes_itself_without_scripts(client: TestClient) -> None:
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in client.get("/jobs/one").text


def test_readers_see_no_buttons_they_may_not_press() -> None:
    view = replace(samples.REVIEW, can_publish=False, can_edit=False)
    assert "/approve" not in _rendered("reviews/review.html", view)


def test_a_message_survives_one_redirect_and_is_shown_once(client: TestClient) -> None:
    said = flash.redirect("/jobs", flash.Flash("Approved <b>it</b>.", undo="/review/1/reopen"))
    cookie = said.headers["set-cookie"]
    assert "HttpOnly" in cookie
    client.cookies.set(flash.cookie(), cookie.partition("=")[2].partition(";")[0])
    first = client.get("/jobs")
    assert "Approved &lt;b&gt;it&lt;/b&gt;." in first.text
    assert 'action="/review/1/reopen"' in first.text
    assert f'{flash.cookie()}=""' in first.headers["set-cookie"]


@pytest.mark.parametrize("value", ["garbage", "e30=", "eyJ3b3JkcyI6IDF9"])
def test_a_spoilt_message_is_ignored(client: TestClient, value: str) -> None:
    client.cookies.set(flash.cookie(), value)
    assert client.get("/jobs").status_code == 200


def test_the_visit_cookie_is_set_once_for_forms_before_sign_in(client: TestClient) -> None:
    assert security.visit_cookie() in client.get("/sign-in").headers["set-cookie"]
    assert "set-cookie" not in client.get("/sign-in").headers
