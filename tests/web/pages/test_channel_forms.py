"""The forms of channels: each kind has one, what is wrong stands beside its field, and no secret is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand.channels import service
from stonehand.channels.models import Channel
from stonehand.db import Database
from tests.lookalikes import ghost as lookalike
from tests.lookalikes.receiver import Receiver
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline", "near")
ADD = "/channels/add/ghost"


def kept(database: Database, name: str) -> Channel:
    with database.read() as session:
        return session.scalars(sa.select(Channel).where(Channel.name == name)).one()


def test_a_ghost_site_is_added_changed_and_tested(visit: Visit, database: Database) -> None:
    admin = visit("admin")
    assert 'href="/channels/add/ghost"' in admin.go("/channels")
    assert "Settings, Integrations" in admin.go(ADD)
    with lookalike.Ghost.running() as site:
        form = {"channel_name": "Post", "url": site.url, "newsletter": "daily"}
        wrong = admin.send(ADD, 422, api_key=lookalike.API_KEY, **form)
        assert "no active newsletter" in wrong
        assert f'value="{site.url}"' in wrong
        assert lookalike.KEY_SECRET not in wrong
        added = admin.send(ADD, api_key=lookalike.API_KEY, **{**form, "newsletter": "weekly"})
        assert "Added Post" in added
        assert "Ghost site" in words(added)
        post = kept(database, "Post")
        edit = f"/channels/{post.id}/edit"
        assert lookalike.KEY_SECRET not in admin.go(edit)
        assert 'value="weekly"' in admin.page
        assert "Changed Letter" in admin.send(edit, channel_name="Letter", url=site.url, newsletter="", api_key="")
        changed = kept(database, "Letter")
        assert changed.config == {"url": site.url}
        assert service.target(changed).secrets == {"api_key": lookalike.API_KEY}, "what is left empty stays"
        assert "pieces are not mailed" in words(admin.send(f"/channels/{post.id}/test"))
        site.secret = "5a" * 32
        refused = admin.send(f"/channels/{post.id}/test")
        assert "Letter: Ghost refuses the login" in words(refused)
    assert kept(database, "Letter").is_enabled, "a test changes nothing"


def test_a_secret_does_not_follow_a_channel_to_another_host(visit: Visit, database: Database) -> None:
    admin = visit("admin")
    admin.go(ADD)
    with lookalike.Ghost.running() as site, lookalike.Ghost.running() as other:
        admin.send(ADD, channel_name="Post", url=site.url, api_key=lookalike.API_KEY)
        edit = f"/channels/{kept(database, 'Post').id}/edit"
        admin.go(edit)
        admin.send(edit, 422, channel_name="Post", url=other.url, api_key="")
        assert other.seen == []
        assert kept(database, "Post").config == {"url": site.url}


def test_a_choice_is_offered_and_a_name_is_taken_once(visit: Visit) -> None:
    admin = visit("admin")
    assert '<option value="api_key">api key</option>' in admin.go("/channels/add/webhook")
    with Receiver.running() as receiver:
        form = {"channel_name": "Hook", "url": receiver.url, "auth": "bearer", "token": receiver.bearer}
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        assert "openssl" in admin.send("/channels/add/webhook", 422, signing_secret="short", **form)
        receiver._check = lambda asked: None  # type: ignore[method-assign]
        admin.send("/channels/add/webhook", signing_secret=secret, **form)
        admin.go("/channels/add/webhook")
        assert "choose another name" in admin.send("/channels/add/webhook", 409, signing_secret=secret, **form)


def test_a_folder_is_changed_by_the_same_form(visit: Visit, database: Database) -> None:
    admin = visit("admin")
    admin.go("/channels")
    admin.send("/channels", name="Site", where="")
    edit = f"/channels/{kept(database, 'Site').id}/edit"
    admin.go(edit)
    assert "base_url must be" in words(admin.send(edit, 422, channel_name="Site", base_url="ftp://a")).lower()
    admin.send(edit, channel_name="Site", base_url="https://news.example.org/")
    assert kept(database, "Site").config == {"base_url": "https://news.example.org/"}
    assert "can be used as it is set up" in words(admin.send(f"/channels/{kept(database, 'Site').id}/test"))


def test_only_administrators_have_the_forms(visit: Visit) -> None:
    publisher = visit("publisher")
    publisher.go(ADD, 403)
    assert "/channels/add/" not in publisher.go("/channels")
    visit("admin").go("/channels/add/pigeon", 404)


def test_what_a_form_has_no_field_for_stays(visit: Visit, database: Database) -> None:
    admin = visit("admin")
    settings = {"plays": "static-site", "generator": "jekyll"}
    with database.transaction() as session:
        service.ensure(session, service.check("dry-run", "Dry", settings))
    edit = f"/channels/{kept(database, 'Dry').id}/edit"
    admin.go(edit)
    admin.send(edit, channel_name="Dryer", plays="static-site")
    assert kept(database, "Dryer").config == settings


def test_the_form_of_a_static_site_offers_what_it_knows_and_keeps_it(
    visit: Visit, database: Database, tmp_path: Path
) -> None:
    admin = visit("admin")
    site = tmp_path / "site"
    site.mkdir()
    assert '<option value="mark">mark</option>' in admin.go("/channels/add/static-site")
    assert "is no folder" in admin.send("/channels/add/static-site", 422, channel_name="Site", folder=f"{site}x")
    admin.send("/channels/add/static-site", channel_name="Site", folder=str(site), generator="jekyll", draft="yes")
    made = kept(database, "Site")
    assert made.config == {"folder": str(site), "generator": "jekyll", "draft": "yes"}
    assert '<option value="yes" selected>' in admin.go(f"/channels/{made.id}/edit")
