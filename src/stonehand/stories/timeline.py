"""A story told in order of time: each text once, with all who ran it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from stonehand.stories.states import Change, Role


class Placed(Protocol):
    """What a timeline needs of a placement."""

    article_id: str
    original_id: str | None
    role: str
    title: str
    outlet: str
    url: str
    reported_at: datetime
    dated: bool
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One text in a story: who ran it first, its role there, and who ran it later.

    `judged` is the one of them that was read as a text of its own; its evidence says why all stand in this story.
    """

    report: Placed
    role: Role
    judged: Placed
    copies: list[Placed] = field(default_factory=list)


def steps(placements: Iterable[Placed]) -> list[Step]:
    """Earliest first: the text that was told first is the first report, in whatever order its copies were read.

    A copy stands with its original; one whose original is elsewhere stands for itself, and is no first report.
    """
    ordered = sorted(placements, key=lambda each: (each.reported_at, each.article_id))
    present = {each.article_id for each in ordered}
    texts: dict[str, list[Placed]] = {}
    for each in ordered:
        texts.setdefault(_text(each, present), []).append(each)
    found = [_step(text, told) for text, told in texts.items()]
    first = next((step for step in found if step.role != Role.COPY), None)
    return [replace(step, role=Role.FIRST_REPORT) if step is first else step for step in found]


def _text(each: Placed, present: set[str]) -> str:
    under = each.role == Role.COPY and each.original_id in present
    return str(each.original_id) if under else each.article_id


def _step(text: str, told: list[Placed]) -> Step:
    judged = next(each for each in told if each.article_id == text)
    role = Role.COPY if judged.role == Role.COPY else Role.FOLLOW_UP
    return Step(told[0], role, judged, told[1:])


def why(each: Placed, role: Role) -> str:
    """In a sentence, why the article stands in this story, in that role."""
    if each.role == Role.COPY:
        return "The same text as its original."
    evidence = each.evidence
    if not evidence.get("score"):
        first = "The first article of this story."
        return first if role == Role.FIRST_REPORT else "It was the first to be read of its story."
    shared = ", ".join(evidence.get("shared", []))
    names = f"; both name {shared}" if shared else ""
    return f"{evidence['nearest']:.0%} alike to the nearest article{names}."


class Changed(Protocol):
    """What `why_changed` needs of a change."""

    kind: str
    from_id: str
    to_id: str
    article_count: int
    title: str
    evidence: dict[str, Any]
    said_by: str


def why_changed(each: Changed, story_id: str) -> str:
    """In a sentence, what moved into or out of this story, and why."""
    count = f"{each.article_count} article{'s' if each.article_count != 1 else ''}"
    came = each.to_id == story_id
    deed = {
        (Change.MERGED, True): f"“{each.title}” was merged into this story: {count}",
        (Change.MERGED, False): f"This story was merged into another: {count}",
        (Change.SPLIT, True): f"This story was split from “{each.title}”: {count}",
        (Change.SPLIT, False): f"{count} became a story of their own",
        (Change.MOVED, True): f"{count} came from “{each.title}”",
        (Change.MOVED, False): f"{count} went to another story",
    }[Change(each.kind), came]
    if each.said_by != "graph":
        return f"{deed}; an editor said so."
    to, left = each.evidence.get("to", 0.0), each.evidence.get("from", 0.0)
    shared = ", ".join(each.evidence.get("shared", []))
    names = f"; both name {shared}" if shared else ""
    if not to:
        return f"{deed}; they are {left:.0%} alike to those they left, too little to be one."
    before = f", {left:.0%} to those they left" if left else ""
    return f"{deed}; they are {to:.0%} alike to their nearest there{before}{names}."
