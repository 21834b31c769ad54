"""Questions and answers over real sockets on loopback."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from stonehand import db, http_client, stopwatch
from stonehand.http_client import Reply, Request
from stonehand.http_client.answers import retry_after
from stonehand.http_client.errors import (
    AccessDenied,
    AddressForbidden,
    HostUnavailable,
    PageMissing,
    RedirectLoop,
    RequestRefused,
    UrlMalformed,
)

from .conftest import Site, World, answer

pytestmark = pytest.mark.usefixtures("loopback")


def test_a_reply_says_what_it_is(site: Site) -> None:
    site.scripts["/"] = answer(
        body=b"<p>", content_type="Text/HTML; charset=ISO-8859-1", etag='"a"', last_modified="Mon, 01 Jan 2024"
    )
    reply = http_client.fetch(site.url())
    assert (reply.status, reply.body, reply.content_type, reply.charset) == (200, b"<p>", "text/html", "iso-8859-1")
    assert (reply.etag, reply.modified, reply.redirects) == ('"a"', "Mon, 01 Jan 2024", ())
    assert reply.headers["ETAG"] == '"a"'


def test_a_reply_without_headers_is_modest(site: Site) -> None:
    site.scripts["/"] = answer()
    reply = http_client.fetch(site.url())
    assert (reply.content_type, reply.charset, reply.etag, reply.modified) == ("", None, None, None)


def test_we_say_who_we_are(site: Site, setting: Callable[[Mapping[str, str]], None]) -> None:
    site.scripts["/"] = answer()
    setting({"CONTACT": "mailto:desk@example.org\r\nX-Evil: 1"})
    http_client.fetch(site.url())
    assert (site.header("User-Agent") or "").startswith("Stonehand/0")
    assert "(+mailto:desk@example.orgX-Evil: 1)" in (site.header("User-Agent") or "")
    assert site.header("X-Evil") is None


def test_conditional_get(site: Site) -> None:
    site.scripts["/"] = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 900\r\n\r\n'
    reply = http_client.fetch(Request(site.url(), etag='"a"', modified="Mon, 01 Jan 2024"))
    assert reply.not_modified
    assert reply.body == b""
    assert site.header("If-None-Match") == '"a"'
    assert site.header("If-Modified-Since") == "Mon, 01 Jan 2024"


def test_connections_are_kept(site: Site) -> None:
    site.scripts |= {"/": answer(body=b"x"), "/old": answer(301, b"moved", location="/"), "/bad": answer(500, b"oh")}
    for path in ("/", "/missing", "/old", "/"):
        list(http_client.fetch_all([Request(site.url(path))], 1))
    assert site.connections == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, RequestRefused) for status in (400, 402, 405, 418, 422)),
        *((status, AccessDenied) for status in (401, 403, 451)),
        *((status, PageMissing) for status in (404, 410)),
    ],
)
def test_refusals_are_final_and_carry_what_was_said(site: Site, status: int, error: type[RequestRefused]) -> None:
    site.scripts["/"] = answer(status, b'{"why": "because"}')
    with pytest.raises(error) as caught:
        http_client.fetch(site.url("/"))
    assert type(caught.value) is error
    assert (caught.value.code, caught.value.body) == (status, b'{"why": "because"}')


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_trouble_is_worth_another_try_when_it_says_so(site: Site, status: int) -> None:
    site.scripts["/"] = answer(status, retry_after="120")
    with pytest.raises(HostUnavailable, match=str(status)) as caught:
        http_client.fetch(site.url())
    assert (caught.value.retry_after, caught.value.code) == (120, status)


def test_retry_after_reads_seconds_and_dates() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after(soon) == pytest.approx(90, abs=3)
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("7") == 7
    assert retry_after("999999999") == 86_400
    assert [retry_after(text) for text in (None, "", "soon", "-5", "1e9")] == [None] * 5


def test_redirects_are_followed_and_remembered(site: Site) -> None:
    site.scripts |= {
        "/a": answer(301, location="/b"),
        "/b": answer(302, location="c?x=1#y"),
        "/c?x=1": answer(body=b"end"),
    }
    reply = http_client.fetch(site.url("/a"))
    assert (reply.url, reply.body) == (site.url("/c?x=1"), b"end")
    assert reply.redirects == (site.url("/a"), site.url("/b"))


def test_five_redirects_and_no_more(site: Site) -> None:
    site.scripts |= {f"/{step}": answer(307, location=f"/{step + 1}") for step in range(6)} | {"/6": answer()}
    assert len(http_client.fetch(site.url("/1")).redirects) == 5
    with pytest.raises(RedirectLoop):
        http_client.fetch(site.url("/0"))


def test_a_loop_ends(site: Site) -> None:
    site.scripts["/"] = answer(302, location="/")
    with pytest.raises(RedirectLoop):
        http_client.fetch(site.url())
    assert len(site.requests) == 6


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@127.0.0.1/", "http://[::1"]
)
def test_redirects_to_nowhere_we_go(site: Site, target: str) -> None:
    site.scripts["/"] = answer(302, location=target)
    with pytest.raises(UrlMalformed):
        http_client.fetch(site.url())


@pytest.mark.parametrize("target", ["http://10.1.2.3/admin", "http://169.254.169.254/latest"])
def test_a_redirect_to_a_closed_network_says_who_led_there(site: Site, target: str) -> None:
    site.scripts |= {"/": answer(302, location="/next"), "/next": answer(302, location=target)}
    with pytest.raises(AddressForbidden) as caught:
        http_client.fetch(site.url())
    assert str(caught.value).startswith(f"{site.url('/next')} sends us on to {target}: ")
    assert caught.value.host in target


def test_a_redirect_must_say_where(site: Site) -> None:
    site.scripts["/"] = answer(302)
    with pytest.raises(RequestRefused, match="where"):
        http_client.fetch(site.url())


def test_credentials_stay_with_their_origin(site: Site, loopback: World) -> None:
    other = Site()
    other.scripts["/there"] = answer()
    site.scripts |= {"/same": answer(302, location="/away"), "/away": answer(302, location=other.url("/there"))}
    secrets = {"Authorization": "Bearer s3", "Cookie": "id=1", "X-Api-Key": "s3", "Accept-Language": "de"}
    http_client.fetch(Request(site.url("/same"), headers=secrets, etag='"e"'))
    assert site.header("Authorization") == "Bearer s3"
    assert [other.header(name) for name in ("Authorization", "Cookie", "X-Api-Key")] == [None] * 3
    assert (other.header("Accept-Language"), other.header("If-None-Match")) == ("de", '"e"')
    other.close()


def test_a_body_is_not_sent_on_to_strangers(site: Site) -> None:
    other = Site()
    other.scripts["/"] = answer()
    site.scripts["/"] = answer(307, location=other.url())
    with pytest.raises(RequestRefused):
        http_client.fetch(Request(site.url(), method="POST", body=b"draft"))
    assert other.requests == []
    other.close()


def test_after_see_other_a_post_becomes_a_get(site: Site) -> None:
    site.scripts |= {"/post": answer(303, location="/done"), "/done": answer(body=b"ok")}
    reply = http_client.fetch(Request(site.url("/post"), method="POST", body=b"x", headers={"Content-Type": "a/b"}))
    assert reply.body == b"ok"
    assert site.requests[0].endswith(b"\r\n\r\nx")
    assert site.requests[1].startswith(b"GET /done")
    assert site.header("Content-Type") is None


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "//h/", "ftp://h/", "file:///etc/passwd", "javascript:1", "http://", "http:///x", "http://[::1"),
        *(
            "http://h:0/",
            "http://h:99999/",
            "http://a b/",
            "http://h\n/",
            "http://u:pw@h/",
            "http://u@h/",
            "http://@h/",
        ),
        "http://127.0.0.1/" + "x" * 9000,
    ],
)
def test_addresses_that_cannot_be_asked(url: str) -> None:
    with pytest.raises(UrlMalformed) as caught:
        http_client.fetch(url)
    assert "pw" not in str(caught.value)


def test_secrets_in_addresses_and_headers_stay_out_of_messages(site: Site) -> None:
    with pytest.raises(PageMissing) as missing:
        http_client.fetch(site.url("/x?token=s3cret"))
    with pytest.raises(UrlMalformed) as malformed:
        http_client.fetch(Request(site.url(), headers={"Authorization": "s3cret\r\nX: y"}))
    assert "s3cret" not in str(missing.value) + str(malformed.value)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(HostUnavailable, match=r"127\.0\.0\.1"):
        http_client.fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", b"220 mail ready\r\n"])
def test_broken_off_or_not_http(site: Site, said: bytes) -> None:
    site.scripts["/"] = lambda connection, _: connection.sendall(said)
    with pytest.raises(HostUnavailable):
        http_client.fetch(site.url())


def _drip(connection: socket.socket, pieces: bytes) -> None:
    connection.sendall(pieces)
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_the_deadline_holds_against_dripping(site: Site, start: bytes) -> None:
    site.scripts["/"] = lambda connection, _: _drip(connection, start) if start else time.sleep(2)
    began = time.monotonic()
    with pytest.raises(HostUnavailable, match=r"longer than 0\.4 s"):
        http_client.fetch(Request(site.url(), timeout=0.4))
    assert time.monotonic() - began < 10


def test_many_at_once_keep_their_places_and_their_errors(site: Site) -> None:
    site.scripts |= {f"/{n}": answer(body=str(n).encode()) for n in range(20)}
    asked = [Request(site.url(f"/{n}")) for n in range(20)] + [Request(site.url("/no")), Request("ftp://x/")]
    replies = http_client.fetch_all([*asked, Request("http://10.0.0.1/")], concurrency=4)
    assert [reply.body for reply in replies[:20] if isinstance(reply, Reply)] == [str(n).encode() for n in range(20)]
    assert [type(error) for error in replies[20:]] == [PageMissing, UrlMalformed, AddressForbidden]
    assert site.connections <= 4


def test_many_wait_side_by_side(site: Site) -> None:
    def slow(connection: socket.socket, _: bytes) -> None:
        time.sleep(0.6)
        connection.sendall(answer(body=b"x", connection="close"))

    site.scripts["/"] = slow
    began = time.monotonic()
    assert len(http_client.fetch_all([Request(site.url())] * 8, concurrency=8)) == 8
    assert time.monotonic() - began < 4


def test_no_transaction_may_be_open(site: Site, database: db.Database) -> None:
    with database.read(), pytest.raises(stopwatch.TransactionAbused):
        http_client.fetch(site.url())
    assert site.requests == []


def test_proxies_of_the_environment_are_not_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.scripts["/"] = answer(body=b"direct")
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    http_client.close()
    assert http_client.fetch(site.url()).body == b"direct"


def test_a_forked_child_has_its_own_way_out(site: Site) -> None:
    site.scripts["/"] = answer(body=b"x")
    http_client.fetch(site.url())
    child = os.fork()
    if child == 0:
        os._exit(0 if http_client.fetch(Request(site.url(), timeout=5)).body == b"x" else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert http_client.fetch(site.url()).body == b"x"
