"""The channel into a Git repository of a static site: each piece is one commit, pushed once.

A push names the commit that it follows, and a server takes it only if that is still the newest: so of two pushes from
the same place one wins, also if it comes late. The commit carries the key in a trailer. Whoever is not sure fetches and
looks for it; if it is there, the piece has arrived, and if it is not, no late push can bring it any more once another
one has won. We need no working tree: a commit is put together from the newest one and made anew whenever others push.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stonehand.channels.interfaces import (
    ArrivalDisputed,
    ArrivalUnknown,
    Config,
    ConfigUnfit,
    Delivery,
    LoginRefused,
    Notes,
    Piece,
    Setting,
    Target,
)
from stonehand.errors import Rejected, Unavailable
from stonehand.hookspecs import Register, hookimpl
from stonehand.plugins import folder_files as files
from stonehand.plugins import front_matter, git_commands
from stonehand.plugins.front_matter import Layout
from stonehand.plugins.git_commands import Git, GitUnavailable, Overtaken, Remote

TRIES = 8  # pushes, when others are quicker
TRAILERS = ("Stonehand-Key", "Stonehand-Path", "Stonehand-Slug", "Stonehand-Date", "Stonehand-Link")
UPDATED, RETRACTED = "Stonehand-Updates", "Stonehand-Retracts"
OURS = "refs/stonehand/newest"
_KEY = re.compile(r"[a-z0-9]{8,64}")
_BRANCH = re.compile(r"(?!-)(?!.*(\.\.|//|@\{|\.lock$|/$|/\.))[A-Za-z0-9._/-]{1,100}")
_SETTINGS = ("repository", "branch", "username", "host_key", "author", "password", "ssh_key", *front_matter.SETTINGS)
Text = Callable[["Found"], str]


@dataclass(frozen=True)
class Found:
    """A piece in the repository, as its commit tells: where, under which slug, with which date, seen where."""

    path: str
    slug: str
    at: str
    link: str

    def settled(self, piece: Piece) -> Piece:
        """The piece with the slug and the time it had when it first came."""
        return replace(piece, slug=self.slug, at=datetime.fromisoformat(self.at))


class GitRepository:
    """A branch of a repository over https, ssh or on this machine.

    Settings: `repository`, `branch`; `username` and `password` (or a token), or `ssh_key` and `host_key`; `author`, as
    `Name <mail>`; and those of a static site.
    """

    kind = "git"
    title = "Git repository"
    settings = (
        Setting("repository", "Repository", "Such as https://git.example.org/site.git or git@host:site.git."),
        Setting("branch", "Branch", "main, unless you say otherwise.", "text", False),
        Setting("username", "User name", "Over https; some servers want any word here.", "text", False),
        Setting("password", "Password or token", "Over https; one that may push.", "password", False),
        Setting("ssh_key", "Private key", "Over ssh; one that may push.", "password", False),
        Setting("host_key", "Key of the server", "Over ssh; from ssh-keyscan -t ed25519 HOST.", "text", False),
        Setting("author", "Author", "Of the commits, such as News desk <desk@example.org>.", "text", False),
        *front_matter.SETTINGS_OF_A_SITE,
    )
    secret_names = ("password", "ssh_key")

    def address(self, config: Config) -> str:
        """The server, or the path on this machine."""
        parts = urlsplit(git_commands.checked_url(str(config.get("repository") or "")))
        return f"{parts.scheme}://{parts.netloc or parts.path}".lower()

    def validate(self, target: Target) -> dict[str, Any]:
        """The settings, after the branch was fetched."""
        unknown = sorted(set(target.config) - set(_SETTINGS))
        if unknown:
            raise ConfigUnfit(f"a Git repository has no setting {unknown[0]!r}; it has {', '.join(_SETTINGS)}")
        given = {name: str(target.config.get(name) or "").strip() for name in _SETTINGS[:5]}
        kept = {name: value for name, value in given.items() if value} | front_matter.kept(target.config)
        git_commands.read_remote(given, target.secrets)
        _branch(target)
        _author(target)
        with _opened(target) as work:
            work.fetch()
        return kept

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Push a commit with this piece, unless one with this key is there."""
        form = front_matter.layout(target.config)
        with _opened(target) as work:
            for _ in range(TRIES):
                tip = work.fetch()
                found = work.found(tip, key)
                if found:
                    _check_there(work, tip, found, key)
                    return _delivery(target, form, found)
                place = work.free_place(tip, form, piece)
                text = front_matter.document(form, place.settled(piece), key)
                told = (key, place.path, place.slug, place.at, place.link)
                message = _message(piece.title, dict(zip(TRAILERS, told, strict=True)))
                if work.push(work.commit(tip, place.path, text, message), tip):
                    return _delivery(target, form, place)
        raise Overtaken("others push to the branch all the time", 30)

    def verify(self, key: str, target: Target) -> Delivery | None:
        """The file of this key in the newest commit."""
        form = front_matter.layout(target.config)
        with _opened(target) as work:
            tip = work.fetch()
            found = work.found(tip, key)
            if found is None or front_matter.key_in(work.text(tip, found.path)) != key:
                return None
        return _delivery(target, form, found)

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        """Push a commit that replaces the text, unless the text is there."""
        form = front_matter.layout(target.config)

        def text(found: Found) -> str:
            return front_matter.document(form, found.settled(piece), key)

        with _opened(target) as work:
            found = _changed(work, key, text, _message(f"Update: {piece.title}", {UPDATED: key}))
        if found is None:
            raise ArrivalDisputed("the piece is no longer in the repository; somebody has removed it")
        return _delivery(target, form, found)

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Push a commit that removes the file, or marks it as retracted."""
        form = front_matter.layout(target.config)

        def text(found: Found) -> str:
            is_removed = form.on_retract == "remove"
            return "" if is_removed else front_matter.tombstone(form, found.slug, found.at, key, reason)

        with _opened(target) as work:
            _changed(work, key, text, _message("Retract a piece", {RETRACTED: key}, reason))

    def test(self, target: Target) -> str:
        """Whether the branch can be read. Whether it can be pushed to shows at the first piece."""
        with _opened(target) as work:
            tip = work.fetch()
        where = f"branch {_branch(target)} of {_remote(target).url}"
        return f"can read {where}, now at {tip[:12]}" if tip else f"{where} is empty; the first piece begins it"

    def shown(self, piece: Piece, target: Target) -> dict[str, str]:
        """The file as the commit would bring it, below its path."""
        return {"file": front_matter.shown(front_matter.layout(target.config), piece)}


@hookimpl
def register_channels(register: Register) -> None:
    """Add the channel into Git repositories."""
    register(GitRepository())


class Work:
    """What is done in our own bare copy of a branch, while nobody else of ours is in it."""

    def __init__(self, git: Git, remote: Remote, branch: str, author: str) -> None:
        self._git, self._remote, self._branch = git, remote, branch
        name, _, mail = author.partition("<")
        self._who = {"NAME": name.strip(), "EMAIL": mail.rstrip("> ")}

    def fetch(self) -> str:
        """The newest commit of the branch; empty if there is none yet."""
        listed = self._git.run("ls-remote", "--", self._remote.url, f"refs/heads/{self._branch}")
        if not listed:
            return ""
        wanted = f"+refs/heads/{self._branch}:{OURS}"
        self._git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", self._remote.url, wanted)
        return self._git.run("rev-parse", OURS)

    def found(self, tip: str, key: str) -> Found | None:
        """The piece of this key, as the oldest commit that carries it tells."""
        if not tip:
            return None
        _check_key(key)
        wish = "%x00".join(f"%(trailers:key={name},valueonly,separator=%x2C)" for name in TRAILERS)
        said = self._git.run("log", f"--format={wish}", "-E", f"--grep=^{TRAILERS[0]}: {key}$", tip, "--")
        lines = [line.split("\0") for line in said.splitlines() if line]
        ours = [line for line in lines if len(line) == len(TRAILERS) and line[0] == key]
        return Found(*ours[-1][1:]) if ours else None

    def text(self, tip: str, path: str) -> str:
        """A file of a commit; empty if it is not there."""
        if not tip or not self._git.run("ls-tree", tip, "--", path):
            return ""
        return self._git.run("cat-file", "blob", f"{tip}:{path}")

    def free_place(self, tip: str, form: Layout, piece: Piece) -> Found:
        """A path at which nothing stands in this commit."""
        for number in count(1):
            path = front_matter.path_of(form, piece, number)
            if not tip or not self._git.run("ls-tree", tip, "--", path):
                link = front_matter.link_of(form, piece, number)
                at = piece.at.astimezone(UTC).isoformat()
                return Found(path, front_matter.slug_of(piece, number), at, link)
        raise AssertionError("there is always another number")

    def commit(self, tip: str, path: str, text: str, message: str) -> str:
        """A commit that follows `tip` and differs in this one file; an empty text removes it."""
        index = {"GIT_INDEX_FILE": str(self._git.folder / "stonehand-index")}
        self._git.run("read-tree", tip or "--empty", more=index)
        blob = self._git.run("hash-object", "-w", "--stdin", text=text) if text else "0" * 40
        entry = f"{'100644' if text else '0'} {blob}\t{path}\n"
        self._git.run("update-index", "--index-info", text=entry, more=index)
        tree = self._git.run("write-tree", more=index)
        who = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in self._who.items()}
        follows = ("-p", tip) if tip else ()
        return self._git.run("commit-tree", tree, *follows, text=message, more=who)

    def push(self, commit: str, tip: str) -> bool:
        """Whether the branch went from `tip` to this commit; False if others were quicker.

        Raises `ArrivalUnknown` if nobody can tell: then the next try looks.
        """
        lease = f"--force-with-lease=refs/heads/{self._branch}:{tip}"
        wanted = f"{commit}:refs/heads/{self._branch}"
        try:
            self._git.run("push", "--quiet", "--no-verify", "--no-signed", lease, "--", self._remote.url, wanted)
        except Overtaken:
            return False
        except (LoginRefused, Rejected):
            raise
        except Unavailable as error:
            raise ArrivalUnknown(f"the commit was pushed without an answer: {error}", error.retry_after) from error
        return True


@contextmanager
def _opened(target: Target) -> Iterator[Work]:
    """Our copy of the repository, held alone, also by commands that outlive us."""
    remote, home = _remote(target), target.home / "repository.git"
    git_commands.binary()
    target.home.mkdir(parents=True, exist_ok=True)
    with (
        files.readable_errors(target.home),
        files.locked(target.home) as held,
        git_commands.environment(home, remote) as env,
    ):
        home.mkdir(exist_ok=True)
        _tidy(home)
        git = Git(home, held, env)
        if not (home / "HEAD").exists():
            git.run("init", "--quiet", "--bare", "--template=")
        try:
            yield Work(git, remote, _branch(target), _author(target))
        except GitUnavailable as error:
            if "object" in str(error) or "corrupt" in str(error):  # our copy is damaged, and only a copy
                shutil.rmtree(home, ignore_errors=True)
            raise


def _tidy(home: Path) -> None:
    """Locks that a killed command has left; whoever holds the folder knows that no command of ours runs."""
    for lock in home.rglob("*.lock"):
        lock.unlink(missing_ok=True)


def _remote(target: Target) -> Remote:
    settings = {name: str(value) for name, value in target.config.items()}
    return git_commands.read_remote(settings, target.secrets)


def _branch(target: Target) -> str:
    branch = str(target.config.get("branch") or "main").strip()
    if not _BRANCH.fullmatch(branch):
        raise ConfigUnfit(f"{branch[:60]!r} cannot name a branch")
    return branch


def _author(target: Target) -> str:
    author = str(target.config.get("author") or "Stonehand <stonehand@localhost>").strip()
    if not re.fullmatch(r"[^<>\n\0]{1,80} <[^<>\s\0]{1,120}>", author):
        raise ConfigUnfit("author must be like: News desk <desk@example.org>")
    return author


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ConfigUnfit("a key has 8 to 64 small letters and digits")


def _check_there(work: Work, tip: str, found: Found, key: str) -> None:
    if front_matter.key_in(work.text(tip, found.path)) != key:
        raise ArrivalDisputed(f"a commit has brought the piece, but somebody has removed or changed {found.path} since")


def _changed(work: Work, key: str, text: Text, message: str) -> Found | None:
    """Push a commit that gives the piece of this key another text. None if it is not there any more."""
    for _ in range(TRIES):
        tip = work.fetch()
        found = work.found(tip, key)
        before = work.text(tip, found.path) if found else ""
        if found is None or front_matter.key_in(before) != key:
            return None
        after = text(found)
        if after.strip() == before or work.push(work.commit(tip, found.path, after, message), tip):
            return found
    raise Overtaken("others push to the branch all the time", 30)


def _message(title: str, trailers: Mapping[str, str], body: str = "") -> str:
    """A commit's message. Nothing in a title or reason can pass for a trailer."""
    head = " ".join(title.split())[:100] or "A piece"
    lines = [f"{name}: {value}" for name, value in trailers.items()]
    said = [" ".join(body.split())[:500]] if body else []
    return "\n\n".join([head, *said, "\n".join(lines)]) + "\n"


def _delivery(target: Target, form: Layout, found: Found) -> Delivery:
    url = form.base_url + found.link if form.base_url else f"{_remote(target).url}#{found.path}"
    return Delivery(url, found.path)
