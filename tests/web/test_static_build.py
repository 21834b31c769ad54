"""The third-party browser files: locked by hash, named by no host, checked by the browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stonehand.web import static_build
from tests.web import gallery

ROOT = Path(__file__).parents[2]


def _lock(folder: Path, **package: str) -> Path:
    lock = folder / "package-lock.json"
    lock.write_text(json.dumps({"packages": {"": {}, "node_modules/x": package}}))
    return lock


def test_our_lock_file_names_hashes_and_no_host() -> None:
    static_build.check_lock(ROOT / "package-lock.json")
    assert "http" not in (ROOT / "package-lock.json").read_text()


def test_a_lock_file_that_names_a_host_is_refused(tmp_path: Path) -> None:
    with pytest.raises(static_build.BuildFailed, match="names the host"):
        static_build.check_lock(_lock(tmp_path, integrity="sha512-x", resolved="somewhere"))


def test_a_lock_file_without_a_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(static_build.BuildFailed, match="no hash"):
        static_build.check_lock(_lock(tmp_path))


def test_files_are_copied_with_their_versions_and_hashes(tmp_path: Path) -> None:
    for path in static_build.FILES.values():
        file = tmp_path / "modules" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    (tmp_path / "modules" / "htmx.org" / "package.json").write_text('{"version": "4.0.1"}')
    manifest = static_build.copy(tmp_path / "modules", tmp_path / "vendor")
    entry = manifest["htmx"]
    assert entry["file"] == "vendor/htmx-4.0.1.js"
    assert static_build.integrity((tmp_path / "vendor" / "htmx-4.0.1.js").read_bytes()) == entry["integrity"]


def test_pages_carry_the_hashes() -> None:
    from fastapi.testclient import TestClient

    from stonehand.web import rendering

    if not rendering.vendor():
        pytest.skip("the browser files are not built; run `make static`")
    with TestClient(gallery.app()) as client:
        text = client.get("/").text
    for script in rendering.vendor().values():
        content = (rendering.STATIC / script["file"]).read_bytes()
        assert f'integrity="{static_build.integrity(content)}"' in text
