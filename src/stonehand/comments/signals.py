"""What is said to a job and tells nothing of the site that it works at: nobody may take it for an answer."""

from __future__ import annotations

from stonehand.jobs import OutcomeUnknown, Snooze
from stonehand.jobs.errors import Cancelled, LeaseLost

SIGNALS = (Cancelled, LeaseLost, Snooze, OutcomeUnknown)
