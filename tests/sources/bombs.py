"""Documents that are made to hurt who reads them. `python -m tests.sources.bombs` reads each in a process of its own.

Each line that it prints says what came of one: an answer or our error, seconds, and megabytes of growth.
"""

# ruff: noqa: PLW0108  a document is made when it is read, not when this file is loaded
from __future__ import annotations

import gzip
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

MEGABYTE = 1024 * 1024
IS_LONG = os.environ.get("STONEHAND_TEST_FAULTS") == "long"
LARGEST = (5 if IS_LONG else 2) * MEGABYTE  # http_client lets 5 MB through
SECONDS = 30  # of computing, after which the system ends the process
ROOM = 1024 * MEGABYTE  # of addresses, beyond which the system gives it none
URL = "https://velm.example/feed"


@dataclass(frozen=True)
class Bomb:
    """`read` is how it would be read; `refused`, whether it must be refused rather than read in part."""

    body: Callable[[], bytes]
    read: str = "any"
    refused: bool = True
    charset: str | None = None


def fill(head: str, piece: str, tail: str = "", size: int = LARGEST) -> bytes:
    """As many pieces as fit."""
    room = size - len(head.encode()) - len(tail.encode())
    return (head + piece * (room // len(piece.encode())) + tail).encode()


def laughs(levels: int = 9, wide: int = 10) -> str:
    """Billion laughs (CVE-2003-1564)."""
    entities = "".join(f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * wide}">' for level in range(levels))
    return f'<!DOCTYPE r [<!ENTITY a "ha">{entities}]><rss><channel><title>&{chr(97 + levels)};</title></channel></rss>'


def quadratic() -> bytes:
    head = f'<!DOCTYPE r [<!ENTITY a "{"a" * 60_000}">]><rss><channel><title>'
    return fill(head, "&a;", "</title></channel></rss>", MEGABYTE)


def declared(encoding: str, codec: str, text: str) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(codec)


def rss(inside: str, more: str = "") -> bytes:
    return f"<rss><channel><title>t</title>{more}<item><title>{inside}</title></item></channel></rss>".encode()


def items(piece: str) -> bytes:
    return fill("<rss><channel>", piece, "</channel></rss>")


def unicode_names() -> bytes:
    names = "".join(f"<a{n}/>" for n in range(190_000))
    return f"<rss>{names}</rss>".encode()


def index_of_itself() -> bytes:
    return fill("<sitemapindex>", f"<sitemap><loc>{URL}</loc></sitemap>", "</sitemapindex>")


def packed(body: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        body = gzip.compress(body)
    return body


EXTERNAL = '<!DOCTYPE r [<!ENTITY x SYSTEM "{0}">]><rss><channel><title>&x;</title></channel></rss>'
PARAMETER = '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><rss/>'
XINCLUDE = (
    '<rss xmlns:xi="http://www.w3.org/2001/XInclude"><channel><title><xi:include href="{0}" parse="text"/></title>'
    "<item><title>i</title><link>https://velm.example/1</link></item></channel></rss>"
)
BOMBS: dict[str, Bomb] = {
    "nested tags": Bomb(lambda: b"<rss>" + b"<a>" * 1_700_000),
    "nested tags that end": Bomb(lambda: b"<a>" * 700_000 + b"</a>" * 700_000),
    "nested in an item": Bomb(lambda: rss("<b>" * 400_000)),
    "nested escaped markup": Bomb(lambda: rss("&lt;b&gt;" * 500_000), refused=False),
    "nested CDATA markup": Bomb(lambda: rss(f"<![CDATA[{'<div>' * 900_000}]]>"), refused=False),
    "too many elements": Bomb(lambda: fill("<rss>", "<a/>", "</rss>")),
    "billion laughs": Bomb(lambda: laughs().encode()),
    "billion laughs in an attribute": Bomb(lambda: laughs().replace("<title>&j;", '<title a="&j;">').encode()),
    "laughs in UTF-16": Bomb(lambda: declared("utf-16", "utf-16", laughs())),
    "laughs in UTF-16 without a mark": Bomb(lambda: laughs().encode("utf-16-le")),
    "laughs in UTF-32": Bomb(lambda: declared("utf-32", "utf-32", laughs())),
    "laughs in UTF-7": Bomb(lambda: declared("utf-7", "ascii", "x").replace(b"x", laughs().encode("utf-7"))),
    "laughs in UTF-7 by header": Bomb(lambda: laughs().encode("utf-7"), charset="utf-7"),
    "laughs in EBCDIC": Bomb(lambda: laughs().encode("cp037"), charset="cp037"),
    "laughs behind a comment": Bomb(lambda: ("<!-- x -->" * 5000 + laughs()).encode()),
    "laughs behind a long DOCTYPE": Bomb(lambda: laughs().replace("r [", f"r PUBLIC '{'x' * 5000}' '' [").encode()),
    "quadratic blowup": Bomb(quadratic),
    "an entity of itself": Bomb(lambda: b'<!DOCTYPE r [<!ENTITY a "&a;">]><rss><title>&a;</title></rss>'),
    "an external entity": Bomb(lambda: EXTERNAL.format("file:///etc/passwd").encode()),
    "an external entity by network": Bomb(lambda: EXTERNAL.format("http://127.0.0.1:9/").encode()),
    "an external entity that never ends": Bomb(lambda: EXTERNAL.format("file:///dev/zero").encode()),
    "a parameter entity": Bomb(lambda: PARAMETER.encode()),
    "a document type of its own": Bomb(lambda: b"<!DOCTYPE r [<!ELEMENT r ANY>]><rss/>"),
    "an external document type": Bomb(
        lambda: b'<!DOCTYPE rss SYSTEM "file:///dev/zero">' + rss("t", "<link>https://velm.example/</link>"),
        refused=False,
    ),
    "attributes declared by default": Bomb(
        lambda: fill("<!DOCTYPE r [<!ATTLIST r ", 'a CDATA "x" ', ">]><rss/>", MEGABYTE)
    ),
    "a huge attribute": Bomb(lambda: fill('<rss><channel a="', "x", '"/></rss>'), refused=False),
    "many attributes": Bomb(
        lambda: ("<rss><channel " + " ".join(f'a{n}="x"' for n in range(300_000)) + "/></rss>").encode(), refused=True
    ),
    "the same attribute again and again": Bomb(lambda: fill("<rss><channel ", 'a="x" ', "/></rss>"), refused=True),
    "a flood of namespaces": Bomb(
        lambda: ("<rss " + " ".join(f'xmlns:n{n}="u:{n}"' for n in range(150_000)) + "><channel/></rss>").encode(),
        refused=True,
    ),
    "namespaces on every element": Bomb(
        lambda: b"<rss>" + b"".join(b'<a xmlns:n%d="u:%d"/>' % (n, n) for n in range(150_000)) + b"</rss>",
        refused=False,
    ),
    "names without end": Bomb(unicode_names, refused=False),
    "a huge name": Bomb(lambda: fill("<rss><", "x", "/></rss>"), refused=True),
    "a huge text": Bomb(lambda: fill("<rss><channel><title>", "x", "</title></channel></rss>"), refused=False),
    "a huge text of entities": Bomb(
        lambda: fill("<rss><channel><title>", "&amp;", "</title></channel></rss>"), refused=False
    ),
    "ampersands": Bomb(lambda: fill("<rss><channel><title>", "&", "</title></channel></rss>"), refused=True),
    "numbers of characters": Bomb(
        lambda: fill("<rss><channel><title>", "&#x41;", "</title></channel></rss>"), refused=False
    ),
    "a million entries": Bomb(lambda: items("<item/>"), refused=False),
    "entries that are whole": Bomb(
        lambda: items("<item><title>t</title><link>https://velm.example/1</link></item>"), refused=False
    ),
    "an Atom feed of links": Bomb(
        lambda: fill("<feed xmlns='http://www.w3.org/2005/Atom'><entry>", "<link href='a'/>", "</entry></feed>"),
        refused=IS_LONG,
    ),
    "an endless comment": Bomb(lambda: fill("<rss><!-- ", "-x", "")),
    "an endless instruction": Bomb(lambda: fill("<?xml ", "x", "")),
    "CDATA that never ends": Bomb(lambda: fill("<rss><channel><title><![CDATA[", "]]", "")),
    "many CDATA sections": Bomb(
        lambda: fill("<rss><channel><title>", "<![CDATA[&]]>", "</title></channel></rss>"), refused=False
    ),
    "XInclude of a file": Bomb(lambda: XINCLUDE.format("file:///etc/passwd").encode(), refused=False),
    "XInclude of itself": Bomb(lambda: XINCLUDE.format("").encode(), refused=False),
    "a stylesheet": Bomb(
        lambda: (
            b'<?xml-stylesheet href="file:///dev/zero" type="text/xsl"?>' + rss("t", "<link>https://v.example/</link>")
        ),
        refused=False,
    ),
    "deep JSON lists": Bomb(lambda: b"[" * LARGEST),
    "deep JSON objects": Bomb(lambda: b'{"a":' * (LARGEST // 5)),
    "deep JSON that ends": Bomb(lambda: b"[" * 100_000 + b"]" * 100_000),
    "a JSON number without end": Bomb(
        lambda: b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"9" * MEGABYTE
    ),
    "a JSON feed of a million items": Bomb(
        lambda: fill('{"version":"https://jsonfeed.org/version/1.1","items":[', "{},", "{}]}"), refused=False
    ),
    "JSON keys without end": Bomb(
        lambda: ("{" + ",".join(f'"k{n}":0' for n in range(350_000)) + "}").encode(), refused=True
    ),
    "OPML nested": Bomb(lambda: b"<opml><body>" + b"<outline>" * 500_000),
    "OPML of itself": Bomb(
        lambda: fill("<opml><body>", f"<outline type='rss' xmlUrl='{URL}'/>", "</body></opml>"), refused=False
    ),
    "a sitemap index of itself": Bomb(index_of_itself, refused=False),
    "a sitemap of a million pages": Bomb(
        lambda: fill("<urlset>", "<url><loc>https://v.example/</loc></url>", "</urlset>"), refused=IS_LONG
    ),
    "a packed sitemap that bursts": Bomb(lambda: packed(b"<urlset>" + bytes(200 * MEGABYTE))),
    "a sitemap packed many times": Bomb(lambda: packed(b"<urlset/>" * 1000, 20)),
    "a packed sitemap that is cut off": Bomb(lambda: packed(fill("<urlset>", "<url/>"))[:900], refused=False),
    "a page of nested tags": Bomb(lambda: b"<html><body>" + b"<div>" * 900_000, "page", refused=False),
    "a page of tables": Bomb(lambda: fill("<html><body>", "<table><tr><td>"), "page", refused=False),
    "a page of links": Bomb(lambda: fill("<html><body>", "<a href='/x'>x</a>"), "page", refused=False),
    "a page of attributes": Bomb(
        lambda: ("<html><body " + " ".join(f"a{n}=x" for n in range(400_000)) + ">").encode(), "page", refused=False
    ),
    "deep JSON-LD": Bomb(
        lambda: b'<html><script type="application/ld+json">' + b"[" * MEGABYTE + b"</script>", "page", refused=False
    ),
    "an article of attributes": Bomb(
        lambda: ("<html><body " + " ".join(f"a{n}=x" for n in range(400_000)) + "><p>x").encode(), "article"
    ),
    "an article of nested tags": Bomb(lambda: b"<html><body>" + b"<div>" * 900_000, "article"),
    "robots of wildcards": Bomb(lambda: fill("User-agent: *\n", "Disallow: /*a*b*c*$\n"), "robots", refused=False),
    "robots in one line": Bomb(lambda: fill("User-agent: *\nDisallow: /", "*a", ""), "robots", refused=False),
    "robots of agents": Bomb(
        lambda: "".join(f"User-agent: a{n}\n" for n in range(300_000)).encode() + b"Disallow: /",
        "robots",
        refused=False,
    ),
}


def read(how: str, body: bytes, charset: str | None) -> object:
    """As the product would."""
    from stonehand.articles import extraction
    from stonehand.db import utc_now
    from stonehand.http_client import Reply
    from stonehand.sources import discovery, recognition
    from stonehand.sources.robots import answers, rules

    headers = {"content-type": f"text/xml; charset={charset}"} if charset else {}
    reply = Reply(URL, 200, headers, body)
    if how == "robots":
        answer = answers.read(f"{URL}/robots.txt", reply)
        return rules.judge("rules", answer.body, "", URL + "/" + "ab" * 4000)  # type: ignore[union-attr]
    if how == "page":
        return discovery.examine(body, URL, charset)
    if how == "article":
        return extraction.extract(body, URL, extraction.Hints(seen_at=utc_now(), charset=charset))
    return recognition.recognise(reply)


def grown() -> float:
    """Megabytes of memory in use at most, so far."""
    with open("/proc/self/status") as lines:
        peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def one(name: str) -> dict[str, object]:
    """Read one, here. The body itself is not counted: it came through the cap of the client."""
    from stonehand.errors import Rejected

    bomb = BOMBS[name]
    body = bomb.body()
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")
    before, began = grown(), time.process_time()
    try:
        found = type(read(bomb.read, body, bomb.charset)).__name__
        refused, said = False, found
    except Rejected as error:
        refused, said = True, str(error)
    return {"name": name, "refused": refused, "said": said[:200], "bytes": len(body)} | {
        "seconds": round(time.process_time() - began, 2),
        "megabytes": round(grown() - before, 1),
    }


def main() -> None:
    """All of them, one process each, so that none is measured with what another left."""
    from stonehand.articles import extraction  # noqa: F401  loaded once, before the processes part
    from stonehand.http_client import Reply  # noqa: F401
    from stonehand.sources import discovery, recognition  # noqa: F401
    from stonehand.sources.robots import answers  # noqa: F401

    for name in sys.argv[1:] or BOMBS:
        if os.fork() == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
            try:
                print(json.dumps(one(name)), flush=True)
            except BaseException:
                print(json.dumps({"name": name, "fault": traceback.format_exc()[-500:]}), flush=True)
            os._exit(0)
        _, status = os.wait()
        if status:
            print(json.dumps({"name": name, "fault": f"ended by {status}"}), flush=True)


if __name__ == "__main__":
    main()
