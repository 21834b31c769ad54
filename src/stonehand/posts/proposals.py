"""Pictures that a post could have: those of the articles it rests on. A person looks at the rights and chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.drafts import pictures


@dataclass(frozen=True)
class Proposal:
    """A picture at an outlet's address. `licence` is what its page names; empty if it names none."""

    url: str
    article_id: str
    title: str
    outlet: str
    licence: str


def of_articles(session: Session, article_ids: Sequence[str]) -> tuple[Proposal, ...]:
    """The pictures that these articles name for themselves, in their order, each once. None is ever taken by itself."""
    found, outlets = articles.articles(session, article_ids), articles.outlets(session, article_ids)
    proposals: dict[str, Proposal] = {}
    for id_ in article_ids:
        article = found.get(id_)
        if article is None or not article.image_url or not pictures.is_fit(article.image_url):
            continue
        outlet = outlets.get(id_, "") or article.host
        one = Proposal(article.image_url, id_, article.title or article.url, outlet, article.licence or "")
        proposals.setdefault(one.url, one)
    return tuple(proposals.values())
