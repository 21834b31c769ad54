"""Nothing goes but what was approved, and never more than may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.accounts.errors import PermissionMissing
from stonehand.brakes import service as brakes
from stonehand.comments import deciding, gate, optouts, service
from stonehand.comments.errors import CommentMoved, CommentUnfit
from stonehand.comments.models import Comment, FoundArticle
from stonehand.comments.schemas import ProcessChange
from stonehand.db import Database
from stonehand.platforms.models import Login, LoginState, Platform

from .conftest import ADMIN, EDITOR, Desk

DISCLOSURE = "[Dieser Kommentar stammt von einem KI-ChatBot.]"


def approve(desk: Desk, ids: list[str] | None = None) -> None:
    with desk.database.transaction() as session:
        assert deciding.approve(session, ADMIN, ids or desk.ids("generated")).refused == {}


@pytest.fixture
def written(desk: Desk) -> Desk:
    """Six texts that wait for a person."""
    desk.process()
    desk.run()
    return desk


@pytest.mark.parametrize(
    "change",
    [
        {"html": f"<p>{DISCLOSURE}</p><p>Etwas ganz anderes, das niemand gesehen und niemand gebilligt hat.</p>"},
        {"is_hidden": True},
    ],
)
def test_what_was_changed_after_the_yes_does_not_go(written: Desk, change: dict[str, object]) -> None:
    first, *rest = written.ids()
    approve(written)
    written.set(Comment, first, **change)
    written.run()
    assert written.states() == {"generated": 1, "posted": 5}
    comment = next(each for each in written.comments() if each.id == first)
    assert "not what was approved" in comment.error
    assert (comment.approved_by, comment.approved_sha256) == ("", "")
    assert len(rest) == 5


def test_an_edit_takes_the_yes_back_and_keeps_the_disclosure(written: Desk) -> None:
    first = written.ids()[0]
    approve(written, [first])
    with written.database.transaction() as session:
        said = deciding.edit(
            session, EDITOR, first, "Ich lese deinen Text <script>x</script> über den Bach gern noch einmal."
        )
        assert said.html.startswith(f"<p>{DISCLOSURE}</p>")
        assert "script" not in said.html
        assert (said.state, said.writer) == ("generated", "person")
    written.run()
    assert written.site.comments == []
    with written.database.transaction() as session, pytest.raises(CommentUnfit):
        deciding.edit(session, EDITOR, first, f"<p>{DISCLOSURE}</p>")


def test_another_disclosure_asks_again(written: Desk) -> None:
    approve(written)
    written.set(Platform, written.platform_id, disclosure="[Von einer Maschine geschrieben.]")
    written.run()
    assert written.states() == {"generated": 6}
    first = written.ids()[0]
    with written.database.transaction() as session:
        decided = deciding.approve(session, ADMIN, [first, "nobody"])
        assert decided.done == 0
        assert set(decided.refused) == {first, "nobody"}


def test_everything_can_be_stopped_right_before_it_goes(written: Desk) -> None:
    approve(written)
    with written.database.transaction() as session:
        brakes.stop_everything(session, ADMIN, "a test")
    written.run()
    assert written.states() == {"approved": 6}
    assert written.site.comments == []
    with written.database.transaction() as session:
        brakes.resume_everything(session, ADMIN)
    written.later()
    written.run()
    assert written.states() == {"posted": 6}


def test_a_stop_in_the_very_moment_of_sending_leaves_nothing_in_doubt(written: Desk) -> None:
    first = written.ids()[0]
    approve(written, [first])
    obey = written.site.obey

    def pull(asked: object) -> object:
        with written.database.transaction() as session:
            brakes.stop_everything(session, ADMIN)
        return obey(asked)  # type: ignore[arg-type]

    written.site.obey = pull  # type: ignore[method-assign, assignment]
    written.run()
    comment = next(each for each in written.comments() if each.id == first)
    assert (comment.state, comment.begun_at, comment.notes) == ("approved", None, {})
    assert written.site.comments == []


def test_who_opts_out_is_spared_even_after_the_yes(written: Desk) -> None:
    approve(written)
    with written.database.transaction() as session:
        mine = sa.select(Comment).where(Comment.id == written.ids()[0])
        assert session.scalars(mine).one().state == "approved"
        optouts.add(session, ADMIN, written.platform_id, "Kind 1")
    written.run()
    assert written.states() == {"skipped": 2, "posted": 4}


def test_without_a_login_that_is_let_in_it_waits_without_a_storm(written: Desk) -> None:
    for each in written.logins:
        written.set(Login, each, state=LoginState.REFUSED, trouble="wrong password")
    approve(written)
    asked = written.site.asked.total()
    for _ in range(3):
        written.run()
        written.tick()
    assert written.states() == {"approved": 6}
    assert written.site.asked.total() == asked
    assert "wrong password" in written.comments()[0].error
    for each in written.logins:
        written.set(Login, each, state=LoginState.READY)
    written.tick()
    assert written.states() == {"posted": 6}


def test_caps_hold_while_many_send_at_once(either_desk: Desk) -> None:
    desk = either_desk
    desk.process()
    desk.run()
    desk.caps(most_per_login_a_day=2, most_a_day=3, most_per_article=4)
    approve(desk)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: desk.run(), range(6)))
    assert desk.states() == {"posted": 3, "approved": 3}
    assert len(desk.site.comments) == 3
    waiting = desk.comments("approved")[0]
    assert "there is room again at" in waiting.error
    old = db.utc_now() - timedelta(hours=25)
    for each in desk.ids("posted"):
        desk.set(Comment, each, begun_at=old)
    desk.later(25 * 3600)
    desk.run()
    assert desk.states() == {"posted": 6}


def test_one_article_gets_no_more_than_it_may(written: Desk) -> None:
    written.caps(most_per_article=1)
    approve(written)
    written.run()
    assert written.states() == {"posted": 3, "failed": 3}
    assert "as many as" in written.comments("failed")[0].error
    written.caps(most_per_article=2)
    with written.database.transaction() as session:
        assert deciding.retry(session, ADMIN, written.ids("failed")).done == 3
    written.run()
    assert written.states() == {"posted": 6}


def test_a_policy_has_its_number_a_day_and_the_rest_waits_for_a_person(desk: Desk) -> None:
    desk.alone(auto_per_day=4)
    desk.run()
    assert desk.states() == {"posted": 4, "generated": 2}
    assert "used up" in desk.comments("generated")[0].decision_note


def test_a_policy_that_is_changed_takes_back_what_has_not_gone(desk: Desk) -> None:
    process_id = desk.alone()
    desk.run()
    first = desk.ids()[0]
    desk.set(Comment, first, state="approved")
    desk.stop(process_id)
    with desk.database.transaction() as session:
        service.update(session, ADMIN, process_id, ProcessChange(generate_only=True))
    assert desk.states() == {"generated": 1, "posted": 5}


def test_who_may_decide_what(written: Desk) -> None:
    first = written.ids()[0]
    with written.database.transaction() as session:
        with pytest.raises(PermissionMissing):
            deciding.approve(session, EDITOR, [first])
        assert deciding.reject(session, EDITOR, [first], "too polite").done == 1
        with pytest.raises(CommentMoved):
            deciding.settle(session, ADMIN, first, arrived=True)
    approve(written)
    written.run()
    assert written.states() == {"rejected": 1, "posted": 5}
    with written.database.transaction() as session:
        posted = written.ids("posted")[0]
        decided = deciding.remove(session, EDITOR, [first, posted])
        assert (decided.done, set(decided.refused)) == (1, {posted})
        assert set(deciding.reject(session, EDITOR, [posted]).refused) == {posted}
        with pytest.raises(CommentMoved):
            deciding.edit(session, EDITOR, posted, "x")


def test_a_site_that_says_no_is_not_asked_again_before_somebody_wants_it(written: Desk) -> None:
    first = written.ids()[0]
    approve(written, [first])
    written.site.script["POST comment"] = ["403"]
    written.run()
    written.later()
    written.tick()
    assert written.site.asked["POST comment"] == 1
    (failed,) = written.comments("failed")
    assert failed.failed_at_stage == "posting"
    with written.database.transaction() as session:
        deciding.retry(session, EDITOR, [first])
    written.run()
    assert written.states()["posted"] == 1


def test_the_sum_is_of_all_that_is_sent(written: Desk) -> None:
    database: Database = written.database
    with database.transaction() as session:
        comment = session.get_one(Comment, written.ids()[0])
        article = session.get_one(FoundArticle, comment.article_id)
        before = gate.digest(comment, article)
        for name, value in (("html", "<p>x</p>"), ("login_id", "x"), ("is_hidden", True)):
            old = getattr(comment, name)
            setattr(comment, name, value)
            assert gate.digest(comment, article) != before
            setattr(comment, name, old)
        article.remote_id = "4711"
        assert gate.digest(comment, article) != before
