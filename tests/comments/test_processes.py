"""Processes: what they may be told, who may start them, and what stands in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from stonehand import config, db, formerly
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person, granted
from stonehand.comments import deciding, forgetting, optouts, queries, service, starting
from stonehand.comments.errors import CannotStart, NotYours, ProcessBusy, ProcessNotFound, ProcessUnfit
from stonehand.comments.schemas import CommentFilter, ProcessChange
from stonehand.comments.states import CommentState
from stonehand.errors import StonehandError
from stonehand.platforms.models import Login, LoginState, Platform
from stonehand.prompts import service as prompts

from .conftest import ADMIN, EDITOR, Desk

OTHER = Person("u3", "eve@example.org", "Eve", "publisher", granted("publisher"))


def why_not(desk: Desk, process_id: str) -> str:
    with pytest.raises(CannotStart) as caught:
        desk.start(process_id)
    assert desk.row(process_id).state != "running"
    return str(caught.value)


def test_a_start_that_could_do_nothing_is_refused_with_the_reason(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = desk.process(start=False, login_ids=[], prompt_ids=[])
    assert "no login" in why_not(desk, bare)
    assert "no prompt" in why_not(desk, bare)
    process_id = desk.process(start=False)
    for each in desk.logins:
        desk.set(Login, each, state=LoginState.OFF)
    assert "bot3a is off" in why_not(desk, process_id)
    for each in desk.logins:
        desk.set(Login, each, state=LoginState.READY)
    desk.caps(most_a_day=0)
    assert "as many comments in 24 hours" in why_not(desk, process_id)
    desk.caps(most_a_day=9)
    desk.set(Platform, desk.platform_id, permission=" ")
    assert "who of Schreibwerkstatt allows" in why_not(desk, process_id)
    desk.set(Platform, desk.platform_id, permission="Frau von Arx")
    with desk.database.transaction() as session:
        made = optouts.add(session, ADMIN, desk.platform_id)
    assert "wants no comments" in why_not(desk, process_id)
    with desk.database.transaction() as session:
        optouts.remove(session, ADMIN, made.id)
    monkeypatch.delenv("STONEHAND_LLM_BASE_URL")
    config.settings.cache_clear()
    assert "no language model" in why_not(desk, process_id)


def test_a_retired_prompt_is_none(desk: Desk) -> None:
    with desk.database.transaction() as session:
        made = prompts.copy(session, ADMIN, "encouraging-comment", "Ours").id
    process_id = desk.process(start=False, prompt_ids=[made])
    with desk.database.transaction() as session:
        prompts.retire(session, ADMIN, made)
    assert "retired" in why_not(desk, process_id)


def test_ten_run_at_most_however_many_start_at_once(either_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = either_desk
    monkeypatch.setattr(starting, "MOST_RUNNING", 3)
    ids = [desk.process(start=False, name=f"Process {number}") for number in range(6)]

    def start(process_id: str) -> bool:
        try:
            desk.start(process_id)
        except CannotStart:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(start, ids)) == 3
    desk.process(person=OTHER)  # hers do not count as ours


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"generate_only": False}, "auto_reason"),
        ({"generate_only": False, "auto_reason": "x", "auto_until": db.utc_now()}, "auto_per_day"),
        ({"name": "  "}, "name"),
        ({"prompt_ids": ["news-piece"]}, "not for comments"),
        ({"prompt_ids": ["nothing"]}, "no prompt"),
        ({"login_ids": ["nobody"]}, "no login"),
        ({"model_id": "nothing"}, "no language model"),
    ],
)
def test_what_does_not_fit_is_refused(desk: Desk, wish: dict[str, Any], words: str) -> None:
    with pytest.raises(StonehandError, match=words):
        desk.process(start=False, **wish)


def test_only_who_may_publish_lets_comments_go_alone(desk: Desk) -> None:
    until = db.utc_now() + timedelta(days=1)
    with pytest.raises(PermissionMissing):
        desk.alone(person=EDITOR, start=False)
    with pytest.raises(ProcessUnfit):
        desk.alone(auto_until=until - timedelta(days=2), start=False)


def test_a_process_is_its_owners(desk: Desk) -> None:
    process_id = desk.process(start=False, person=EDITOR)
    with pytest.raises(NotYours):
        desk.start(process_id, OTHER)
    desk.start(process_id, ADMIN)
    with desk.database.transaction() as session, pytest.raises(ProcessBusy):
        service.update(session, EDITOR, process_id, ProcessChange(name="Later"))
    desk.stop(process_id)
    with desk.database.transaction() as session:
        changed = service.update(session, EDITOR, process_id, ProcessChange(name="Later", login_ids=desk.logins[:1]))
        assert changed.name == "Later"
        assert [each.id for each in queries.logins_of(session, process_id)] == desk.logins[:1]


def test_a_copy_has_its_settings_and_none_of_its_comments(desk: Desk) -> None:
    process_id = desk.alone(search="Text 1", is_hidden=True)
    desk.run()
    with desk.database.transaction() as session:
        made = service.clone(session, ADMIN, process_id)
        assert (made.search, made.is_hidden, made.generate_only, made.state) == ("Text 1", True, False, "created")
        assert service.clone(session, EDITOR, process_id, "By Ed").generate_only
        assert len(queries.logins_of(session, made.id)) == 2
        assert queries.status(session, made.id).total == 0
        assert queries.processes(session)[1] == 3


def test_delete_waits_for_what_is_on_the_way(desk: Desk) -> None:
    process_id = desk.process()
    desk.run()
    with desk.database.transaction() as session, pytest.raises(ProcessBusy, match="stop it first"):
        service.delete(session, ADMIN, process_id)
    desk.stop(process_id)
    with desk.database.transaction() as session:
        deciding.approve(session, ADMIN, desk.ids())
    with desk.database.transaction() as session, pytest.raises(ProcessBusy, match="6 of its comments"):
        service.delete(session, ADMIN, process_id)
    desk.run()
    with desk.database.transaction() as session:
        service.delete(session, ADMIN, process_id)
    with desk.database.read() as session, pytest.raises(ProcessNotFound):
        queries.process(session, process_id)
    assert desk.states() == {"posted": 6}


def test_comments_are_found(desk: Desk) -> None:
    process_id = desk.process()
    desk.run()
    with desk.database.read() as session:
        rows, total = queries.comments(session, CommentFilter(process_id=process_id, search="text 2"), limit=1)
        assert (len(rows), total, rows[0].article.title) == (1, 2, "Text 2")
        assert queries.comments(session, CommentFilter(states=[CommentState.POSTED]))[1] == 0
        assert queries.comments(session, CommentFilter(platform_id=desk.platform_id))[1] == 6
        assert queries.row(session, rows[0].comment.id).article.author == "Kind 2"


@pytest.mark.parametrize(
    ("name", "takes_process"),
    [
        ("discover_articles", True),
        ("article_preparation.prepare_content_of_articles", True),
        ("generate_comments_for_articles", True),
        ("generate_comment", True),
        ("comment_posting.post_comments", True),
        ("post_comments_for_articles", True),
        ("timeout_enforcer.check_process_timeouts", False),
        ("scheduler.trigger_monitoring_pipeline", True),
        ("trigger_monitoring_pipeline", False),
    ],
)
def test_the_old_names_do_it(desk: Desk, name: str, takes_process: bool) -> None:
    process_id = desk.process()
    former = formerly.find(name)
    assert former
    args = former.arguments([process_id] if takes_process else [], {})
    desk.ask(former.task_for(args), **args)
    assert not desk.jobs(former.task, "discarded", "retryable")
    assert desk.states() == {"generated": 6}
    assert len(desk.jobs("sources.poll_due")) == (name == "trigger_monitoring_pipeline")


def test_a_trigger_does_not_wait_for_the_next_look(desk: Desk) -> None:
    process_id = desk.process()
    desk.run()
    desk.ask("comments.trigger", process_id=process_id)
    assert desk.row(process_id).looks == 2


@pytest.mark.parametrize("stage", ["discover", "prepare", "generate", "post", "trigger"])
def test_a_process_that_never_was_is_an_error_and_one_that_is_gone_is_not(desk: Desk, stage: str) -> None:
    process_id = desk.process(start=False)
    with desk.database.transaction() as session:
        service.delete(session, ADMIN, process_id)
    desk.ask(f"comments.{stage}", process_id=process_id)
    assert not desk.jobs(f"comments.{stage}", "discarded")
    desk.ask(f"comments.{stage}", process_id="nobody")
    (wrong,) = desk.jobs(f"comments.{stage}", "discarded")
    assert wrong.error == "there is no process nobody"


def test_an_author_is_forgotten_with_what_has_not_been_sent(desk: Desk) -> None:
    desk.process()
    desk.run()
    first = next(each for each in desk.comments())
    with desk.database.transaction() as session:
        name = queries.row(session, first.id).article.author
        deciding.approve(session, ADMIN, [first.id])
    desk.run()
    with desk.database.transaction() as session:
        assert forgetting.author(session, f" {name.upper()} ") == 1
        assert forgetting.url(session, "https://nowhere.example/") == 0
        row = queries.row(session, first.id)
        assert (row.article.title, row.article.text, row.article.author) == ("forgotten on request", "", "")
        assert (row.comment.remote_text, bool(row.comment.html)) == ("", True)
    assert desk.states() == {"posted": 1, "skipped": 1, "generated": 4}
