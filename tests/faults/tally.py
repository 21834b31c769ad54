"""What the fault tests have counted: printed at the end of the run, as a table."""

from __future__ import annotations

import os
from dataclasses import astuple, dataclass, fields
from pathlib import Path

IS_LONG = os.environ.get("STONEHAND_TEST_FAULTS") == "long"
WATCHED = os.environ.get("STONEHAND_TEST_TALLY", "")
SLACK = 1 if IS_LONG else 3  # the short form runs beside other things, so its bounds of time are wider


@dataclass(frozen=True)
class Row:
    """One run of one fault on one stack."""

    fault: str
    stack: str
    times: int
    jobs: int
    lost: int
    doubled: int
    orphans: int
    seconds: float


_rows: list[Row] = []
_said: list[str] = []


def count(
    fault: str, stack: str, times: int, jobs: int, lost: int, doubled: int, orphans: int = 0, seconds: float = 0.0
) -> None:
    """Add a row; a long run can be watched in the file that `STONEHAND_TEST_TALLY` names."""
    _rows.append(Row(fault, stack, times, jobs, lost, doubled, orphans, round(seconds, 1)))
    if WATCHED:
        with Path(WATCHED).open("a") as file:
            file.write("\t".join(map(str, astuple(_rows[-1]))) + "\n")


def say(line: str) -> None:
    """Add a line below the table."""
    _said.append(line)


def table() -> list[str]:
    """The rows so far, aligned, and what else was said."""
    if not _rows:
        return _said
    lines = [[field.name for field in fields(Row)], *([str(cell) for cell in astuple(row)] for row in _rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "",
        *("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines),
        *_said,
    ]
