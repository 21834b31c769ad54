"""The page of platforms: a form with presets, logins with their states in words, and no password."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.platforms.models import Login, LoginState, Platform
from tests.web.pages.browsing import Browser, words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
FORM = {
    "name": "Werkstatt",
    "base_url": "https://w.example",
    "preset": "mymoment",
    "permission": "Frau von Arx, 3 March",
}
SECRET = "hunter-two-words"


def test_a_site_and_a_login_are_added(visit: Visit, database: Database) -> None:
    admin = visit("admin")
    assert "No platforms yet" in admin.go("/platforms")
    assert "say who of the site allows" in words(admin.send("/platforms", 422, **{**FORM, "permission": ""})).lower()
    assert "index.pth" in admin.send("/platforms", 422, **FORM, config="index.pth = 1")
    assert "no TOML" in admin.send("/platforms", 422, **FORM, config="= ")
    assert "interval" in admin.send("/platforms", 422, **FORM, interval="soon")
    added = admin.send("/platforms", **FORM, config="comments.settle_seconds = 60")
    assert "Added Werkstatt" in added
    with database.read() as session:
        platform = session.scalars(sa.select(Platform)).one()
    assert platform.config == {"preset": "mymoment", "comments": {"settle_seconds": 60}}
    _changed(admin, database, platform.id)
    path = f"/platforms/{platform.id}/logins"
    assert "password" in admin.send(path, 422, username="bot3a", password="")
    shown = admin.send(path, username="bot3a", password=SECRET)
    assert "Ready, not signed in" in words(shown)
    assert SECRET not in shown
    assert "already" in admin.send(path, 409, username="bot3a", password=SECRET)
    with database.read() as session:
        login_id = session.scalars(sa.select(Login.id)).one()
    admin.send(f"/logins/{login_id}/test")
    with database.transaction() as session:
        job = session.scalars(sa.select(Job).where(Job.task == "platforms.sign_in")).one()
        assert job.args == {"login_id": login_id}
        refused = {"state": LoginState.REFUSED, "trouble": "wrong password"}
        session.execute(sa.update(Login).values(**refused))
    assert "Refused by the site wrong password" in words(admin.go("/platforms"))
    assert "has another password" in admin.send(f"/logins/{login_id}/password", password="another one")
    assert "switched off" in admin.send(f"/logins/{login_id}/disable")
    assert "switched on" in admin.send(f"/logins/{login_id}/enable")
    viewer = visit("viewer").go("/platforms")
    assert "bot3a" in viewer
    assert "Test sign-in" not in viewer
    assert "Removed bot3a" in admin.send(f"/logins/{login_id}/remove")
    assert "Removed Werkstatt Süd" in admin.send(f"/platforms/{platform.id}/remove")


def _changed(admin: Browser, database: Database, platform_id: str) -> None:
    path = f"/platforms/{platform_id}/edit"
    form = admin.go(path)
    assert "comments.settle_seconds = 60" in form
    sent = {**FORM, "name": "Werkstatt Süd", "language": "de", "most_a_day": "12", "config": "index.path = '/neu/'"}
    assert "does not tell readers" in admin.send(path, 422, **sent, disclosure="AI")
    assert "most_a_day" in admin.send(path, 422, **{**sent, "most_a_day": "many"})
    assert "say who of the site allows" in admin.send(path, 422, **{**sent, "permission": ""}).lower()
    said = words(admin.send(path, **sent, disclosure="Ein Programm schreibt hier."))
    assert "12 by all; in de, each begins with “Ein Programm schreibt hier.”" in said
    with database.read() as session:
        platform = session.get_one(Platform, platform_id)
    assert platform.config == {"preset": "mymoment", "index": {"path": "/neu/"}}
    assert (platform.name, platform.base_url, platform.most_per_article) == ("Werkstatt Süd", "https://w.example", 4)
