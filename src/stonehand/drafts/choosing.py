"""Decides which stories the desk writes about by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

QUIET = timedelta(seconds=15)  # after the last article of any of them: the ranking has settled
STORY_QUIET = timedelta(seconds=30)  # after a story's own last article, where articles never stop arriving
FEWEST_WORDS = 80  # of a story that only one outlet tells


@dataclass(frozen=True)
class Choice:
    """A story as it stands in the ranking. Outlets and words are those of texts that are not copies."""

    story_id: str
    outlets: int
    words: int
    last_article_at: datetime
    """When its last article was placed."""


def choose(ranked: Sequence[Choice], room: int, moment: datetime) -> list[str]:
    """The ids of at most `room` stories: those told by two outlets or more first, in the order of the ranking."""
    settled = all(moment - one.last_article_at >= QUIET for one in ranked)
    ready = [one for one in ranked if settled or moment - one.last_article_at >= STORY_QUIET]
    several = [one.story_id for one in ready if one.outlets >= 2]
    alone = [one.story_id for one in ready if one.outlets < 2 and one.words >= FEWEST_WORDS]
    return [*several, *alone][: max(0, room)]
