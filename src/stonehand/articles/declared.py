"""What a page declares about itself in its head and in JSON-LD, found in one walk. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from lxml.html import HtmlElement

from stonehand.articles.origins import Datum

ARTICLE_TYPE = re.compile(r"(Article|BlogPosting|Report|Review|SocialMediaPosting|LiveBlogPosting)$")
PAGE_TYPES = ("WebPage", "ItemPage", "DiscussionForumPosting", "QAPage")
TAG = re.compile(r"<[^>]{0,200}>")
SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Head:
    """The page's own declarations. `article` and `page` are nodes of JSON-LD, `meta` is by key in lower case."""

    tree: HtmlElement
    url: str
    article: dict[str, Any]
    page: dict[str, Any]
    meta: dict[str, str] = field(default_factory=dict)

    def first(self, *keys: str) -> Datum[str] | None:
        """The first of these declarations that says something."""
        found = ((key, plain(self.meta.get(key))) for key in keys)
        return next((Datum(value, _origin(key)) for key, value in found if value), None)


def _origin(key: str) -> Any:
    return "opengraph" if key.startswith(("og:", "article:", "twitter:")) else "meta"


def head(tree: HtmlElement, url: str) -> Head:
    """Read the declarations of a page."""
    meta: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if key and content:
            meta.setdefault(key.strip().lower(), content)
    nodes = list(_nodes(tree))
    articles = [node for node in nodes if any(ARTICLE_TYPE.search(kind) for kind in _kinds(node))]
    page = next((node for node in nodes if any(kind in PAGE_TYPES for kind in _kinds(node))), {})
    return Head(tree, url, articles[0] if articles else {}, page, meta)


def _nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    for script in tree.iterfind('.//script[@type="application/ld+json"]'):
        try:
            found = json.loads((script.text or "").strip(), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _listed(found):
            yield node
            yield from _listed(node.get("@graph"))


def _listed(value: Any) -> list[dict[str, Any]]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _kinds(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def plain(value: Any) -> str | None:
    """Text without markup, in one line of at most 1,000 characters; None if there is none."""
    if not isinstance(value, str):
        return None
    text = TAG.sub("", unescape(value)) if "<" in value or "&" in value else value
    return SPACE.sub(" ", text).strip()[:1000] or None


def ld(value: Any) -> Datum[str] | None:
    """A text of JSON-LD."""
    return Datum(found, "json-ld") if (found := plain(value)) else None
