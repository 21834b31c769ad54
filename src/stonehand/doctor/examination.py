"""The whole examination: every look, in the order in which one would mend what it finds."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError

from stonehand import log
from stonehand.doctor import bells, content, ground, keyrings, machine, outside, people, settings, storage, work
from stonehand.doctor.findings import Finding, Grade, Look
from stonehand.errors import StonehandError

FOOTING = ("data directory", "database", "migrations")

ALWAYS: dict[str, Look] = {
    "settings": settings.fitness,
    "data directory": ground.data_dir,
    "disk": ground.disk,
    "database": storage.database,
    "migrations": storage.migrations,
    "vault key": ground.vault_key,
    "model": content.model,
    "plugins": content.plugins,
    "broker": outside.broker,
    "vector server": outside.qdrant_server,
    "memory": machine.memory,
    "open files": machine.open_files,
}
INSIDE: dict[str, Look] = {
    "database size": storage.size,
    "database connections": storage.connections,
    "clock": machine.clock,
    "sealed secrets": ground.sealed_secrets,
    "workers": people.workers,
    "worker keys": keyrings.worker_keys,
    "machines": settings.machines,
    "worker memory": people.memory,
    "worker versions": people.versions,
    "worker tasks": people.tasks,
    "scheduler": work.scheduler,
    "schedules": work.schedules,
    "pauses": work.pauses,
    "waiting jobs": work.waiting,
    "leases": work.leases,
    "bells": bells.bells,
    "dead letters": work.dead_letters,
    "to reconcile": work.unsure,
    "breakers": work.breakers,
    "language models": content.language_models,
    "policies": content.expired_policies,
    "sources": content.sources,
}
LOADING: dict[str, Look] = {"rooms": content.rooms}


def examine(load_rooms: bool = True) -> list[Finding]:
    """Look at everything. What needs a sound database is left out if there is none.

    `load_rooms` imports every task, as a worker does; a process that is not to grow leaves it.
    """
    found = [finding for name, look in ALWAYS.items() for finding in _look(name, look)]
    if load_rooms:
        found += [finding for name, look in LOADING.items() for finding in _look(name, look)]
    if all(finding.grade is not Grade.PROBLEM for finding in found if finding.check in FOOTING):
        found += [finding for name, look in INSIDE.items() for finding in _look(name, look)]
    return found


def _look(name: str, look: Look) -> Iterable[Finding]:
    try:
        return [Finding(name, each.grade, log.redact(each.sentence), log.redact(each.mend)) for each in look()]
    except (StonehandError, OSError, SQLAlchemyError) as error:
        what, _, mend = log.redact(str(error)).partition("; ")
        return [Finding(name, Grade.PROBLEM, f"{what}.", mend or "mend that, then run: stonehand doctor")]
