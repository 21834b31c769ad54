"""Processes and comments by the API, with the shapes that older programs know."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import pytest
import sqlalchemy as sa
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from stonehand.accounts.permissions import Person
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.states import CommentState, ProcessState
from stonehand.db import Database
from stonehand.jobs.models import Job
from tests.web import comment_world
from tests.web.api.conftest import As
from tests.web.api.test_contract import is_problem
from tests.web.comment_world import DISCLOSURE, SAID, World, told

pytestmark = pytest.mark.usefixtures("pipeline")
PROCESSES, COMMENTS = "/api/v1/monitoring-processes", "/api/v1/comments"
STATES = [CommentState.GENERATED, CommentState.POSTED, CommentState.POSTING, CommentState.PREPARED, CommentState.FAILED]


@pytest.fixture
def world(database: Database, people: dict[str, Person]) -> World:
    return comment_world.make(database, people["admin"], STATES)


def test_a_process_is_made_started_watched_and_stopped(as_: As, database: Database, world: World) -> None:
    editor = as_("editor")
    wish = {"name": "Klasse 6b", "platform_id": world.platform_id, "login_ids": [world.login_id]}
    made = editor.post(PROCESSES, json=wish)
    assert (made.status_code, made.json()["status"], made.json()["generate_only"]) == (201, "created", True)
    here = f"{PROCESSES}/{made.json()['id']}"
    refused = editor.post(f"{here}/start")
    assert is_problem(refused, 409)
    assert "it has no prompt; choose one" in refused.json()["detail"]
    prompt = editor.get(f"{PROCESSES}/{world.process_id}").json()["prompt_ids"]
    assert editor.patch(here, json={"prompt_ids": prompt, "tab": "alle"}).json()["tab"] == "alle"
    started = editor.post(f"{here}/start")
    assert (started.status_code, started.json()["status"]) == (200, "running")
    tasks = started.json()["task_ids"]
    assert set(tasks) == {"discovery", "preparation", "generation", "posting"}
    with database.read() as session:
        assert session.get_one(Job, tasks["discovery"]).task == "comments.discover"
    assert is_problem(editor.post(f"{here}/start"), 409)
    assert is_problem(editor.patch(here, json={"name": "Other"}), 409)
    assert editor.post(f"{here}/stop").json()["status"] in ("stopping", "stopped")
    copied = editor.post(f"{here}/clone", json={})
    assert (copied.status_code, copied.json()["name"]) == (201, "Klasse 6b (copy)")
    with database.transaction() as session:
        session.execute(sa.update(CommentProcess).values(state=ProcessState.STOPPED))
    assert editor.delete(here).status_code == 204
    assert is_problem(editor.get(here), 404)


def test_lists_have_the_shape_of_old(as_: As, world: World) -> None:
    viewer = as_("viewer")
    listed = viewer.get(PROCESSES, params={"limit": 1}).json()
    assert (listed["total"], listed["limit"], listed["offset"], listed["items"][0]["id"]) == (1, 1, 0, world.process_id)
    part = viewer.get(COMMENTS, params={"process_id": world.process_id, "limit": 2, "offset": 4}).json()
    assert (part["total"], len(part["items"])) == (5, 1)
    found = viewer.get(COMMENTS, params={"state": ["posted", "failed"]}).json()
    assert {each["state"] for each in found["items"]} == {"posted", "failed"}
    assert viewer.get(COMMENTS, params={"search": "BACH 3"}).json()["items"][0]["article"]["title"] == "Der Bach 3"
    assert viewer.get(COMMENTS, params={"article_id": found["items"][0]["article"]["id"]}).json()["total"] == 1


def test_the_pipeline_is_counted_by_stage_and_state(as_: As, world: World) -> None:
    told = as_("viewer").get(f"{PROCESSES}/{world.process_id}/pipeline-status").json()
    assert (told["total"], told["counts"]["prepared"], told["counts"]["skipped"]) == (5, 1, 0)
    stages = {each["stage"]: each for each in told["stages"]}
    assert (stages["generation"]["waiting"], stages["posting"]["waiting"], stages["posting"]["failed"]) == (1, 1, 1)


def test_what_was_read_back_is_told(as_: As, world: World) -> None:
    told = as_("viewer").get(f"{COMMENTS}/{world.comment_ids[1]}").json()
    assert (told["remote_id"], told["remote_text"]) == ("1234", f"{DISCLOSURE}\n{SAID}")
    assert told["article"]["author"] == "Mia"


def test_posting_one_answers_as_it_did(as_: As, database: Database, world: World) -> None:
    publisher = as_("publisher")
    generated, posted, posting, prepared, failed = (f"{COMMENTS}/{each}/post?wait=0" for each in world.comment_ids)
    assert is_problem(publisher.post(f"{COMMENTS}/nothing/post"), 404)
    for unfit in (posted, prepared, failed):
        assert is_problem(publisher.post(unfit), 400)
    assert is_problem(publisher.post(posting), 409)
    for _ in range(2):
        asked = publisher.post(generated)
        assert (asked.status_code, asked.json()["state"]) == (202, "approved")
    with database.transaction() as session:
        (args,) = session.scalars(sa.select(Job.args).where(Job.task == "comments.send"))
    assert args["comment_id"] == world.comment_ids[0]
    assert args["platform_id"], "the lane that it goes in"
    assert as_("editor").post(generated).status_code == 403


@pytest.mark.parametrize(("state", "status"), [("posted", 200), ("failed", 502), ("needs_reconcile", 502)])
def test_posting_one_waits_for_the_site(
    as_: As, database: Database, world: World, monkeypatch: pytest.MonkeyPatch, state: str, status: int
) -> None:
    from stonehand.web.api import comments

    def at_once(comment_id: str, _person: Person) -> None:
        with database.transaction() as session:
            session.get_one(Comment, comment_id).state = state

    monkeypatch.setattr(comments, "_let_go", at_once)
    assert as_("publisher").post(f"{COMMENTS}/{world.comment_ids[0]}/post").status_code == status


def test_all_of_a_process_are_sent(as_: As, database: Database, world: World) -> None:
    here = f"{PROCESSES}/{world.process_id}/post-comments"
    asked = as_("publisher").post(here)
    assert (asked.status_code, asked.json()["status"]) == (202, "pending")
    with database.read() as session:
        assert session.get_one(Job, asked.json()["task_id"]).task == "comments.post"
    assert is_problem(as_("editor").post(here), 403)


def test_decisions_name_those_that_they_leave_alone(as_: As, database: Database, world: World) -> None:
    publisher, ids = as_("publisher"), list(world.comment_ids)
    old = {"ids": ids[:1], "as_of": "2020-01-01T00:00:00Z"}
    assert publisher.post(f"{COMMENTS}/approve", json=old).json() == {"done": 0, "refused": {}}
    made = publisher.post(f"{COMMENTS}/approve", json={"ids": [*ids, "nothing"]}).json()
    assert made["done"] == 1
    assert set(made["refused"]) == {*ids[1:], "nothing"}
    edited = publisher.patch(f"{COMMENTS}/{ids[0]}", json={"html": f"{SAID} Warst du allein?"}).json()
    assert edited["html"].startswith(f"<p>{DISCLOSURE}</p><p>")
    assert (edited["state"], edited["writer"]) == ("generated", "person")
    assert publisher.post(f"{COMMENTS}/retry", json={"ids": [ids[4]]}).json()["done"] == 1
    assert publisher.post(f"{COMMENTS}/reject", json={"ids": [ids[0]], "note": "rude"}).json()["done"] == 1
    assert publisher.get(f"{COMMENTS}/{ids[0]}").json()["decision_note"] == "rude"
    assert publisher.delete(f"{COMMENTS}/{ids[0]}").status_code == 204
    assert is_problem(publisher.delete(f"{COMMENTS}/{ids[1]}"), 409)
    assert is_problem(publisher.post(f"{COMMENTS}/{ids[1]}/settle", json={"arrived": True}), 409)
    assert is_problem(publisher.post(f"{COMMENTS}/approve", json={"ids": []}), 422)


def test_a_text_is_replaced_in_many(as_: As, world: World) -> None:
    editor, ids = as_("editor"), list(world.comment_ids)
    wish = {"ids": [*ids, "nothing"], "find": "Dein Bach", "by": "Dein Fluss"}
    seen = editor.post(f"{COMMENTS}/replace", json=wish | {"preview": True}).json()
    assert editor.get(f"{COMMENTS}/{ids[0]}").json()["html"].count("Fluss") == 0
    old = editor.post(f"{COMMENTS}/replace", json=wish | {"as_of": "2020-01-01T00:00:00Z"}).json()
    assert (old["done"], old["refused"]) == (0, {"nothing": "there is no such comment"})
    made = editor.post(f"{COMMENTS}/replace", json=wish).json()
    assert made == seen
    assert made["done"] >= 1
    assert "nothing" in made["refused"]
    assert "Dein Fluss" in editor.get(f"{COMMENTS}/{ids[0]}").json()["html"]
    assert is_problem(editor.post(f"{COMMENTS}/replace", json=wish | {"find": ""}), 422)
    assert is_problem(editor.post(f"{COMMENTS}/replace", json=wish | {"by": wish["find"]}), 422)
    assert is_problem(as_("viewer").post(f"{COMMENTS}/replace", json=wish), 403)


def test_an_author_opts_out_and_in_again(as_: As, world: World) -> None:
    editor, here = as_("editor"), f"/api/v1/platforms/{world.platform_id}/opt-outs"
    made = editor.post(here, json={"author": " MIA ", "reason": "her parents"})
    assert made.status_code == 201
    assert editor.get(f"{COMMENTS}/{world.comment_ids[0]}").json()["state"] == "skipped"
    assert [each["author"] for each in editor.get(here).json()["items"]] == ["MIA"]
    assert editor.delete(f"{here}/{made.json()['id']}").status_code == 403
    assert as_("publisher").delete(f"{here}/{made.json()['id']}").status_code == 204
    assert is_problem(as_("publisher").delete(f"{here}/{made.json()['id']}"), 404)


def test_those_who_wait_for_the_site_take_no_thread_from_others(as_: As, world: World, app: FastAPI) -> None:
    headers, here = as_("publisher").headers, f"{COMMENTS}/{world.comment_ids[0]}"

    async def ask() -> list[str]:
        current_default_thread_limiter().total_tokens = 1
        done: list[str] = []
        async with AsyncClient(transport=ASGITransport(app), headers=headers, base_url="http://testserver") as client:
            waiting = [asyncio.create_task(_ask(client, "POST", f"{here}/post?wait=1.5", done)) for _ in range(3)]
            await asyncio.sleep(0.3)
            await _ask(client, "GET", here, done)
            await asyncio.gather(*waiting)
        return done

    assert asyncio.run(ask()) == ["GET 200", *["POST 202"] * 3]


async def _ask(client: AsyncClient, method: str, path: str, done: list[str]) -> None:
    answer = await client.request(method, path)
    done.append(f"{method} {answer.status_code}")


def test_comments_are_exported_under_the_same_filter(as_: As, database: Database, world: World) -> None:
    with database.transaction() as session:
        session.get_one(Comment, world.comment_ids[1]).error = "=1+1"
    viewer = as_("viewer")
    told = viewer.get(f"{COMMENTS}/export", params={"process_id": world.process_id, "state": "posted"})
    assert (told.status_code, told.headers["content-type"]) == (200, "application/jsonl")
    (line,) = map(json.loads, told.text.splitlines())
    assert (line["id"], line["process"], line["article_author"]) == (world.comment_ids[1], "Klasse 5a", "Mia")
    assert line["text"] == f"{DISCLOSURE}\n{SAID}"
    sheet = viewer.get(f"{COMMENTS}/export", params={"form": "csv"})
    assert "attachment" in sheet.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(sheet.text)))
    assert [row["id"] for row in rows] == sorted(world.comment_ids)
    assert rows[1]["error"] == "'=1+1", "no formula for a spreadsheet"


def test_lists_of_processes_ask_as_much_for_many_as_for_few(as_: As, database: Database, world: World) -> None:
    viewer, editor, counts = as_("viewer"), as_("editor"), list[int]()
    viewer.get(PROCESSES)  # which notes that the token is in use
    for _ in range(2):
        with told(database) as asked:
            assert viewer.get(PROCESSES).json()["total"] == 1 + 3 * len(counts)
        counts.append(len(asked))
        for _ in range(3):
            editor.post(f"{PROCESSES}/{world.process_id}/clone", json={})
    assert counts[0] == counts[1]
