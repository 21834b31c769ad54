"""What a prompt is tried on: a story, an article, or a draft, as a writer would be briefed about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from stonehand.articles import queries as articles
from stonehand.comments.models import FoundArticle
from stonehand.db import Session, now
from stonehand.drafts import gathering
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft, Revision
from stonehand.drafts.pieces import Brief, Instructions, SourceText
from stonehand.nlp import prose
from stonehand.platforms.models import Platform
from stonehand.prompts import purposes
from stonehand.prompts.library import PromptText
from stonehand.rehearsals.errors import SubjectUnfit
from stonehand.stories import queries as stories

DAYS = 30
MOST_LOOKED_AT = 500
A_NOTE = "Say it in fewer words."
"""What a reviewer might ask for, where a rewrite is tried on a text that nobody asked to change."""


@dataclass(frozen=True)
class Subject:
    """One of the three is given; `instructions` are those to try with, or None for the draft's own."""

    story_id: str = ""
    article_id: str = ""
    draft_id: str = ""
    instructions: Instructions | None = None


def brief(session: Session, subject: Subject, prompt: PromptText) -> Brief:
    """The brief that a writer would get, with this prompt. Raises `SubjectUnfit` and what is not found."""
    found = _found(session, subject, prompt)
    if found is not None:
        return found
    draft = _draft(session, subject)
    about = gathering.brief(session, draft)
    wish = subject.instructions or about.instructions
    about = replace(about, prompt=prompt, instructions=replace(wish, prompt_id=prompt.id))
    if not about.sources:
        raise SubjectUnfit(f"“{about.title}” has no article with a text, so there is nothing to write from")
    return _fitting(session, draft, about)


def _found(session: Session, subject: Subject, prompt: PromptText) -> Brief | None:
    """An article that was found on a platform, for a prompt for comments; None if the subject is none."""
    if prompt.purpose != purposes.COMMENT or not subject.article_id:
        return None
    row = session.get(FoundArticle, subject.article_id)
    if row is None or not row.text:
        return None
    site = session.get(Platform, row.platform_id)
    language = (site.language if site else "") or "en"
    source = SourceText(1, row.id, row.author, row.title, row.url, row.published_at, row.text, language)
    wish = replace(subject.instructions or Instructions(), prompt_id=prompt.id)
    return Brief("", "", row.title, language, (source,), prompt=prompt, instructions=wish)


def _draft(session: Session, subject: Subject) -> Draft:
    """A draft that is there, or one that is only thought of and never kept."""
    if subject.draft_id:
        return drafts.draft(session, subject.draft_id)
    if subject.article_id:
        article = articles.article(session, subject.article_id)
        return Draft(id="", story_id="", title=article.title or article.url, article_ids=[article.id], instructions={})
    if not subject.story_id:
        raise SubjectUnfit("name a story, an article or a draft to try the prompt on")
    story = stories.story(session, subject.story_id)
    return Draft(id="", story_id=story.id, title=story.title, article_ids=[], instructions={})


def _fitting(session: Session, draft: Draft, about: Brief) -> Brief:
    """The brief as the prompt's purpose needs it."""
    of = about.prompt.purpose if about.prompt else purposes.WRITE
    if of == purposes.DIGEST:
        if not about.sections:
            raise SubjectUnfit("a prompt for digests is tried on the draft of a digest; choose one")
        return about
    if of in (purposes.WRITE, purposes.COMMENT):
        return replace(about, sections=())
    before = _before(session, draft, of)
    if before is None:
        raise SubjectUnfit("this prompt needs a text; choose a draft that was written")
    wish = about.instructions
    if of == purposes.REWRITE and not wish.note:
        wish = replace(wish, note=A_NOTE)
    earlier = f"{before.title}\n\n{prose.before_sources(before.markdown)}"
    return replace(about, sections=(), earlier=earlier, instructions=wish)


def _before(session: Session, draft: Draft, of: str) -> Revision | None:
    """The text as it is; for a rewrite that took place, the text before it."""
    if not draft.id:
        return None
    found = drafts.revisions(session, draft.id)
    if of == purposes.REWRITE and len(found) > 1 and draft.instructions.get("note"):
        return found[1]
    return found[0] if found else None


def recent(session: Session, of: str, most: int) -> list[Draft]:
    """Drafts of the last 30 days that a prompt of this purpose can be replayed on, the newest first, one of a story."""
    since = now(session) - timedelta(days=DAYS)
    wish = sa.select(Draft).where(Draft.created_at >= since, Draft.current_revision_id.is_not(None))
    seen: set[str] = set()
    found = []
    for draft in session.scalars(wish.order_by(Draft.id.desc()).limit(MOST_LOOKED_AT)):
        if _fits(draft, of) and (draft.story_id or draft.id) not in seen:
            seen.add(draft.story_id or draft.id)
            found.append(draft)
    return found[:most]


def _fits(draft: Draft, of: str) -> bool:
    if of == purposes.DIGEST:
        return draft.digest_id is not None
    if of == purposes.REWRITE:
        return bool(draft.instructions.get("note")) and draft.digest_id is None
    return draft.digest_id is None


def written(session: Session, draft_id: str) -> Revision | None:
    """The newest text of a draft that no person wrote."""
    return next((each for each in drafts.revisions(session, draft_id) if each.writer != "person"), None)
