"""The calendar for calendar programs: iCalendar (RFC 5545). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from stonehand.publications.calendar import Entry

MEDIA_TYPE = "text/calendar; charset=utf-8"
WIDTH = 73  # bytes of a line; the limit is 75, of which one is the space that begins the next
ZONE = (
    *("BEGIN:VTIMEZONE", "TZID:Etc/UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZNAME:UTC"),
    *("TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE"),
)
"""What an empty calendar holds: it must have a component (RFC 5545, 3.6), and programs show none for this one."""
STATUS = {"wish": "TENTATIVE", "taken off": "CANCELLED", "retracted": "CANCELLED"}


def written(entries: Sequence[Entry], base: str, made_at: datetime, name: str = "Stonehand") -> str:
    """The whole calendar. `base` is the address of the desk, for links. A piece keeps its event wherever it moves."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Stonehand//Calendar//EN", f"X-WR-CALNAME:{_text(name)}"]
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M"]
    lines += () if entries else ZONE
    for entry in entries:
        lines += _event(entry, base, made_at)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(entry: Entry, base: str, made_at: datetime) -> Iterator[str]:
    about = f"{entry.channel_name}: " if entry.channel_name else "Agent: " if entry.kind == "run" else ""
    notes = ", ".join(part for part in (entry.state, entry.note) if part)
    number = f"-{_moment(entry.at)}" if entry.kind == "run" else ""
    yield from ("BEGIN:VEVENT", f"UID:{entry.kind}-{entry.id.replace('/', '-')}{number}@stonehand")
    yield from (f"DTSTAMP:{_moment(made_at)}", f"DTSTART:{_moment(entry.at)}", "DURATION:PT5M")
    yield f"SUMMARY:{_text(about + entry.title)}"
    yield f"DESCRIPTION:{_text(notes)}"
    yield f"STATUS:{STATUS.get(entry.state, 'CONFIRMED')}"
    yield from ("TRANSP:TRANSPARENT", f"URL:{_address(entry, base)}", "END:VEVENT")


def _address(entry: Entry, base: str) -> str:
    """Where it can be seen, or its page at the desk: a path on the desk's machine leads nowhere from here."""
    if entry.url.startswith(("http://", "https://")):
        return "".join(entry.url.split())
    here = entry.url if entry.url.startswith("/") else ""
    return base + (here or (f"/publications/{entry.id}" if entry.kind == "publication" else "/calendar"))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in words)
    for mark in ("\\", ";", ","):
        plain = plain.replace(mark, f"\\{mark}")
    return plain


def _folded(line: str) -> Iterator[str]:
    """A line in parts of so many bytes, none of them within a letter."""
    part, size = "", 0
    for letter in line:
        bytes_ = len(letter.encode())
        if size + bytes_ > WIDTH:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + bytes_
    yield part
