"""Made-up months, weeks and lists of the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from stonehand.web.pages.calendar import Address, CalendarView, Choice, Day, Hours, Item
from stonehand.web.pages.parts import Badge, Link, Tab

FIRST = date(2026, 5, 4)
WAITING = Item(
    "p1", "publication", "09:00", "Harbour bridge opens for night traffic", "Harbour Post blog",
    Badge("Scheduled", "busy"), "wanted at 2026-05-05 06:30; quiet hours", "", "2026-05-05T06:30", True, True,
)  # fmt: skip
WISH = Item(
    "d1/c1", "wish", "17:30", "Who pays for the new sea wall", "City News", Badge("Waits for approval"),
    "goes out once somebody has approved it", "", "2026-05-05T17:30", True, True,
)  # fmt: skip
SEEN = Item(
    "p2", "publication", "08:12", "Ferries run again", "City News", Badge("Published", "good"), "",
    "https://news.example/ferries",
)  # fmt: skip
FAILED = replace(
    WAITING,
    id="p3",
    time="11:00",
    title="Tide tables corrected",
    badge=Badge("Failed", "bad"),
    note="the blog does not answer",
)
RUN = Item("Weather desk", "run", "06:00", "Weather desk", "", Badge("Agent"), "", "/schedules/Weather desk")


def day(number: int, *items: Item, quiet: tuple[str, ...] = ()) -> Day:
    at = FIRST + timedelta(days=number)
    return Day(at, f"{at:%A} {at.day} {at:%B}", items, quiet, number == 1, at.month != 5)


QUIET = ("Harbour Post blog is quiet 22:00–07:00 (Europe/Zurich)",)
WEEK = tuple(
    day(number, *{0: (SEEN,), 1: (RUN, WAITING, WISH), 3: (FAILED,)}.get(number, ()), quiet=QUIET)
    for number in range(7)
)
HOURS = (
    Hours(
        "c1",
        "Harbour Post blog",
        "quiet 22:00-07:00, at most 5 a day (Europe/Zurich)",
        "Europe/Zurich",
        "22:00-07:00",
        "5",
        "",
        "15",
    ),
    Hours("c2", "City News", "anything at any time", "UTC", "", "", "", ""),
)
MONTH = CalendarView(
    title="May 2026",
    span="month",
    zone="Europe/Zurich",
    at="2026-05-05",
    tabs=(Tab("Month", "/calendar", active=True), Tab("Week", "/calendar/week"), Tab("List", "/calendar/list")),
    earlier=Link("Earlier", "/calendar?at=2026-04-01"),
    later=Link("Later", "/calendar?at=2026-06-01"),
    today=Link("Today", "/calendar"),
    weeks=tuple(
        tuple(replace(each, quiet=()) if number == 0 else day(number * 7 + place) for place, each in enumerate(WEEK))
        for number in range(-1, 4)
    ),
    hours=HOURS,
    drafts=(Choice("d1", "Who pays for the new sea wall"),),
    channels=(Choice("c1", "Harbour Post blog"), Choice("c2", "City News")),
    zones=("Europe/Zurich", "UTC"),
    addresses=(Address("f1", "Calendar, shd_abc123…, since 2026-05-01"),),
    opened=("https://desk.example/feeds/out/shd_abcdefghijkl.ics",),
    can_publish=True,
    can_set_hours=True,
    can_open=True,
)  # fmt: skip
WEEKS = replace(MONTH, span="week", title="4 May to 10 May 2026", weeks=(), days=WEEK, opened=())
LISTED = replace(
    WEEKS, span="list", days=tuple(each for each in WEEK if each.items), error="Clocks are put forward over 02:30."
)
