"""The folder channel: each piece once, as Markdown and as a page, with an index and feeds.

A piece starts with its manifest, `pieces/<key>.json`, which fixes its file name. Whatever comes after can be written
again: after a crash the same key finds its manifest and completes the same piece. Index and feeds come from manifests.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stonehand.channels.interfaces import ConfigUnfit, Delivery, Notes, Piece, Setting, Target
from stonehand.errors import Rejected
from stonehand.hookspecs import Register, hookimpl
from stonehand.plugins import folder_feeds as feeds
from stonehand.plugins import folder_files as files
from stonehand.plugins import folder_pages as pages
from stonehand.plugins.folder_pages import Entry

INDEX_LENGTH = 200
_KEY = re.compile(r"[a-z0-9]{8,64}")
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)-[a-z0-9-]+-([a-z0-9]{8,64})\.html")
_SETTINGS = {"folder", "base_url"}
_SAID = ("title", "excerpt", "language", "label", "generator")  # of a manifest, that a correction may change


class KeyUnfit(Rejected):
    """A key that cannot be part of a file name."""


class PieceGone(Rejected):
    """The piece was taken back, or somebody has removed it."""


class ManifestDamaged(Rejected):
    """A manifest that is not what we wrote, so nobody can tell whether its piece is out."""


class Folder:
    """A folder of files that any web server, static site or feed reader can use.

    Settings: `folder`, absolute or within the channel's own folder (which it is when left out); `base_url`, the address
    at which people see the folder, for the feed's links.
    """

    kind = "folder"
    title = "folder"
    settings = (
        Setting(
            "folder", "Folder", "A path on the machine Stonehand runs on. Empty: one beside its data.", "text", False
        ),
        Setting("base_url", "Address of the folder", "Where people see it; its feed’s links need it.", "url", False),
    )

    def validate(self, target: Target) -> dict[str, Any]:
        """The settings, after the folder was made and a file written in it."""
        unknown = sorted(set(target.config) - _SETTINGS)
        if unknown:
            raise ConfigUnfit(f"a folder channel has no setting {unknown[0]!r}; it has {', '.join(sorted(_SETTINGS))}")
        kept = {name: str(value).strip() for name, value in target.config.items() if value and str(value).strip()}
        _check_base(kept.get("base_url"))
        folder = _folder(target)
        with files.readable_errors(folder):
            _check_ours(folder)
            with files.locked(folder):
                (folder / "pieces").mkdir(exist_ok=True)
                _renew_lists(folder, target)
        return kept

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Write the piece once. A repeated key completes what its first call began, with the name it had then."""
        folder = _folder(target)
        manifest = _manifest(folder, key)
        with files.readable_errors(folder), files.locked(folder):
            manifest.parent.mkdir(exist_ok=True)
            entry = _read(manifest) or _claim(manifest, piece, key)
            if entry.retracted:
                raise PieceGone(f"{entry.title!r} was taken back from {folder}; it is not shown again under its key")
            _complete(folder, replace(piece, at=entry.time), entry, target)
            _renew_lists(folder, target)
        return Delivery(f"{_base(folder, target)}{entry.name}.html", entry.name)

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        """Write the corrected piece over the one of this key, at the same address and under the same date."""
        folder = _folder(target)
        with files.readable_errors(folder), files.locked(folder):
            entry = _read(_manifest(folder, key))
            if entry is None or entry.retracted:
                raise PieceGone(f"{delivery.url or key} is not in {folder} any more, so it cannot be corrected")
            corrected = piece.corrected_at.isoformat(timespec="seconds") if piece.corrected_at else ""
            entry = replace(entry, **{name: getattr(piece, name) for name in _SAID}, corrected=corrected)
            _write(_manifest(folder, key), entry)
            _complete(folder, replace(piece, at=entry.time), entry, target, anew=True)
            _renew_lists(folder, target)
        return Delivery(f"{_base(folder, target)}{entry.name}.html", entry.name)

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Remove the text from the folder, its list and its feeds. At its address stands that it was taken back."""
        folder = _folder(target)
        with files.readable_errors(folder), files.locked(folder):
            entry = _read(_manifest(folder, key))
            if entry is None:
                return
            entry = replace(entry, retracted=entry.retracted or reason)
            _write(_manifest(folder, key), entry)
            (folder / f"{entry.name}.md").unlink(missing_ok=True)
            files.write(folder / f"{entry.name}.html", pages.as_retracted(entry))
            _renew_lists(folder, target)

    def shown(self, piece: Piece, target: Target) -> dict[str, str]:
        """The page and the text, as `deliver` writes them."""
        return {"page": pages.as_page(piece), "text": pages.as_markdown(piece)}

    def verify(self, key: str, target: Target) -> Delivery | None:
        """What was written under this key, if its page and its text are there."""
        folder = _folder(target)
        with files.readable_errors(folder):
            entry = _read(_manifest(folder, key))
            if (
                entry is None
                or entry.retracted
                or not all((folder / (entry.name + ending)).exists() for ending in (".md", ".html"))
            ):
                return None
        return Delivery(f"{_base(folder, target)}{entry.name}.html", entry.name)

    def preview(self, piece: Piece, target: Target) -> str:
        """The page that would be written."""
        return pages.as_page(piece, "", target.name)


@hookimpl
def register_channels(register: Register) -> None:
    """Add the folder channel."""
    register(Folder())


def _folder(target: Target) -> Path:
    wanted = str(target.config.get("folder") or "").strip()
    if not wanted:
        return target.home
    if "\0" in wanted or ".." in Path(wanted).parts:
        raise ConfigUnfit("the folder's path must not contain '..' or a zero byte; write it out in full")
    try:
        folder = target.home / Path(wanted).expanduser()
    except RuntimeError as error:
        raise ConfigUnfit(f"{wanted} names the home of a user who is not here; write the path out in full") from error
    data, published = target.home.parent.parent.resolve(), target.home.parent.resolve()
    real = folder.resolve()
    if data.is_relative_to(real) or (real.is_relative_to(data) and not real.is_relative_to(published)):
        raise ConfigUnfit(f"{folder} holds Stonehand's own data; choose another folder, or leave it empty")
    return folder


def _check_base(address: str | None) -> None:
    if not address:
        return
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        fits = False
    if not fits or "@" in address:
        raise ConfigUnfit("base_url must be an address like https://news.example.org/pieces/")


def _check_ours(folder: Path) -> None:
    if folder.is_dir() and not (folder / files.LOCK).exists() and any(folder.iterdir()):
        raise ConfigUnfit(f"{folder} holds files that Stonehand did not write; choose an empty folder, or a new one")


def _base(folder: Path, target: Target) -> str:
    return str(target.config.get("base_url") or folder.absolute().as_uri()).rstrip("/") + "/"


def _manifest(folder: Path, key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise KeyUnfit("a key has 8 to 64 small letters and digits")
    return folder / "pieces" / f"{key}.json"


def _claim(manifest: Path, piece: Piece, key: str) -> Entry:
    at = piece.at.astimezone(UTC)
    slug = re.sub(r"[^a-z0-9]+", "-", piece.slug.lower())[:60].strip("-") or "piece"
    entry = Entry(
        key,
        f"{at:%Y-%m-%d}-{slug}-{key}",
        piece.id,
        piece.title,
        piece.excerpt,
        piece.language,
        piece.label,
        piece.generator,
        at.isoformat(timespec="seconds"),
    )
    _write(manifest, entry)
    return entry


def _write(manifest: Path, entry: Entry) -> None:
    files.write(manifest, json.dumps(asdict(entry), ensure_ascii=False, indent=1))


def _complete(folder: Path, piece: Piece, entry: Entry, target: Target, *, anew: bool = False) -> None:
    page = pages.as_page(piece, f"{_base(folder, target)}{entry.name}.html", target.name)
    for ending, text in ((".md", pages.as_markdown(piece)), (".html", page)):
        path = folder / (entry.name + ending)
        if anew or not path.exists():
            files.write(path, text)


def _read(manifest: Path) -> Entry | None:
    try:
        return Entry(**json.loads(manifest.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ManifestDamaged(f"{manifest} is damaged; restore it, or remove it and its piece") from error


def _renew_lists(folder: Path, target: Target) -> None:
    entries = sorted(_newest(folder, INDEX_LENGTH), key=lambda entry: (entry.at, entry.key), reverse=True)
    files.write(folder / "index.html", pages.as_index(target.name, entries[:INDEX_LENGTH]))
    for name, made in feeds.FEEDS.items():
        files.write(folder / name, made(target.name, _base(folder, target), entries[: feeds.LENGTH]))


def _newest(folder: Path, count: int) -> Iterator[Entry]:
    """The entries of at least the `count` newest pieces, with the whole of their last day."""
    found = sorted((match for name in os.listdir(folder) if (match := _NAME.fullmatch(name))), key=_day, reverse=True)
    last = _day(found[min(count, len(found)) - 1]) if found else ""
    for match in found:
        if _day(match) < last:
            return
        with suppress(ManifestDamaged):  # one damaged piece must not keep all others from going out
            entry = _read(folder / "pieces" / f"{match[2]}.json")
            if entry is not None and not entry.retracted:
                yield entry


def _day(match: re.Match[str]) -> str:
    return match[1]
