"""The pages of curations: asking for one, watching it, its results, comparing, weights."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import config, db
from stonehand.curation import queries
from stonehand.curation.models import CurationItem
from stonehand.db import Database
from stonehand.jobs.models import Job
from tests.curation.conftest import _trip, analysed, run, submit  # noqa: F401  a fixture
from tests.curation.test_tasks import BRIDGE, COOKING
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit


def ask(database: Database) -> str:
    """A curation that chose two and left out two."""
    now = db.utc_now()
    analysed(
        database, "Harbour bridge closes", BRIDGE * 6, published_at=now, author="Ada Quill", url="https://a.example/1"
    )
    analysed(database, "Harbour bridge closes", BRIDGE * 6, published_at=now, url="https://b.example/1")
    old = {"published_at": now - timedelta(days=40), "url": "https://reuters.com/1"}
    analysed(database, "Old <b>bridge</b> of the harbour", COOKING + BRIDGE, **old)
    return run(database, submit(database, topic="harbour bridge", urls=[])).id


def test_a_topic_is_asked_for_and_leads_to_its_page(database: Database, visit: Visit) -> None:
    editor = visit("editor")
    editor.go("/curate")
    page = editor.send("/curate", topic="tide gates", most="5", limit="60", diversify="yes", weights="standard")
    assert "tide gates" in words(page)
    assert "Reading" in words(page)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert "tide gates" in words(editor.go("/curate"))
    with database.read() as session:
        (found,) = queries.recent(session)
        assert (found.rules["most"], found.limit_seconds, found.created_by) == (5, 60, "Editor")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"topic": ""}, "nothing to curate"),
        ({"topic": "x"}, "2 to 200"),
        ({"topic": "bridges", "most": "many"}, "whole number"),
        ({"topic": "bridges", "within": "sorce:x"}, "not a field"),
        ({"topic": "bridges", "weights": "nobody's"}, "no weights"),
    ],
)
def test_a_form_that_cannot_be_says_why_and_keeps_what_was_typed(
    database: Database, visit: Visit, typed: dict[str, str], said: str
) -> None:
    editor = visit("editor")
    editor.go("/curate")
    page = editor.send("/curate", 422, **typed)
    assert said in words(page)
    assert f'value="{typed["topic"]}"' in page


def test_what_was_chosen_is_shown_with_its_scores(database: Database, visit: Visit) -> None:
    curation_id, viewer = ask(database), visit("viewer")
    page = viewer.go(f"/curate/{curation_id}")
    text = words(page)
    assert "Done" in text
    assert "Chosen 2 Left out 1" in text
    assert "&lt;b&gt;bridge" in page
    assert "nearest to the topic by" in text
    assert page.count('class="score-parts"') == 2
    assert "Judge anew" not in text
    left = words(viewer.go(f"/curate/{curation_id}?show=left_out"))
    assert "Nearly the same text as “Harbour bridge closes” (cosine 1.00)" in left
    assert "Nothing fits" in words(viewer.go(f"/curate/{curation_id}?least=100"))
    only = viewer.go(f"/curate/{curation_id}?host=reuters&sort=recency")
    assert "Old" in only
    assert "Ada Quill" not in only


def test_articles_and_weights_are_compared(database: Database, visit: Visit) -> None:
    curation_id, editor = ask(database), visit("editor")
    editor.go("/curate/weights")
    editor.send("/curate/weights", name="names first", reputation="1.0", half_lives="election: 1", trusted="c.example")
    page = editor.go(f"/curate/{curation_id}?weights=names+first")
    assert "nothing was changed" in words(page)
    assert page.index("Old &lt;b&gt;") < page.index("Harbour bridge closes</a>")
    ids = re.findall(r'name="item" value="([^"]+)"', page)
    side = words(editor.go(f"/curate/{curation_id}/compare?item={ids[0]}&item={ids[1]}"))
    assert "Side by side" in side
    assert "1 and 2: cosine" in side
    both = words(editor.go(f"/curate/{curation_id}/compare?a=standard&b=names+first"))
    assert "2 articles chosen by both, 0 by one of them" in both
    assert "Mark two to five" in words(editor.go(f"/curate/{curation_id}/compare?item={ids[0]}"))
    assert "there are no weights" in words(editor.go(f"/curate/{curation_id}/compare?a=standard&b=x", 404))


def test_it_is_judged_anew(database: Database, visit: Visit) -> None:
    curation_id, editor = ask(database), visit("editor")
    editor.go(f"/curate/{curation_id}")
    rules = {
        "most": "1",
        "domain_cap": "2",
        "duplicate": "0.97",
        "cluster": "0,75",
        "cluster_cap": "3",
        "diversify": "yes",
    }
    assert "Judged anew: 1 chosen by “standard”" in words(editor.send(f"/curate/{curation_id}/choose", **rules))
    wrong = editor.send(f"/curate/{curation_id}/choose", **rules | {"duplicate": "much"})
    assert "give a number such as 0.2" in words(wrong)
    beyond = editor.send(f"/curate/{curation_id}/choose", **rules | {"most": "5000"})
    assert "Choose 1 to 1000 articles" in words(beyond)


def test_failures_are_listed_and_a_running_one_is_stopped(database: Database, visit: Visit) -> None:
    curation_id, editor = submit(database, urls=["ftp://x.example/<i>", "https://slow.invalid/"]), visit("editor")
    page = editor.go(f"/curate/{curation_id}")
    assert "ftp://x.example/&lt;i&gt;" in page
    assert "no http or https address" in page
    assert "Stopped; what was scored by now is here" in words(editor.send(f"/curate/{curation_id}/stop"))
    assert "ended already" in words(editor.send(f"/curate/{curation_id}/stop"))
    assert "its articles stay" in words(editor.send(f"/curate/{curation_id}/remove"))
    editor.go(f"/curate/{curation_id}", 404)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CurationItem)) == 0


def test_a_job_that_died_says_why(database: Database, visit: Visit) -> None:
    curation_id = submit(database, topic="bridges")
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state="discarded", error="the disk is full"))
    assert "It stopped: the disk is full" in words(visit("viewer").go(f"/curate/{curation_id}"))


def test_weights_are_saved_used_and_removed(database: Database, visit: Visit) -> None:
    editor = visit("editor")
    editor.go("/curate/weights")
    assert "from 0 to 1" in words(editor.send("/curate/weights", 422, name="mine", recency="2"))
    assert "give a number such as" in words(editor.send("/curate/weights", 422, name="mine", recency="x"))
    assert "“mine” is saved" in words(editor.send("/curate/weights", name="mine", recency="0.5"))
    assert "mine in use" in words(editor.send("/curate/weights/use", name="mine"))
    publisher = visit("publisher")
    publisher.go("/curate/weights")
    assert "Somebody else has saved" in words(publisher.send("/curate/weights", 422, name="mine", recency="0.1"))
    publisher.send("/curate/weights/remove", 403, name="mine")
    assert "standard in use" in words(editor.send("/curate/weights/remove", name="mine"))


def test_a_viewer_sees_and_changes_nothing(database: Database, visit: Visit) -> None:
    viewer = visit("viewer")
    assert "<textarea" not in viewer.go("/curate")
    viewer.send("/curate", 403, topic="bridges")
    viewer.go("/curate/weights")
    viewer.go("/curate/nothing", 404)
    assert config.settings().domain_cap == 2
