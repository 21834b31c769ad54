"""Adding, editing, switching and removing channels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stonehand.accounts import queries as accounts
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person, granted
from stonehand.channels import queries, service
from stonehand.channels.errors import ChannelNameTaken, ChannelNameUnfit, ChannelNotFound, ConfigUnfit
from stonehand.channels.models import Channel
from stonehand.channels.schemas import ChannelOut
from stonehand.db import Database, Session
from stonehand.registry import KindNotFound

ADMIN = Person("1", "a@example.org", "Ada", "admin", granted("admin"))
PUBLISHER = Person("2", "p@example.org", "Pat", "publisher", granted("publisher"))


def add(database: Database, name: str = "Folder") -> Channel:
    checked = service.check("folder", name, {})
    with database.transaction() as session:
        return service.add(session, ADMIN, checked)


def test_a_channel_is_added_and_its_folder_is_there(database: Database, data_dir: Path) -> None:
    channel = add(database, "  City   News ")
    assert (channel.name, channel.slug, channel.is_enabled, channel.requires_review) == (
        "City News",
        "city-news",
        True,
        True,
    )
    assert (data_dir / "published" / "city-news" / "index.html").exists()
    assert service.target(channel).home == data_dir / "published" / "city-news"
    with database.read() as session:
        assert [row.verb for row in accounts.audit(session, object_id=channel.id)] == ["added"]
        assert ChannelOut.model_validate(queries.channel_by_name(session, "City News")).kind == "folder"


def test_names_that_share_a_folder_are_refused(database: Database) -> None:
    add(database, "City News")
    for name in ("City News", "city-news!"):
        with pytest.raises(ChannelNameTaken):
            add(database, name)


def test_what_cannot_work_is_refused_before_it_is_kept() -> None:
    with pytest.raises(KindNotFound, match="folder"):
        service.check("pigeon", "Pigeon", {})
    with pytest.raises(ChannelNameUnfit):
        service.check("folder", "../..", {})
    with pytest.raises(ConfigUnfit):
        service.check("folder", "Folder", {"folder": "../../etc"})


def test_the_first_channel_is_added_once(database: Database) -> None:
    checked = service.check("folder", "Folder", {})
    with database.transaction() as session:
        first = service.ensure(session, checked)
        assert service.ensure(session, checked).id == first.id


def test_a_channel_keeps_its_folder_when_it_is_renamed(database: Database, data_dir: Path) -> None:
    channel = add(database)
    other = add(database, "Other")
    checked = service.check("folder", "Newsroom", {"base_url": "https://n.example/"}, channel)
    with database.transaction() as session:
        edited = service.edit(session, ADMIN, channel.id, checked)
        assert (edited.name, edited.config) == ("Newsroom", {"base_url": "https://n.example/"})
    assert service.target(edited).home == data_dir / "published" / "folder"
    with pytest.raises(ChannelNameTaken), database.transaction() as session:
        service.edit(session, ADMIN, other.id, checked)


def test_switching_off_and_removing(database: Database) -> None:
    channel, other = add(database), add(database, "Other")
    with database.transaction() as session:
        service.enable(session, ADMIN, channel.id, False)
    with database.read() as session:
        assert [row.id for row in queries.enabled(session, [channel.id, other.id])] == [other.id]
        assert [row.name for row in queries.channels(session)] == ["Folder", "Other"]
    with database.transaction() as session:
        service.remove(session, ADMIN, channel.id)
    with database.read() as session, pytest.raises(ChannelNotFound):
        queries.channel(session, channel.id)
    with database.read() as session, pytest.raises(ChannelNotFound, match="Other"):
        queries.channel_by_name(session, "Folder")


def test_only_administrators_change_channels(database: Database) -> None:
    channel = add(database)
    checked = service.check("folder", "New", {})
    deeds: tuple[Callable[[Session], object], ...] = (
        lambda session: service.add(session, PUBLISHER, checked),
        lambda session: service.edit(session, PUBLISHER, channel.id, checked),
        lambda session: service.enable(session, PUBLISHER, channel.id, False),
        lambda session: service.remove(session, PUBLISHER, channel.id),
    )
    for deed in deeds:
        with pytest.raises(PermissionMissing), database.transaction() as session:
            deed(session)


@pytest.mark.parametrize("kind", ["folder", "wordpress", "webhook"])
def test_half_a_letter_is_refused_before_anybody_is_asked(database: Database, kind: str) -> None:
    for settings in ({"url": "https://a\ud800.example"}, {"password": "\udc00"}, {"\ud800": "a"}):
        with pytest.raises(ConfigUnfit, match="half a letter"):
            service.check(kind, "Site", settings)
