"""Parts in the background: started apart from the terminal, with a pid file and a log, and stopped by name."""

from __future__ import annotations

import functools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from stonehand.cli.printing import json_option, show
from stonehand.errors import Conflict, NotFound, StonehandError

STARTING = 60.0  # seconds until a part says that it works
STOPPING = 30.0  # seconds for running jobs after SIGTERM, as under `stonehand start`
READY = "is at work"
NAME = re.compile(r"[a-z0-9-]{1,40}")
OWN = ("background", "label", "pid_file", "log_file", "behind")  # options that the part itself does not get


class RunsAlready(Conflict):
    """A part of this name is in the background already."""


class NotRunning(NotFound):
    """No part of this name is in the background."""


class DidNotStart(StonehandError):
    """The part ended before it was at work."""


def background_options(part: str) -> Callable[[Any], Any]:
    """Give a part's verb `--background` and what belongs to it."""

    def decorate(body: Callable[..., None]) -> Any:
        @functools.wraps(body)
        def run(background: bool, label: str, pid_file: str, log_file: str, behind: str, **options: Any) -> None:
            if background:
                _start(part, label, pid_file, log_file)
                return
            try:
                body(**options)
            finally:
                if behind:
                    Path(behind).unlink(missing_ok=True)

        return _with_options(run)

    return decorate


def _with_options(run: Callable[..., None]) -> Any:
    for option in (
        click.option("--background", is_flag=True, help="Start it apart from this terminal; `stonehand stop` ends it."),
        click.option("--name", "label", default="", help="Tells several in the background apart."),
        click.option("--pid-file", default="", help="Where to keep its process number; run/ of the data directory."),
        click.option("--log-file", default="", help="Where it logs; logs/ of the data directory."),
        click.option("--behind", default="", hidden=True, help="The file that says that it has started."),
    ):
        run = option(run)
    return run


def say_ready(part: str) -> None:
    """Tell whoever started this part that it works now."""
    click.echo(f"stonehand: the {part} {READY}", err=True)


def _start(part: str, label: str, pid_file: str, log_file: str) -> None:
    from stonehand import config
    from stonehand.cli import footing

    footing.require_files(config.settings().data_dir)  # what is missing is said here, not in a log
    name = part + (f"-{label}" if label else "")
    if not NAME.fullmatch(name):
        raise click.BadParameter(f"{label!r}: use small letters, digits and dashes", param_hint="--name")
    pid_path = _place(pid_file, "run", f"{name}.pid")
    log_path = _place(log_file, "logs", f"{name}.log")
    if (number := _alive(pid_path)) is not None:
        raise RunsAlready(
            f"{name} is in the background already, as process {number}; run: stonehand stop {name}, "
            "or give another one a name with --name"
        )
    process, began = _spawn([part, *_words(click.get_current_context()), "--behind", str(pid_path)], log_path)
    pid_path.write_text(f"{process.pid}\n{identity(process.pid)}\n")
    _wait_until_ready(process, pid_path, log_path, began)
    click.echo(f"{name} runs in the background, as process {process.pid}; it logs to {log_path}")
    click.echo(f"To end it: stonehand stop {name if not pid_file else '--pid-file ' + pid_file}")


def _place(given: str, folder: str, name: str) -> Path:
    from stonehand import config

    path = Path(given).expanduser().absolute() if given else config.settings().data_dir / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _words(context: click.Context) -> list[str]:
    """The options as they were typed, but for those of the background."""
    words: list[str] = []
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if option.name in OWN or value in (None, False, ()):
            continue
        many = value if isinstance(option, click.Option) and option.multiple else [value]
        words += [word for each in many for word in (option.opts[0], _word(each))]
    return words


def _word(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _spawn(words: list[str], log_path: Path) -> tuple[subprocess.Popen[bytes], int]:
    with log_path.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  our own command, no shell
            [sys.executable, "-m", "stonehand", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        return process, log.tell()


def _wait_until_ready(process: subprocess.Popen[bytes], pid_path: Path, log_path: Path, began: int) -> None:
    until = time.monotonic() + STARTING
    while time.monotonic() < until:
        said = log_path.read_bytes()[began:].decode(errors="replace")
        if READY in said:
            return
        if process.poll() is not None:
            pid_path.unlink(missing_ok=True)
            raise DidNotStart(f"it ended at once: {_last_line(said)}; all of it stands in {log_path}")
        time.sleep(0.1)
    click.echo(f"stonehand: it has not said that it is ready; look into {log_path}", err=True)


def _last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].removeprefix("stonehand: ") if lines else "it said nothing"


def identity(number: int) -> str:
    """What tells a process from a later one of the same number; nothing if it has ended."""
    import psutil

    try:
        return str(psutil.Process(number).create_time())
    except psutil.NoSuchProcess:
        return ""


def _alive(path: Path) -> int | None:
    """The process of a pid file, if it lives."""
    try:
        return lives(path.read_text().split())
    except OSError:
        return None


def lives(written: Sequence[str]) -> int | None:
    """A process by its number and `identity`, if it is still that one and not a later one of the same number."""
    import psutil

    try:
        number, began = written
        process = psutil.Process(int(number))
        same = abs(process.create_time() - float(began)) < 2.0  # the host's clock may be set a little
        return int(number) if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (ValueError, psutil.NoSuchProcess):
        return None


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--pid-file", default="", help="The pid file, if it was started with one.")
@json_option
def stop(names: tuple[str, ...], pid_file: str, as_json: bool) -> None:
    """End what `--background` has started: all of it, or only NAME, such as `worker` or `scheduler`.

    Running jobs have half a minute to end; what does not end goes back and is run again.
    """
    stopped = [_stop(path) for path in _pid_files(names, pid_file)]
    if not stopped:
        click.echo("Nothing is in the background here.", err=True)
    show(stopped if as_json else "\n".join(_sentence(each) for each in stopped), as_json)
    if not all(each["stopped"] for each in stopped):
        sys.exit(1)


def _pid_files(names: tuple[str, ...], pid_file: str) -> list[Path]:
    from stonehand import config

    folder = config.settings().data_dir / "run"
    if pid_file:
        return [Path(pid_file).expanduser()]
    if not names:
        return sorted(folder.glob("*.pid"))
    found = [folder / f"{'scheduler' if name == 'beat' else name}.pid" for name in names]
    for path in found:
        if not path.exists():
            raise NotRunning(f"no {path.stem} is in the background of {folder.parent}")
    return found


def _stop(path: Path) -> dict[str, Any]:
    number = _alive(path)
    if number is not None:
        os.kill(number, signal.SIGTERM)
        until = time.monotonic() + STOPPING
        while _alive(path) is not None and time.monotonic() < until:
            time.sleep(0.1)
    late = _alive(path) is not None
    if late:
        with suppress(ProcessLookupError):
            os.killpg(number or 0, signal.SIGKILL)
    path.unlink(missing_ok=True)
    return {"name": path.stem, "pid": number, "stopped": number is not None, "killed": late}


def _sentence(stopped: dict[str, Any]) -> str:
    if not stopped["stopped"]:
        return f"{stopped['name']} had ended already; its pid file is removed."
    how = "did not end in time and was killed; its jobs run again" if stopped["killed"] else "has ended"
    return f"{stopped['name']} (process {stopped['pid']}) {how}."
