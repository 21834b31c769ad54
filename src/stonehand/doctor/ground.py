"""What everything stands on: the data directory, its disk, the key of the vault."""

from __future__ import annotations

import os
import shutil

from stonehand import config, resealing, vault
from stonehand.db import database
from stonehand.doctor.findings import Verdict, fine, problem, warning
from stonehand.errors import StonehandError

LITTLE_DISK = 500 * 2**20  # bytes
NO_DISK = 50 * 2**20  # bytes, below which nothing starts


def data_dir() -> list[Verdict]:
    """Whether it is there and can be written."""
    folder = config.settings().data_dir
    if not folder.is_dir():
        return [problem(f"{folder} does not exist.", "stonehand init")]
    if not os.access(folder, os.W_OK | os.X_OK):
        return [problem(f"{folder} cannot be written by this user.", f"chown -R $(id -un) {folder}")]
    return fine(f"{folder} can be written.")


def disk() -> list[Verdict]:
    """How much room is left."""
    folder = config.settings().data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    words, mend = f"{free // 2**20:,} MB are free on the disk of {folder}", f"make room there: du -xsh {folder}/*"
    if free < NO_DISK:
        return [problem(f"Only {words}; nothing can be written soon.", mend)]
    return fine(f"{words}.") if free >= LITTLE_DISK else [warning(f"Only {words}.", mend)]


def vault_key() -> list[Verdict]:
    """Whether what is sealed can be opened again."""
    settings = config.settings()
    if not settings.vault_keys.get_secret_value() and not (settings.data_dir / vault.FILE).exists():
        return fine("There is no key yet; the first secret will make one.")
    try:
        opened = vault.open_sealed(vault.seal("canary", "doctor"), "doctor")
    except StonehandError as error:
        what, _, mend = str(error).partition("; ")
        return [problem(f"{what}.", mend or "put the key back from a backup")]
    return fine("The key seals and opens.") if opened == "canary" else [problem("The key opens nothing.", "restore it")]


def sealed_secrets() -> list[Verdict]:
    """Whether the keys of this machine open every secret, and whether the newest one seals them all."""
    found = resealing.survey(database())
    if found.unreadable:
        words = f"{len(found.unreadable)} secrets cannot be opened with the keys of this machine"
        mend = "give every machine the same STONEHAND_VAULT_KEYS, or enter the secrets again"
        return [problem(f"{words}, first that of {found.unreadable[0]}.", mend)]
    old = sum(count for key, count in found.keys.items() if key != vault.fingerprints()[0])
    if old:
        return [warning(f"{old} secrets are sealed with an older key.", "stonehand keys rotate")]
    return fine(f"{found.keys.total()} sealed secrets, and every one opens.")
