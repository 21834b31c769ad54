"""Generators of service files for this installation: supervisor, systemd, compose."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

output_option: Callable[[Any], Any] = click.option(
    *("--output", "-o"),
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the files into this folder instead of printing them.",
)
split_option: Callable[[Any], Any] = click.option(
    "--split", is_flag=True, help="Several workers, so that long jobs do not keep short ones waiting."
)
user_option: Callable[[Any], Any] = click.option("--user", default="", help="Who runs it; whoever types this.")


@click.command()
@output_option
@split_option
@user_option
def systemd(output: Path | None, split: bool, user: str) -> None:
    """Print systemd units for this installation: web, worker, scheduler, and a target for all of them."""
    from stonehand.cli import services
    from stonehand.cli.installation import roles

    files = services.systemd(_place(user), roles(split))
    steps = (
        "install -D -m 600 stonehand.env /etc/stonehand/stonehand.env   (and fill in the secrets)",
        "cp stonehand* /etc/systemd/system/ && rm /etc/systemd/system/stonehand.env",
        "systemctl daemon-reload && systemctl enable --now stonehand.target "
        + " ".join(name for name in files if name.endswith(".service")),
    )
    _put(files, output, steps)


@click.command()
@output_option
@split_option
@user_option
def supervisor(output: Path | None, split: bool, user: str) -> None:
    """Print a configuration of supervisord for this installation."""
    from stonehand.cli import services
    from stonehand.cli.installation import roles

    place = _place(user)
    steps = (
        f"mkdir -p {place.data_dir / 'logs'}",
        f"install -D -m 600 -o {place.user} stonehand.env /etc/stonehand/stonehand.env   (and fill in the secrets)",
        "cp supervisor-stonehand.conf /etc/supervisor/conf.d/ && supervisorctl reread && supervisorctl update",
        "supervisorctl status 'stonehand:*'",
    )
    _put(services.supervisord(place, roles(split)), output, steps)


@click.command()
@output_option
def compose(output: Path | None) -> None:
    """Print a compose file: PostgreSQL, Redis or RabbitMQ, and Stonehand with the settings of this installation."""
    from stonehand import __version__
    from stonehand.cli import containers

    files = {"compose.yaml": containers.compose(_place(""), __version__, _source())}
    _put(files, output, ("write .env as the head of the file says", "docker compose up --build --detach"))


def _source() -> str:
    """Where the Dockerfile is, if this is a checkout."""
    root = Path(__file__).parents[3]
    return str(root) if (root / "Dockerfile").exists() else "."


def _place(user: str) -> Any:
    from dataclasses import replace

    from stonehand.cli import installation

    place = installation.this()
    return replace(place, user=user, group=user) if user else place


def _put(files: Mapping[str, str], output: Path | None, steps: tuple[str, ...]) -> None:
    if output is None:
        for name, text in files.items():
            click.echo(f"### {name}\n{text}" if len(files) > 1 else text)
    else:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            _write(output / name, text)
            click.echo(str(output / name))
    for step in ("Then, as root:", *steps):
        click.echo(step if step.endswith(":") else f"  {step}", err=True)


def _write(path: Path, text: str) -> None:
    mode = 0o600 if path.suffix == ".env" else 0o644
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
