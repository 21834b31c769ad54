"""The page of breakers and limits."""

from __future__ import annotations

import pytest

from stonehand.channels import service as channels
from stonehand.db import Database
from stonehand.limits import breakers
from stonehand.limits.breakers import Pass
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

NAME = "host:example.org:443"


@pytest.fixture
def broken(database: Database) -> None:
    with database.transaction() as session:
        for _ in range(5):
            breakers.failed(session, Pass(NAME), "connection <b>refused</b>")


def test_when_all_is_well_it_says_so(visit: Visit) -> None:
    page = visit("viewer").go("/limits")
    assert "Everything that was asked lately has answered." in page
    assert "Nothing is limited." in page
    assert 'action="/limits' not in page
    assert 'href="/limits"' in visit("viewer").go("/jobs")


@pytest.mark.usefixtures("broken")
def test_what_does_not_answer_is_tried_paused_and_tried_again(visit: Visit, database: Database) -> None:
    admin = visit("admin")
    page = admin.go("/limits")
    assert "Does not answer" in page
    assert "host example.org" in page
    assert "connection &lt;b&gt;refused" in page
    assert "Paused by Admin" in words(admin.send("/breakers/host:example.org:443/hold"))
    assert "Answers" in words(admin.send("/breakers/host%3Aexample.org%3A443/reset"))
    with database.read() as session:
        assert breakers.get(session, NAME).state == "CLOSED"


def test_anything_is_paused_from_the_form_and_resumed(visit: Visit, database: Database) -> None:
    checked = channels.check("folder", "Harbour Post", {"base_url": "https://n.example/"})
    with database.transaction() as session:
        channels.ensure(session, checked)
    admin = visit("admin")
    admin.go("/limits")
    page = admin.send("/limits/pause", what="channel:Harbour Post")
    assert "channel Harbour Post by Admin" in words(page)
    assert "queue fetch by Admin" in words(admin.send("/limits/pause", what="queue:fetch"))
    assert "queue fetch by Admin" not in words(admin.send("/limits/queue:fetch/resume"))
    refused = admin.send("/limits/pause", 422, what="queue:fetsch")
    assert "did you mean fetch?" in words(refused)
    assert 'value="queue:fetsch"' in refused


def test_limits_are_set_from_the_form_and_lifted(visit: Visit) -> None:
    admin = visit("admin")
    admin.go("/limits")
    page = words(admin.send("/limits", target="task:drafts.write", rate="10/m", concurrency="2"))
    assert "task:drafts.write 10/m 2 set by Admin" in page
    refused = admin.send("/limits", 422, target="host:example.org", rate="often", concurrency="")
    assert "often" in refused
    assert "write it like 10/m" in words(refused)
    assert "is not a number" in words(admin.send("/limits", 422, target="task:drafts.write", concurrency="two"))
    assert "set by Admin" not in words(admin.send("/limits/task:drafts.write/unset"))


@pytest.mark.usefixtures("broken")
def test_viewers_see_and_touch_nothing(visit: Visit) -> None:
    viewer = visit("viewer")
    page = viewer.go("/limits")
    assert "host example.org" in page
    assert "/hold" not in page
    for path in (
        "/breakers/host:example.org:443/hold",
        "/breakers/host:example.org:443/reset",
        "/limits",
        "/limits/pause",
    ):
        viewer.send(path, 403)
