"""The pages of agents: the table, one agent with what it would do next and its history, the form."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from stonehand import db
from stonehand.agents import queries
from stonehand.agents.wishes import Quotas, When
from stonehand.channels import service as channels
from stonehand.db import Database
from stonehand.reviews import queries as reviews
from tests.agents.conftest import FINAL, GATES, HERONS, _trip, ask, finish, make, result, shelved  # noqa: F401  a fixture
from tests.library.conftest import source
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

FORM = {
    "name": "Harbour desk",
    "brief": "tide gates and the harbour of Port Ellis",
    "keywords": "tide gates, harbour",
    "schedule_cron": "30 9 * * MON-FRI",
    "timezone": "Europe/Zurich",
    "posts_per_day": "2",
    "money_per_month": "1,5",
}


def test_an_agent_is_made_shown_and_changed(database: Database, visit: Visit) -> None:
    feed, editor = source(database, "Harbour <b>Feed</b>"), visit("editor")
    assert "Nobody writes by itself yet" in words(editor.go("/agents"))
    editor.go("/agents/new")
    page = editor.send("/agents/new", **FORM, source_ids=feed)
    text = words(page)
    assert "Writes every weekday at 09:30 (Europe/Zurich)" in text
    assert "Harbour &lt;b&gt;Feed" in page
    assert len(re.findall(r"09:30 CES?T", text)) == 5
    assert "0 of 2 posts" in text
    assert "0.00 of 1.50 spent" in text
    with database.read() as session:
        agent = queries.agent(session, "Harbour desk")
    form = editor.go(f"/agents/{agent.id}/edit")
    assert 'value="30 9 * * MON-FRI"' in form
    assert f'<option value="{feed}" selected>' in form
    editor.send(f"/agents/{agent.id}/edit", **FORM | {"tone": "dry", "schedule_cron": ""})
    with database.read() as session:
        agent = queries.agent(session, "Harbour desk")
    assert (agent.tone, agent.schedule, agent.source_ids, agent.quotas["micro_per_month"]) == ("dry", "", [], 1_500_000)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({"schedule_cron": "0 25 * * *"}, "25"),
        ({"posts_per_day": "many"}, "Posts per day: "),
        ({"length": "endless"}, "Length: "),
        ({"timezone": "Mars/Olympus"}, "is not a time zone"),
    ],
)
def test_a_form_that_cannot_be_says_why_and_keeps_what_was_typed(
    database: Database, visit: Visit, typed: dict[str, str], said: str
) -> None:
    editor = visit("editor")
    editor.go("/agents/new")
    page = editor.send("/agents/new", 422, **FORM | typed)
    assert said in words(page)
    assert "tide gates and the harbour of Port Ellis" in page


def test_what_it_would_do_next_and_why_not_something_else(database: Database, visit: Visit) -> None:
    shelved(database, "Tide gates of Port Ellis to be rebuilt", GATES)
    shelved(database, "Rovers lose the cup final", FINAL)
    agent = make(database, brief="tide gates and the harbour", quotas=Quotas(posts_per_day=1))
    text = words(visit("viewer").go(f"/agents/{agent.id}"))
    assert "It would write this · score" in text
    assert "speaks of" in text
    assert "Rovers lose the cup final Not what it writes about" in text
    assert "Run now" not in text
    ask(database, "agents.run", agent_id=agent.id)
    text = words(visit("viewer").go(f"/agents/{agent.id}"))
    assert "has used 1 of 1 posts of this day" in text
    assert "Tide gates of Port Ellis to be rebuilt It has written about this before" in text


def test_running_pausing_and_removing(database: Database, visit: Visit) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent, editor = make(database, When("0 9 * * *")), visit("editor")
    editor.go(f"/agents/{agent.id}")
    assert "looks for something to write about" in words(editor.send(f"/agents/{agent.id}/run"))
    assert "is at it already" in words(editor.send(f"/agents/{agent.id}/run"))
    finish(database)
    page = editor.go(f"/agents/{agent.id}")
    assert "Asked for by hand, Editor Written Herons return to the marsh of Orne free" in words(page)
    assert re.search(r'href="/review/[^"]+">Herons return', page)
    assert "Written" in words(editor.go("/agents"))
    assert "rests" in words(editor.send(f"/agents/{agent.id}/pause", why="holidays"))
    assert "by Editor: holidays" in words(editor.go("/agents"))
    assert "is paused by Editor: holidays" in words(editor.send(f"/agents/{agent.id}/write", 409, topic="herons"))
    assert "at work again" in words(editor.send(f"/agents/{agent.id}/resume"))
    assert "articles about “herons”" in words(editor.send(f"/agents/{agent.id}/write", topic="herons"))
    assert "its history stay" in words(editor.send(f"/agents/{agent.id}/remove"))
    gone = words(editor.go(f"/agents/{agent.id}"))
    assert "Removed" in gone
    assert "Herons return" in gone


def test_today_tells_which_agent_writes_next(database: Database, visit: Visit) -> None:
    soon = db.utc_now() + timedelta(hours=2)
    make(database, When(f"{soon.minute} {soon.hour} * * *"))
    make(database, name="By hand only")
    text = words(visit("viewer").go("/"))
    assert "Harbour desk Writes next" in text
    assert "By hand only" not in text


def test_only_editors_change_anything(database: Database, visit: Visit) -> None:
    agent, viewer = make(database), visit("viewer")
    viewer.go("/agents")
    for address in ("/agents/new", f"/agents/{agent.id}/edit"):
        viewer.go(address, 403)
    for verb in ("run", "pause", "resume", "remove", "edit", "write"):
        viewer.send(f"/agents/{agent.id}/{verb}", 403)
    viewer.go("/agents/nobody", 404)


def test_its_usual_channels_are_chosen_on_the_review_desk(database: Database, visit: Visit) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    ids = []
    for name in ("Archive", "Harbour blog"):
        checked = channels.check("folder", name, {})
        with database.transaction() as session:
            ids.append(channels.ensure(session, checked).id)
    agent = make(database, channel_ids=(ids[1],), source_ids=())
    draft_id = result(database, ask(database, "agents.write", agent_id=agent.id, topic="herons of Orne"))["post_id"]
    with database.read() as session:
        review_id = reviews.of_drafts(session, [draft_id])[draft_id]
    page = visit("publisher").go(f"/review/{review_id}")
    assert f'value="{ids[1]}" checked' in page
    assert f'value="{ids[0]}"> Archive' in page
    assert f'href="/agents/{agent.id}"' in page
