"""The machine: its memory, its clock, and how many files a process may open."""

from __future__ import annotations

import resource

import psutil

from stonehand import config, db
from stonehand.doctor.findings import Verdict, fine, problem, warning

LITTLE_MEMORY = 300 * 2**20  # bytes that should be available
OF_A_PROCESS = 160 * 2**20  # bytes that one process of a worker has at rest, with its models
FEW_FILES = 512
SKEW = 5.0  # seconds between our clock and the database's that nobody notices
BAD_SKEW = 60.0


def memory() -> list[Verdict]:
    """What is available, and whether the workers' processes fit into the machine."""
    found, count = psutil.virtual_memory(), config.settings().concurrency
    words = f"{found.available // 2**20:,} of {found.total // 2**20:,} MB are available"
    if found.available < LITTLE_MEMORY:
        return [warning(f"Only {words}.", "run fewer processes: STONEHAND_CONCURRENCY=1, or add memory")]
    if count * OF_A_PROCESS > found.total:
        return [warning(f"{count} processes of a worker do not fit: {words}.", "STONEHAND_CONCURRENCY=1")]
    return fine(f"{words}.")


def open_files() -> list[Verdict]:
    """How many files and connections one process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    words = f"A process may open {'any number of' if soft == resource.RLIM_INFINITY else soft} files"
    if soft != resource.RLIM_INFINITY and soft < FEW_FILES:
        most = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
        return [warning(f"{words}; the desk and the fetcher may run out.", f"ulimit -n {most}, or LimitNOFILE={most}")]
    return fine(f"{words}.")


def clock() -> list[Verdict]:
    """Whether this machine and the database agree on the time; schedules go by the database's."""
    with db.database().read() as session:
        before, theirs, after = db.utc_now(), db.now(session), db.utc_now()
    ours = before + (after - before) / 2
    seconds = (ours - theirs).total_seconds()
    return _judge(seconds)


def _judge(seconds: float) -> list[Verdict]:
    way = "ahead of" if seconds > 0 else "behind"
    words = f"This machine's clock is {abs(seconds):.0f} s {way} the database's."
    if abs(seconds) >= BAD_SKEW:
        return [problem(words, "set it: timedatectl set-ntp true")]
    return fine("The clocks agree.") if abs(seconds) < SKEW else [warning(words, "timedatectl set-ntp true")]
