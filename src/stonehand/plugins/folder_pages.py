"""What the folder channel writes: a piece as Markdown and as a page, the index, and the feed. Pure text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

import nh3
from markdown_it import MarkdownIt

from stonehand.channels import heads
from stonehand.channels.interfaces import Piece, Reference

FEEDS = {
    "feed.xml": ("application/rss+xml", "RSS"),
    "feed.atom": ("application/atom+xml", "Atom"),
    "feed.json": ("application/feed+json", "JSON Feed"),
}
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")  # not allowed in XML 1.0
# fmt: off
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p",
    "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}
# fmt: on
_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_STYLE = """:root{color-scheme:light dark}
body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.6 Georgia,serif}
h1,h2{line-height:1.25}blockquote{margin-inline:0;padding-inline-start:1rem;border-inline-start:.2rem solid}
.label,footer,time{font:.9rem/1.5 system-ui,sans-serif}.label{padding:.5rem .8rem;border:1px solid}
li{margin-block:.4rem}pre,table{display:block;overflow-x:auto}"""
_FEED_LINKS = "".join(
    f'<link rel="alternate" type="{sort}" href="{name}" title="{title}">\n' for name, (sort, title) in FEEDS.items()
)
_HIDDEN = '<meta name="robots" content="noindex">\n'
_CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Entry:
    """A piece as the index and the feed know it. `name` is its file name without an ending."""

    key: str
    name: str
    id: str
    title: str
    excerpt: str
    language: str
    label: str
    generator: str
    at: str
    retracted: str = ""
    """Why it was taken back."""
    corrected: str = ""
    """When it was corrected last."""

    @property
    def time(self) -> datetime:
        """When it was published, aware."""
        return datetime.fromisoformat(self.at)

    @property
    def corrected_at(self) -> datetime | None:
        """When it was corrected last, aware."""
        return datetime.fromisoformat(self.corrected) if self.corrected else None

    @property
    def changed_at(self) -> datetime:
        """When readers last saw something new of it."""
        return max(self.time, self.corrected_at or self.time)


def clean(text: str) -> str:
    """The text without characters that no XML, and so no feed, may contain."""
    return _UNPRINTABLE.sub("", text)


def as_markdown(piece: Piece) -> str:
    """The piece with a YAML head. JSON strings are valid YAML, whatever they contain."""
    head: dict[str, object] = {
        "title": piece.title,
        "date": piece.at.isoformat(timespec="seconds"),
        "id": piece.id,
        "language": piece.language,
        "label": piece.label,
        "generator": piece.generator,
        "sample": piece.is_sample,
        "description": heads.description(piece),
        "keywords": list(piece.keywords),
        "citations": [_reference(reference) for reference in piece.references],
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    parts = ["---", *lines, "---", "", f"> {' '.join(piece.label.split())}", "", piece.markdown.strip(), ""]
    return clean("\n".join(parts))


def _reference(reference: Reference) -> dict[str, object]:
    quotes = list(reference.quotes)
    return {"number": reference.number, "title": reference.title, "url": reference.url, "quotes": quotes}


def as_html(markdown: str) -> str:
    """Markdown as HTML that can do nothing: no scripts, styles, forms, images or foreign HTML."""
    return nh3.clean(
        _markdown.render(clean(markdown)),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def as_page(piece: Piece, url: str = "", site: str = "") -> str:
    """The piece as one page that needs no other file. `url` is where it will be seen, `site` what shows it."""
    sources = "".join(_source_item(reference) for reference in piece.references)
    evidence, back, sample = _words(piece.language)
    mark = f'<p class="label">{sample}</p>\n' if piece.is_sample else ""
    body = (
        f'<article>\n<h1>{escape(piece.title)}</h1>\n<time datetime="{piece.at.isoformat(timespec="seconds")}">'
        f'{piece.at:%Y-%m-%d}</time>\n<p class="label" role="note">{escape(piece.label)}</p>\n{mark}'
        f"{as_html(piece.markdown)}</article>\n"
        + (f"<details>\n<summary>{evidence}</summary>\n<ol>\n{sources}</ol>\n</details>\n" if sources else "")
        + f'<footer><a href="index.html">{back}</a></footer>\n'
    )
    return _page(heads.title(piece), piece.language, body, heads.as_html(piece, url, site))


def as_retracted(entry: Entry) -> str:
    """What stands where a piece was that was taken back: that it was, and why."""
    _, back, _ = _words(entry.language)
    german = entry.language.lower().startswith("de")
    title = "Dieser Text wurde zurückgezogen" if german else "This piece was retracted"
    body = f'<h1>{title}</h1>\n<p class="label">{escape(entry.retracted)}</p>\n'
    return _page(title, entry.language, f'{body}<footer><a href="index.html">{back}</a></footer>\n', _HIDDEN)


def _source_item(reference: Reference) -> str:
    title = escape(reference.title or reference.url)
    href = escape(reference.url)
    shown = f'<a href="{href}" rel="noopener noreferrer nofollow">{title}</a>' if heads.is_web(reference.url) else title
    outlet = f", {escape(reference.outlet)}" if reference.outlet else ""
    quotes = "".join(f"<blockquote>{escape(quote)}</blockquote>" for quote in reference.quotes)
    return f'<li value="{reference.number}">{shown}{outlet}{quotes}</li>\n'


def _page(title: str, language: str, body: str, head: str = "") -> str:
    return clean(
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_CSP}">\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n{head}"
        f"{_FEED_LINKS}<style>{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def as_index(name: str, entries: Sequence[Entry]) -> str:
    """A page that links to `entries`, in their order."""
    items = "".join(
        f'<li><a href="{escape(entry.name)}.html" lang="{escape(entry.language)}">{escape(entry.title)}</a> '
        f"<time>{entry.time:%Y-%m-%d}</time>{_corrected(entry)}</li>\n"
        for entry in entries
    )
    return _page(name, "en", f"<h1>{escape(name)}</h1>\n<ul>\n{items}</ul>\n")


def _corrected(entry: Entry) -> str:
    return f" (corrected <time>{entry.corrected_at:%Y-%m-%d}</time>)" if entry.corrected_at else ""


def _words(language: str) -> tuple[str, str, str]:
    """The evidence, all pieces, and the mark of the sample, in the language of a piece."""
    if language.lower().startswith("de"):
        return "Was die Quellen sagen", "Alle Texte", "Beispiel: Dieser Text und seine Quellen sind erfunden."
    return "What the sources say", "All pieces", "Sample: this text and its sources are invented."
