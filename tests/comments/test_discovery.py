"""Looking at the site: what is taken up, when the next look comes, and what is no "nothing new"."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from stonehand import db
from stonehand.comments import discovery, optouts
from stonehand.comments.models import CommentProcess
from stonehand.jobs.models import Job
from stonehand.platforms import choices, sessions
from stonehand.platforms.interfaces import Choice
from stonehand.platforms.models import Login, LoginState

from .conftest import ADMIN, BOTS, Desk, text


def pause_of(row: CommentProcess) -> float:
    assert row.next_look_at
    return (row.next_look_at - db.utc_now()).total_seconds()


def test_filters_are_asked_of_the_site(desk: Desk) -> None:
    desk.site.texts[4] = text(4, category="6")
    desk.site.texts[5] = text(5, class_id="13")
    desk.process(tab="12", category="14", search="TEXT 2")
    desk.run()
    assert len(desk.comments()) == 2
    asked = next(each for each in desk.site.seen if each.path == "/articles/")
    assert (asked.query["tab"], asked.query["kategorie"]) == ("12", "14")


def test_whom_another_worker_signs_in_is_looked_as_last(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = desk.logins
    with desk.database.transaction() as session:
        assert sessions._leased(session, first, "another worker")

    def wait(_seconds: float) -> None:
        with desk.database.transaction() as session:
            assert sessions._released(session, first, "another worker", None)

    monkeypatch.setattr(sessions, "time", SimpleNamespace(monotonic=time.monotonic, sleep=wait))
    desk.process()
    desk.run()
    assert [each.data["username"] for each in desk.site.seen if "username" in each.data] == [*reversed(BOTS)]
    assert len(desk.comments()) == 6
    assert desk.jobs("comments.discover")[0].result == {"new": 6, "left_out": 0, "troubles": {}}


def test_drafts_and_own_articles_are_left_alone(desk: Desk) -> None:
    desk.site.texts = {1: text(1), 2: text(2, state="10"), 3: text(3)}
    desk.site.texts[3].author = "Chat Bot"
    desk.process(tab="alle", login_ids=desk.logins[:1])
    desk.run()
    assert len(desk.comments()) == 1


def test_no_article_gets_more_of_ours_than_it_may(desk: Desk) -> None:
    desk.caps(most_per_article=3)
    desk.process(prompt_ids=["encouraging-comment", "helpful-comment"])
    desk.run()
    assert len(desk.comments()) == 9
    assert desk.jobs("comments.discover")[0].result == {"new": 9, "left_out": 3, "troubles": {}}


def test_pauses_grow_while_nothing_is_new_and_survive(desk: Desk) -> None:
    process_id = desk.process()
    desk.run()
    assert 55 < pause_of(desk.row(process_id)) <= 60
    for streak, seconds in ((1, 60), (2, 120), (3, 240), (4, 480), (5, 600)):
        desk.later()
        desk.tick()
        row = desk.row(process_id)
        assert (row.empty_streak, row.empty_looks, row.trouble_streak) == (streak, streak, 0)
        assert seconds - 10 < pause_of(row) <= seconds
    desk.site.texts[9] = text(9)
    desk.later()
    desk.tick()
    assert desk.row(process_id).empty_streak == 0
    assert len(desk.comments()) == 8


def test_a_look_that_fails_is_not_nothing_new(desk: Desk) -> None:
    process_id = desk.process()
    desk.site.script["GET index"] = ["error"] * 4
    desk.run()
    for streak in (1, 2):
        row = desk.row(process_id)
        assert (row.trouble_streak, row.empty_streak, row.empty_looks) == (streak, 0, 0)
        assert "bot3a" in row.trouble
        assert desk.jobs("comments.discover")[-1].state == "completed"
        desk.later()
        desk.tick()
    row = desk.row(process_id)
    assert (row.trouble, row.trouble_streak) == ("", 0)
    assert desk.states() == {"generated": 6}


def test_one_login_that_cannot_look_does_not_hinder_the_other(desk: Desk) -> None:
    desk.site.accounts["bot3b"].password = "another"
    process_id = desk.process()
    desk.run()
    row = desk.row(process_id)
    assert row.state == "running"
    assert "bot3b" in row.trouble
    assert row.trouble_streak == 1
    assert desk.states() == {"generated": 3}
    desk.later()
    desk.tick()
    assert desk.site.asked["POST sign-in"] == 2  # the wrong password is tried once


def test_a_tab_that_is_not_there_is_trouble(desk: Desk) -> None:
    process_id = desk.process(tab="99")
    desk.run()
    assert "sees no tab" in desk.row(process_id).trouble
    assert desk.row(process_id).empty_looks == 0


def test_a_process_whose_logins_are_all_refused_has_failed(desk: Desk) -> None:
    for account in desk.site.accounts.values():
        account.password = "another"
    process_id = desk.process()
    desk.run()
    row = desk.row(process_id)
    assert (row.state, row.reason) == (
        "failed",
        "the site lets none of its logins in; enter a password again on the page Platforms",
    )
    desk.later()
    desk.tick()
    assert desk.site.asked["POST sign-in"] == 2


def test_a_look_that_dies_comes_later_and_later(desk: Desk) -> None:
    process_id = desk.process()
    row = desk.row(process_id)
    assert row.discovery_job_id
    desk.set(Job, row.discovery_job_id, state="discarded", error="it killed three processes")
    desk.tick()
    row = desk.row(process_id)
    assert (row.trouble_streak, row.looks) == (1, 1)
    assert "three processes" in row.trouble
    assert pause_of(row) > 30


@pytest.mark.parametrize("tasks", [("comments.tick",) * 6, ("comments.discover",) * 4])
def test_a_process_is_looked_at_once_at_a_time_and_rows_are_there_once(
    either_desk: Desk, tasks: tuple[str, ...]
) -> None:
    desk = either_desk
    process_id = desk.process(start=False)
    desk.start(process_id)
    args = {"process_id": process_id} if tasks[0] == "comments.discover" else {}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda task: desk.ask(task, **args), tasks))
    desk.run()
    assert len(desk.comments()) == 6
    if tasks[0] == "comments.tick":
        assert len(desk.jobs("comments.discover")) == 1


def test_nobody_who_has_opted_out_is_written_to(desk: Desk) -> None:
    with desk.database.transaction() as session:
        optouts.add(session, ADMIN, desk.platform_id, " kind  2", "asked by mail")
    desk.process()
    desk.run()
    assert len(desk.comments()) == 4
    with desk.database.transaction() as session:
        optouts.add(session, ADMIN, desk.platform_id, "Kind 1")
        assert len(optouts.every(session, desk.platform_id)) == 2
    assert desk.states() == {"skipped": 2, "generated": 2}


def test_backoff() -> None:
    assert [discovery.pause(streak) for streak in range(7)] == [60, 60, 120, 240, 480, 600, 600]


def test_one_look_only(desk: Desk) -> None:
    process_id = desk.process(looks_once=True)
    desk.run()
    assert desk.states() == {"generated": 6}
    row = desk.row(process_id)
    assert (row.state, row.looks) == ("completed", 1)
    assert row.ended_at


def test_a_login_that_is_switched_on_again_goes_on(desk: Desk) -> None:
    process_id = desk.process(login_ids=desk.logins)
    desk.set(Login, desk.logins[1], state=LoginState.OFF)
    desk.run()
    assert len(desk.comments()) == 3
    desk.set(Login, desk.logins[1], state=LoginState.READY)
    desk.later()
    desk.tick()
    assert desk.states() == {"generated": 6}
    assert desk.row(process_id).trouble == ""


def test_a_look_learns_what_articles_can_be_filtered_by(desk: Desk) -> None:
    desk.process(login_ids=desk.logins[:1], category="14")
    desk.run()
    with desk.database.read() as session:
        known = choices.offered(session, desk.platform_id)
    assert [each.id for each in known.tabs] == ["home", "alle", "12"]
    assert (known.name("categories", "14"), known.name("categories", "99")) == ("Berichten", "99")
    assert Choice("10", "Mein Tier") in known.tasks


def test_so_does_a_test_of_the_sign_in_which_passes_where_there_is_no_list(desk: Desk) -> None:
    desk.site.script["GET index"] = ["403"]
    desk.ask("platforms.sign_in", login_id=desk.logins[0])
    (job,) = desk.jobs("platforms.sign_in", "completed")
    assert (job.result or {})["shown_as"] == "Chat Bot"
    assert "403" in (job.result or {})["not_listed"]
    desk.ask("platforms.sign_in", login_id=desk.logins[0])
    with desk.database.read() as session:
        assert choices.offered(session, desk.platform_id).categories
