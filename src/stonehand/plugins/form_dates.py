"""Times as sites write them, in their language and time zone. Pure."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from stonehand.plugins.form_settings import Dates


def moment(text: str, dates: Dates) -> datetime | None:
    """The time that a text says, aware; None if it has none of the known forms."""
    text = " ".join(text.split())
    for form in dates.forms:
        with suppress(ValueError, OverflowError):
            found = datetime.fromisoformat(text) if form == "iso" else _read(text, form, dates.months)
            aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(dates.zone))
            return aware.astimezone(UTC)
    return None


def _read(text: str, form: str, months: list[str]) -> datetime:
    for number, name in enumerate(months, 1):
        if "%B" in form and name.casefold() in text.casefold():
            place = text.casefold().index(name.casefold())
            text = f"{text[:place]}{number}{text[place + len(name) :]}"
            form = form.replace("%B", "%m")
    return datetime.strptime(text, form)  # noqa: DTZ007  the caller adds the zone
