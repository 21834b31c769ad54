"""The next version of this installation: a table has a new column, and a task takes later arguments.

`python -m tests.faults.newer` is its worker.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from stonehand import jobs
from stonehand.db import Database
from stonehand.migrations import upgrading
from tests.faults import yard

JOBS = sa.table("jobs", sa.column("id", sa.String), sa.column("colour", sa.String))
SHADES = sa.Table("shades", sa.MetaData(), sa.Column("mark", sa.String(40), primary_key=True))


def migrate(database: Database) -> None:
    """What `stonehand migrate` does with a version that only adds: a column with its index, and a table."""
    with database.engine.connect() as connection, upgrading._alone(connection), connection.begin():
        change = Operations(MigrationContext.configure(connection))
        change.add_column("jobs", sa.Column("colour", sa.String(20)))
        change.create_index("ix_jobs_colour", "jobs", ["colour"])
        SHADES.create(connection)


def mark(attempt: jobs.Attempt, mark: str, seconds: str = "0.05") -> None:
    """Work for a while, write once, and into what is new as well."""
    time.sleep(float(seconds))
    with attempt.finish() as session:
        yard.keep(session, mark, attempt.job.fence)
        session.execute(sa.update(JOBS).where(JOBS.c.id == attempt.job.id).values(colour="blue"))
        session.execute(sa.insert(SHADES).values(mark=mark))


if __name__ == "__main__":
    jobs.task("faults.mark", queue="default", version=2)(mark)
    yard.serve(1, 2.0)
