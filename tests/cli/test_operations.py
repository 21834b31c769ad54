"""Backups, alerts, retention and keys as an operator types them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from stonehand import config, db, resealing, vault
from stonehand.accounts.permissions import Person
from stonehand.alerts import service as alerts
from stonehand.alerts.errors import NoWay
from stonehand.backups.errors import PlaceTaken
from stonehand.channels.models import Channel
from stonehand.errors import Conflict
from stonehand.vault import SecretUnreadable
from tests.alerts.conftest import Listener, listener  # noqa: F401  a fixture
from tests.cli.conftest import Cli


def test_backup_verify_restore(cli: Cli, prepared: db.Database, tmp_path: Path) -> None:
    made = cli("backup", "--to", str(tmp_path), "--json").json
    assert Path(made["path"]).parent == tmp_path
    assert "is whole" in cli("backup", "verify", made["path"]).out
    assert cli("backup", "list", "--json").json[0]["path"] == made["path"]
    prepared.close()
    assert isinstance(cli("restore", made["path"]).error, PlaceTaken)
    done = cli("restore", made["path"], "--yes")
    assert done.code == 0
    assert "is in place" in done.out
    assert cli("doctor", "--json").code in (0, 1)


def test_alerts(cli: Cli, prepared: db.Database, admin: Person) -> None:
    with prepared.transaction() as session:
        session.execute(sa.text("SELECT 1"))
        alerts.mute(session, admin, "queue_depth", timedelta(hours=1))
    shown = cli("alerts", "list")
    assert "Nothing here." in shown.out
    assert "Muted: queue_depth" in shown.out
    assert "is told again" in cli("alerts", "mute", "queue_depth", "--off").out
    assert "until" in cli("alerts", "mute", "no_worker:fetch", "--for", "2d").out
    assert cli("alerts", "mute", "disk", "--for", "soon").code == 2


def test_alerts_test_says_what_arrived(
    cli: Cli,
    prepared: db.Database,
    listener: Listener,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert isinstance(cli("alerts", "test").error, NoWay)
    monkeypatch.setenv("STONEHAND_ALERT_WEBHOOK_URL", listener.url)
    config.settings.cache_clear()
    assert cli("alerts", "test", "--json").json == {"webhook": "sent"}
    listener.status = 403
    refused = cli("alerts", "test")
    assert refused.code == 1
    assert "403" in refused.out


NOTHING = {"results": 0, "jobs": 0, "pages": 0, "letters": 0, "texts": 0, "curations": 0}


def test_retention(cli: Cli, prepared: db.Database) -> None:
    rows = cli("retention", "--dry-run", "--json").json
    assert {row["kind"]: row["count"] for row in rows} == NOTHING
    assert cli("retention", "--json").json == NOTHING


# ── keys ──


def add_channel(database: db.Database, number: int) -> str:
    with database.transaction() as session:
        channel_id = db.new_id()
        sealed = {"password": vault.seal(f"password number {number}", channel_id)}
        row = {"kind": "folder", "name": f"C{number}", "slug": f"c{number}", "config": {}, "secrets": sealed}
        session.add(Channel(id=channel_id, **row, created_at=db.now(session)))
    return channel_id


def opened(database: db.Database) -> list[str]:
    with database.read() as session:
        found = session.execute(sa.select(Channel.id, Channel.secrets).order_by(Channel.id))
        return [vault.open_sealed(secrets["password"], channel_id) for channel_id, secrets in found]


def test_a_key_is_replaced_without_losing_a_secret(cli: Cli, prepared: db.Database) -> None:
    for number in range(3):
        add_channel(prepared, number)
    (old,) = vault.fingerprints()
    assert "is the newest now" in cli("keys", "new").out
    assert cli("keys", "list", "--json").json[1] == {"key": old, "secrets": 3, "newest": False}
    assert isinstance(cli("keys", "forget", old).error, Conflict)
    assert cli("keys", "rotate", "--json").json == {"resealed": 3, "unreadable": []}
    assert cli("keys", "rotate", "--json").json["resealed"] == 0, "nothing is done twice"
    assert "is gone" in cli("keys", "forget", old).out
    assert opened(prepared) == ["password number 0", "password number 1", "password number 2"]
    assert vault.fingerprints() != [old]


def test_rotating_goes_on_where_it_stopped(either_database: db.Database) -> None:
    for number in range(5):
        add_channel(either_database, number)
    vault.put_in_front(vault.new_key())

    class Stopped(Exception):
        pass

    def stop(count: int) -> None:
        if count == 2:
            raise Stopped

    with pytest.raises(Stopped):
        resealing.reseal(either_database, stop)
    newest, old = vault.fingerprints()
    assert dict(resealing.survey(either_database).keys) == {newest: 2, old: 3}
    assert resealing.reseal(either_database) == 3
    assert opened(either_database) == [f"password number {number}" for number in range(5)]


def test_a_secret_that_no_key_opens_is_named_and_left(
    cli: Cli, prepared: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = add_channel(prepared, 1)
    monkeypatch.setenv("STONEHAND_VAULT_KEYS", Fernet.generate_key().decode())
    config.settings.cache_clear()
    add_channel(prepared, 2)
    assert f"channels {lost} password" in cli("keys", "list").out
    assert cli("keys", "rotate", "--json").json == {"resealed": 0, "unreadable": [f"channels {lost} password"]}
    assert "cannot be opened with the keys of this machine" in cli("doctor").out
    with pytest.raises(SecretUnreadable):
        opened(prepared)
    assert cli("keys", "new").out.strip() not in config.settings().vault_keys.get_secret_value()
