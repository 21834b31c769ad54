"""From an article to a comment that stands under it, stage by stage, each handing over at once."""

from __future__ import annotations

import pytest

from stonehand.comments import deciding, hiding, queries, service
from stonehand.comments.errors import CommentMoved
from stonehand.comments.states import Stage

from .conftest import ADMIN, Desk

DISCLOSURE = "[Dieser Kommentar stammt von einem KI-ChatBot.]"


def test_texts_wait_for_a_person_and_are_sent_after_their_yes(either_desk: Desk) -> None:
    desk = either_desk
    process_id = desk.process()
    desk.run()
    assert desk.states() == {"generated": 6}
    assert desk.site.comments == []
    with desk.database.transaction() as session:
        assert deciding.approve(session, ADMIN, desk.ids()).done == 6
    desk.run()
    assert desk.states() == {"posted": 6}
    assert len(desk.site.comments) == 6
    assert desk.site.signins == 2
    assert {each.remote_id for each in desk.comments()} == {str(each.id) for each in desk.site.comments}
    assert all(each.remote_text.startswith(DISCLOSURE) for each in desk.comments())
    with desk.database.read() as session:
        status = queries.status(session, process_id)
    assert (status.total, status.counts["posted"]) == (6, 6)
    ids = {each.stage: each.job_id for each in status.stages}
    assert len(set(ids.values())) == 4
    assert all(ids.values())


def test_with_a_policy_they_go_without_a_person(either_desk: Desk) -> None:
    process_id = either_desk.alone()
    either_desk.run()
    assert either_desk.states() == {"posted": 6}
    assert {each.approved_by for each in either_desk.comments()} == {"policy: Ada"}
    assert either_desk.row(process_id).first_written_at


def test_an_article_is_read_once_for_all(desk: Desk) -> None:
    desk.process(prompt_ids=["encouraging-comment", "helpful-comment"], name="Two prompts")
    desk.run()
    assert desk.states() == {"generated": 12}
    assert desk.site.asked["GET article"] == 3
    assert desk.site.asked["GET index"] == 2


def test_each_stage_of_a_start_has_a_job_of_its_own(desk: Desk) -> None:
    row = desk.row(desk.alone())
    ids = {row.discovery_job_id, row.preparation_job_id, row.generation_job_id, row.posting_job_id}
    assert len(ids) == 4
    assert None not in ids
    only = desk.row(desk.process(name="Only texts"))
    assert only.generation_job_id
    assert only.posting_job_id is None


def test_looking_again_makes_nothing_twice(desk: Desk) -> None:
    process_id = desk.process()
    desk.run()
    for _ in range(2):
        desk.later()
        desk.tick()
    assert desk.states() == {"generated": 6}
    assert desk.row(process_id).looks == 3


def test_post_all_sends_what_waits(desk: Desk) -> None:
    process_id = desk.process()
    desk.run()
    with desk.database.transaction() as session:
        deciding.approve(session, ADMIN, desk.ids())
        job_id = service.post_all(session, ADMIN, process_id)
    desk.run()
    assert desk.states() == {"posted": 6}
    assert job_id == desk.jobs("comments.post")[-1].id
    with desk.database.read() as session:
        posting = next(each for each in queries.status(session, process_id).stages if each.stage == Stage.POSTING)
    assert (posting.waiting, posting.at_work, posting.failed) == (0, 0, 0)


def test_what_was_sent_is_hidden_at_the_site(desk: Desk) -> None:
    desk.alone(login_ids=desk.logins[:1])
    desk.run()
    first, second, _ = desk.ids("posted")
    desk.site.end_sessions()
    with desk.database.transaction() as session:
        assert hiding.ask(session, ADMIN, first)
        assert hiding.ask(session, ADMIN, first) is None, "a job does so already"
    desk.run()
    assert [each.is_hidden for each in desk.comments()] == [True, False, False]
    assert [each.is_hidden for each in desk.site.comments] == [True, False, False]
    desk.site.comments = []
    with desk.database.transaction() as session:
        with pytest.raises(CommentMoved, match="hidden already"):
            hiding.ask(session, ADMIN, first)
        hiding.ask(session, ADMIN, second)
    desk.run()
    kept = next(each for each in desk.comments() if each.id == second)
    assert (kept.state, kept.is_hidden) == ("posted", False)
    assert kept.error.startswith("it could not be hidden: ")
