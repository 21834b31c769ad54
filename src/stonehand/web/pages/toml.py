"""Settings as TOML, as people type them: one line for each that is not a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(settings: Mapping[str, Any]) -> str:
    """`{"comments": {"settle_seconds": 60}}` as `comments.settle_seconds = 60`. What is None is left out."""
    return "\n".join(_lines(settings, ""))


def _lines(settings: Mapping[str, Any], before: str) -> Iterator[str]:
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _lines(value, f"{before}{_key(name)}.")
        elif value is not None:
            yield f"{before}{_key(name)} = {_value(value)}"


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items() if each is not None)
        return f"{{{inner}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(each) for each in value if each is not None)}]"
    return json.dumps(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
