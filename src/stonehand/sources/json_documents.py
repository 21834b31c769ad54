"""A stranger's JSON: read within limits, and looked into by paths such as `data.items.0.title`."""

from __future__ import annotations

import json
from typing import Any

from stonehand.sources.decoding import decode
from stonehand.sources.errors import JsonBroken


def read(body: bytes, charset: str | None = None) -> Any:
    """The document. Raises `JsonBroken`, saying what came instead."""
    written = decode(body, charset)
    try:
        return json.loads(written)
    except (ValueError, RecursionError) as error:
        start = written.lstrip()[:1]
        instead = "it is empty" if not start else "it is a web page" if start == "<" else str(error)[:120]
        raise JsonBroken(f"the JSON cannot be read: {instead}") from error


def at(document: Any, path: str) -> Any:
    """What is at a path, numbers counting the members of a list from 0; None if nothing is. All of it for no path."""
    found = document
    for name in path.split(".") if path else ():
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and len(name) < 6 and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def text(value: Any) -> str:
    """A text or number as text; nothing for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return str(value)
    except ValueError:  # a number of more digits than Python prints
        return ""
