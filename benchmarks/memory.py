"""How much memory processes have needed at most."""

from __future__ import annotations

from pathlib import Path

import psutil


def peaks(pid: int) -> dict[str, int]:
    """Megabytes that a process and each of its descendants have had in use at most, the largest first."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    found = sorted(((_peak(one.pid), one.pid) for one in family), reverse=True)
    return {f"{'worker' if each == pid else 'child'} {each}": megabytes for megabytes, each in found if megabytes}


def _peak(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    peak = next((line for line in lines if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return round(int(peak.split()[1]) / 1024)
