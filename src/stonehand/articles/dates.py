"""Dates as pages and feeds write them. A time keeps the zone it was written in, so that its day stays the page's."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

Precision = Literal["day", "time"]
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
DAY = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\s*")
LOOSE_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ]+(\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)
MONTHS = (
    "january januar janvier enero gennaio janeiro januari",
    "february februar fevrier febrero febbraio fevereiro februari",
    "march marz mars marzo marco maart",
    "april avril abril aprile",
    "may mai mayo maggio maio mei",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto augustus",
    "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)
"""In seven languages, without accents; a month may be cut to three letters or more."""
WORDED = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,?\s+)?(?:(?P<month>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+"
    r"|(?P<first>\d{1,2})(?:st|nd|rd|th|º|er|\.)?[\s-]+(?:de\s+|of\s+)?(?P<then>[^\W\d_]{3,12})\.?,?[\s-]+(?:de\s+|del\s+)?)"
    r"(?P<year>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d\d)(?!\d)")


def _prefixes() -> dict[str, int]:
    """Every beginning of a month's name that no other month shares."""
    found: dict[str, set[int]] = {}
    for number, names in enumerate(MONTHS, 1):
        for name in names.split():
            for length in range(3, len(name) + 1):
                found.setdefault(name[:length], set()).add(number)
    return {prefix: numbers.pop() for prefix, numbers in found.items() if len(numbers) == 1}


MONTH_OF = _prefixes()


@dataclass(frozen=True)
class Moment:
    """When something was published, and how exactly that is known. A bare day is its midnight in UTC."""

    at: datetime
    precision: Precision = "time"


def parse(value: Any, latest: datetime) -> Moment | None:
    """Read ISO 8601, RFC 2822 or a day. None if it is none of them, before 1990, or after `latest`."""
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()[:100]
    try:
        moment = _read(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        moment = None
    moment = moment or day_at_start(text)
    return moment if moment and EARLIEST <= moment.at <= latest else None


def _read(value: str) -> Moment:
    if day := DAY.fullmatch(value):
        year, month, number = map(int, day.groups())
        return Moment(datetime(year, month, number, tzinfo=UTC), "day")
    if loose := LOOSE_ISO.match(value):
        date, time, zone = loose.groups()
        zone = "+00:00" if not zone or zone.upper() in {"Z", "UTC", "GMT"} else zone
        return Moment(datetime.fromisoformat(f"{date}T{time}{zone}"))
    written = parsedate_to_datetime(value)
    return Moment(written.replace(tzinfo=UTC) if written.tzinfo is None else written)


def day_at_start(text: str) -> Moment | None:
    """The day that a text begins with, as people write it: `July 17th, 2025`, `17. Juli 2025`, `17.07.2025`.

    None if it begins with none, or if nobody can tell the month of `03/04/2025`.
    """
    found = _worded(text) or _numbered(text)
    try:
        return Moment(datetime(*found, tzinfo=UTC), "day") if found else None
    except ValueError:
        return None


def _worded(text: str) -> tuple[int, int, int] | None:
    match = WORDED.match(text)
    if not match:
        return None
    month = MONTH_OF.get(_bare((match["month"] or match["then"]).lower()))
    return (int(match["year"]), month, int(match["day"] or match["first"])) if month else None


def _numbered(text: str) -> tuple[int, int, int] | None:
    """With dots, the day is first; with others, that which can be no month is the day."""
    if iso := re.match(r"(\d{4})-(\d\d)-(\d\d)(?!\d)", text):
        return int(iso[1]), int(iso[2]), int(iso[3])
    match = NUMBERED.match(text)
    if not match:
        return None
    one, other, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "." or one > 12 or one == other:
        return year, other, one
    return (year, one, other) if other > 12 else None


def _bare(word: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))
