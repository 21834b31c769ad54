"""Which stories to look at together: those that changed, each with the stories near it. Pure; asks the window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from stonehand.stories.window import Window

NEAREST = 8  # stories beside one that changed
CLOSE = 0.3  # cosine of two stories' means
MOST = 1200  # articles that are looked at together
MEMBERS = 60  # newest articles of a story that take part; older ones stay with it


def neighbourhoods(window: Window, changed: Sequence[str]) -> list[list[str]]:
    """Parts that share no story, each of at most `MOST` articles: ids of stories, the changed ones first."""
    near = {story_id: window.near(story_id, NEAREST, CLOSE) for story_id in changed if story_id in window.stories}
    parts, seen = [], set[str]()
    for story_id in near:
        if story_id not in seen:
            part = _reached(story_id, near, window, seen)
            parts.append([*(each for each in part if each in near), *(each for each in part if each not in near)])
    return [part for part in parts if len(part) > 1 or window.article_count(part[0]) > 1]


def _reached(start: str, near: Mapping[str, Iterable[str]], window: Window, seen: set[str]) -> list[str]:
    """Breadth first from one story, over changed ones, until it is too much to look at together."""
    seen.add(start)
    part, room, at = [start], MOST - _size(window, start), 0
    while at < len(part):
        for other in near.get(part[at], ()):
            if other not in seen and _size(window, other) <= room:
                seen.add(other)
                part.append(other)
                room -= _size(window, other)
        at += 1
    return part


def _size(window: Window, story_id: str) -> int:
    return min(MEMBERS, window.article_count(story_id))
