"""What can go wrong with backups."""

from __future__ import annotations

from stonehand.errors import Conflict, Rejected


class BackupUnusable(Rejected):
    """The file is no backup, is damaged, or is not of a kind that can be restored here."""


class BackupTooNew(Conflict):
    """The backup was made by a later version."""


class ToolsUnfit(Rejected):
    """PostgreSQL's own tools are missing, or do not fit the server."""


class DumpFailed(Rejected):
    """PostgreSQL's tool could not copy or restore the database."""


class PlaceTaken(Conflict):
    """There is something already where the backup is to go."""


class StillRunning(Conflict):
    """Somebody uses the database that is to be replaced."""


class TargetUnfit(Rejected):
    """Backups cannot be kept in this place."""
