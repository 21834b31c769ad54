"""`stonehand monitor`: a live view of the work in the terminal."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from stonehand.cli.printing import json_option
from stonehand.errors import StonehandError

ENTER, LEAVE, HOME, CLEAR_REST = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l", "\x1b[H", "\x1b[J"
BOLD, PLAIN, END_OF_LINE = "\x1b[1m", "\x1b[0m", "\x1b[K"


@click.command()
@click.option("--interval", type=click.FloatRange(0.2, 3600), default=2.0, show_default=True, help="Seconds.")
@click.option("--once", is_flag=True, help="Print it once and end; so it does by itself in a pipe.")
@json_option
def monitor(interval: float, once: bool, as_json: bool) -> None:
    """Show queues, workers, running jobs, rates and dead letters, until Ctrl-C.

    With --json it prints one object a line.
    """
    from stonehand.cli import board, preparation

    database = preparation.open_database()

    def look() -> dict[str, Any]:
        with database.read() as session:
            return board.look(session)

    if as_json:
        _repeat(lambda: click.echo(json.dumps(look(), default=str)), 0 if once else interval)
    elif once or not sys.stdout.isatty():
        click.echo("\n".join(lines(look())))
    else:
        with _screen():
            _repeat(lambda: _draw(look), interval)


def _repeat(deed: Callable[[], None], interval: float) -> None:
    try:
        deed()
        while interval:
            time.sleep(interval)
            deed()
    except (KeyboardInterrupt, BrokenPipeError):
        return


@contextmanager
def _screen() -> Iterator[None]:
    """The terminal's other screen, so that what stood there before comes back."""
    sys.stdout.write(ENTER)
    try:
        yield
    finally:
        sys.stdout.write(LEAVE)
        sys.stdout.flush()


def _draw(look: Callable[[], dict[str, Any]]) -> None:
    width, height = shutil.get_terminal_size()
    try:
        found = lines(look())
    except StonehandError as error:  # it is back soon, and the view goes on then
        found = ["", f"  {error}"]
    shown = [*found[: height - 2], "", "Ctrl-C ends"]
    text = "\n".join(_bold(line[:width]) + END_OF_LINE for line in shown)
    sys.stdout.write(HOME + text + CLEAR_REST)
    sys.stdout.flush()


def _bold(line: str) -> str:
    return f"{BOLD}{line}{PLAIN}" if line.isupper() or line.startswith("Stonehand") else line


def lines(view: dict[str, Any]) -> list[str]:
    """The view as text, the most important first."""
    head = (
        f"Stonehand  {view['at']:%Y-%m-%d %H:%M:%S} UTC   ready {view['ready']}   running {view['running']}   "
        f"done {view['done_per_minute']}/min   dead {view['dead']}"
    )
    idle = [each["queue"] for each in view["queues"] if not _is_busy(each)]
    return [
        head,
        "",
        *_table([each for each in view["queues"] if _is_busy(each)]),
        *([f"idle: {', '.join(idle)}"] if idle else []),
        "",
        *(_table(view["workers"]) or ["No worker is alive. Start one: stonehand worker"]),
        "",
        *(_table(view["jobs"]) or ["Nothing runs."]),
        *(["", *_table(view["dead_letters"])] if view["dead_letters"] else []),
    ]


def _is_busy(queue: dict[str, Any]) -> bool:
    return bool(queue["waiting"] or queue["running"] or queue["done_per_minute"] or queue["paused_by"])


def _table(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    names = list(rows[0])
    cells = [[_cell(row[name]) for name in names] for row in rows]
    heads = [name.replace("_", " ").upper() for name in names]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)) for line in [heads, *cells]]


def _cell(value: Any) -> str:
    return "-" if value in (None, "") else " ".join(str(value).split())
