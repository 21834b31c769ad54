"""What the doctor says of one thing that was looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # it works, but not for long, or not as well as it could
    PROBLEM = "problem"  # work does not get done


@dataclass(frozen=True)
class Finding:
    """What was found, in a sentence that says what and where; `mend` is the next step, often a command."""

    check: str
    grade: Grade
    sentence: str
    mend: str = ""


@dataclass(frozen=True)
class Verdict:
    """A finding that does not know yet what was looked at."""

    grade: Grade
    sentence: str
    mend: str = ""


Look = Callable[[], list[Verdict]]


def fine(sentence: str) -> list[Verdict]:
    """Nothing is wrong."""
    return [Verdict(Grade.OK, sentence)]


def warning(sentence: str, mend: str) -> Verdict:
    """Something should be changed."""
    return Verdict(Grade.WARNING, sentence, mend)


def problem(sentence: str, mend: str) -> Verdict:
    """Something must be changed."""
    return Verdict(Grade.PROBLEM, sentence, mend)


def worst(findings: list[Finding]) -> Grade:
    """The grade of the whole."""
    grades = {finding.grade for finding in findings}
    return next((grade for grade in (Grade.PROBLEM, Grade.WARNING) if grade in grades), Grade.OK)


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 job`, `2 jobs`."""
    return f"{number} {thing}" if number == 1 else f"{number} {things or f'{thing}s'}"
