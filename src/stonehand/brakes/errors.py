"""What the brake says to those who were about to send something."""

from __future__ import annotations

from stonehand.errors import Rejected
from stonehand.jobs import Snooze


class Stopped(Snooze):
    """Everything is stopped: the job waits until somebody lets it go on, and no try is counted."""


class ReasonTooLong(Rejected):
    """A reason is a few sentences."""
