"""Secrets at rest open for their purpose, with our keys, and never otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from stonehand import config, vault
from stonehand.limits.errors import NotYet
from stonehand.vault import KeyMissing, SealedForAnother, SecretUnreadable, VaultKeyUnusable

SECRET = "canary-s3cret-ünïcode"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def change(value: str) -> None:
        monkeypatch.setenv("STONEHAND_VAULT_KEYS", value)
        config.settings.cache_clear()

    return change


def _restart() -> None:
    vault._ring_of.cache_clear()


def test_what_was_sealed_opens(data_dir: Path) -> None:
    token = vault.seal(SECRET, "channel:1:blog.example")
    assert SECRET not in token
    _restart()
    assert vault.open_sealed(token, "channel:1:blog.example") == SECRET


@pytest.mark.parametrize("other", ["", "channel:2:blog.example", "channel:1:evil.example", "channel:1:blog.example "])
def test_another_purpose_opens_nothing(other: str) -> None:
    token = vault.seal(SECRET, "channel:1:blog.example")
    with pytest.raises(SecretUnreadable) as caught:
        vault.open_sealed(token, other)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("bad", ["", "x", "gAAAA", "ü"])
def test_what_is_not_sealed_does_not_open(bad: str) -> None:
    with pytest.raises(SecretUnreadable):
        vault.open_sealed(bad, "a")
    with pytest.raises(SecretUnreadable):
        vault.rotate(bad)


def test_a_changed_token_does_not_open() -> None:
    token = vault.seal(SECRET, "a")
    changed = token[:60] + ("A" if token[60] != "A" else "B") + token[61:]
    with pytest.raises(SecretUnreadable, match="enter the secret again"):
        vault.open_sealed(changed, "a")


def test_a_token_of_ours_without_a_context_does_not_open(keys: Callable[[str], None]) -> None:
    key = Fernet.generate_key()
    keys(key.decode())
    for content in (SECRET.encode(), json.dumps(SECRET).encode(), json.dumps({"a": 1}).encode()):
        with pytest.raises(SecretUnreadable):
            vault.open_sealed(Fernet(key).encrypt(content).decode(), "a")


def test_keys_rotate(keys: Callable[[str], None]) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keys(old)
    token = vault.seal(SECRET, "a")
    keys(f"{new}, {old}")
    assert vault.open_sealed(token, "a") == SECRET
    rotated = vault.rotate(token)
    keys(new)
    assert vault.open_sealed(rotated, "a") == SECRET
    with pytest.raises(SecretUnreadable):
        vault.open_sealed(token, "a")


def test_a_missing_key_is_a_matter_of_waiting_and_names_those_there_are(keys: Callable[[str], None]) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keys(old)
    token = vault.seal(SECRET, "a")
    keys(new)
    with pytest.raises(KeyMissing, match=vault.fingerprint(new)) as caught:
        vault.open_sealed(token, "a")
    assert isinstance(caught.value, NotYet)
    assert (caught.value.gate, caught.value.retry_after) == (vault.GATE, vault.AGAIN)
    assert new not in str(caught.value)


def test_what_was_sealed_for_another_waits_for_nothing() -> None:
    with pytest.raises(SealedForAnother, match="enter it again") as caught:
        vault.open_sealed(vault.seal(SECRET, "a"), "b")
    assert not isinstance(caught.value, NotYet)


def test_the_file_is_ours_alone(data_dir: Path) -> None:
    vault.seal(SECRET, "a")
    assert (data_dir / "vault.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data_dir.iterdir() if path.name != "models"] == ["vault.key"]


def test_processes_that_start_together_agree(data_dir: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: vault._kept(data_dir / "vault.key"), range(32)))
    assert len(found) == 1
    assert [path.name for path in data_dir.iterdir() if path.name != "models"] == ["vault.key"]


def test_a_key_that_others_can_read_is_refused(data_dir: Path) -> None:
    vault.seal(SECRET, "a")
    (data_dir / "vault.key").chmod(0o644)
    _restart()
    with pytest.raises(VaultKeyUnusable, match="chmod 600"):
        vault.seal(SECRET, "a")


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe"])
def test_a_damaged_file_is_named(data_dir: Path, content: bytes) -> None:
    path = data_dir / "vault.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(VaultKeyUnusable, match=r"vault\.key"):
        vault.seal(SECRET, "a")


def test_a_bad_setting_is_named_and_not_shown(keys: Callable[[str], None]) -> None:
    keys("not-a-key-s3cret")
    with pytest.raises(VaultKeyUnusable, match="STONEHAND_VAULT_KEYS") as caught:
        vault.seal(SECRET, "a")
    assert "s3cret" not in str(caught.value)
