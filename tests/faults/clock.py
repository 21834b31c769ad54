"""A worker or scheduler whose clock is wrong: `python -m tests.faults.clock worker FILE`, with seconds in the file."""

from __future__ import annotations

import datetime
import sys
import threading
import time
from pathlib import Path
from typing import Any

Real = datetime.datetime
_really_time = time.time


def install(file: Path) -> None:
    """Let Python's clocks be as wrong as the file says, from now on and also when it changes."""

    def offset() -> float:
        try:
            return float(file.read_text() or 0)
        except (OSError, ValueError):
            return 0.0

    class Meta(type):
        def __instancecheck__(cls, thing: object) -> bool:
            return isinstance(thing, Real)

    class Wrong(Real, metaclass=Meta):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return Real.now(tz) + datetime.timedelta(seconds=offset())

    datetime.datetime = Wrong  # type: ignore[misc]
    time.time = lambda: _really_time() + offset()


def main(what: str, file: Path) -> None:
    """Be wrong."""
    install(file)
    from stonehand import db
    from stonehand.jobs.broker import engine
    from stonehand.jobs.clock import scheduler
    from tests.faults import yard

    engine.connect()
    if what == "scheduler":
        scheduler.run(db.database(), threading.Event())
    else:
        yard.serve(1, 2.0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
