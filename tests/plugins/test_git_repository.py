"""The Git channel against real repositories on this machine: killed, overtaken, refused, and without git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stonehand.channels.interfaces import ArrivalDisputed, ArrivalUnknown, ConfigUnfit, Delivery, LoginRefused, Target
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import hosts
from stonehand.plugins import git_commands
from stonehand.plugins.git_commands import GitMissing, Remote
from stonehand.plugins.git_repository import GitRepository, Work
from tests.channels.conftest import KEY, Kept, make_piece

KIND = GitRepository()
PIECE = make_piece()
PATH = "content/posts/2025-03-01-bridge-opens-1.md"


def git(folder: Path, *arguments: str, **more: str) -> str:
    """As a person on this machine would run it."""
    plain = {"PATH": git_commands.PATH, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    who = {f"GIT_{role}_{name}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for name in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**plain, **who, **more}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    folder = tmp_path / "remote.git"
    folder.mkdir()
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    return folder


@pytest.fixture
def target(tmp_path: Path, remote: Path) -> Target:
    settings = {"repository": remote.as_uri(), "base_url": "https://s.example/"}
    return Target("Site", tmp_path / "data" / "published" / "site", settings)


def keys(remote: Path) -> list[str]:
    """The keys of all commits, the newest first."""
    return [
        key for key in git(remote, "log", "--format=%(trailers:key=Stonehand-Key,valueonly)", "main").split() if key
    ]


def somebody_pushes(remote: Path, name: str = "other.md") -> None:
    clone = remote.parent / f"clone-{name}-{len(list(remote.parent.iterdir()))}"
    git(remote.parent, "clone", "--quiet", remote.as_uri(), str(clone))
    (clone / name).write_text("theirs")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "Somebody else's")
    git(clone, "push", "--quiet", "origin", "HEAD:main")


def test_a_piece_is_one_commit_with_its_key(remote: Path, target: Target) -> None:
    assert KIND.validate(target) == dict(target.config)
    done = KIND.deliver(PIECE, KEY, target, Kept())
    assert done == Delivery("https://s.example/posts/bridge-opens-1/", PATH)
    assert keys(remote) == [KEY]
    text = git(remote, "show", f"main:{PATH}")
    assert f'stonehand_key: "{KEY}"' in text
    assert PIECE.label in text
    assert "The bridge is **open** [1]." in text
    assert git(remote, "log", "-1", "--format=%an <%ae>") == "Stonehand <stonehand@localhost>"
    other = KIND.deliver(PIECE, KEY[::-1], target, Kept())
    assert other.url == "https://s.example/posts/bridge-opens-1-2/", "another piece with the same name on the same day"


def test_what_others_push_stays_and_our_piece_follows(
    remote: Path, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    KIND.deliver(PIECE, KEY, target, Kept())
    really, hurried = Work.push, list[str]()

    def pushed_late(work: Work, commit: str, tip: str) -> bool:
        if len(hurried) < 2:
            somebody_pushes(remote, f"{len(hurried)}.md")
            hurried.append(tip)
        return really(work, commit, tip)

    monkeypatch.setattr(Work, "push", pushed_late)
    KIND.deliver(make_piece(2), KEY[::-1], target, Kept())
    assert keys(remote) == [KEY[::-1], KEY]
    assert len(hurried) == 2
    assert set(git(remote, "ls-tree", "-r", "--name-only", "main").splitlines()) >= {PATH, "0.md", "1.md"}


@pytest.mark.parametrize("arrives", [True, False], ids=["its answer is lost", "it never arrives"])
def test_a_push_without_an_answer_is_looked_for(
    remote: Path, target: Target, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    really = git_commands.Git.run

    def cut(self: git_commands.Git, *arguments: str, **more: Any) -> str:
        if arguments[0] != "push":
            return really(self, *arguments, **more)
        if arrives:
            really(self, *arguments, **more)
        raise git_commands.GitUnavailable("git push did not end within 90 s", 60)

    with monkeypatch.context() as patch:
        patch.setattr(git_commands.Git, "run", cut)
        with pytest.raises(ArrivalUnknown, match="without an answer"):
            KIND.deliver(PIECE, KEY, target, Kept())
    assert KIND.deliver(PIECE, KEY, target, Kept()) == KIND.verify(KEY, target)
    assert keys(remote) == [KEY]


def test_a_push_that_comes_late_loses(remote: Path, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker is killed, its push hangs in the network, the next try publishes, and then the first one arrives."""
    really, late = git_commands.Git.run, list[tuple[str, ...]]()

    def hang(self: git_commands.Git, *arguments: str, **more: Any) -> str:
        if arguments[0] == "push" and not late:
            late.append(arguments)
            raise git_commands.GitUnavailable("no answer", 1)
        return really(self, *arguments, **more)

    monkeypatch.setattr(git_commands.Git, "run", hang)
    with pytest.raises(ArrivalUnknown):
        KIND.deliver(PIECE, KEY, target, Kept())
    KIND.deliver(replace(PIECE, at=PIECE.at.replace(hour=1)), KEY, target, Kept())
    copy = target.home / "repository.git"
    with pytest.raises(subprocess.CalledProcessError, match="non-zero"):
        git(copy, *late[0], GIT_DIR=str(copy))
    assert keys(remote) == [KEY]


def test_many_workers_at_once_push_each_piece_once(remote: Path, target: Target, tmp_path: Path) -> None:
    """Each has a folder of its own, as on machines of their own."""

    def one(number: int) -> None:
        mine = replace(target, home=tmp_path / "data" / "published" / f"site-{number % 3}")
        for _ in range(5):
            try:
                KIND.deliver(make_piece(number % 4), f"{number % 4}" * 20, mine, Kept())
            except Unavailable:
                continue
            return

    with ThreadPoolExecutor(3) as workers:
        list(workers.map(one, range(12)))
    assert sorted(keys(remote)) == sorted(f"{number}" * 20 for number in range(4))


def test_a_command_that_outlives_its_worker_keeps_the_folder(target: Target, remote: Path) -> None:
    KIND.deliver(PIECE, KEY, target, Kept())
    lock = target.home / ".stonehand.lock"
    handle = os.open(lock, os.O_RDWR)
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        orphan = subprocess.Popen(["sleep", "30"], pass_fds=(handle,))
        os.close(handle)
        other = os.open(lock, os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (target.home / "repository.git" / "refs" / "stonehand").mkdir(exist_ok=True)
        (target.home / "repository.git" / "refs" / "stonehand" / "newest.lock").touch()
        orphan.kill()
        orphan.wait()
        os.close(other)
    finally:
        orphan.kill()
    assert KIND.deliver(make_piece(2), KEY[::-1], target, Kept()), "what the dead left in our copy keeps nobody"


def test_a_piece_is_replaced_by_a_commit_and_taken_back_by_one(remote: Path, target: Target) -> None:
    first = KIND.deliver(PIECE, KEY, target, Kept())
    better = replace(PIECE, markdown="The bridge is closed again.", slug="another", at=PIECE.at.replace(day=9))
    for _ in range(2):
        assert KIND.update(better, first, KEY, target, Kept()) == first
    assert git(remote, "rev-list", "--count", "main") == "2", "a repeat has nothing to push"
    assert "closed again" in git(remote, "show", f"main:{PATH}")
    for _ in range(2):
        KIND.retract(first, KEY, target, "It was wrong.\n\nStonehand-Key: 0000")
    assert git(remote, "ls-tree", "-r", "--name-only", "main") == ""
    assert keys(remote) == [KEY], "a reason cannot pass for a trailer"
    assert KIND.verify(KEY, target) is None
    with pytest.raises(ArrivalDisputed, match="somebody has removed"):
        KIND.deliver(PIECE, KEY, target, Kept())
    with pytest.raises(ArrivalDisputed, match="no longer in the repository"):
        KIND.update(better, first, KEY, target, Kept())


def test_a_retracted_piece_can_stay_as_a_mark(remote: Path, target: Target) -> None:
    marking = replace(target, config={**target.config, "on_retract": "mark"})
    done = KIND.deliver(PIECE, KEY, marking, Kept())
    KIND.retract(done, KEY, marking, "A source has withdrawn its report.")
    text = git(remote, "show", f"main:{PATH}")
    assert "A source has withdrawn its report." in text
    assert "draft: true" in text
    assert "The bridge is" not in text
    assert KIND.verify(KEY, marking) is None


def test_no_hook_of_ours_or_of_the_machine_runs(target: Target, remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = "#!/bin/sh\ntouch " + str(target.home.parent.parent / "ran") + "\n"
    KIND.deliver(PIECE, KEY, target, Kept())
    hooks = target.home / "repository.git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-push", "pre-commit", "reference-transaction", "post-commit"):
        (hooks / name).write_text(hook)
        (hooks / name).chmod(0o755)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.hooksPath")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(hooks))
    KIND.deliver(make_piece(2), KEY[::-1], target, Kept())
    assert not (target.home.parent.parent / "ran").exists()


def test_a_branch_that_may_not_be_pushed_to_says_so(remote: Path, target: Target) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'only on Mondays' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Rejected, match="only on Mondays"):
        KIND.deliver(PIECE, KEY, target, Kept())
    gone = replace(target, config={"repository": f"{remote.as_uri()}-gone"})
    with pytest.raises(Rejected, match="no such repository"):
        KIND.validate(gone)


def test_without_git_it_says_what_to_install(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_commands, "PATH", "/nowhere")
    with pytest.raises(GitMissing, match="install it"):
        KIND.deliver(PIECE, KEY, target, Kept())


SSH = """#!/bin/sh
printf '%s\\n' "$@" > {folder}/asked
for last; do :; done
exec sh -c "$last"
"""


def test_over_ssh_the_key_is_no_argument_and_the_server_must_be_the_one(
    remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ssh of the tests, which runs here what the real one would run there."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ssh").write_text(SSH.format(folder=tmp_path))
    (tmp_path / "bin" / "ssh").chmod(0o755)
    monkeypatch.setattr(git_commands, "PATH", f"{tmp_path / 'bin'}:{git_commands.PATH}")
    monkeypatch.setattr(hosts, "checked", lambda host, port: "192.0.2.7")
    settings = {"repository": f"git@git.example:{remote}", "host_key": "git.example ssh-ed25519 AAAA"}
    over = Target("Site", tmp_path / "data" / "published" / "s", settings, {"ssh_key": "-----BEGIN secret-----"})
    KIND.deliver(PIECE, KEY, over, Kept())
    asked = (tmp_path / "asked").read_text()
    assert "secret" not in asked
    for option in ("HostName=192.0.2.7", "HostKeyAlias=git.example", "StrictHostKeyChecking=yes", "BatchMode=yes"):
        assert f"-o{option}" in asked
    key = asked.split("-i\n")[1].split("\n")[0]
    assert not Path(key).exists(), "the file with the key is gone"
    assert keys(remote) == [KEY]


def environment(remote: Remote, tmp_path: Path) -> Mapping[str, str]:
    with git_commands.environment(tmp_path, remote) as found:
        return dict(found)


def test_over_https_the_password_is_for_that_host_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "checked", lambda host, port: "192.0.2.7")
    found = environment(Remote("https://git.example/site.git", "ada", "word"), tmp_path)
    pairs = {
        found[f"GIT_CONFIG_KEY_{n}"]: found[f"GIT_CONFIG_VALUE_{n}"] for n in range(int(found["GIT_CONFIG_COUNT"]))
    }
    assert pairs["http.https://git.example/.extraHeader"] == "Authorization: Basic YWRhOndvcmQ="
    assert pairs["http.curloptResolve"] == "git.example:443:192.0.2.7", "what was checked is what is connected to"
    assert pairs["http.followRedirects"] == "false"
    assert "word" not in repr(Remote("https://git.example/site.git", "ada", "word"))
    assert not {name for name in found if name.startswith(("STONEHAND", "PYTHON", "AWS"))}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"repository": "http://git.example/site.git"}, "repository must be an address"),
        ({"repository": "https://ada:word@git.example/site.git"}, "leave the login out"),
        ({"repository": "ext::sh -c true"}, "repository must be"),
        ({"repository": "ssh://-oProxyCommand=x/site.git"}, "without spaces"),
        ({"repository": "git@git.example:site.git"}, "needs ssh_key"),
        ({"branch": "--upload-pack=x"}, "cannot name a branch"),
        ({"branch": "a..b"}, "cannot name a branch"),
        ({"author": "nobody"}, "author must be like"),
        ({"path": "../{slug}.md"}, "path must be"),
        ({"path": ".git/{slug}.md"}, "path must be"),
        ({"path": "content/{title}.md"}, "must hold {slug}"),
        ({"generator": "jekyll", "format": "toml"}, "Jekyll reads YAML"),
        ({"base_url": "javascript:alert(1)"}, "base_url must be"),
    ],
)
def test_settings_that_could_not_work_are_refused(target: Target, settings: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigUnfit, match=words):
        KIND.validate(replace(target, config={**target.config, **settings}))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("fatal: Authentication failed for 'https://git.example/'", LoginRefused),
        ("git@git.example: Permission denied (publickey).", LoginRefused),
        ("Host key verification failed.", LoginRefused),
        ("fatal: unable to access 'https://git.example/': The requested URL returned error: 403", LoginRefused),
        (" ! [rejected] x -> main (fetch first)", git_commands.Overtaken),
        (" ! [remote rejected] x -> main (protected branch hook declined)", git_commands.GitRefused),
        ("fatal: unable to access: Could not resolve host", git_commands.GitUnavailable),
    ],
)
def test_what_git_says_is_understood(said: str, kind: type[Exception]) -> None:
    assert type(git_commands._meaning("push", said)) is kind


def test_a_private_key_is_whole_again_after_a_field_of_one_line() -> None:
    lines = ["-----BEGIN OPENSSH PRIVATE KEY-----", "A" * 70, "B" * 12 + "==", "-----END OPENSSH PRIVATE KEY-----"]
    for typed in ("\n".join(lines), "".join(lines), " ".join(lines), "\r\n".join(lines)):
        assert git_commands._in_lines(typed) == "\n".join([*lines, ""])
    assert git_commands._in_lines("something else") == "something else\n"
