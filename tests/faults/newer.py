"""A worker of the next version, which knows later arguments of a task: `python -m tests.faults.newer`."""

from __future__ import annotations

from stonehand import jobs
from tests.faults import yard

jobs.task("faults.mark", queue="default", version=2)(yard.mark)

if __name__ == "__main__":
    yard.serve(1, 2.0)
