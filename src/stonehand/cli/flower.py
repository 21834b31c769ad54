"""`stonehand flower`: Flower on our Celery application, for those who are used to it."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from stonehand.errors import Rejected, Unavailable

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class FlowerMissing(Unavailable):
    """Flower is not installed."""


class FlowerOpen(Rejected):
    """Flower would be open to everybody."""


class NoRemoteControl(Rejected):
    """Flower has nobody to talk to on this broker."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--host", "--address", "host", help="Address to listen on; FLOWER_HOST, or 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; FLOWER_PORT, or 5555.")
@click.option("--db", "file", help="Where it keeps what it has seen; FLOWER_DB, or the data directory.")
@click.argument("more", nargs=-1, type=click.UNPROCESSED, metavar="[FLOWER OPTIONS]...")
def flower(host: str | None, port: int | None, file: str | None, more: tuple[str, ...]) -> None:
    """Start Flower, which shows the workers, their queues and every bell they answer.

    The jobs themselves are on the page /jobs and in `stonehand monitor`. Workers send events from when Flower asks.
    Outside this machine it needs a password: FLOWER_BASIC_AUTH=name:password.
    """
    from stonehand import config

    settings = config.settings()
    if find_spec("flower") is None:
        raise FlowerMissing(
            f"Flower is not installed; run: {sys.executable} -m pip install 'stonehand[flower]', "
            "or use `stonehand monitor`, which needs nothing"
        )
    if settings.broker.startswith("filesystem"):
        raise NoRemoteControl(
            "Flower needs Redis or RabbitMQ (CELERY_BROKER_URL); on the built-in broker use `stonehand monitor`"
        )
    address = host or settings.flower_host
    if address not in LOOPBACK and not settings.flower_basic_auth.get_secret_value():
        raise FlowerOpen(
            f"everybody who reaches {address} could look and cancel; set FLOWER_BASIC_AUTH=name:password, "
            "or listen on 127.0.0.1"
        )
    kept = file or settings.flower_db or str(settings.data_dir / "flower.db")
    words = [f"--address={address}", f"--port={port or settings.flower_port}", f"--db={kept}", "--persistent=True"]
    _become([*words, *_door(settings.data_dir, settings.flower_basic_auth.get_secret_value()), *more])


def _door(folder: Path, password: str) -> list[str]:
    """The password goes by a file that only we can read: everybody can read the list of processes."""
    if not password:
        return []
    path = folder / "run" / "flowerconfig.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"basic_auth = {password.split(',')!r}\n")
    return [f"--conf={path}"]


def _become(words: list[str]) -> None:
    """Replace this process by Flower."""
    command = [sys.executable, "-m", "celery", "--app", "stonehand.worker", "flower", *words]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606  our own command, no shell
