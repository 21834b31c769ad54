"""The sentences of a draft, each beside the passage it stands on. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from stonehand.articles import passages
from stonehand.articles.queries import ArticleText
from stonehand.drafts import spans
from stonehand.drafts.escaping import plain
from stonehand.drafts.models import Citation
from stonehand.web.pages.parts import Link
from stonehand.web.pages.reviews import Sentence, Support

AROUND = 200  # characters of the article that are shown on each side of a passage
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_SENTENCE_STARTS = re.compile(r"(?<=[.!?…”’\"])\s+")


def sentences(
    markdown: str, language: str, citations: Sequence[Citation], articles: Mapping[str, ArticleText]
) -> tuple[Sentence, ...]:
    """Every sentence of the text, in order, with its sources. `citations` are in the order of the text."""
    words = {span.start: span.words for span in spans.find(markdown, language)}
    found, end = list[Sentence](), 0
    for start, group in groupby(citations, key=lambda one: one.sentence_start):
        cited = list(group)
        stop = max(one.sentence_end for one in cited)
        shown = words.get(start) or plain(markdown[start:stop])
        headings = _HEADING.findall(markdown, end, start)
        support = tuple(_support(one, articles) for one in cited if one.kind != "unsupported")
        found.append(Sentence(len(found) + 1, shown, support, plain(headings[-1]) if headings else ""))
        end = stop
    return tuple(found)


def _support(cited: Citation, articles: Mapping[str, ArticleText]) -> Support:
    article, verbatim = articles.get(cited.article_id or ""), cited.kind == "verbatim"
    if article is None:
        return Support("A source that has been removed", Link("", ""), cited.quote, verbatim=verbatim)
    start, end = cited.source_start or 0, cited.source_end or 0
    return Support(
        article.outlet,
        Link(article.title or article.url, f"{_address(article)}#at-{passages.start_of(article.text, start)}"),
        article.text[start:end] or cited.quote,
        article.published_at,
        before(article.text, start),
        after(article.text, end),
        verbatim,
    )


def _address(article: ArticleText) -> str:
    return f"/articles/{article.id}?version={article.version}" if article.is_past else f"/articles/{article.id}"


def before(text: str, start: int) -> str:
    """What stands before `start`: whole sentences if any fit, else words."""
    near = text[max(0, start - AROUND) : start]
    if start <= AROUND:
        return near.strip()
    cut = _SENTENCE_STARTS.split(near, maxsplit=1)[-1].strip()
    return cut if cut and cut != near.strip() else f"… {near.partition(' ')[2].strip()}"


def after(text: str, end: int) -> str:
    """What stands after `end`, as `before`."""
    near = text[end : end + AROUND]
    if end + AROUND >= len(text):
        return near.strip()
    breaks = [found.start() for found in _SENTENCE_STARTS.finditer(near) if near[: found.start()].strip()]
    return near[: breaks[-1]].strip() if breaks else f"{near.rpartition(' ')[0].strip()} …"
