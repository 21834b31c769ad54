"""Jobs of backups."""

from __future__ import annotations

from pathlib import Path

from stonehand import config
from stonehand.backups import service
from stonehand.errors import StonehandError
from stonehand.jobs import Attempt, task
from stonehand.jobs.errors import Interrupted

LONGEST = 6 * 3600  # seconds


@task(
    "backups.make",
    queue="maintenance",
    role="admin",
    retries=1,
    soft_limit=LONGEST,
    hard_limit=LONGEST + 60,
    concurrency=1,
)
def make(attempt: Attempt) -> None:
    """Make a backup in the place that the settings name, and let go of the oldest; nothing if they name none."""
    settings = config.settings()
    if not settings.backup_dir:
        with attempt.finish() as session:
            attempt.note(session, {"skipped": f"{config.PREFIX}BACKUP_DIR is not set"})
        return
    try:
        made = service.make(Path(settings.backup_dir))
    except (StonehandError, Interrupted) as error:
        with attempt.write() as session:
            service.record_failure(session, str(error))
        raise
    with attempt.finish() as session:
        service.record(session, made)
        attempt.note(session, {"path": str(made.path), "size": made.size})
    service.prune(Path(settings.backup_dir), settings.backup_keep)
