"""The bench of Git repositories: a real one on this machine, whose answers to our git can be lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stonehand.channels.interfaces import Piece, Target
from stonehand.plugins import front_matter, git_commands
from stonehand.plugins.git_commands import Git, GitUnavailable
from stonehand.plugins.git_repository import GitRepository
from tests.channels.contract.bench import Bench
from tests.channels.contract.static_site_bench import body, digital_source


class GitBench(Bench):
    """A bare repository. Its readers see the newest commit of its branch."""

    kind = GitRepository()
    steps = update_steps = retract_steps = ("ls-remote", "push")
    faults = ("lost", "unheard")
    refusals = ()  # no server stands between us and a repository on this machine
    hides = False

    def __init__(self, folder: Path) -> None:
        self.remote = folder / "remote.git"
        self.script: dict[str, list[str]] = {}
        self.remote.mkdir()
        self._git("init", "--quiet", "--bare", "--initial-branch=main")
        settings = {"repository": self.remote.as_uri(), "base_url": "https://s.example/"}
        self.target = Target("Site", folder / "data" / "published" / "site", settings)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        bench, really = cls(folder), Git.run

        def run(git: Git, *arguments: str, **more: Any) -> str:
            befalls = bench.script.get(arguments[0]) or [""]
            if befalls[0] in ("unheard", "error", "login page"):
                raise GitUnavailable(f"git {arguments[0]}: {befalls.pop(0)}")
            said = really(git, *arguments, **more)
            if befalls[0]:
                raise GitUnavailable(f"git {arguments[0]}: {befalls.pop(0)}")
            return said

        monkeypatch.setattr(Git, "run", run)
        yield bench

    def _git(self, *arguments: str) -> str:
        env = {"PATH": git_commands.PATH, "HOME": str(self.remote), "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(["git", *arguments], cwd=self.remote, env=env, check=True, capture_output=True, text=True)
        return done.stdout

    def _texts(self, key: str) -> list[str]:
        if not self._git("branch", "--list", "main"):
            return []
        paths = self._git("ls-tree", "-r", "--name-only", "main").split()
        texts = [self._git("show", f"main:{path}") for path in paths]
        return [text for text in texts if front_matter.key_in(text) == key]

    def copies(self, piece: Piece, key: str) -> int:
        return len(self._texts(key))

    def text(self, piece: Piece, key: str) -> str:
        (text,) = self._texts(key)
        return body(text)

    def machine(self, piece: Piece, key: str) -> str:
        (text,) = self._texts(key)
        return digital_source(text)

    def doubled(self) -> bool:
        if not self._git("branch", "--list", "main"):
            return False
        brought = self._git("log", "--format=%(trailers:key=Stonehand-Key,valueonly)", "main").split()
        return len(set(brought)) < len(brought)

    def vanish(self, key: str) -> None:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        empty = self._git("hash-object", "-t", "tree", "-w", "/dev/null").strip()
        commit = self._git(*who, "commit-tree", empty, "-p", "main", "-m", "Somebody tidies up").strip()
        self._git("update-ref", "refs/heads/main", commit)

    def befall(self, step: str, what: str) -> None:
        self.script.setdefault(step, []).append(what)

    def unhappened(self) -> list[str]:
        return [step for step, rest in self.script.items() if rest]
