"""The vault's keys over all workers: whether each has those that seal secrets, and what waits for one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from stonehand import db, resealing, vault
from stonehand.db import Session
from stonehand.doctor.findings import Verdict, counted, fine, problem, warning
from stonehand.jobs import queries
from stonehand.jobs.models import Worker
from stonehand.jobs.worker import presence

MEND = (
    "give it the STONEHAND_VAULT_KEYS (or vault.key) that this machine has and start it again; what each seals: "
    "stonehand keys list"
)


def worker_keys() -> list[Verdict]:
    """Whether every worker opens what our keys seal, and seals with the key that we seal with."""
    database = db.database()
    used = resealing.survey(database).keys
    with database.read() as session:
        found = [*_waiting(session), *_of_all(presence.alive(session), used)]
    return found or fine("Every worker has the keys that are needed, and nothing waits for one.")


def _waiting(session: Session) -> Iterator[Verdict]:
    """Jobs that need a secret which their worker could not open."""
    waiting = queries.behind(session, vault.GATE)
    if waiting:
        first = queries.job(session, waiting[0])
        what, _, mend = (first.message or "").partition("; ")
        verb = "waits" if len(waiting) == 1 else "wait"
        yield problem(f"{counted(len(waiting), 'job')} {verb} for a key, first {first.task} {first.id}: {what}.", mend)


def _of_all(workers: list[Worker], used: Counter[str]) -> Iterator[Verdict]:
    newest = next(iter(vault.fingerprints()), "")
    for worker in workers:
        told = (worker.processes or [{}])[0].get("keys")
        if told is None or not newest:  # it has only just begun, or is of a version that did not tell
            continue
        lacking = [key for key in used if key not in told]
        if lacking:
            yield _lacks(worker, lacking, used)
        elif told and told[0] != newest:
            words = f"{worker.name} seals new secrets with the key {told[0]}, and we with {newest}."
            yield warning(words, MEND)


def _lacks(worker: Worker, keys: list[str], used: Counter[str]) -> Verdict:
    which = f"{'the key' if len(keys) == 1 else 'the keys'} {', '.join(keys)}"
    sealed = counted(sum(used[key] for key in keys), "secret")
    return problem(f"{worker.name} does not have {which}, which we need for {sealed}: its jobs wait.", MEND)
