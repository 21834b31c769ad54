"""`python -m stonehand.migrations.drafting "what changes"`: draft the next version from the tables of the rooms."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from stonehand import config, migrations
from stonehand.db import Database
from stonehand.migrations import upgrading


def draft(message: str) -> None:
    """Write a version that leads from the newest one to the tables as they are now. Read it before you commit it."""
    with TemporaryDirectory() as folder:
        config.override("data_dir", folder)
        database = Database(f"sqlite:///{Path(folder) / 'draft.db'}")
        upgrading.upgrade(database)
        with database.engine.connect() as connection:
            number = len(migrations.versions()) + 1
            command.revision(upgrading.alembic_config(connection), message, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]) or "changes")
