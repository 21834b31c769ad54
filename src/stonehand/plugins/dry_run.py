"""The channel that sends nothing: it keeps what another kind would have sent, for people to look at.

It plays any kind that is installed, so it is the one plugin that asks the registry for others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from stonehand import registry
from stonehand.channels.interfaces import (
    ChannelKind,
    ConfigUnfit,
    Delivery,
    Described,
    Notes,
    Piece,
    Setting,
    ShowsPiece,
    Target,
)
from stonehand.errors import Rejected
from stonehand.hookspecs import Register, hookimpl
from stonehand.plugins import folder_files as files
from stonehand.plugins.folder_pages import clean

_KEY = re.compile(r"[a-z0-9]{8,64}")
HEAD = "Nothing was sent. This is what {kind} would have been given:\n\n"


class TextGone(Rejected):
    """Somebody has removed what was kept."""


class DryRun:
    """Nothing goes out.

    Settings: `plays`, the kind whose form the pieces take, such as `wordpress`, or nothing for the plain piece; any
    further ones are those of that kind, without its secrets.
    """

    kind = "dry-run"
    title = "dry run"
    settings = (Setting("plays", "Plays", "The kind whose form the pieces take, such as wordpress.", "text", False),)

    def validate(self, target: Target) -> dict[str, Any]:
        """The settings, if the kind that it plays exists."""
        _played(target)
        return {name: value for name, value in target.config.items() if str(value).strip()}

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Keep what would have been sent, once."""
        file = _file(target, key)
        if not file.exists():
            self._write(file, piece, target)
        return _delivery(file)

    def verify(self, key: str, target: Target) -> Delivery | None:
        """What was kept under this key."""
        file = _file(target, key)
        return _delivery(file) if file.exists() else None

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        """Keep what would be sent now. Raises `TextGone`."""
        file = _file(target, key)
        if not file.exists():
            raise TextGone(f"{file} is no longer there; somebody has removed it")
        self._write(file, piece, target)
        return _delivery(file)

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Forget what was kept."""
        with files.readable_errors(target.home):
            _file(target, key).unlink(missing_ok=True)

    def test(self, target: Target) -> str:
        """What it plays."""
        return f"sends nothing; shows pieces as {target.config.get('plays') or 'they are'}"

    def shown(self, piece: Piece, target: Target) -> Mapping[str, str]:
        """What the kind that it plays would show; the piece itself where that kind cannot say."""
        played = _played(target)
        if isinstance(played, ShowsPiece):
            settings = {name: value for name, value in target.config.items() if name != "plays"}
            return played.shown(piece, replace(target, config=settings, secrets={}))
        return {"piece": json.dumps(asdict(piece), default=str, ensure_ascii=False, indent=1)}

    def _write(self, file: Path, piece: Piece, target: Target) -> None:
        head = HEAD.format(kind=target.config.get("plays") or "a channel")
        parts = [f"{name}:\n{text}" for name, text in self.shown(piece, target).items()]
        with files.readable_errors(target.home), files.locked(target.home):
            files.write(file, clean(head + "\n\n".join(parts)))


@hookimpl
def register_channels(register: Register) -> None:
    """Add the dry run."""
    register(DryRun())


def _played(target: Target) -> ChannelKind | None:
    """The kind that it plays, if its own settings are known there. Raises `ConfigUnfit`."""
    wanted = str(target.config.get("plays") or "").strip()
    known = [name for name in registry.names("channel") if name != DryRun.kind]
    if wanted and wanted not in known:
        raise ConfigUnfit(f"plays is {wanted[:40]!r}, which no plugin adds; there are: {', '.join(known)}")
    found: ChannelKind | None = registry.find("channel", wanted) if wanted else None
    settings: Sequence[Setting] = found.settings if isinstance(found, Described) else ()
    unknown = sorted(target.config.keys() - {"plays"} - {each.name for each in settings})
    if unknown and (found is None or isinstance(found, Described)):
        raise ConfigUnfit(f"a dry run of {wanted or 'nothing'} has no setting {unknown[0]!r}")
    return found


def _delivery(file: Path) -> Delivery:
    return Delivery(file.absolute().as_uri(), file.name)


def _file(target: Target, key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise ConfigUnfit("a key has 8 to 64 small letters and digits")
    return target.home / f"{key}.txt"
