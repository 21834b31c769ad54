"""What can be wrong with leave to fetch."""

from __future__ import annotations

from stonehand.errors import Rejected, Unavailable
from stonehand.sources.robots.rules import Decision


class RobotsForbid(Rejected):
    """The site's robots.txt does not let us fetch this page."""

    def __init__(self, decision: Decision, mend: str) -> None:
        super().__init__(f"{decision.sentence()}; {mend}")
        self.decision = decision


class RobotsUnreachable(Unavailable):
    """The site's robots.txt cannot be had, so that nothing of the site is fetched for a while."""


class ReasonMissing(Rejected):
    """Who fetches against a site's wish has to say why."""
