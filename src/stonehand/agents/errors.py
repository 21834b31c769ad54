"""What can be wrong with agents."""

from __future__ import annotations

from datetime import datetime

from stonehand.errors import Conflict, NotFound, Rejected


class AgentNotFound(NotFound):
    """No agent has this id or name."""


class AgentUnfit(Rejected):
    """An agent cannot be as somebody wants it."""


class AgentTaken(Conflict):
    """Another agent has this name."""


class AgentPaused(Conflict):
    """The agent is paused, so it does nothing."""


class AgentBusy(Conflict):
    """A run of the agent that somebody asked for still waits or works."""


class TopicUnsupported(Rejected):
    """None of the articles that the agent may use speaks of the topic."""


class TopicCovered(Conflict):
    """The agent has written about this already."""


class SubjectUnready(Conflict):
    """What a piece is to be about has not been read yet."""


class QuotaSpent(Rejected):
    """The agent's quota does not cover another piece."""

    status = 402

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until
