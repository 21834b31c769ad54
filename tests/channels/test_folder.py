"""The folder channel on a real file system."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest

from stonehand.channels.interfaces import ConfigUnfit, Piece, Target
from stonehand.plugins import folder_feeds as feeds
from stonehand.plugins import folder_files
from stonehand.plugins.folder import Folder, KeyUnfit, ManifestDamaged
from stonehand.plugins.folder_files import FolderFull, FolderUnavailable, FolderUnwritable

from .conftest import KEY, Kept, make_piece

NAME = f"2025-03-01-bridge-opens-1-{KEY}"
channel = Folder()


def listing(target: Target) -> set[str]:
    return {str(path.relative_to(target.home)) for path in target.home.rglob("*") if path.is_file()}


COMPLETE = {f"{NAME}.md", f"{NAME}.html", f"pieces/{KEY}.json", *feeds.FEEDS, "index.html", ".stonehand.lock"}


def test_a_piece_is_written(piece: Piece, target: Target) -> None:
    assert channel.verify(KEY, target) is None
    delivery = channel.deliver(piece, KEY, target, Kept())
    assert listing(target) == COMPLETE
    assert delivery.remote_id == NAME
    assert delivery.url == (target.home / f"{NAME}.html").as_uri()
    assert channel.verify(KEY, target) == delivery
    feed = feedparser.parse((target.home / "feed.xml").read_bytes())
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == [piece.title]
    assert f"<link>{delivery.url}</link>" in (target.home / "feed.xml").read_text()
    assert piece.label in feed.entries[0].description
    assert f'href="{NAME}.html"' in (target.home / "index.html").read_text()


def test_a_repeated_key_writes_nothing_new(piece: Piece, target: Target) -> None:
    first = channel.deliver(piece, KEY, target, Kept())
    before = {name: (target.home / name).read_bytes() for name in COMPLETE}
    later = replace(piece, title="Other", slug="other", at=piece.at + timedelta(days=3))
    assert channel.deliver(later, KEY, target, Kept()) == first
    assert {name: (target.home / name).read_bytes() for name in listing(target)} == before


def test_many_at_once_write_one(piece: Piece, target: Target) -> None:
    with ThreadPoolExecutor(8) as pool:
        deliveries = set(pool.map(lambda _: channel.deliver(piece, KEY, target, Kept()), range(16)))
    assert len(deliveries) == 1
    assert listing(target) == COMPLETE


class Crash(BaseException):
    """The machine stops here."""


class CrashingOs:
    """The calls that change a disk, counted; before call number `at` the machine stops."""

    CALLS = ("open", "write", "fsync", "replace", "close")

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._counted(real, name == "close") if name in self.CALLS else real

    def _counted(self, real: Any, always: bool) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count >= self.at:  # nothing works after a crash, but handles do close with the process
                if always:
                    real(*args, **kwargs)
                raise Crash
            return real(*args, **kwargs)

        return call


def test_a_crash_at_any_step_leaves_one_whole_piece(
    piece: Piece, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, crashed = 0, True
    while crashed:
        step += 1
        target = Target("City News", tmp_path / str(step) / "published" / "city-news", {})
        monkeypatch.setattr(folder_files, "os", CrashingOs(step))
        try:
            channel.deliver(piece, KEY, target, Kept())
            crashed = False
        except Crash:
            pass
        monkeypatch.setattr(folder_files, "os", os)
        for name in [f"{NAME}.html", f"{NAME}.md"]:
            if (target.home / name).exists():
                assert "surprised" in (target.home / name).read_text(), "a file is there in full or not at all"
        again = replace(piece, at=piece.at + timedelta(days=1)) if channel_began(target) else piece
        channel.deliver(again, KEY, target, Kept())
        assert listing(target) == COMPLETE, f"after a crash at step {step}"
        assert len(feedparser.parse((target.home / "feed.xml").read_bytes()).entries) == 1
    assert step > 25


def channel_began(target: Target) -> bool:
    return (target.home / "pieces" / f"{KEY}.json").exists()


@pytest.mark.parametrize(
    ("number", "error", "words"),
    [
        (errno.ENOSPC, FolderFull, "free some space"),
        (errno.EACCES, FolderUnwritable, "allow Stonehand"),
        (errno.EROFS, FolderUnwritable, "allow Stonehand"),
        (errno.EIO, FolderUnavailable, "is its disk there"),
    ],
)
def test_errors_of_the_disk_are_readable_and_leave_nothing_half_done(
    piece: Piece, target: Target, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception], words: str
) -> None:
    def fail(_handle: int, _data: bytes) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", fail)
        with pytest.raises(error, match=words) as caught:
            channel.deliver(piece, KEY, target, Kept())
    assert str(target.home) in str(caught.value)
    channel.deliver(piece, KEY, target, Kept())
    assert listing(target) == COMPLETE


def test_a_file_in_the_way_is_readable(piece: Piece, target: Target) -> None:
    target.home.parent.parent.mkdir(exist_ok=True)
    target.home.parent.write_text("not a folder")
    with pytest.raises(FolderUnwritable, match="cannot be written"):
        channel.deliver(piece, KEY, target, Kept())


def test_another_writer_is_waited_for_but_not_for_ever(
    piece: Piece, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_files, "PATIENCE", 0.05)
    with folder_files.locked(target.home), pytest.raises(FolderUnavailable, match="another writer"):
        channel.deliver(piece, KEY, target, Kept())


@pytest.mark.parametrize("slug", ["../../../etc/passwd", "/abs", "..", "a/b", "a\0b", "", "Ünï cödé", "x" * 500])
def test_no_slug_leaves_the_folder(piece: Piece, target: Target, tmp_path: Path, slug: str) -> None:
    channel.deliver(replace(piece, slug=slug), KEY, target, Kept())
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == len(COMPLETE)
    assert all(path.resolve().is_relative_to(target.home) for path in written)


@pytest.mark.parametrize("key", ["", "short", "../../etc/passwd", "a" * 65, "ABCDEFGHIJ", "0123456789/"])
def test_no_key_leaves_the_folder(piece: Piece, target: Target, key: str) -> None:
    with pytest.raises(KeyUnfit):
        channel.deliver(piece, key, target, Kept())
    assert not target.home.exists()


def test_a_planted_link_is_not_followed(piece: Piece, target: Target, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    target.home.mkdir(parents=True)
    (target.home / f".{NAME}.html.tmp").symlink_to(victim)
    (target.home / "index.html").symlink_to(victim)
    with pytest.raises(FolderUnwritable):
        channel.deliver(piece, KEY, target, Kept())
    assert victim.read_text() == "mine"


def test_the_feed_has_the_newest_fifty(target: Target) -> None:
    start = datetime(2025, 3, 1, tzinfo=UTC)
    for n in range(60):
        piece = make_piece(n, at=start + timedelta(hours=(n * 37) % 60))
        channel.deliver(piece, f"key00000{n:02}", target, Kept())
    feed = feedparser.parse((target.home / "feed.xml").read_bytes())
    times = [entry.published_parsed for entry in feed.entries]
    assert len(times) == 50
    assert times == sorted(times, reverse=True)
    assert (times[0].tm_mday, times[0].tm_hour) == (3, 11)
    assert (target.home / "index.html").read_text().count("<li>") == 60


def test_the_lists_are_the_same_whatever_the_order(tmp_path: Path) -> None:
    pieces = [make_piece(n) for n in range(4)]
    results = []
    for folder, order in (("a", [0, 1, 2, 3]), ("b", [3, 1, 0, 2])):
        target = Target("N", tmp_path / folder / "published" / "n", {"base_url": "https://n.example/p"})
        for n in order:
            channel.deliver(pieces[n], f"key0000{n}", target, Kept())
        results.append(((target.home / "feed.xml").read_bytes(), (target.home / "index.html").read_bytes()))
    assert results[0] == results[1]
    assert b"<link>https://n.example/p/2025-03-01-bridge-opens-1-key00001.html</link>" in results[0][0]


def test_a_damaged_manifest_stops_its_own_piece_only(piece: Piece, target: Target) -> None:
    channel.deliver(piece, KEY, target, Kept())
    (target.home / "pieces" / f"{KEY}.json").write_text("{")
    with pytest.raises(ManifestDamaged, match=KEY):
        channel.deliver(piece, KEY, target, Kept())
    channel.deliver(make_piece(2), "abcdefgh", target, Kept())
    assert [e.title for e in feedparser.parse((target.home / "feed.xml").read_bytes()).entries] == [make_piece(2).title]


def test_validate_makes_the_folder_and_keeps_known_settings(target: Target) -> None:
    config = {"base_url": " https://n.example/ ", "folder": ""}
    assert channel.validate(replace(target, config=config)) == {"base_url": "https://n.example/"}
    assert (target.home / "feed.xml").exists()
    assert (target.home / "index.html").exists()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"path": "x"}, "no setting 'path'"),
        ({"folder": "../other"}, "'..'"),
        ({"folder": "a\0b"}, "zero byte"),
        ({"folder": "~nobody-of-this-name/x"}, "in full"),
        ({"folder": "/"}, "own data"),
        ({"base_url": "javascript:alert(1)"}, "base_url"),
        ({"base_url": "https://user:pw@x.example/"}, "base_url"),
        ({"base_url": "https://["}, "base_url"),
    ],
)
def test_validate_says_what_is_wrong(target: Target, config: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigUnfit, match=words):
        channel.validate(replace(target, config=config))


def test_validate_keeps_off_our_own_data_and_strangers_files(target: Target, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "data", tmp_path / "data" / "broker"):
        with pytest.raises(ConfigUnfit, match="own data"):
            channel.validate(replace(target, config={"folder": str(folder)}))
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("my page")
    with pytest.raises(ConfigUnfit, match="did not write"):
        channel.validate(replace(target, config={"folder": str(site)}))
    assert (site / "index.html").read_text() == "my page"


def test_an_absolute_folder_works(piece: Piece, target: Target, tmp_path: Path) -> None:
    elsewhere = replace(target, config={"folder": str(tmp_path / "elsewhere")})
    channel.validate(elsewhere)
    channel.deliver(piece, KEY, elsewhere, Kept())
    assert (tmp_path / "elsewhere" / f"{NAME}.html").exists()
    channel.validate(elsewhere)
