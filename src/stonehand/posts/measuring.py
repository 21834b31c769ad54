"""The metrics of a post's text, saved or not, against the sources that it names."""

from __future__ import annotations

from dataclasses import replace

from stonehand.db import Session
from stonehand.drafts import gathering, metrics
from stonehand.drafts import queries as drafts
from stonehand.drafts.metrics import Metrics
from stonehand.drafts.pieces import Brief
from stonehand.drafts.wording import Wording


def brief(session: Session, draft_id: str, sources: tuple[str, ...] = ()) -> Brief:
    """What a text of this draft is measured against: these sources, else those of its present text, else all."""
    draft = drafts.draft(session, draft_id)
    before = drafts.revision(session, draft.current_revision_id) if draft.current_revision_id else None
    found = gathering.brief(session, draft, sources or tuple(before.sources if before else ()))
    language = before.language if before else found.instructions.language or found.language
    return replace(found, language=language)


def measure(about: Brief, worded: Wording) -> Metrics:
    """The metrics; the agent's keyword counts where the text names none. Asks nobody, so no transaction need wait."""
    wished = about.instructions.keyword
    if wished and not worded.heads.keywords:
        worded = replace(worded, heads=replace(worded.heads, keywords=(wished,)))
    return metrics.measure(worded, about.sources, about.language)
