"""Made-up schedules for the gallery: every state, every button, long words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stonehand.web.pages import schedules
from stonehand.web.pages.parts import Badge, Field, Link, Pager
from stonehand.web.pages.schedules import DueTime, LastRun, Preview, ScheduleForm, ScheduleRow, TaskChoice

NOW = datetime.now(UTC)
DUE = tuple(
    DueTime(NOW + timedelta(days=day), f"Mon {day} Jan 2030, 09:00 CET", f"Mon {day} Jan 2030, 08:00 UTC")
    for day in range(1, 6)
)
JOB = Link("sources.poll_due", "/jobs/one")
FIRED = LastRun(NOW - timedelta(minutes=2), NOW - timedelta(minutes=2), "fired", Badge("Done", "good"), JOB)
BUSY = LastRun(NOW, NOW, "skipped: the run before was still working", Badge("Running", "busy"), JOB, "40 s late")
MISSED = LastRun(
    NOW - timedelta(days=2),
    NOW - timedelta(days=1),
    "skipped: nobody could fire it, or what came after it, in time",
    late="1 d late",
)
FORM = ScheduleForm(
    "/schedules",
    "/schedules/preview",
    name=Field("morning-look"),
    task=Field("sources.poll"),
    args=Field("source_id=01935b2e-7c1a-7d3e-9f00-000000000001"),
    number=Field("15"),
    cron=Field("0 99 * * MON-FRI"),
    timezone=Field("Europe/Zurich"),
    priority=Field("5"),
    error="The cron expression '0 99 * * MON-FRI': '99' is no hour (0 to 23).",
    tasks=(TaskChoice("sources.poll", "source_id"), TaskChoice("sources.poll_due", "nothing")),
    zones=("UTC", "Europe/Zurich"),
)
ROWS = (
    ScheduleRow(
        "morning-look",
        "sources.poll",
        "source_id=01935b2e-7c1a-7d3e-9f00-000000000001",
        "every weekday at 09:00 (Europe/Zurich)",
        True,
        DUE,
        FIRED,
        "made by hand",
        True,
        True,
    ),
    ScheduleRow("sources.poll_due", "sources.poll_due", "", "every minute", True, DUE, BUSY, "edited", True),
    ScheduleRow("jobs.forget_old", "jobs.forget_old", "", "every 24 hours", False, (), MISSED, "", True),
    ScheduleRow("stories.rest", "stories.rest", "", "cannot be read: 'Mars' is not a time zone", True),
)
SCHEDULES = schedules.SchedulesView(ROWS, FORM, Preview("every weekday at 09:00 (Europe/Zurich)", DUE))
SCHEDULE = schedules.ScheduleView(
    ROWS[0],
    (("Task", "sources.poll"), ("Time zone", "Europe/Zurich"), ("Missed times", "one run for all of them")),
    (BUSY, FIRED, MISSED),
    Pager("/schedules/one", "/schedules/one?before=2030-01-01T00:00:00.000000Z"),
    can_reset=True,
    form=FORM,
    preview=Preview(error="The cron expression '0 99 * * MON-FRI': '99' is no hour (0 to 23)."),
)
