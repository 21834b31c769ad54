"""What can be wrong with reports."""

from __future__ import annotations

from stonehand.errors import NotFound, Rejected


class ReportNotFound(NotFound):
    """No report has this id, or the report has no such section."""


class PeriodUnfit(Rejected):
    """A day cannot be read, or is not over yet."""


class CountUnfit(Rejected):
    """What is to be counted is no known deed, or no number."""
