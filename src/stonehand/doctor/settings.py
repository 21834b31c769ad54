"""Settings that are each right and do not fit together, or do not fit this machine."""

from __future__ import annotations

import os
from ipaddress import ip_address

from stonehand import config, db
from stonehand.doctor.findings import Verdict, fine, problem, warning
from stonehand.jobs.worker import presence

PROCESSES_A_CORE = 4


def fitness() -> list[Verdict]:
    """Everything of this kind."""
    given = config.settings()
    found = [*_open_door(given), *_crowd(given)]
    return found or fine("They fit together.")


def _open_door(given: config.Settings) -> list[Verdict]:
    if _is_loopback(given.host) or given.public_url.startswith("https://"):
        return []
    words = f"The desk listens on {given.host} without encryption, so passwords can be read on the way."
    return [warning(words, "put a proxy with https before it and set STONEHAND_PUBLIC_URL=https://...")]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _crowd(given: config.Settings) -> list[Verdict]:
    cores = os.cpu_count() or 1
    if given.concurrency <= cores * PROCESSES_A_CORE:
        return []
    words = f"STONEHAND_CONCURRENCY is {given.concurrency}, and this machine has {cores} cores."
    return [warning(words, f"STONEHAND_CONCURRENCY={cores * 2}")]


def machines() -> list[Verdict]:
    """What is for one machine must not be used by workers of several."""
    given = config.settings()
    with db.database().read() as session:
        machines = {worker.name.rsplit(":", 2)[0] for worker in presence.alive(session)}
    if len(machines) < 2:
        return fine("All workers are on one machine.")
    found = []
    if given.broker.startswith("filesystem"):
        words = f"Workers run on {len(machines)} machines, and the built-in broker is for one."
        found.append(problem(words, "set CELERY_BROKER_URL=redis://HOST:6379/0 everywhere"))
    if given.database.startswith("sqlite"):
        words = f"Workers run on {len(machines)} machines, and SQLite is for one."
        found.append(problem(words, "set DATABASE_URL=postgresql://... everywhere"))
    if not given.vault_keys.get_secret_value():
        words = f"Workers run on {len(machines)} machines, each with a key of its own in its data directory."
        found.append(warning(words, "set the same STONEHAND_VAULT_KEYS everywhere"))
    return found or fine(f"Workers run on {len(machines)} machines.")
