"""Local hosts with a feed each and articles that are made while they are asked for, in a process of their own.

Every address of 127.0.0.0/8 answers: `/feed/FIRST/END` is a feed of these articles of the mixer, `/article/N` one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from email.utils import format_datetime
from functools import partial
from xml.sax.saxutils import escape

from benchmarks import answering, web_of_feeds
from benchmarks.mixing import Mixer, newest

IN_A_FEED = 200  # articles


def feeds(port: int, first: int, end: int) -> list[str]:
    """The addresses of feeds that name all these articles, each at a host of its own."""
    starts = range(first, end, IN_A_FEED)
    hosts = web_of_feeds.addresses(port, len(starts))
    return [f"{host}/feed/{start}/{min(start + IN_A_FEED, end)}" for host, start in zip(hosts, starts, strict=True)]


def links(feed: str) -> list[str]:
    """The addresses of the articles of a feed."""
    host, _, span = feed.partition("/feed/")
    first, end = span.split("/")
    return [f"{host}/article/{number}" for number in range(int(first), int(end))]


def served(pages: Mapping[str, bytes]) -> AbstractContextManager[int]:
    """The port at which all of them answer, until the end of the block."""
    return answering.served(partial(_answers, dict(pages)))


def _answers(pages: Mapping[str, bytes]) -> answering.Answer:
    return partial(_answer, Mixer(pages, newest()))


def _answer(mixer: Mixer, asked: bytes) -> bytes:
    head = asked.decode("latin-1")
    path = head.split(" ", 2)[1].strip("/").split("/")
    if path[0] == "article":
        return answering.reply("200 OK", "text/html; charset=utf-8", mixer.page(int(path[1])))
    if path[0] == "feed":
        host = head.lower().partition("host: ")[2].partition("\r\n")[0]
        return answering.reply("200 OK", "application/rss+xml", _feed(mixer, host, range(int(path[1]), int(path[2]))))
    return answering.reply("404 Not Found", "text/plain", b"there is nothing here")


def _feed(mixer: Mixer, host: str, numbers: range) -> bytes:
    items = []
    for number in numbers:
        title, at = mixer.head(number)
        link = f"http://{host}/article/{number}"
        items.append(
            f"<item><guid>{link}</guid><title>{escape(title)}</title><link>{link}</link>"
            f"<pubDate>{format_datetime(at)}</pubDate></item>"
        )
    channel = f"<title>Outlet {host}</title><link>http://{host}/</link><language>en</language>{''.join(items)}"
    return f"<rss version='2.0'><channel>{channel}</channel></rss>".encode()
