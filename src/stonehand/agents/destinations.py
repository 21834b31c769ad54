"""Where a piece goes if nobody says otherwise. Nothing goes to a channel only because that channel is there."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand.agents import queries as agents
from stonehand.channels import queries as channels
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft
from stonehand.reviews import queries as reviews
from stonehand.reviews.errors import ChannelUnusable
from stonehand.reviews.models import Review


def usual(session: Session, review: Review, draft: Draft) -> frozenset[str]:
    """Where the corrected piece is; else where its agent's pieces go, where the last piece of its kind went, or the
    only channel that is switched on. Empty if nothing tells.
    """
    on = {each.id for each in channels.enabled(session)}
    if review.correction:
        return frozenset(on & {*reviews.approved_channels(session, draft.id)})
    named = agents.usual_channels(session, draft.agent_id) or reviews.last_channels(session, draft)
    return frozenset(on & {*named} or only(session))


def only(session: Session) -> frozenset[str]:
    """The channel that is switched on, if there is one alone."""
    on = {each.id for each in channels.enabled(session)}
    return frozenset(on) if len(on) == 1 else frozenset()


def chosen(session: Session, review_id: str, given: Sequence[str] | None) -> list[str] | None:
    """What somebody chose, or the usual ones; None if there is no choice.

    Raises `ReviewNotFound`, `ChannelUnusable`.
    """
    review = reviews.review(session, review_id)
    if given:
        return list(given)
    if review.correction or not channels.enabled(session):
        return None
    found = usual(session, review, drafts.draft(session, review.draft_id))
    if not found:
        names = ", ".join(each.name for each in channels.enabled(session))
        raise ChannelUnusable(f"say where it goes, since no piece of its kind was approved before; there are: {names}")
    return sorted(found)
