"""The keys that seal secrets: which there are, a new one, everything under it, the old one gone."""

from __future__ import annotations

import click

from stonehand.cli.printing import json_option, show


@click.group()
def keys() -> None:
    """Look after the keys that seal secrets."""


@keys.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """List the keys by their fingerprints, the newest first, and how many secrets each seals."""
    from stonehand import resealing, vault
    from stonehand.cli import preparation

    found = resealing.survey(preparation.open_database())
    rows = [
        {"key": key, "secrets": found.keys[key], "newest": number == 0}
        for number, key in enumerate(vault.fingerprints())
    ]
    show(rows, as_json)
    for where in found.unreadable if not as_json else ():
        click.echo(f"No key here opens the secret of {where}.")


@keys.command("new")
def new_key() -> None:
    """Make a new key. In the data directory it is used from now on; in the settings you put it in front."""
    from stonehand import vault
    from stonehand.cli import preparation

    preparation.open_database()
    key = vault.new_key()
    if vault.is_in_file():
        vault.put_in_front(key)
        click.echo(
            f"The key {vault.fingerprint(key)} is the newest now. Bring the secrets under it: stonehand keys rotate"
        )
        return
    click.echo(key)
    click.echo(
        "Put it in front of STONEHAND_VAULT_KEYS, with a comma, on every machine; start the parts again; then run: "
        "stonehand keys rotate",
        err=True,
    )


@keys.command()
@json_option
def rotate(as_json: bool) -> None:
    """Seal every secret with the newest key. It can be stopped and begun again."""
    from stonehand import resealing
    from stonehand.cli import preparation

    database = preparation.open_database()
    count = resealing.reseal(database)
    unreadable = resealing.survey(database).unreadable
    if as_json:
        show({"resealed": count, "unreadable": unreadable}, as_json)
        return
    click.echo(f"{count} secrets are under the newest key now.")
    for where in unreadable:
        click.echo(f"No key here opens the secret of {where}; it was left as it is.")


@keys.command()
@click.argument("fingerprint")
def forget(fingerprint: str) -> None:
    """Remove an old key from the data directory, once it seals nothing."""
    from stonehand import resealing, vault
    from stonehand.cli import preparation
    from stonehand.errors import Conflict, NotFound, Rejected

    database = preparation.open_database()
    if not vault.is_in_file():
        raise Rejected("the keys are in STONEHAND_VAULT_KEYS; remove the key there, on every machine")
    if fingerprint not in vault.fingerprints():
        raise NotFound(f"there is no key {fingerprint}; see: stonehand keys list")
    used = resealing.survey(database).keys[fingerprint]
    if used or vault.fingerprints()[0] == fingerprint:
        raise Conflict(f"the key {fingerprint} is still needed; run: stonehand keys new, then stonehand keys rotate")
    vault.forget(fingerprint)
    click.echo(f"The key {fingerprint} is gone. Backups from before the rotation still need it.")
    click.echo("Links to end digests in letters from before the rotation work no longer.")
