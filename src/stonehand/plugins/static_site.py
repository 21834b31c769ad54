"""The channel into the folder of a static site: each piece once, as a Markdown file with front matter.

A piece starts with its note, `.stonehand/<key>.json` in the site's folder, which fixes its path and slug. The file can
be written again at any time: after a crash, the same key finds its note and completes the same piece.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from stonehand.channels.interfaces import (
    ArrivalDisputed,
    ConfigUnfit,
    Delivery,
    Notes,
    Piece,
    Setting,
    Target,
)
from stonehand.hookspecs import Register, hookimpl
from stonehand.plugins import folder_files as files
from stonehand.plugins import front_matter
from stonehand.plugins.front_matter import Layout

NOTES, TAKEN = ".stonehand", "taken"
_KEY = re.compile(r"[a-z0-9]{8,64}")
_SETTINGS = ("folder", *front_matter.SETTINGS)


@dataclass(frozen=True)
class Place:
    """Where a piece stands, and the slug, time and address it had when it first came."""

    key: str
    path: str
    slug: str
    at: str
    url: str

    def settled(self, piece: Piece) -> Piece:
        """The piece as it first came, whatever is new about it."""
        return replace(piece, at=datetime.fromisoformat(self.at), slug=self.slug)


class StaticSite:
    """The folder of a site that Hugo or Jekyll builds.

    Settings: `folder`, where the site is; `generator`, `hugo` or `jekyll`; `format`, `yaml` or `toml`; `path` and
    `link`, patterns of where a piece stands and is seen; `base_url`; `draft`, whether pieces come as drafts;
    `on_retract`, `remove` the file or `mark` it as retracted.
    """

    kind = "static-site"
    title = "static site"
    settings = (
        Setting("folder", "Folder of the site", "Its whole path on the machine Stonehand runs on."),
        *front_matter.SETTINGS_OF_A_SITE,
    )

    def validate(self, target: Target) -> dict[str, Any]:
        """The settings, after a note was written in the site's folder."""
        unknown = sorted(set(target.config) - set(_SETTINGS))
        if unknown:
            raise ConfigUnfit(f"a static site has no setting {unknown[0]!r}; it has {', '.join(_SETTINGS)}")
        folder = _folder(target)
        with files.readable_errors(folder):
            if not folder.is_dir():
                raise ConfigUnfit(f"{folder} is no folder; give the folder of the site, where its configuration is")
            with files.locked(folder / NOTES):
                pass
        return front_matter.kept(target.config) | {"folder": str(target.config["folder"]).strip()}

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Write the file of this key, where its first call has put it."""
        folder, form = _folder(target), front_matter.layout(target.config)
        with files.readable_errors(folder), files.locked(folder / NOTES):
            place = _noted(folder, key) or _claimed(folder, form, piece, key)
            file = folder / place.path
            if not file.exists():
                _check_within(folder, file)
                file.parent.mkdir(parents=True, exist_ok=True)
                files.write(file, front_matter.document(form, place.settled(piece), key))
            if _key_in(file) != key:
                raise ArrivalDisputed(f"{file} is not the piece that was written there; somebody has changed it")
        return Delivery(place.url, place.path)

    def verify(self, key: str, target: Target) -> Delivery | None:
        """The file of this key, if it is there and carries it."""
        folder = _folder(target)
        with files.readable_errors(folder):
            place = _shown(folder, key)
        return Delivery(place.url, place.path) if place else None

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        """Write the file anew, with the date and the address it has."""
        folder, form = _folder(target), front_matter.layout(target.config)
        with files.readable_errors(folder), files.locked(folder / NOTES):
            place = _shown(folder, key)
            if place is None:
                raise ArrivalDisputed("the piece is no longer in the site; somebody has removed or changed it")
            files.write(folder / place.path, front_matter.document(form, place.settled(piece), key))
        return Delivery(place.url, place.path)

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Remove the file, or leave one that says why the text is gone."""
        folder, form = _folder(target), front_matter.layout(target.config)
        with files.readable_errors(folder), files.locked(folder / NOTES):
            place = _shown(folder, key)
            if place is None:
                return
            if form.on_retract == "remove":
                (folder / place.path).unlink()
            else:
                files.write(folder / place.path, front_matter.tombstone(form, place.slug, place.at, key, reason))

    def test(self, target: Target) -> str:
        """Whether the folder can be written, and where the next piece would stand."""
        self.validate(target)
        form = front_matter.layout(target.config)
        return f"can write in {_folder(target)}; pieces are {form.generator} pages in {form.format}, at {form.path}"

    def shown(self, piece: Piece, target: Target) -> dict[str, str]:
        """The file as it would be written, below its path."""
        return {"file": front_matter.shown(front_matter.layout(target.config), piece)}


@hookimpl
def register_channels(register: Register) -> None:
    """Add the channel into the folder of a static site."""
    register(StaticSite())


def _folder(target: Target) -> Path:
    wanted = str(target.config.get("folder") or "").strip()
    if not wanted or "\0" in wanted or ".." in Path(wanted).parts or not Path(wanted).is_absolute():
        raise ConfigUnfit("folder must be the whole path of the site's folder, such as /srv/site, without '..'")
    folder, data = Path(wanted).resolve(), target.home.parent.parent.resolve()
    if data.is_relative_to(folder) or (folder.is_relative_to(data) and not folder.is_relative_to(data / "published")):
        raise ConfigUnfit(f"{folder} holds Stonehand's own data; choose another folder")
    return folder


def _note(folder: Path, key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise ConfigUnfit("a key has 8 to 64 small letters and digits")
    return folder / NOTES / f"{key}.json"


def _noted(folder: Path, key: str) -> Place | None:
    try:
        return Place(**json.loads(_note(folder, key).read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ArrivalDisputed(f"{_note(folder, key)} is damaged; restore it, or remove it and its piece") from error


def _claimed(folder: Path, form: Layout, piece: Piece, key: str) -> Place:
    """A path at which nothing stands, taken for this key and written down before anything else."""
    (folder / NOTES / TAKEN).mkdir(exist_ok=True)
    for number in count(1):
        path = front_matter.path_of(form, piece, number)
        taken = folder / NOTES / TAKEN / hashlib.sha256(path.encode()).hexdigest()
        if (folder / path).exists() or (taken.exists() and taken.read_text() != key):
            continue
        files.write(taken, key)
        url = front_matter.url_of(form, piece, number) or (folder / path).as_uri()
        place = Place(key, path, front_matter.slug_of(piece, number), piece.at.isoformat(), url)
        files.write(_note(folder, key), json.dumps(asdict(place)))
        return place
    raise AssertionError("there is always another number")


def _check_within(folder: Path, file: Path) -> None:
    """A link within the site must not lead out of it."""
    if not file.parent.resolve().is_relative_to(folder):
        raise ConfigUnfit(f"{file.parent} leads out of the site; choose another path")


def _key_in(file: Path) -> str:
    try:
        return front_matter.key_in(file.read_text("utf-8", "replace"))
    except FileNotFoundError:
        return ""


def _shown(folder: Path, key: str) -> Place | None:
    """Where the piece of this key is, if its file is there and carries it."""
    place = _noted(folder, key)
    return place if place and _key_in(folder / place.path) == key else None
