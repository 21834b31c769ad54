"""Shapes of backups at the border."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class BackupOut(BaseModel):
    """A try at a backup."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    made_at: datetime
    state: str
    path: str
    size: int
    seconds: float
    error: str | None
