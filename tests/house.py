"""House rules that no other tool checks. `python -m tests.house` prints what breaks them and exits 1."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "stonehand"
LONGEST_FILE = 400  # lines
EDGES = {"db.py", "migrations/upgrading.py", "migrations/env.py"}
ENVIRONMENT = {"config.py", "supervisor.py", "__init__.py"}  # the others hand it on unread, or set a default


def lines(pattern: str) -> Iterator[tuple[Path, int, str]]:
    """Every line of our own source, with its file and number."""
    for path in sorted(SOURCE.rglob(pattern)):
        if "vendor" not in path.parts and "versions" not in path.parts:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                yield path, number, line


def named_hosts() -> Iterator[str]:
    """No lock file names a package host: where packages come from is the machine's affair."""
    for path in [*(ROOT / "requirements").glob("*.txt"), ROOT / "package-lock.json"]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"(https?|git|ssh)[:+]//", line) and '"funding"' not in line and '"url"' not in line:
                yield f"{path.relative_to(ROOT)}:{number} names a host: {line.strip()[:80]}"


def stray_commits() -> Iterator[str]:
    """Nobody commits but the edge."""
    for path, number, line in lines("*.py"):
        if re.search(r"\bsession\.commit\(|connection\.commit\(", line) and str(path.relative_to(SOURCE)) not in EDGES:
            yield f"{path.relative_to(ROOT)}:{number} commits; only the edge does"


def environment_readers() -> Iterator[str]:
    """Only config reads the environment."""
    for path, number, line in lines("*.py"):
        if re.search(r"os\.environ|os\.getenv", line) and path.name not in ENVIRONMENT:
            yield f"{path.relative_to(ROOT)}:{number} reads the environment; only config.py does"


def long_files() -> Iterator[str]:
    """A long file has a second noun in it."""
    for path in sorted(SOURCE.rglob("*.py")):
        length = len(path.read_text().splitlines())
        if length > LONGEST_FILE and "versions" not in path.parts:
            yield f"{path.relative_to(ROOT)} has {length} lines, more than {LONGEST_FILE}"


def homeless_files() -> Iterator[str]:
    """A helper without a name has no home yet."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path.stem in {"utils", "util", "helpers", "common", "manager", "misc"}:
            yield f"{path.relative_to(ROOT)}: name it for its deed"


def loose_hx() -> Iterator[str]:
    """Every hx- attribute lives in the macros of hx.html, where its traps are dealt with once."""
    for path, number, line in lines("*.html"):
        if re.search(r"\shx-[a-z:-]+=", line) and path.name != "hx.html":
            yield f"{path.relative_to(ROOT)}:{number} has an hx- attribute; use a macro of hx.html"


def locked_keys() -> Iterator[str]:
    """A row is held against changes, not against others that name it: with foreign keys, PostgreSQL would deadlock."""
    for path, number, line in lines("*.py"):
        if "with_for_update" in line and "key_share" not in line:
            yield f"{path.relative_to(ROOT)}:{number} holds a row with its keys; say with_for_update(key_share=True)"


RULES = (locked_keys, named_hosts, stray_commits, environment_readers, long_files, homeless_files, loose_hx)


def main() -> int:
    """Check every rule."""
    broken = [complaint for rule in RULES for complaint in rule()]
    sys.stdout.write("".join(f"{complaint}\n" for complaint in broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
