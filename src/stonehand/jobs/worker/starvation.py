"""How many processes the system has ended for lack of memory, in the control group (Linux) that we run in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

OWN = Path("/proc/self/cgroup")
ROOT = Path("/sys/fs/cgroup")


@cache
def at_start() -> int:
    """How many when this process first asked."""
    return _killed()


def killed() -> int:
    """How many since this process first asked; 0 where nobody counts them."""
    return max(0, _killed() - at_start())


def _killed() -> int:
    return next((count for file in _files() if (count := _count(file)) is not None), 0)


def _files() -> Iterator[Path]:
    """Where it may be counted: in our own group, and for a container, which sees it as the root of all groups."""
    try:
        groups = [line.split(":", 2) for line in OWN.read_text().splitlines()]
    except OSError:
        return
    inside = {kind: path.lstrip("/") for _, kind, path in groups}
    for within in (inside.get("memory", ""), ""):
        yield ROOT / "memory" / within / "memory.oom_control"  # version 1 of control groups
    for within in (inside.get("", ""), ""):
        yield ROOT / within / "memory.events"


def _count(file: Path) -> int | None:
    try:
        found = re.search(r"^oom_kill (\d+)$", file.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None
