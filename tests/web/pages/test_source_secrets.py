"""The password or key of a source is set, replaced and removed on its pages, and never shown again."""

from __future__ import annotations

import pytest

from stonehand import registry
from stonehand.db import Database
from stonehand.sources import looking, queries
from stonehand.sources.errors import SecretMissing
from stonehand.sources.models import Source
from tests.sources.conftest import pipeline  # noqa: F401  a fixture
from tests.sources.test_kinds import Probe
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
FORM = {"kind": "probe", "url": "https://probe.example/", "options": "topic = sea"}
SECRET, OTHER = "s3cret-harbour", "0ther-quay"


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.registry().kinds["source"], "probe", Probe())


def only(database: Database) -> Source:
    with database.read() as session:
        (found,) = queries.all_sources(session)
        return found


@pytest.fixture
def source(visit: Visit, database: Database) -> str:
    editor = visit("editor")
    editor.go("/sources")
    assert SECRET not in editor.send("/sources", **FORM, secret=SECRET)
    return f"/sources/{only(database).id}"


def used(database: Database) -> str | None:
    """The secret that its kind gets at a look."""
    return looking.asked(only(database)).secret


def test_a_secret_is_given_with_the_form_that_adds(visit: Visit, source: str, database: Database) -> None:
    assert used(database) == SECRET
    page = visit("editor").go(source)
    assert SECRET not in page
    assert "One is kept, sealed" in words(page)
    assert "Key" in words(page)


def test_without_it_nothing_is_added_and_the_form_says_what_is_missing(visit: Visit, database: Database) -> None:
    editor = visit("editor")
    editor.go("/sources")
    page = editor.send("/sources", 422, **FORM)
    assert "A probe needs its key." in words(page)
    assert "topic = sea" in page
    with database.read() as session:
        assert not queries.all_sources(session)


def test_what_was_typed_does_not_come_back_when_something_else_is_wrong(visit: Visit) -> None:
    editor = visit("editor")
    editor.go("/sources")
    page = editor.send("/sources", 422, **FORM | {"options": "colour = red"}, secret=SECRET)
    assert "colour = red" in page
    assert SECRET not in page
    assert SECRET not in editor.send("/sources/preview", **FORM, secret=SECRET)


def test_it_is_replaced(visit: Visit, source: str, database: Database) -> None:
    editor = visit("editor")
    editor.go(source)
    page = editor.send(f"{source}/secret", secret=OTHER)
    assert "Saved and sealed" in words(page)
    assert OTHER not in page
    assert used(database) == OTHER
    assert "nothing was typed" in editor.send(f"{source}/secret", 422, secret="")
    assert used(database) == OTHER


def test_it_is_removed_and_the_source_waits_for_another(visit: Visit, source: str, database: Database) -> None:
    editor = visit("editor")
    editor.go(source)
    assert "paused until it has another one" in words(editor.send(f"{source}/secret/remove"))
    assert (only(database).secret, only(database).enabled) == (None, False)
    with pytest.raises(SecretMissing, match="enter it again"):
        used(database)
    assert "cannot be looked at" in words(editor.go(source))
    assert "resume it" in words(editor.send(f"{source}/secret", secret=OTHER))
    assert used(database) == OTHER


def test_a_viewer_may_not(visit: Visit, source: str, database: Database) -> None:
    viewer = visit("viewer")
    assert 'type="password"' not in viewer.go(source)
    viewer.send(f"{source}/secret", 403, secret=OTHER)
    viewer.send(f"{source}/secret/remove", 403)
    assert used(database) == SECRET


def test_kinds_without_one_show_none(visit: Visit, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Open:
        kind, title, polled, options = Probe.kind, Probe.title, True, Probe.options
        collect = Probe.collect

    monkeypatch.setitem(registry.registry().kinds["source"], "probe", Open())
    assert 'type="password"' not in visit("editor").go(source)
