"""A made-up view of breakers and limits."""

from __future__ import annotations

from stonehand.web.pages.limits import BreakerRow, Forms, LimitRow, LimitsView, PauseRow
from stonehand.web.pages.parts import Badge, Field
from tests.web.samples import back

LIMITS = LimitsView(
    breakers=(
        BreakerRow(
            "host:gazette.example:443",
            "host gazette.example",
            Badge("Does not answer", "bad"),
            7,
            41,
            back(minutes=3),
            "gazette.example did not answer: no connection within 10 s",
            back(minutes=-2),
            is_shut=True,
        ),
        BreakerRow(
            "channel:0190", "channel Harbour Post", Badge("Paused", "warn"), 0, 2, back(hours=1), held_by="Mira Osei",
            is_shut=True,
        ),
        BreakerRow(
            "provider:127.0.0.1:11434", "provider 127.0.0.1:11434", Badge("Answers", "good"), 0, 0, back(hours=5)
        ),
    ),
    limits=(
        LimitRow("task:drafts.write", "10/m", "2", "set by Mira Osei", "waits for its rate limit of 10/m", True),
        LimitRow("queue:generation", "", "1", "from the settings"),
        LimitRow("host:gazette.example:443", "30/m", "", "set by Mira Osei", "", True),
    ),
    pauses=(PauseRow("queue:fetch", "queue fetch", "Mira Osei", back(minutes=20)),),
    can_admin=True,
    targets=("queue:fetch", "task:drafts.write"),
    forms=Forms(rate=Field("often", "“often” is not a rate; write it like 10/m, with s, m, h or d.")),
)  # fmt: skip
