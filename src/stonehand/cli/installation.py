"""What the generators of service files know of this very installation: paths, user, settings by name."""

from __future__ import annotations

import getpass
import grp
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import AliasChoices, SecretStr

from stonehand import config
from stonehand.jobs import declaration

MADE_BY = "Made by `stonehand {verb}`; make it again after changing paths or settings."
HEAVY = ("fetch", "extract", "analysis", "generation", "maintenance")  # queues whose jobs may take long
FOR_PARTS = ("sample_address", "strict_transactions")  # settings that the parts give each other, or tests


@dataclass(frozen=True)
class Installation:
    """Where everything is, who runs it, and the settings that are set: the harmless with values, secrets by name."""

    python: str
    home: Path
    data_dir: Path
    user: str
    group: str
    host: str
    port: int
    concurrency: int
    settings: dict[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """What starts a verb."""
        return f"{self.python} -m stonehand"

    @property
    def environment(self) -> dict[str, str]:
        """The harmless settings, always with the data directory, which depends on where one stands."""
        return {f"{config.PREFIX}DATA_DIR": str(self.data_dir), **self.settings}

    @property
    def written(self) -> Sequence[str]:
        """The folders that it writes to."""
        backups = self.settings.get(f"{config.PREFIX}BACKUP_DIR")
        return [str(self.data_dir), *([backups] if backups else [])]


@dataclass(frozen=True)
class Role:
    """One process of the installation."""

    name: str
    arguments: str
    about: str


def roles(split: bool) -> Sequence[Role]:
    """The processes to keep running. Split, heavy queues have workers of their own, as large desks like it."""
    parts = [
        Role("web", "web", "desk and API"),
        Role("scheduler", "scheduler", "fires what is due"),
    ]
    if not split:
        return [*parts, Role("worker", "worker", "runs jobs")]
    light = [queue for queue in declaration.QUEUES if queue not in HEAVY]
    return [
        *parts,
        Role("worker", f"worker --queue {','.join(light)}", "runs short jobs"),
        Role("worker-fetch", "worker --queue fetch,extract --concurrency 2", "fetches and reads pages"),
        Role("worker-analysis", "worker --queue analysis,generation --concurrency 1", "analyses and writes"),
        Role("worker-maintenance", "worker --queue maintenance --concurrency 1", "tidies up"),
    ]


def this() -> Installation:
    """The installation whose command line runs now."""
    given = config.settings()
    return Installation(
        python=sys.executable,
        home=Path.cwd(),
        data_dir=given.data_dir,
        user=_user(),
        group=_group(),
        host=given.host,
        port=given.port,
        concurrency=given.concurrency,
        settings=_harmless(given),
        secrets=_secrets(given),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return str(os.getuid())


def _group() -> str:
    try:
        return grp.getgrgid(os.getgid()).gr_name
    except KeyError:
        return str(os.getgid())


def _harmless(given: config.Settings) -> dict[str, str]:
    """What differs from the defaults and may be written down."""
    found = {}
    for name, each in config.Settings.model_fields.items():
        value = getattr(given, name)
        default = each.get_default(call_default_factory=True)
        if name in (*FOR_PARTS, "data_dir") or isinstance(value, SecretStr) or value == default:
            continue
        found[_name(name)] = " ".join(map(str, value)) if isinstance(value, tuple) else _plain(value)
    return found


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _secrets(given: config.Settings) -> tuple[str, ...]:
    values = {name: getattr(given, name) for name in config.Settings.model_fields}
    return tuple(
        _name(name) for name, value in values.items() if isinstance(value, SecretStr) and value.get_secret_value()
    )


def _name(field_name: str) -> str:
    alias = config.Settings.model_fields[field_name].validation_alias
    first = alias.choices[0] if isinstance(alias, AliasChoices) else None
    return str(first) if isinstance(first, str) else config.PREFIX + field_name.upper()
