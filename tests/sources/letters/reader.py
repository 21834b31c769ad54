"""A worker that reads letters slowly and is there to be killed: `python -m tests.sources.letters.reader`."""

from __future__ import annotations

import time
from typing import Any

from stonehand import db, pipeline
from stonehand.jobs import testing
from stonehand.sources.letters import reading


def main() -> None:
    """Read until killed."""
    pipeline.install_worker()
    read = reading.read

    def slowly(*given: Any) -> Any:
        print("reading", flush=True)
        time.sleep(0.3)
        return read(*given)

    setattr(reading, "read", slowly)  # noqa: B010
    testing.run_all(db.database(), queues=("email",))


if __name__ == "__main__":
    main()
