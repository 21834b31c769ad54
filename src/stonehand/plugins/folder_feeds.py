"""The feeds of the folder channel: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1 of the same pieces. Pure text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from stonehand.plugins.folder_pages import Entry, clean

LENGTH = 50
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)  # for a feed in which nothing is


def rss(name: str, base: str, entries: Sequence[Entry]) -> str:
    """RSS 2.0 of `entries`, in their order. `base` is the address of the folder, with a slash at its end."""
    built = f"<lastBuildDate>{format_datetime(_changed_at(entries))}</lastBuildDate>\n" if entries else ""
    return clean(
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>{escape(name)}</title>\n<link>{escape(base)}</link>\n<description>{escape(name)}</description>\n"
        f'<atom:link href="{escape(base)}feed.xml" rel="self" type="application/rss+xml"/>\n'
        f"<generator>Stonehand</generator>\n{built}"
        + "".join(_item(base, entry) for entry in entries)
        + "</channel>\n</rss>\n"
    )


def _item(base: str, entry: Entry) -> str:
    updated = f"<atom:updated>{_time(entry.changed_at)}</atom:updated>\n" if entry.corrected else ""
    return (
        f"<item>\n<title>{escape(entry.title)}</title>\n<link>{escape(base + entry.name)}.html</link>\n"
        f'<guid isPermaLink="false">{escape(entry.key)}</guid>\n<pubDate>{format_datetime(entry.time)}</pubDate>\n'
        f"{updated}<description>{escape(_summary(entry))}</description>\n</item>\n"
    )


def atom(name: str, base: str, entries: Sequence[Entry]) -> str:
    """Atom of the same."""
    return clean(
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>{escape(base)}</id>\n<title>{escape(name)}</title>\n<updated>{_time(_changed_at(entries))}</updated>\n"
        f'<link rel="self" href="{escape(base)}feed.atom"/>\n<link rel="alternate" href="{escape(base)}"/>\n'
        f"<author><name>{escape(name)}</name></author>\n<generator>Stonehand</generator>\n"
        + "".join(_entry(base, entry) for entry in entries)
        + "</feed>\n"
    )


def _entry(base: str, entry: Entry) -> str:
    url = escape(f"{base}{entry.name}.html")
    return (
        f'<entry xml:lang="{escape(entry.language)}">\n<id>{url}</id>\n<title>{escape(entry.title)}</title>\n'
        f"<published>{_time(entry.time)}</published>\n<updated>{_time(entry.changed_at)}</updated>\n"
        f'<link rel="alternate" href="{url}"/>\n<summary>{escape(_summary(entry))}</summary>\n'
        f"<rights>{escape(entry.label)}</rights>\n</entry>\n"
    )


def json_feed(name: str, base: str, entries: Sequence[Entry]) -> str:
    """JSON Feed of the same."""
    head = {"version": "https://jsonfeed.org/version/1.1", "title": name, "home_page_url": base}
    items = [_row(base, entry) for entry in entries]
    return clean(json.dumps({**head, "feed_url": f"{base}feed.json", "items": items}, ensure_ascii=False, indent=1))


def _row(base: str, entry: Entry) -> dict[str, object]:
    changed = {"date_modified": _time(entry.changed_at)} if entry.corrected else {}
    return {
        "id": entry.key,
        "url": f"{base}{entry.name}.html",
        "title": entry.title,
        "content_text": _summary(entry),
        "summary": entry.excerpt,
        "date_published": _time(entry.time),
        **changed,
        "language": entry.language,
        "_stonehand": {"label": entry.label, "generator": entry.generator},
    }


FEEDS: Mapping[str, Callable[[str, str, Sequence[Entry]], str]] = {
    "feed.xml": rss,
    "feed.atom": atom,
    "feed.json": json_feed,
}


def _summary(entry: Entry) -> str:
    return f"{entry.excerpt} ({entry.label})"


def _changed_at(entries: Sequence[Entry]) -> datetime:
    return max((entry.changed_at for entry in entries), default=_BEFORE_ALL)


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
