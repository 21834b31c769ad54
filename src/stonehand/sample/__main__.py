"""`python -m stonehand.sample`: the sample newsroom alone, for people who want to look."""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import datetime
from threading import Event

from stonehand.errors import StonehandError
from stonehand.sample import Newsroom, outlets


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stonehand.sample", description="Serve the simulated newsroom.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument(
        "--epoch", type=datetime.fromisoformat, help="the moment from which dates count back (ISO 8601; default now)"
    )
    return parser.parse_args()


def main() -> int:
    """Serve until Ctrl-C or SIGTERM."""
    options = _options()
    done = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        with Newsroom(port=options.port, epoch=options.epoch) as newsroom:
            sys.stdout.write(f"Sample newsroom (a simulator) at {newsroom.address}/\n")
            sys.stdout.write("".join(f"  {url}\n" for url in outlets(newsroom.address)))
            sys.stdout.flush()
            done.wait()
    except StonehandError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
