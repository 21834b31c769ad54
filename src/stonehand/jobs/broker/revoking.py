"""Celery's `revoke`, which stops a message that nobody has taken: here it reaches what the message became, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from celery.worker import control

from stonehand import log
from stonehand.errors import StonehandError

NAME = "revoke"
Deed = Callable[[Sequence[str], bool], None]
"""Stops these jobs, by their own id or the client's; those that run already only if the second argument says so."""


def hear(deed: Deed) -> None:
    """Let the workers of this process do this, beside what Celery does, whenever a client revokes."""
    theirs: Callable[..., Any] = getattr(control, NAME)

    def revoke(state: Any, task_id: str | Sequence[str], terminate: bool = False, **options: Any) -> Any:
        try:
            deed([task_id] if isinstance(task_id, str) else list(task_id or ()), terminate)
        except StonehandError as error:
            log.logger(__name__).warning("cannot stop what a Celery client revoked", error=str(error))
        return theirs(state, task_id, terminate=terminate, **options)

    theirs_said = control.Panel.meta[NAME]
    words = {"signature": theirs_said.signature, "variadic": theirs_said.variadic, "help": theirs_said.help}
    control.Panel.register(name=NAME, **words)(revoke)
