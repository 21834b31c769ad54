"""One phrase replaced in many comments: looked at first, each text checked, and what does not fit left as it was."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stonehand.accounts.permissions import Person
from stonehand.comments import deciding, gate, phrases, queries, wording
from stonehand.comments.errors import CommentUnfit
from stonehand.comments.models import Comment, FoundArticle
from stonehand.comments.phrases import Changed, Phrase
from stonehand.comments.schemas import Replaced, Replacement
from stonehand.comments.states import CommentState
from stonehand.db import Session
from stonehand.platforms import queries as platforms
from stonehand.platforms.models import Platform

Judged = tuple[Comment, Replacement | None, str]
"""A comment, what would become of it, and its new text; nothing and empty if it does not say so."""


def look(session: Session, person: Person, ids: Sequence[str], phrase: Phrase) -> Replaced:
    """What would become of these comments; nothing is changed. Those that do not say so are only counted."""
    person.require("edit")
    return _told(ids, _judged_all(session, queries.comments_of(session, list(ids)), phrase))


def replace(session: Session, person: Person, ids: Sequence[str], phrase: Phrase) -> Replaced:
    """Replace a phrase in these comments, which takes approvals back. What does not fit is left as it was."""
    person.require("edit")
    judged = _judged_all(session, queries.held_comments(session, list(dict.fromkeys(ids))), phrase)
    told = _told(ids, judged)
    for comment, found, html in judged:
        if found is not None and not found.refused:
            deciding.keep(session, person, comment, html, found.warnings)
    return told


def _judged_all(session: Session, comments: Sequence[Comment], phrase: Phrase) -> list[Judged]:
    articles = queries.articles_of(session, comments)
    sites = {key: platforms.platform(session, key) for key in {each.platform_id for each in articles.values()}}
    about = [(each, articles[each.article_id]) for each in comments]
    return [_judged(sites[article.platform_id], article, each, phrase) for each, article in about]


def _judged(site: Platform, article: FoundArticle, comment: Comment, phrase: Phrase) -> Judged:
    said = gate.disclosure(site, comment)
    changed = phrases.replaced(comment.html, said, phrase)
    if changed is None:
        return comment, None, ""
    about, html, warnings = f"{article.title}\n{article.text}", "", list[str]()
    try:
        html = _text(changed, said)
        warnings = wording.faults(html, said, "", about)
        refused = _refusal(comment, warnings, wording.faults(comment.html, said, "", about))
    except (CommentUnfit, wording.CommentUnusable) as unfit:
        refused = deciding.not_editable(comment) or str(unfit)
    was_approved = comment.state == CommentState.APPROVED
    shown = (changed.lead, changed.was, phrase.by, changed.tail)
    return comment, Replacement(comment.id, article.title, changed.count, *shown, refused, warnings, was_approved), html


def _text(changed: Changed, disclosure: str) -> str:
    """The text as it would be kept. Raises `CommentUnfit` if something of it would be taken out, or nothing is left."""
    if not changed.text.strip():
        raise CommentUnfit("nothing would be left of it but its disclosure")
    html = wording.normalised(changed.html, disclosure)
    if wording.plain(html, disclosure) != changed.text:
        raise CommentUnfit("it would say who wrote it, which only its disclosure may")
    return html


def _refusal(comment: Comment, faults: Sequence[str], before: Sequence[str]) -> str:
    """Why it stays as it is. What was wrong with it before is no reason: a person may have let that pass."""
    known = {_kind(each) for each in before}
    return deciding.not_editable(comment) or next((each for each in faults if _kind(each) not in known), "")


def _kind(fault: str) -> str:
    return re.sub(r"\d+", "#", fault)


def _told(ids: Sequence[str], judged: Sequence[Judged]) -> Replaced:
    items = [found for _, found, _ in judged if found is not None]
    known = {comment.id for comment, _, _ in judged}
    refused = {key: "there is no such comment" for key in ids if key not in known}
    refused |= {each.id: each.refused for each in items if each.refused}
    done = [each for each in items if not each.refused]
    approvals = sum(each.was_approved for each in done)
    return Replaced(len(done), refused, len(judged) - len(items), approvals, items)
