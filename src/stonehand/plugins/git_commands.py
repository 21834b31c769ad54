"""Running the git of this machine: in a fixed environment, without hooks, prompts, shells or other people's settings.

No secret is ever an argument, which everybody on the machine could read: they travel in the environment of that one
process, or in a file that only we may read and that is gone afterwards.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from stonehand.channels.interfaces import ConfigUnfit, LoginRefused
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import hosts

PATH = "/usr/local/bin:/usr/bin:/bin"
SECONDS = 90.0  # for one command, which may wait for the network
GRACE = 5.0
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "credential.helper": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "protocol.allow": "never",
    "protocol.file.allow": "always",
    "protocol.https.allow": "always",
    "protocol.ssh.allow": "always",
    "advice.detachedHead": "false",
    "commit.gpgSign": "false",
    "push.gpgSign": "false",
}
_ARMOUR = re.compile(r"(-----BEGIN [A-Z ]+-----)([A-Za-z0-9+/=\s]+)(-----END [A-Z ]+-----)")
_NOBODY = (
    "authentication failed",
    "could not read username",
    "permission denied (",
    "error: 403",
    "error: 401",
    "access denied",
)
_NOWHERE = ("not found", "does not exist", "does not appear to be a git repository", "not a git repository")


class GitMissing(Unavailable):
    """There is no git on this machine."""


class GitRefused(Rejected):
    """The repository does not want this, and will not want it later."""


class Overtaken(Unavailable):
    """Somebody else has pushed meanwhile: fetch, and try again."""


class GitUnavailable(Unavailable):
    """The repository does not answer, or git did not get on."""


@dataclass(frozen=True)
class Remote:
    """A repository and who we are there. `url` holds no secret."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    ssh_key: str = field(default="", repr=False)
    host_key: str = ""

    @property
    def scheme(self) -> str:
        """`https`, `ssh` or `file`."""
        return urlsplit(self.url).scheme


def binary() -> str:
    """Where git is. Raises `GitMissing`."""
    found = shutil.which("git", path=PATH)
    if found is None:
        raise GitMissing("git is not installed on the machine of the worker; install it, such as: apt install git", 300)
    return found


class Git:
    """A bare repository of our own, and the remote that it talks to.

    `held` is the file of the lock under which we work. Every command inherits it, so that a command that outlives a
    killed worker keeps the lock until it ends.
    """

    def __init__(self, folder: Path, held: int, env: Mapping[str, str]) -> None:
        self.folder, self._held, self._env = folder, held, env

    def run(self, *arguments: str, text: str | None = None, more: Mapping[str, str] | None = None) -> str:
        """What a command says, without the white space around it. Raises what its failure means."""
        started = subprocess.Popen(  # noqa: S603  a list of arguments, and no shell
            [binary(), *arguments],
            cwd=self.folder,
            env={**self._env, **(more or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            pass_fds=(self._held,),
            start_new_session=True,
        )
        try:
            said, complaint = started.communicate(text or "", SECONDS)
        except subprocess.TimeoutExpired as error:
            _end(started)
            raise GitUnavailable(f"git {arguments[0]} did not end within {SECONDS:.0f} s", 60) from error
        except BaseException:
            _end(started)
            raise
        if started.returncode:
            raise _meaning(arguments[0], complaint)
        return said.strip()


def _end(started: subprocess.Popen[str]) -> None:
    """End a command and all that it has started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(started.pid, sign)
            started.wait(GRACE)
        except (ProcessLookupError, PermissionError):
            return
        except subprocess.TimeoutExpired:
            continue


def _meaning(command: str, complaint: str) -> Exception:
    lines = [line.removeprefix("remote: ").strip() for line in complaint.splitlines() if line.strip()]
    words = "; ".join(line for line in lines if not line.startswith(("To ", "hint:")))[-300:] or "it said nothing"
    low = complaint.lower()
    if any(
        mark in low for mark in ("non-fast-forward", "fetch first", "cannot lock ref", "failed to update ref", "stale")
    ):
        return Overtaken("somebody else has pushed to the branch meanwhile", 1)
    if "rejected" in low or "hook declined" in low or "protected branch" in low:
        return GitRefused(f"the repository refuses the commit: {words}; may this user push to the branch?")
    if "host key verification failed" in low:
        return LoginRefused("the server's key is not the one in host_key; was the server replaced? Then enter its key")
    if any(mark in low for mark in _NOBODY):
        return LoginRefused(f"the repository does not let us in: {words}; enter a working password or key")
    if any(mark in low for mark in _NOWHERE):
        return GitRefused(f"there is no such repository: {words}; is the address right, and may this user see it?")
    return GitUnavailable(f"git {command} failed: {words}", 30)


@contextmanager
def environment(home: Path, remote: Remote) -> Iterator[dict[str, str]]:
    """The whole environment of our commands, for as long as the block lasts. Nothing of the worker's own is in it."""
    with tempfile.TemporaryDirectory(prefix="stonehand-git-") as room:
        settings = {**_SETTINGS, **_login(remote), **_pinned(remote)}
        yield {
            "PATH": PATH,
            "HOME": room,
            "LC_ALL": "C.UTF-8",
            "GIT_DIR": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/false",
            "SSH_ASKPASS": "/bin/false",
            "GIT_SSH_VARIANT": "ssh",
            **_ssh(remote, Path(room)),
            "GIT_CONFIG_COUNT": str(len(settings)),
            **{f"GIT_CONFIG_KEY_{number}": name for number, name in enumerate(settings)},
            **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(settings.values())},
        }


def _login(remote: Remote) -> dict[str, str]:
    """A header for this host alone, which is not sent elsewhere since redirects are not followed."""
    if remote.scheme != "https" or not remote.password:
        return {}
    parts = urlsplit(remote.url)
    word = base64.b64encode(f"{remote.username or 'git'}:{remote.password}".encode()).decode()
    return {f"http.{parts.scheme}://{parts.netloc}/.extraHeader": f"Authorization: Basic {word}"}


def _pinned(remote: Remote) -> dict[str, str]:
    """The address that was checked is the one that is connected to."""
    if remote.scheme != "https":
        return {}
    parts = urlsplit(remote.url)
    host, port = parts.hostname or "", parts.port or 443
    address = hosts.checked(host, port)
    return {"http.curloptResolve": f"{host}:{port}:{f'[{address}]' if ':' in address else address}"}


def _in_lines(key: str) -> str:
    """A private key as ssh reads it, also if it came through a field of one line, which drops the ends of lines."""
    found = _ARMOUR.fullmatch(key.strip())
    if found is None:
        return key.strip().replace("\r\n", "\n") + "\n"
    body = "".join(found[2].split())
    lines = [body[start : start + 70] for start in range(0, len(body), 70)]
    return "\n".join([found[1], *lines, found[3], ""])


def _ssh(remote: Remote, room: Path) -> dict[str, str]:
    if remote.scheme != "ssh":
        return {}
    parts = urlsplit(remote.url)
    host, port = parts.hostname or "", parts.port or 22
    name = host if port == 22 else f"[{host}]:{port}"
    key, known = room / "key", room / "known_hosts"
    key.touch(mode=0o600)
    key.write_text(_in_lines(remote.ssh_key))
    known.write_text(f"{name} {remote.host_key}\n")
    options = [
        *("-F", "/dev/null", "-i", str(key), "-p", str(port)),
        *(f"-oHostName={hosts.checked(host, port)}", f"-oHostKeyAlias={name}", f"-oUserKnownHostsFile={known}"),
        *("-oStrictHostKeyChecking=yes", "-oIdentitiesOnly=yes", "-oBatchMode=yes", "-oConnectTimeout=20"),
        *("-oForwardAgent=no", "-oClearAllForwardings=yes", "-oControlMaster=no"),
    ]
    return {"GIT_SSH_COMMAND": shlex.join(["ssh", *options])}


def read_remote(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Remote:
    """The repository that settings name. Raises `ConfigUnfit`."""
    url = checked_url(settings.get("repository", ""))
    remote = Remote(
        url,
        settings.get("username", ""),
        secrets.get("password", ""),
        secrets.get("ssh_key", ""),
        " ".join(settings.get("host_key", "").split()[-2:]),
    )
    if remote.scheme == "ssh" and not (remote.ssh_key and remote.host_key):
        raise ConfigUnfit(
            "over ssh, a repository needs ssh_key, a private key that may push, and host_key, the server's public key "
            "(the last two words of a line of: ssh-keyscan -t ed25519 HOST)"
        )
    return remote


def checked_url(given: str) -> str:
    """An address as git takes it, without a login. `git@host:path` is one over ssh. Raises `ConfigUnfit`."""
    text = given.strip()
    head, colon, tail = text.partition(":")
    if colon and "@" in head and "/" not in head and not tail.startswith("//"):
        text = f"ssh://{head}/{tail.lstrip(chr(47))}"
    if text.startswith("/"):
        text = Path(text).as_uri()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), 0
    has_place = bool(parts.hostname) or parts.scheme == "file"
    if parts.scheme not in ("https", "ssh", "file") or not has_place or not parts.path or port == 0:
        raise ConfigUnfit("repository must be an address like https://git.example.org/site.git or git@host:site.git")
    if any(letter.isspace() or not letter.isprintable() for letter in text) or (parts.hostname or "").startswith("-"):
        raise ConfigUnfit("repository must be an address without spaces")
    if parts.password or (parts.username and parts.scheme != "ssh"):
        raise ConfigUnfit("leave the login out of the address; it has fields of its own, which are kept sealed")
    return text
