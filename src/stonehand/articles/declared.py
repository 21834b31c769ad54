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
POST_TYPES = ("Question", "DiscussionForumPosting")
TAG = re.compile(r"<[^>]{0,200}>")
SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Head:
    """The page's own declarations. `article` and `page` are nodes of JSON-LD, `meta` is by key in lower case."""

    tree: HtmlElement
    url: str
    article: dict[str, Any]
    page: dict[str, Any]
    meta: dict[str, list[str]] = field(default_factory=dict)
    named: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The nodes of JSON-LD by their `@id`."""
    post: dict[str, Any] = field(default_factory=dict)
    """What somebody asked or wrote first in a forum."""

    def first(self, *keys: str) -> Datum[str] | None:
        """The first of these declarations that says something."""
        return next((Datum(each.value[0], each.origin) for key in keys if (each := self.every(key))), None)

    def every(self, *keys: str) -> Datum[list[str]] | None:
        """All that the first of these declarations says which says something."""
        found = ((key, [text for value in self.meta.get(key, ()) if (text := plain(value))]) for key in keys)
        return next((Datum(values, _origin(key)) for key, values in found if values), None)

    def node(self, value: Any) -> Any:
        """A value of JSON-LD, or the node that it points at."""
        if isinstance(value, dict) and "name" not in value:
            return self.named.get(str(value.get("@id")), value)
        return value


def _origin(key: str) -> Any:
    return "opengraph" if key.startswith(("og:", "article:", "twitter:")) else "meta"


def head(tree: HtmlElement, url: str) -> Head:
    """Read the declarations of a page."""
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if key and content:
            for each in key.lower().split():
                meta.setdefault(each, []).append(content)
    _pair(meta)
    nodes = list(_nodes(tree))
    articles = [node for node in nodes if any(ARTICLE_TYPE.search(kind) for kind in _kinds(node))]
    page = next((node for node in nodes if any(kind in PAGE_TYPES for kind in _kinds(node))), {})
    named = {str(node["@id"]): node for node in nodes if "@id" in node and "name" in node}
    post = next((node for node in nodes if any(kind in POST_TYPES for kind in _kinds(node))), {})
    return Head(tree, url, articles[0] if articles else {}, page, meta, named, post)


def _pair(meta: dict[str, list[str]]) -> None:
    """`twitter:label1` with `twitter:data1`: what is called `written by` there is kept under that."""
    for number in ("1", "2"):
        label, said = (meta.get(f"twitter:{name}{number}", [""])[0] for name in ("label", "data"))
        if label and said:
            meta.setdefault(f"label:{label.strip().lower()}", [said])


def _nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    for script in tree.iterfind('.//script[@type="application/ld+json"]'):
        try:
            found = json.loads((script.text or "").strip(), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _listed(found):
            yield node
            for inner in _listed(node.get("@graph")):
                yield inner
                yield from _listed(inner.get("mainEntity"))
            yield from _listed(node.get("mainEntity"))


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
