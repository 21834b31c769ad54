"""Which group of articles is which story of before: a story keeps its identity, or states and velocity mean nothing.

Pure. The group and the story that share the most articles belong together, the older story first among equals; then
the next. A group that is left over is a new story, a story that is left over has been merged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """Articles that leave one story for another. `is_new` if that one begins with them."""

    from_id: str
    to_id: str
    article_ids: tuple[str, ...]
    is_new: bool


def moves(
    groups: Sequence[Collection[str]],
    before: Mapping[str, str],
    active: Collection[str],
    age: Callable[[str], object],
    new_id: Callable[[], str],
) -> list[Move]:
    """What has to move so that stories are as the groups say.

    `groups` holds ids of articles, `before` their stories. A group with none of the `active` articles stays as it was:
    what else it belongs to was not looked at. `age` sorts stories, the oldest first.
    """
    acting = [group for group in groups if any(each in active for each in group)]
    targets = _matched(acting, before, age)
    found: dict[tuple[str, str, bool], list[str]] = {}
    for number, group in enumerate(acting):
        target, is_new = targets.get(number, ""), number not in targets
        target = target or new_id()
        for article_id in sorted(group):
            if before[article_id] != target:
                found.setdefault((before[article_id], target, is_new), []).append(article_id)
    return [Move(from_id, to_id, tuple(ids), is_new) for (from_id, to_id, is_new), ids in found.items()]


def _matched(
    groups: Sequence[Collection[str]], before: Mapping[str, str], age: Callable[[str], object]
) -> dict[int, str]:
    shared = [
        (count, story_id, number)
        for number, group in enumerate(groups)
        for story_id, count in Counter(before[each] for each in group).items()
    ]
    shared.sort(key=lambda each: (-each[0], age(each[1]), each[1], each[2]))
    matched: dict[int, str] = {}
    taken: set[str] = set()
    for _, story_id, number in shared:
        if number not in matched and story_id not in taken:
            matched[number] = story_id
            taken.add(story_id)
    return matched
