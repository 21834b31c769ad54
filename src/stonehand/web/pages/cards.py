"""Stories folded to cards, a whole list with a handful of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft
from stonehand.drafts.states import DraftState
from stonehand.reviews import queries as reviews
from stonehand.stories import queries as stories
from stonehand.stories.models import Story
from stonehand.stories.states import StoryState
from stonehand.web.pages import hours
from stonehand.web.pages.parts import Badge, Link
from stonehand.web.pages.stories import StoryCard
from stonehand.web.words import number, plural

DAY = timedelta(hours=24)
STATES = {StoryState.EMERGING: Badge("Emerging"), StoryState.DEVELOPING: Badge("Developing", "busy")}
DRAFTS = {
    DraftState.COMMISSIONED: Badge("Being written", "busy"),
    DraftState.IN_REVIEW: Badge("Waits for review", "warn"),
    DraftState.CHANGES_REQUESTED: Badge("Being rewritten", "busy"),
    DraftState.APPROVED: Badge("Approved", "good"),
    DraftState.PUBLISHED: Badge("Published", "good"),
    DraftState.CORRECTING: Badge("Being corrected", "warn"),
    DraftState.RETRACTED: Badge("Retracted"),
    DraftState.REJECTED: Badge("Rejected"),
    DraftState.FAILED: Badge("Could not be written", "bad"),
}
_ON_CARD = {
    DraftState.COMMISSIONED: "Being written",
    DraftState.IN_REVIEW: "Review the draft",
    DraftState.CHANGES_REQUESTED: "Being rewritten",
    DraftState.APPROVED: "Approved",
    DraftState.PUBLISHED: "Published",
    DraftState.CORRECTING: "Review the correction",
    DraftState.RETRACTED: "Retracted",
}


@dataclass(frozen=True)
class _Around:
    """What is known of a list of stories, by story; `reviews` by draft."""

    leads: dict[str, str]
    outlets: dict[str, list[str]]
    reported: dict[str, list[datetime]]
    drafts: dict[str, Draft]
    reviews: dict[str, str] = field(default_factory=dict)


def cards(session: Session, found: Sequence[Story]) -> tuple[StoryCard, ...]:
    """The cards of these stories, in their order."""
    if not found:
        return ()
    ids = [story.id for story in found]
    written = drafts.of_stories(session, ids)
    around = _Around(
        leads=stories.leads(session, ids),
        outlets=stories.outlets(session, ids),
        reported=stories.reported(session, ids, min(story.last_at for story in found) - DAY),
        drafts=written,
        reviews=reviews.of_drafts(session, [draft.id for draft in written.values()]),
    )
    return tuple(_card(story, around) for story in found)


def _card(story: Story, around: _Around) -> StoryCard:
    latest = hours.binned(around.reported[story.id], story.last_at)
    draft = around.drafts.get(story.id)
    return StoryCard(
        id=story.id,
        title=story.title,
        summary=around.leads.get(story.id, ""),
        why=why(story.outlet_count, story.article_count, sum(latest)),
        badge=STATES[StoryState(story.state)],
        outlets=tuple(around.outlets[story.id]),
        articles=story.article_count,
        started_at=story.first_at,
        updated_at=story.last_at,
        hours=latest if story.article_count > 1 else (),
        draft=_on_card(draft, around.reviews.get(draft.id, "")) if draft else None,
        is_sample=story.is_sample,
    )


def why(outlets: int, articles: int, latest: int) -> str:
    """Why a story ranks where it does: the factors of its rank in words, `latest` being those of its last 24 hours."""
    if articles == 1:
        return "One report so far."
    if outlets == 1:
        return f"{plural(articles, 'report')} by one outlet; nobody else has it yet."
    pace = "all" if latest >= articles else number(latest)
    return f"{plural(outlets, 'outlet')} report it; {pace} of its {plural(articles, 'article')} came within a day."


def _on_card(draft: Draft, review_id: str) -> Link | None:
    words = _ON_CARD.get(DraftState(draft.state))
    return Link(words, href(draft, review_id)) if words else None


def href(draft: Draft, review_id: str) -> str:
    """Where a draft can be read: at its review, or while there is none, at its story."""
    if review_id:
        return f"/review/{review_id}"
    return f"/stories/{draft.story_id}#drafts" if draft.story_id else "/for-you/digests"
