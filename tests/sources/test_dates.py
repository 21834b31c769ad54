"""Dates in the forms that feeds use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.sources import dates

NOON = datetime(2021, 9, 6, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 06 Sep 2021 12:00:00 GMT",
        "Mon, 06 Sept 2021 12:00:00 +0000",
        "Mon, 6 Sep 2021 05:00:00 PDT",
        "2021-09-06T12:00:00Z",
        "2021-09-06T14:00:00+02:00",
        "2021-09-06T14:00:00 +02:00",
        "2021-09-06 14:00:00 +0200",
        "2021-09-06 12:00:00",
        "2021-09-06 12:00:00 UTC",
        "20210906T120000Z",
        "06 Sep 2021 14:00 CEST",
        "06.09.2021 12:00",
        "September 6, 2021 12:00 pm",
        "Mon Sep  6 12:00:00 2021",
        "1630929600",
        "1630929600000",
    ],
)
def test_the_same_noon(text: str) -> None:
    assert dates.parse(text) == NOON


def test_a_day_is_its_midnight() -> None:
    assert dates.parse("Monday, September 6, 2021") == datetime(2021, 9, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", [None, "", "yesterday", "0001-01-01T00:00:00Z", "9999-12-31", "Mon, 06 Sep 2021 25:00:00 GMT"]
)
def test_no_date(text: str | None) -> None:
    assert dates.parse(text) is None


@given(
    st.one_of(st.text(max_size=40), st.from_regex(r"[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"))
)
def test_never_fails_and_is_always_utc(text: str) -> None:
    moment = dates.parse(text)
    assert moment is None or moment.tzinfo is UTC
