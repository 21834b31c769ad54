"""`stonehand purge`: cancel what waits, and empty the broker of bells."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from stonehand.cli.acting import named
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.db import Database

CHUNK = 500  # jobs a transaction


@click.command()
@click.argument("names", nargs=-1, metavar="[QUEUE]...")
@click.option("--yes", "-f", is_flag=True, help="Do not ask.")
@named("admin")
@json_option
def purge(names: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Cancel every job that waits, of QUEUE or of all queues. What runs goes on.

    Cancelled jobs keep their record; `stonehand retry ID` runs one again.
    """
    from stonehand.cli import preparation
    from stonehand.doctor.findings import counted
    from stonehand.jobs import queries
    from stonehand.jobs.declaration import QUEUES
    from stonehand.jobs.service import check_queue
    from stonehand.jobs.states import WAITING

    queues = list(dict.fromkeys(check_queue(name) for name in names)) or list(QUEUES)
    database = preparation.open_database()
    with database.read() as session:
        counts = queries.counts_by_queue(session)
    waiting = sum(counts.get(queue, {}).get(state, 0) for queue in queues for state in WAITING)
    where = ", ".join(queues) if names else "all queues"
    if not yes:
        click.confirm(f"Cancel what waits in {where}: {counted(waiting, 'job')}?", abort=True, err=True)
    cancelled = sum(_cancel(database, queue) for queue in queues)
    emptied, trouble = _empty(queues)
    found = {"queues": queues, "cancelled": cancelled, "bells": emptied, "broker": trouble}
    plain = f"Cancelled in {where}: {counted(cancelled, 'job')}. Taken out of the broker: {counted(emptied, 'bell')}."
    show(found if as_json else plain, as_json)
    if trouble:
        click.echo(f"stonehand: {trouble}", err=True)
        sys.exit(1)


def _cancel(database: Database, queue: str) -> int:
    """Cancel in many short transactions, so that workers and web go on meanwhile."""
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting
    from stonehand.jobs.desk import purging

    total = 0
    while True:
        with database.transaction() as session:
            count = purging.cancel_waiting(session, queue, CHUNK)
            total += count
            if count < CHUNK:
                if total:
                    accounts.record(session, acting.operator(), "purged", "queue", queue, {"count": total})
                return total


def _empty(queues: list[str]) -> tuple[int, str]:
    from stonehand.errors import StonehandError
    from stonehand.jobs.broker import brokers

    try:
        return brokers.empty(queues), ""
    except StonehandError as error:  # what is left there does no harm: a bell without work is answered by nothing
        return 0, str(error)
