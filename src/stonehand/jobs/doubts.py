"""How long a target that does not say whether something arrived is asked, before a person must look. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

FEWEST = 3  # questions without an answer before a person is asked
SLACK = 60.0  # seconds for which a question may be late and its waiting still counts: beyond, nobody ran to ask


def next_question(
    kept: Mapping[str, Any], moment: datetime, window: float, pause: float, retry_after: float | None
) -> tuple[dict[str, Any], float | None]:
    """What to keep of an unanswered question, and in how many seconds to ask again; None if a person must look.

    `kept` is what was kept of the last one, empty at the first. The target is asked every `pause` seconds, or when it
    wished to be (`retry_after`), for `window` seconds in all. Of these only waiting for the target counts, not waiting
    for a worker: whoever was asked twice in an hour, since a thousand others were before it, was hardly asked.
    """
    times, spent = int(kept.get("times", 0)) + 1, float(kept.get("spent", 0.0))
    if times > 1:
        spent += min(max(moment.timestamp() - kept["at"], 0.0), kept["wait"] + SLACK)
    wait = _wait(window - spent, pause, retry_after, times < FEWEST and window > 0)
    return {"times": times, "spent": spent, "at": moment.timestamp(), "wait": wait or 0.0}, wait


def _wait(left: float, pause: float, retry_after: float | None, is_early: bool) -> float | None:
    if left > 0:
        return min(max(retry_after or 0.0, pause), left)
    return pause if is_early else None
