"""PostgreSQL's own tools: where they are, whether they fit the server, and how they are called."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from stonehand import config, log
from stonehand.backups.errors import DumpFailed, ToolsUnfit

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
LONGEST_REASON = 500


@dataclass(frozen=True)
class Tool:
    """A program, and the major version of the PostgreSQL that it belongs to."""

    path: str
    major: int


def find(name: str, server: int, at_least: int = 0) -> Tool:
    """The tool that fits a server of this major version: the same version, or the nearest later one.

    A tool older than the server cannot dump it. Raises `ToolsUnfit`, which says what to install.
    """
    found = list(_candidates(name))
    fitting = sorted((tool.major, tool.path) for tool in found if tool.major >= max(server, at_least))
    if fitting:
        return Tool(fitting[0][1], fitting[0][0])
    here = ", ".join(f"{tool.path} is of PostgreSQL {tool.major}" for tool in found) or f"there is no {name} here"
    raise ToolsUnfit(
        f"{here}, but PostgreSQL {max(server, at_least)} needs {name} {max(server, at_least)} or later; install "
        f"postgresql-client-{max(server, at_least)}, or name its folder in {config.PREFIX}POSTGRES_TOOLS"
    )


def _candidates(name: str) -> Iterator[Tool]:
    given = config.settings().postgres_tools
    if given:
        paths = [str(Path(given) / name)]
    else:
        on_path = shutil.which(name)
        paths = [on_path] if on_path else []
        paths += [str(path / name) for place in PLACES for path in sorted(Path("/").glob(place[1:]))]
    for path in dict.fromkeys(paths):
        major = _major(path)
        if major is not None:
            yield Tool(path, major)


def _major(path: str) -> int | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(\d+)(\.\d+)*(devel|beta\d+|rc\d+)?( |$)", said)
    return int(found.group(1)) if found else None


def run(tool: Tool, url: str, words: Sequence[str]) -> None:
    """Call a tool on a database. The password goes by the environment, where other users cannot read it."""
    address = make_url(url)
    password = str(address.password) if address.password else ""
    command = [tool.path, "--no-password", f"--dbname={_plain(address)}", *words]
    done = subprocess.run(  # noqa: S603  our own words and an operator's setting
        command, capture_output=True, text=True, check=False, env=config.environment(PGPASSWORD=password)
    )
    if done.returncode:
        reason = str(log.redact(done.stderr.strip()[-LONGEST_REASON:])).replace(password or "\0", log.MASK)
        raise DumpFailed(f"{Path(tool.path).name} failed: {reason}")


def _plain(address: URL) -> str:
    """The address as PostgreSQL's tools know it, without the password."""
    plain = URL.create(
        "postgresql", address.username, None, address.host, address.port, address.database, address.query
    )
    return plain.render_as_string()
