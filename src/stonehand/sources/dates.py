"""Dates as feeds write them, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_ZONES: dict[str, float] = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_ZONES |= {"GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "BST": 1, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2}
_ZONES |= {"EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11}
_LAST_WORD = re.compile(r"\s+\(?([A-Za-z]{1,5})\)?$")
_HALF_DAY = re.compile(r"\d\s*[AaPp]\.?[Mm]\b")
_OFFSET = re.compile(r"\s*(?:GMT|UTC)?\s*([+-])(\d{1,2}):?(\d{2})$")
_FORMS = (
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y.%m.%d %H:%M", "%Y.%m.%d", "%Y-%m-%d %H:%M", "%Y-%m", "%Y",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%B %d, %Y %H:%M:%S", "%B %d, %Y %I:%M %p", "%B %d, %Y", "%b %d, %Y %I:%M %p", "%b %d, %Y",
    "%d %B %Y %H:%M:%S", "%d %B %Y %H:%M",
    "%d %B %Y", "%d %b %Y %H:%M", "%d %b %Y", "%d-%b-%Y", "%a %b %d %H:%M:%S %Y", "%A, %d %B %Y %H:%M:%S",
    "%A, %B %d, %Y",
)  # fmt: skip


def _zone(text: str) -> tuple[str, timezone]:
    if match := _OFFSET.search(text):
        sign = -1 if match[1] == "-" else 1
        minutes = sign * (int(match[2]) * 60 + int(match[3]))
        if text[: match.start()].count(":") and abs(minutes) < 24 * 60:
            return text[: match.start()], timezone(timedelta(minutes=minutes))
    match = _LAST_WORD.search(text)
    if match and match[1].upper() in _ZONES:
        return text[: match.start()], timezone(timedelta(hours=_ZONES[match[1].upper()]))
    return text, UTC


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper() if text[:4].isdigit() else text)
    except ValueError:
        pass
    if text.isdecimal() and len(text) in (9, 10, 13):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    bare, zone = _zone(text)
    if not _HALF_DAY.search(bare) and (text[-1:].isdigit() or bare == text):
        try:
            return parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    for attempt in (bare, bare.partition(", ")[2]):
        for form in ("iso", "mail", *_FORMS) if attempt else ():
            try:
                return _formed(attempt, form).replace(tzinfo=zone)
            except (ValueError, TypeError, IndexError, OverflowError):
                continue
    return None


def _formed(text: str, form: str) -> datetime:
    if form == "iso":
        return datetime.fromisoformat(text)
    if form == "mail":
        if _HALF_DAY.search(text):
            raise ValueError("mail dates count 24 hours")
        return parsedate_to_datetime(text)
    return datetime.strptime(text, form)  # noqa: DTZ007  the zone is added by the caller


def parse(text: str | None) -> datetime | None:
    """The moment `text` means, aware and in UTC; None if it means none. A time without a zone is taken as UTC."""
    tidy = " ".join((text or "")[:100].replace("Sept ", "Sep ").split())
    moment = _read(tidy) if tidy else None
    if moment is None:
        return None
    try:
        utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return utc if 1970 < utc.year < 2100 else None  # year 1 and year 9999 are how software writes "unknown"
