"""A simulator of a bad neighbourhood of the web: one sound feed, and every way of being a bad one, on loopback."""

from __future__ import annotations

import gzip
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import brotli

from stonehand.sample.content import articles

MEGABYTE = 1024 * 1024
FIFTY = 50 * MEGABYTE
HANGING = 60.0  # seconds; nobody should wait that long
SOUND = ("night-bus-trial", "old-wells-heat-store", "library-repair-cafe", "bat-maps-city-light")
GERMAN = "thermalbad-wiedereroeffnung"
Answer = tuple[int, dict[str, str], bytes | Iterator[bytes]]
HTML, XML = "text/html; charset=utf-8", "application/rss+xml"
RUSSIAN = """В Каменогорске после трёх лет ремонта снова открыт старый мост через реку Белую. Первыми по нему прошли
школьники с воздушными шарами, за ними проехал трамвай. Мэр города рассказал, что работы обошлись на десятую часть
дешевле, чем было запланировано, а сэкономленные деньги пойдут на освещение набережной.

Инженеры заменили все несущие балки и укрепили опоры, которые размывало весеннее половодье. По словам главного
строителя, новый мост простоит не меньше восьмидесяти лет. Движение грузовых машин разрешат только в следующем месяце,
когда закончатся испытания под нагрузкой.

Жители соседних улиц довольны: дорога до больницы и рынка стала короче на двадцать минут. Торговцы надеются, что
вместе с трамваем на правый берег вернутся и покупатели, а кафе у причала уже открыло летнюю веранду."""
FRENCH = """Le marché couvert de Valmorin a rouvert ses portes samedi, après un été de travaux. Les maraîchers ont
retrouvé leurs étals, désormais éclairés par une verrière rénovée où la lumière entre à flots. La mairie espère que les
habitués reviendront dès l'automne, malgré la concurrence des zones commerciales.

« Nous avons gardé l'âme du lieu », explique l'architecte, qui a préféré réparer les poutres plutôt que les remplacer.
Le chantier a coûté deux millions d'euros, dont la moitié payée par la région. Une fromagère raconte qu'elle a vendu
toute sa réserve avant midi.

À côté de l'entrée, un café associatif sert déjà des crêpes et du cidre. Ses bénévoles organiseront des ateliers de
cuisine pour les élèves des écoles voisines, et un concert est prévu pour fêter l'événement à la fin du mois."""


@cache
def text_of(slug: str) -> tuple[str, str]:
    """Title and paragraphs of one of the sample's articles."""
    found = next(article for article in articles() if article.slug == slug)
    return found.title, "\n\n".join(found.paragraphs)


def page(title: str, text: str, head: str = "") -> str:
    """An article as a site shows it."""
    body = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))
    return (
        f"<!doctype html><html><head>{head}<title>{escape(title)}</title></head>"
        f"<body><nav><a href='/'>Home</a></nav><article><h1>{escape(title)}</h1>{body}</article></body></html>"
    )


def feed(title: str, links: list[str]) -> str:
    """RSS that names these addresses."""
    items = "".join(
        f"<item><title>{escape(link.rpartition('/')[2])}</title><link>{escape(link)}</link>"
        f"<guid isPermaLink='false'>{number}</guid></item>"
        for number, link in enumerate(links)
    )
    head = f"<title>{escape(title)}</title><link>http://127.0.0.1/</link><description>A simulator</description>"
    return f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>{head}{items}</channel></rss>"


@cache
def gzip_bomb() -> bytes:
    """A gigabyte of nothing in one megabyte: a hundred packed members in a row."""
    return gzip.compress(bytes(10 * MEGABYTE)) * 100


@cache
def brotli_bomb() -> bytes:
    """Two hundred megabytes of blanks in some hundred bytes."""
    packed: bytes = brotli.compress(b" " * (200 * MEGABYTE), quality=1)
    return packed


def nested() -> str:
    """Elements inside each other, a hundred thousand deep."""
    return "<rss><channel>" + "<item>" * 100_000


def laughs() -> str:
    """Entities that grow to billions of characters."""
    names = [f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10)]
    return f"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY l0 'ha'>{''.join(names)}]><rss><channel>&l9;</channel></rss>"


class Hostile:
    """The server. `hits` counts requests by path, `sent` the bytes that went out for each."""

    def __init__(self) -> None:
        gzip_bomb(), brotli_bomb()  # made before anybody waits for them
        self.hits: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        handler = type("Handler", (_Handler,), {"hostile": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.address}{path}"

    def answer(self, path: str, before: int) -> Answer:
        """Status, headers and body of a path that was asked for `before` times before."""
        whole, _, name = path[1:].partition("/")
        if whole == "good" and name in SOUND:
            return _ok(page(*text_of(name)))
        if path in ("/good.xml", "/other.xml"):
            return _ok(self._feed(path), XML)
        if path in ("/turns-html.xml", "/turns-500.xml") and before == 0:
            return _ok(feed(f"Good once: {path}", [self.url(f"/good/{SOUND[0]}")]), XML)
        if path == "/turns-html.xml":
            return _ok(page(*text_of(SOUND[1])))
        if path == "/turns-500.xml":
            return 500, {"Content-Type": HTML}, b"out of order"
        return self._bad(name.partition(".")[0] if whole in ("feed", "page") else path)

    def _feed(self, path: str) -> str:
        links = [self.url(f"/good/{slug}") for slug in SOUND]
        if path == "/other.xml":
            return feed("The other paper", [f"{links[0]}?utm_source=elsewhere"])
        tracked = [f"{links[0]}?utm_source=feed&utm_medium=rss", f"{links[0]}?fbclid=abc123"]
        bad = [self.url(f"/page/{name}") for name in BAD_PAGES]
        spoken = [self.url(f"/page/{name}") for name in ("german", "russian", "french")]
        return feed("The sound paper", [*links, *tracked, *spoken, *bad])

    def _bad(self, name: str) -> Answer:
        make = BAD.get(name)
        if name == "slow":
            time.sleep(HANGING)
        return make() if make else (404, {"Content-Type": HTML}, b"<html>not here</html>")


def _ok(text: str, kind: str = HTML) -> Answer:
    return 200, {"Content-Type": kind}, text.encode()


def _pieces(piece: bytes, total: int) -> Iterator[bytes]:
    for _ in range(0, total, len(piece)):
        yield piece


def _html(body: bytes | Iterator[bytes], **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return 200, {"Content-Type": HTML} | named, body


def _french() -> bytes:
    return page("Le marché", FRENCH, '<meta charset="utf-8">').encode("cp1252")


BAD: dict[str, Callable[[], Answer]] = {
    "german": lambda: _ok(page(*text_of(GERMAN))),
    "russian": lambda: _html(page("Мост открыт", RUSSIAN).encode("cp1251")),  # the header says something else
    "french": lambda: (200, {"Content-Type": "text/html"}, _french()),  # and here the page does
    "picture": lambda: (200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n" + bytes(3000)),
    "words": lambda: _ok("Just a few words, and no feed at all.", "text/plain"),
    "svg": lambda: _ok("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "text/xml"),
    "500": lambda: (500, {"Content-Type": HTML}, b"<html>out of order</html>"),
    "empty": lambda: _html(b""),
    "bare": lambda: _ok("<!doctype html><html><head><title>Nothing</title></head><body></body></html>"),
    "huge": lambda: _html(_pieces(b"<p>More and more. </p>" * 3000, FIFTY)),
    "announced": lambda: _html(_pieces(b" " * 65536, FIFTY), Content_Length=str(FIFTY)),
    "gzip-bomb": lambda: _html(gzip_bomb(), Content_Encoding="gzip"),
    "brotli-bomb": lambda: _html(brotli_bomb(), Content_Encoding="br"),
    "nested": lambda: _ok(nested(), XML),
    "laughs": lambda: _ok(laughs(), XML),
    "loop": lambda: (302, {"Location": "/page/loop"}, b""),
    "private": lambda: (302, {"Location": "http://10.1.2.3/"}, b""),
    "slow": lambda: _ok("at last"),
}
BAD_PAGES = (
    *("missing", "500", "empty", "bare", "picture", "huge", "announced"),
    *("gzip-bomb", "brotli-bomb", "loop", "private"),
)


class _Handler(BaseHTTPRequestHandler):
    hostile: Hostile

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        before = self.hostile.hits[path]
        self.hostile.hits[path] += 1
        code, headers, body = self.hostile.answer(path, before)
        with suppress(OSError):  # a wise guest hangs up
            self._send(path, code, headers, body)

    def _send(self, path: str, code: int, headers: dict[str, str], body: bytes | Iterator[bytes]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if isinstance(body, bytes):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for piece in [body] if isinstance(body, bytes) else body:
            self.wfile.write(piece)
            self.hostile.sent[path] += len(piece)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
