"""Writers under fire: drafts by a language model that fails. `python -m tests.faults.bureau` is a worker."""

from __future__ import annotations

import sys
from pathlib import Path

import sqlalchemy as sa

import stonehand.drafts.tasks  # noqa: F401  declares the tasks
from stonehand.db import now
from stonehand.drafts import service as drafts
from stonehand.drafts.models import Draft, Revision
from stonehand.jobs.worker import heartbeat, presence, serving
from stonehand.limits import breakers
from stonehand.llm import asking, ledger
from stonehand.llm.models import LlmCall
from tests.drafts import world
from tests.faults.place import Yard
from tests.servers import wait_until

TIMEOUT = 1.5  # seconds that a model may take


class Bureau(Yard):
    """An installation with stories to write about."""

    module = __name__

    def __init__(self, folder: Path) -> None:
        world.follow()
        super().__init__(folder)

    def commission(self, count: int) -> list[str]:
        """Ask for so many drafts, each of a story of its own."""
        with self.database.transaction() as session:
            return [drafts.commission(session, world.story(session), "Mira") for _ in range(count)]

    def kill_after(self, count: int, seconds: float) -> None:
        """Kill the worker with its pool once so many drafts are written; it is started again."""

        def enough() -> bool:
            self.tend()
            return len(self.written()) >= count

        wait_until(enough, f"{count} drafts are written", seconds)
        self.kill(self.workers[0])
        self.tend()

    def written(self) -> dict[str, list[str]]:
        """By draft, who wrote each of its revisions."""
        found: dict[str, list[str]] = {}
        with self.database.read() as session:
            for draft_id, writer in session.execute(sa.select(Revision.draft_id, Revision.writer)):
                found.setdefault(draft_id, []).append(writer)
        return found

    def states(self) -> set[str]:
        """The states of all drafts."""
        with self.database.read() as session:
            return set(session.scalars(sa.select(Draft.state)))

    def spent(self) -> tuple[int, int]:
        """What is counted as spent today, and what the calls of which it is known cost, in millionths."""
        with self.database.read() as session:
            known = session.scalar(sa.select(sa.func.sum(LlmCall.cost_micro)).where(LlmCall.input_tokens.is_not(None)))
            return ledger.committed(session, now(session).date().isoformat()), known or 0


if __name__ == "__main__":
    world.follow()
    presence.EVERY = float(sys.argv[2])
    heartbeat.GRACE = 5.0
    asking.TIMEOUT, breakers.COOLDOWN = TIMEOUT, 1.0
    serving.work(["generation", "reviews"], int(sys.argv[1]), lambda: None)
