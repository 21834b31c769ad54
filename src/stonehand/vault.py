"""Secrets at rest: sealed with a key that is not in the database, for one purpose that is sealed in with them.

A sealed secret opens only under the context it was sealed for (such as `channel:<id>:<host>`), so a token copied to
another row, or a row pointed at another host, opens nothing. Keys come from `STONEHAND_VAULT_KEYS`, or from the file
`vault.key` in the data directory: newest first, the older ones only open.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from stonehand import config, log
from stonehand.errors import Rejected, StonehandError
from stonehand.limits.errors import NotYet

FILE = "vault.key"
AGAIN = 30.0  # seconds until a job tries again to open what no key opened
GATE = "vault:key"
"""What jobs wait for that need a secret which no key of their worker opens."""
SEALED = {"sealed": True}
"""`info` of a column that holds sealed secrets: a text, or JSON whose values are."""


class VaultKeyUnusable(StonehandError):
    """The key is not a Fernet key, cannot be read, or can be read by others."""


class SecretUnreadable(StonehandError):
    """A sealed secret does not open."""


class KeyMissing(SecretUnreadable, NotYet):
    """No key of this process opens it. Another process may have the key, or this one get it: its job waits."""

    gate = GATE


class SealedForAnother(SecretUnreadable, Rejected):
    """It was sealed for something else, and no key will change that."""


def seal(text: str, context: str) -> str:
    """`text`, sealed so that only `open_sealed` with the same context gives it back."""
    log.hide(text)
    return _ring().encrypt(json.dumps([context, text]).encode()).decode()


def open_sealed(token: str, context: str) -> str:
    """The sealed text. Raises `KeyMissing`, `SealedForAnother`; their messages never hold the secret."""
    try:
        sealed_for, text = json.loads(_ring().decrypt(token.encode()))
    except (InvalidToken, ValueError, TypeError) as error:
        raise KeyMissing(
            f"the secret of {context} cannot be opened with the keys of {platform.node() or 'this machine'} "
            f"({', '.join(fingerprints())}); bring the key here that other machines have, or put the old one back "
            f"({config.PREFIX}VAULT_KEYS, then start this part again, or {FILE} in the data directory), or enter the "
            "secret again",
            AGAIN,
        ) from error
    if not secrets.compare_digest(str(sealed_for).encode(), context.encode()):
        raise SealedForAnother(f"this secret was not sealed for {context}; enter it again there")
    log.hide(str(text))
    return str(text)


def rotate(token: str) -> str:
    """The same secret under the newest key. Raises `KeyMissing`."""
    try:
        return _ring().rotate(token.encode()).decode()
    except InvalidToken as error:
        raise KeyMissing("a secret cannot be opened with the present keys, so it was left as it is", AGAIN) from error


def fingerprints() -> list[str]:
    """What tells the present keys apart without giving them away, the newest first. Makes no key."""
    settings = config.settings()
    if not settings.vault_keys.get_secret_value() and not (settings.data_dir / FILE).exists():
        return []
    return [fingerprint(key) for key in _keys()]


def fingerprint(key: str) -> str:
    """What tells this key from others without giving it away."""
    return hashlib.sha256(b"stonehand vault key " + key.encode()).hexdigest()[:12]


def sealed_by(token: str) -> str | None:
    """The fingerprint of the key that this secret is sealed with; None if it is none of ours."""
    for key in _keys() if fingerprints() else []:
        with suppress(InvalidToken, ValueError):
            Fernet(key).decrypt(token.encode())
            return fingerprint(key)
    return None


def new_key() -> str:
    """A new key, which nobody knows yet."""
    return Fernet.generate_key().decode()


def put_in_front(key: str) -> None:
    """Make `key` the newest in the data directory's file; the others go on opening. Raises `VaultKeyUnusable`."""
    _write_keys([key, *(_keys() if fingerprints() else [])])


def forget(print_: str) -> None:
    """Remove a key from the data directory's file."""
    _write_keys([key for key in _keys() if fingerprint(key) != print_])


def is_in_file() -> bool:
    """Whether the keys are kept in the data directory, and not in the settings."""
    return not config.settings().vault_keys.get_secret_value()


def _write_keys(keys: Sequence[str]) -> None:
    path = config.settings().data_dir / FILE
    draft = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(",\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise VaultKeyUnusable(f"{path} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _keys() -> list[str]:
    settings = config.settings()
    given = settings.vault_keys.get_secret_value()
    return (given or _kept(settings.data_dir / FILE)).replace(",", " ").split()


def _ring() -> MultiFernet:
    settings = config.settings()
    given, path = settings.vault_keys.get_secret_value(), settings.data_dir / FILE
    # A process that runs sees a new key in the file at once.
    return _ring_of(given, settings.data_dir, 0 if given or not path.exists() else path.stat().st_mtime_ns)


@lru_cache(4)
def _ring_of(given: str, folder: Path, _changed: int) -> MultiFernet:
    where = f"{config.PREFIX}VAULT_KEYS" if given else str(folder / FILE)
    keys = (given or _kept(folder / FILE)).replace(",", " ").split()
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise VaultKeyUnusable(
            f"{where} does not hold usable keys; each is 32 random bytes in URL-safe base64, separated by commas"
        ) from None


def _kept(path: Path) -> str:
    try:
        if not path.exists():
            _create(path)
        if path.stat().st_mode & 0o077:
            raise VaultKeyUnusable(f"{path} can be read by others; run: chmod 600 {path}")
        return path.read_text("ascii")
    except (OSError, UnicodeError) as error:
        raise VaultKeyUnusable(f"{path} cannot be read or made: {error}") from error


def _create(path: Path) -> None:
    """Write a new key beside the path and link it there: the file is whole or absent, and the first process wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
