"""Knowing that there is surely nothing to do, at a hundredth of what it costs to look."""

from __future__ import annotations

from datetime import datetime

from stonehand import log
from stonehand.changes import ChangeCounter
from stonehand.db import Database, utc_now
from stonehand.jobs.clock.glance import Glance


class Rest:
    """Lasts until somebody writes to the database, or until the next time at which something is due.

    Only on SQLite, whose clock is the host's, and which tells of another's commit without a question to a server.
    """

    def __init__(self, database: Database) -> None:
        self._counter = ChangeCounter(database) if database.engine.dialect.name == "sqlite" else None
        self._seen = ""
        self._until: datetime | None = None

    def goes_on(self) -> bool:
        """Whether all is as it was when there was nothing to do. Call it before each look."""
        before, self._seen = self._seen, self._count()
        return self._until is not None and utc_now() < self._until and self._seen == before != ""

    def begin(self, found: Glance) -> None:
        """Rest, if this look has found nothing to do."""
        self._until = found.next_at if found.is_quiet else None

    def _count(self) -> str:
        if self._counter is None:
            return ""
        try:
            return self._counter()
        except Exception as error:  # whatever the database has, looking says it better
            log.logger(__name__).debug("cannot count what was written", error=str(error))
            self._counter.close()
            return ""
