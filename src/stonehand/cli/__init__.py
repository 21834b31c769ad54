"""The command line. Each group of verbs is a file that is loaded only when it is asked for."""

from __future__ import annotations

import errno
import sys
from importlib import import_module
from typing import Any

import click

from stonehand import __version__

VERBS = {
    "init": "starting",
    "start": "starting",
    "run": "running",
    "web": "parts",
    "worker": "parts",
    "scheduler": "parts",
    "beat": "parts",
    "stop": "behind",
    "flower": "flower",
    "monitor": "monitor",
    "tasks": "shortcuts",
    "queues": "shortcuts",
    "inspect": "inspecting",
    "test": "trial",
    "task-status": "shortcuts",
    "why": "shortcuts",
    "retry": "shortcuts",
    "cancel": "shortcuts",
    "dead-letters": "dead_letters",
    "purge": "purging",
    "source": "sources",
    "letter": "letters",
    "article": "library",
    "story": "library",
    "trend": "trends",
    "vectors": "trends",
    "library": "searching",
    "rubric": "rubrics",
    "reading": "reading",
    "digest": "digests",
    "curate": "curating",
    "prompts": "prompting",
    "agents": "agents",
    "draft": "desk",
    "posts": "posts",
    "review": "desk",
    "channel": "publishing",
    "platform": "platforms",
    "process": "processes",
    "comment": "comments",
    "publication": "publishing",
    "policy": "gate",
    "stop-everything": "gate",
    "resume-everything": "gate",
    "publish": "timing",
    "calendar": "timing",
    "report": "reporting",
    "job": "jobs",
    "queue": "jobs",
    "task": "jobs",
    "call": "calling",
    "schedules": "schedules",
    "pause": "limits",
    "resume": "limits",
    "breakers": "limits",
    "limits": "limits",
    "models": "models",
    "budgets": "models",
    "usage": "models",
    "user": "accounts",
    "token": "accounts",
    "setup-link": "accounts",
    "audit": "accounts",
    "alerts": "alerts",
    "backup": "backups",
    "restore": "backups",
    "retention": "retention",
    "keys": "keys",
    "sample": "sample",
    "settings": "system",
    "status": "system",
    "doctor": "system",
    "supervisor": "deployment",
    "systemd": "deployment",
    "compose": "deployment",
}
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES}


class Verbs(click.Group):
    """Finds a verb by its name and imports its file then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        name = {"sources": "source", "agent": "agents"}.get(name, name)
        if name not in VERBS:
            return None
        module = import_module(f"stonehand.cli.{VERBS[name]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="stonehand")
def root() -> None:
    """A newsroom on durable jobs: know what is new and true, and get a checked piece out, exactly once."""


def main() -> Any:
    """Run a verb. Our own errors, and what a disk refuses, become one clear line and exit code 1."""
    from stonehand.errors import StonehandError

    try:
        return root()
    except StonehandError as error:
        reason = str(error)
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        reason = f"cannot write {error.filename or 'to the disk'}: {error.strerror}; free some space or its rights"
    click.echo(f"stonehand: {reason}", err=True)
    sys.exit(1)
