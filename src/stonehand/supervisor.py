"""One command, several processes: starts the parts, restarts one that dies, and stops them all together.

It stays small, since it lives as long as the newsroom: it loads no database, no model and no Celery. It is started as
`python -m stonehand.supervisor` by `stonehand start`, which has prepared everything and hands over its open door.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

from stonehand.sample import Newsroom, PortTaken

LOOK = 10.0  # seconds between two looks whether all parts live; the kernel tells when one has died
GRACE = 20.0  # seconds to end well after SIGTERM
PATIENCE = 5  # failing starts in a row before the whole gives up
LONGEST_WAIT = 30.0  # seconds between two starts of a part that fails
PR_SET_PDEATHSIG = 1
LEAN = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}  # glibc gives memory back, threads share it
QUICK = 10.0  # seconds: a part that lives shorter than this has not really started


@dataclass
class Part:
    """One process of the whole."""

    name: str
    command: Sequence[str]
    files: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    """How often in a row it ended by itself soon after its start."""
    due: float | None = None
    """When to start it again, while it is down."""

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it in a group of its own, so that Ctrl-C reaches us first."""
        self.started, self.due = time.monotonic(), None
        self.process = subprocess.Popen(  # noqa: S603  our own command, no shell
            list(self.command),
            env=dict(environment),
            start_new_session=True,
            pass_fds=self.files,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  it only asks the kernel for a signal
        )

    def note_death(self) -> None:
        """If it has just died, plan its next start: at once if it was killed, later and later if it fails."""
        if self.process is None or self.due is not None or self.process.poll() is None:
            return
        killed = self.process.returncode < 0
        quick = time.monotonic() - self.started < QUICK
        self.failures = self.failures + 1 if quick and not killed else 0
        wait = min(LONGEST_WAIT, 2.0**self.failures) if self.failures else 0.0
        self.due = time.monotonic() + wait
        _say(f"{self.name} died and is started again" + (f" in {wait:g} s" if wait else ""))


def _die_with_parent() -> None:
    """On Linux, be told to end when the supervisor is killed, so that no part lives on alone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def part(name: str, *arguments: str, files: Sequence[int] = ()) -> Part:
    """A part that runs one of our own verbs."""
    return Part(name, [sys.executable, "-m", "stonehand", name, *arguments], files=files)


class Supervisor:
    """Keeps the parts running until told to stop."""

    def __init__(self, parts: Sequence[Part], environment: Mapping[str, str] | None = None) -> None:
        self._parts = list(parts)
        self._environment = {**os.environ, **(environment or {})}
        self._is_told = False
        self._bell, self._cord = os.pipe()
        """Each signal pulls the cord, by the kernel's hand: whatever we do just then, the next rest hears it."""

    def start(self) -> None:
        """Start every part."""
        for each in self._parts:
            each.start(self._environment)

    def watch(self) -> int:
        """Restart what dies, until a signal, or until a part fails at every start. Returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        os.set_blocking(self._cord, False)
        signal.set_wakeup_fd(self._cord, warn_on_full_buffer=False)
        while not self._is_told and not self._hopeless():
            self._rest()
            self._tend()
        code = 0 if self._is_told else 1
        self.stop()
        _say("stopped")
        return code

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._is_told = True

    def _rest(self) -> None:
        """Until a signal comes, or a part is to be started again; `LOOK` seconds at most."""
        dues = [each.due - time.monotonic() for each in self._parts if each.due is not None]
        if select.select([self._bell], [], [], max(0.0, min([LOOK, *dues])))[0]:
            os.read(self._bell, 4096)

    def _tend(self) -> None:
        for each in self._parts:
            each.note_death()
            if each.due is not None and time.monotonic() >= each.due:
                each.start(self._environment)

    def _hopeless(self) -> bool:
        failing = [each.name for each in self._parts if each.failures >= PATIENCE]
        for name in failing:
            _say(f"{name} fails at every start; giving up. Its reason stands above.")
        return bool(failing)

    def stop(self) -> None:
        """Ask every part to end, and end those that do not."""
        running = [each.process for each in self._parts if each.process and each.process.poll() is None]
        for process in running:
            process.terminate()
        until = time.monotonic() + GRACE
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _say(words: str) -> None:
    sys.stderr.write(f"stonehand: {words}\n")
    sys.stderr.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stonehand.supervisor")
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    parser.add_argument("--sample-port", type=int, help="serve the sample newsroom here")
    parser.add_argument("--sample-epoch", type=datetime.fromisoformat)
    return parser.parse_args()


def main() -> int:
    """Run the parts, and the sample newsroom if there is one."""
    options = _options()
    os.set_inheritable(options.fd, False)  # for the web part alone
    environment, newsroom = dict(LEAN), None
    if options.sample_port is not None:
        try:
            newsroom = Newsroom(options.sample_port, options.sample_epoch).start(LOOK)  # it ends with us
        except PortTaken as error:
            _say(f"{error}; if Stonehand runs on this data directory already, leave it at that one")
            return 1
        environment["STONEHAND_SAMPLE_ADDRESS"] = f"127.0.0.1:{newsroom.port}"
    # The scheduler is a thread of the web part here: it has little to do, and a process of its own would cost 85 MB.
    web = part("web", "--with-scheduler", "--fd", str(options.fd), files=[options.fd])
    parts = [web, part("worker")]
    supervisor = Supervisor(parts, environment)
    supervisor.start()
    return supervisor.watch()


if __name__ == "__main__":
    raise SystemExit(main())
