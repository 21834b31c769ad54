"""A stored page, made safe for showing: an explicit list of what may stay, and nothing that loads from anywhere."""

from __future__ import annotations

import nh3
from lxml.etree import strip_elements
from lxml.html import tostring

from stonehand.articles.extraction import parse

TEXT = {"p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "article", "section", "main", "div"}
LISTS = {"ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption"}
TABLES = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
WORDS = {
    "a",
    "abbr",
    "b",
    "cite",
    "code",
    "em",
    "i",
    "mark",
    "q",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
    "u",
}
KEPT = TEXT | LISTS | TABLES | WORDS
FRAMES = {"iframe", "object", "embed", "svg", "math", "canvas", "audio", "video", "noscript", "template"}
DROPPED = FRAMES | {"script", "style", "head", "form", "button", "select", "textarea"}
ATTRIBUTES = {"a": {"href", "title"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
ATTRIBUTES |= {"time": {"datetime"}, "abbr": {"title"}, "*": {"lang", "dir"}}
SCHEMES = {"http", "https", "mailto"}


def safe_html(page: bytes, url: str, charset: str | None = None) -> str:
    """The page's HTML without scripts, styles, forms, images or frames; links are absolute. Raises `Unreadable`.

    It is parsed by libxml2 first, which caps nesting: the sanitiser's cost grows with the square of the depth.
    """
    tree = parse(page, charset)
    strip_elements(tree, *DROPPED, with_tail=False)
    return clean(tostring(tree, encoding="unicode"), url)


def clean(html: str, url: str) -> str:
    """Only the tags, attributes and schemes listed here; relative links become absolute against `url`."""
    return nh3.clean(
        html,
        tags=KEPT,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative=("rewrite_with_base", url),
        link_rel="noopener noreferrer nofollow",
    ).strip()
