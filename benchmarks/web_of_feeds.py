"""Many local hosts, each an address of 127.0.0.0/8, with a feed that mostly has not changed and some pages."""

from __future__ import annotations

from contextlib import AbstractContextManager

from benchmarks import answering

CHANGED = 20  # one feed in so many has something new each time
PARAGRAPH = "<p>The council met on Tuesday and spoke for three hours about the harbour, its piers and their owners.</p>"


def addresses(port: int, count: int) -> list[str]:
    """So many different hosts."""
    return [f"http://127.{1 + n // 62_500}.{1 + n // 250 % 250}.{1 + n % 250}:{port}" for n in range(count)]


def served(delay: float = 0.0) -> AbstractContextManager[int]:
    """The port on which all of 127.0.0.0/8 answers, each question after `delay` seconds, until the end of the block."""
    return answering.served(_answers, delay)


_asked: dict[bytes, int] = {}


def _answers() -> answering.Answer:
    return _answer


def _answer(head: bytes) -> bytes:
    path, lower = head.split(b" ", 2)[1], head.lower()
    if path == b"/robots.txt":
        return answering.reply("404 Not Found", "text/plain", b"none")
    host = lower.partition(b"host: ")[2].partition(b"\r\n")[0]
    if not path.startswith(b"/feed"):
        page = f"<html><head><title>{path.decode()}</title></head><body>{PARAGRAPH * 60}</body></html>"
        return answering.reply("200 OK", "text/html", page.encode())
    _asked[host] = times = _asked.get(host, -1) + 1
    number = sum(host)
    news = times // 2 if number % CHANGED == 0 else 0
    tag = f'"{news}"'.encode()
    if b"if-none-match: " + tag in lower:
        return b"HTTP/1.1 304 Not Modified\r\nETag: " + tag + b"\r\n\r\n"
    items = "".join(
        f"<item><guid>{host.decode()}-{n}</guid><title>Item {n}</title><link>http://{host.decode()}/{n}</link>"
        f"<description>{PARAGRAPH[3:-4]}</description></item>"
        for n in range(news, news + 10)
    )
    feed = f"<rss version='2.0'><channel><title>{host.decode()}</title>{items}</channel></rss>"
    return answering.reply("200 OK", "application/rss+xml", feed.encode(), f"ETag: {tag.decode()}\r\n")
