"""What a task's body holds in its hands: one job, or a batch of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Database, Session, now
from stonehand.jobs import claims, endings
from stonehand.jobs.errors import Cancelled, HandedOver, ItemEnded, LeaseLost, Snooze
from stonehand.jobs.held import Held
from stonehand.jobs.models import Job


class Item:
    """One job of a batch. A failing item fails only its own job."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.id = held.id
        self.args = held.args
        self.error: BaseException | None = None
        self.ended = False
        self.alone = False

    @property
    def failed(self) -> bool:
        """Whether this item failed or was put back."""
        return self.error is not None

    def fail(self, error: BaseException) -> None:
        """End this item's try with an error; its kind decides whether it is tried again."""
        self._end(error)

    def snooze(self, seconds: float, reason: str, gate: str | None = None) -> None:
        """Put this item back for a while; no try is counted."""
        self._end(Snooze(seconds, reason, gate))

    def hand_over(self, task: str, reason: str) -> None:
        """Let this job go on as another task of its queue, which takes the same arguments; no try is counted."""
        self._end(HandedOver(task, reason))

    def note(self, session: Session, result: dict[str, Any]) -> None:
        """Keep a small result on the job, without secrets, in the caller's transaction."""
        session.execute(sa.update(Job).where(Job.id == self.id).values(result=log.redact(result)))

    def _end(self, error: BaseException) -> None:
        if self.ended:
            raise ItemEnded(f"job {self.id} ends well with this finish(); say before it that the item fails")
        self.error = error


class Batch:
    """Up to n jobs of one task, ended by one transaction."""

    def __init__(self, database: Database, held: Sequence[Held], lease: timedelta) -> None:
        self._database = database
        self._lease = lease
        self.claim_id = held[0].claim_id
        self.items = [Item(job) for job in held]
        self.cancelled: set[str] = set()

    @property
    def remaining(self) -> list[Item]:
        """The items that have neither failed nor been lost to another worker."""
        return [item for item in self.items if not item.failed]

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Look, before the wait."""
        with self._database.read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Write something on the way, under the fence, without ending the jobs. Raises `LeaseLost`."""
        with self._database.transaction() as session:
            self.renew(session)
            yield session

    @contextmanager
    def finish(self, items: Sequence[Item] | None = None) -> Iterator[Session]:
        """The effect and the end of the jobs commit together. Items that are no longer ours are dropped first.

        With `items`, only these jobs end now: long work can be finished in portions.
        """
        with self._database.transaction() as session:
            waiting = [item for item in (self.items if items is None else items) if not item.failed]
            ours = endings.complete(session, [item.held for item in waiting])
            for item in waiting:
                if item.id not in ours:
                    item.fail(LeaseLost("another worker holds this job now"))
            if not ours:
                self.renew(session)  # what is written of failed items needs the lease as well
            with _ending([item for item in waiting if item.id in ours]):
                yield session

    def renew(self, session: Session) -> None:
        """Extend the lease. Raises `LeaseLost`."""
        if not claims.heartbeat(session, [item.held for item in self.items], now(session) + self._lease):
            raise LeaseLost("another worker holds these jobs now; nothing was written")

    def note_all(self, session: Session, results: Mapping[str, dict[str, Any]]) -> None:
        """As `Item.note`, for many of its jobs at once, by their ids."""
        rows = [{"job": key, "said": log.redact(result)} for key, result in results.items()]
        table: Any = Job.__table__
        if rows:
            said = sa.bindparam("said", type_=table.c.result.type)
            session.connection().execute(
                sa.update(table).where(table.c.id == sa.bindparam("job")).values(result=said), rows
            )

    def check_cancelled(self) -> None:
        """Drop the items that somebody cancelled; call it between items of long work."""
        for item in self.remaining:
            if item.id in self.cancelled:
                item.fail(Cancelled("cancelled on request"))

    def progress(self, current: int, total: int, message: str = "") -> None:
        """Show how far the work is, at once. Raises `LeaseLost`."""
        with self.write() as session:
            session.execute(
                sa.update(Job)
                .where(Job.claim_id == self.claim_id, Job.id.in_([item.id for item in self.items]))
                .values(progress_current=current, progress_total=total, message=log.redact(message))
            )


@contextmanager
def _ending(items: Sequence[Item]) -> Iterator[None]:
    for item in items:
        item.ended = True
    try:
        yield
    except BaseException:
        for item in items:
            item.ended = False
        raise


class Attempt(Batch):
    """One try at one job."""

    @property
    def job(self) -> Held:
        """The job."""
        return self.items[0].held

    def check_cancelled(self) -> None:
        """Stop here if somebody cancelled the job: raises `Cancelled`."""
        if self.job.id in self.cancelled:
            raise Cancelled("cancelled on request")

    def note(self, session: Session, result: dict[str, Any]) -> None:
        """Keep a small result on the job, without secrets, in the caller's transaction."""
        self.items[0].note(session, result)
