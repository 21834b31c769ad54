"""Commentators under fire: processes on a writing platform. `python -m tests.faults.commentators` is a worker."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from stonehand import pipeline
from stonehand.comments import sending
from stonehand.jobs import retries
from stonehand.jobs.models import Job
from stonehand.jobs.worker import presence, serving
from stonehand.limits import breakers
from tests.comments.conftest import Desk, Model, settle_in, text
from tests.faults.conftest import Yard
from tests.llm.simulator import Simulator
from tests.lookalikes.writing_platform import WritingPlatform
from tests.servers import wait_until

QUEUES = ("sources", "fetch", "generation", "publishing", "control")


class Commentators(Yard):
    """An installation with a platform, two logins and a model."""

    module = __name__

    def __init__(self, folder: Path, site: WritingPlatform, model: Model, server: Simulator, articles: int) -> None:
        pipeline.install_worker()
        super().__init__(folder)
        self.desk: Desk = settle_in(self.database, site, model, server)
        site.texts = {number: text(number) for number in range(1, articles + 1)}
        self.desk.caps(most_per_login_a_day=1000, most_a_day=1000)

    def is_done(self, count: int) -> bool:
        """Whether so many comments are posted."""
        self.tend()
        return self.desk.states().get("posted", 0) == count

    def wait_until(self, question: Callable[[], bool], what: str) -> None:
        """Fails the test, saying how everything stands."""
        try:
            wait_until(question, what, 60)
        except AssertionError as error:
            with self.database.read() as session:
                jobs = session.execute(sa.select(Job.task, Job.state, Job.error, Job.message)).all()
            told = [self.desk.states(), *jobs, self.log()[-4000:]]
            raise AssertionError("\n".join(map(str, (error, *told)))) from None

    def shoot(self) -> None:
        """Kill every worker with its pool."""
        for worker in list(self.workers):
            self.kill(worker)
        self.tend()


if __name__ == "__main__":
    presence.EVERY = float(sys.argv[2])
    retries.CAP, sending.ASK_AGAIN, breakers.COOLDOWN = 2.0, 0.3, 0.5
    pipeline.install_worker()  # here, so that the processes of the pool have it when they are forked
    serving.work(QUEUES, int(sys.argv[1]), lambda: None)
