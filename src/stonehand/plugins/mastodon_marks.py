"""Which status carries which key: a server keeps no key of ours, so the channel's own folder does.

A mark only helps to look a piece up later; no delivery depends on it.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from stonehand.channels.interfaces import Target
from stonehand.errors import Unavailable

_KEY = re.compile(r"[a-z0-9]{8,64}")


def keep(target: Target, key: str, status_id: str) -> None:
    """Keep it if that is possible, in full or not at all."""
    mark = _place(target, key)
    draft = mark.with_suffix(".tmp")
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(status_id)
        os.replace(draft, mark)


def find(target: Target, key: str) -> str:
    """The id of the status, or nothing."""
    mark = _place(target, key)
    try:
        return mark.read_text().strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Unavailable(f"{mark} cannot be read ({error.strerror}); is its disk there?", 60) from error


def _place(target: Target, key: str) -> Path:
    return target.home / "statuses" / (key if _KEY.fullmatch(key) else "unfit")
