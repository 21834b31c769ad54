"""What a worker wants of a queue, and what it holds of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from stonehand.jobs.models import Job


@dataclass(frozen=True)
class Portion:
    """How many jobs of a task a worker wants at once, the latest version of their arguments that it knows, and the
    argument that is their lane."""

    size: int = 1
    version: int = 1
    is_batch: bool = False
    lane: str | None = None


Portions = Mapping[str, Portion]


@dataclass(frozen=True)
class Held:
    """A job in a worker's hands. Its `fence` rises with every claim; what was claimed at once shares a `claim_id`."""

    id: str
    task: str
    args: dict[str, Any]
    fence: int
    claim_id: str
    attempts: int
    max_retries: int
    solo: bool
    priority: int = 5
    fair_key: str = ""
    turn: int = 0
    has_dependents: bool = False
    answers_celery: bool = False
    trace: str | None = None


# Statements that run for every job are built once, of the table alone: building one anew costs more than running it.
TABLE = cast(sa.Table, Job.__table__)
of = TABLE.c

COLUMNS = (
    *(of.id, of.task, of.args, of.fence, of.claim_id, of.attempts, of.max_retries, of.solo),
    *(of.priority, of.fair_key, of.turn, of.has_dependents, of.answers_celery, of.trace),
)
