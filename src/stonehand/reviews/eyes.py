"""How many people must have looked at a text before it may go out. Pure."""

from __future__ import annotations

from collections.abc import Collection

ONE, ANOTHER, TWO = "one", "another", "two"
EYES = (ONE, ANOTHER, TWO)
"""From lax to strict: one person; another one than whoever wrote it or edited it last; two different people."""
WORDS = {
    ONE: "one person approves",
    ANOTHER: "another person than its writer approves",
    TWO: "two people approve",
}


def stricter(one: str, other: str) -> str:
    """The stricter of two rules."""
    return max(one, other, key=EYES.index)


def missing(rule: str, approvers: Collection[str], hands: Collection[str]) -> str:
    """What is still needed, in words; empty if nothing is. `hands` wrote the text or edited it last."""
    people = set(approvers)
    if rule == TWO and len(people) < 2:
        return "a second person has to approve it" if people else "two people have to approve it"
    if rule == ANOTHER and not people - set(hands):
        return "somebody has to approve it who has neither written nor edited it"
    return "" if people else "somebody has to approve it"
