"""What can be wrong with how long things are kept."""

from __future__ import annotations

from stonehand.errors import Rejected


class DaysUnfit(Rejected):
    """A number of days is none, or is out of bounds."""
