"""The page of alerts: what is wrong, silence, and a test message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stonehand import config
from stonehand.alerts.models import Alert
from stonehand.db import Database, new_id, now
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")


@pytest.fixture
def trouble(database: Database) -> None:
    """One thing that is wrong, and one that is over."""
    with database.transaction() as session:
        moment = now(session)
        said = {"began_at": moment - timedelta(hours=1), "seen_at": moment}
        session.add_all(
            [
                Alert(id=new_id(), key="dead_letters", rule="dead_letters", subject="", sentence="2 wait", **said),
                Alert(
                    id=new_id(), key="no_worker:fetch", rule="no_worker", subject="fetch", sentence="nobody serves it",
                    ended_at=moment, **said,
                ),
            ]
        )  # fmt: skip


def test_nothing_is_wrong(visit: Visit) -> None:
    page = words(visit("viewer").go("/ops/alerts"))
    assert "Nothing is wrong." in page
    assert "Nobody is told yet" in page


@pytest.mark.usefixtures("trouble")
def test_what_is_wrong_and_what_was(visit: Visit) -> None:
    page = visit("viewer").go("/ops/alerts")
    assert "2 wait." in words(page)
    assert "1 that is over" in words(page)
    assert "Nobody serves it." in words(page)
    assert "Mute for an hour" not in page
    assert "Backups" not in words(page)
    assert "No backup is made by itself" in words(visit("admin").go("/ops/alerts"))


@pytest.mark.usefixtures("trouble")
def test_silence_for_an_hour_and_its_end(visit: Visit) -> None:
    admin = visit("admin")
    admin.go("/ops/alerts")
    assert "Nothing of dead_letters is sent for an hour." in words(
        admin.send("/ops/alerts/mute", target="dead_letters")
    )
    page = words(admin.go("/ops/alerts"))
    assert "muted until" in page
    assert "dead_letters until" in page
    assert "dead_letters is told again." in words(admin.send("/ops/alerts/unmute", target="dead_letters"))
    assert "muted until" not in words(admin.go("/ops/alerts"))
    assert "no such rule" in words(admin.send("/ops/alerts/mute", target="no such rule"))


def test_a_test_message(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = visit("admin")
    admin.go("/ops/alerts")
    assert "STONEHAND_ALERT_" in words(admin.send("/ops/alerts/test"))
    monkeypatch.setenv("STONEHAND_ALERT_WEBHOOK_URL", "https://hooks.example.org/desk")
    config.settings.cache_clear()
    page = admin.go("/ops/alerts")
    assert "People are told by webhook." in words(page)
    assert "A test message is on its way by webhook." in words(admin.send("/ops/alerts/test"))


def test_only_an_administrator_silences(visit: Visit) -> None:
    editor = visit("editor")
    editor.go("/ops/alerts")
    editor.send("/ops/alerts/mute", 403, target="dead_letters")
    editor.send("/ops/alerts/test", 403)
