"""Durable work: the database is the truth, Celery is the engine that runs it. The only room that knows Celery."""

from stonehand.jobs.announcements import announce, announce_many, follow
from stonehand.jobs.attempts import Attempt, Batch, Item
from stonehand.jobs.clock.schedules import every
from stonehand.jobs.declaration import task
from stonehand.jobs.errors import OutcomeUnknown, Snooze
from stonehand.jobs.outbox import enqueue, enqueue_many

__all__ = [
    "Attempt",
    "Batch",
    "Item",
    "OutcomeUnknown",
    "Snooze",
    "announce",
    "announce_many",
    "enqueue",
    "enqueue_many",
    "every",
    "follow",
    "task",
]
