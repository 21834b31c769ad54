"""The bells: whether workers hear that there is work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.doctor.findings import Verdict, fine, problem, warning
from stonehand.jobs import queries
from stonehand.jobs.models import Doorbell, Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence

DEAF = timedelta(seconds=60)  # without an answer, while work waits


def bells() -> list[Verdict]:
    """Queues that were rung, have workers and work that has waited for a while, and give no answer."""
    silent = sa.or_(Doorbell.answered_at.is_(None), Doorbell.answered_at < Doorbell.rung_at)
    with db.database().read() as session:
        waits_long = Job.run_at < db.now(session) - DEAF
        ready = sa.exists().where(Job.queue == Doorbell.queue, Job.state == State.AVAILABLE, waits_long)
        paused = {pause.target for pause in queries.pauses(session)}
        alive = presence.alive(session)
        served = {queue for worker in alive for queue in worker.queues}
        rung = session.scalars(sa.select(Doorbell).where(ready, silent).order_by(Doorbell.queue)).all()
        silent_ones = [each.queue for each in rung if f"queue:{each.queue}" not in paused and each.queue in served]
        busy = [
            queue
            for queue in silent_ones
            if presence.are_busy(session, [each for each in alive if queue in each.queues])
        ]
    deaf = [queue for queue in silent_ones if queue not in busy]
    return [*_deaf(deaf), *_busy(busy)] or fine("Every bell is answered.")


def _deaf(names: Sequence[str]) -> list[Verdict]:
    mend = "see that all use the same CELERY_BROKER_URL (stonehand settings), then start the workers again"
    words = f"{', '.join(names)}: work waits, the bell was rung, and no worker answers."
    return [problem(words, mend)] if names else []


def _busy(names: Sequence[str]) -> list[Verdict]:
    words = f"{', '.join(names)}: work waits, since every process that serves it has something else to do."
    mend = f"stonehand inspect active says what; more hands: stonehand worker --queue {','.join(names)}"
    return [warning(words, mend)] if names else []
