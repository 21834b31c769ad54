"""By what somebody has narrowed the review desk, as it stands in the address or in a form."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Form, Query

from stonehand.reviews.filters import Filter

Word = Annotated[str, Query(max_length=64)]
Typed = Annotated[str, Form(max_length=64)]
MOST_HOURS = 100_000


def _hours(older: str) -> int:
    return min(int(older), MOST_HOURS) if older.isdecimal() and len(older) < 9 else 0


def of_address(
    language: Word = "", agent: Word = "", story: Word = "", warnings: Word = "", sample: Word = "", older: Word = ""
) -> Filter:
    """The filter of an address."""
    return Filter(language.strip(), agent.strip(), story.strip(), warnings, sample, _hours(older))


def of_form(
    language: Typed = "",
    agent: Typed = "",
    story: Typed = "",
    warnings: Typed = "",
    sample: Typed = "",
    older: Typed = "",
) -> Filter:
    """The filter of a form."""
    return Filter(language.strip(), agent.strip(), story.strip(), warnings, sample, _hours(older))


Narrowing = Annotated[Filter, Depends(of_address)]
NarrowingForm = Annotated[Filter, Depends(of_form)]
