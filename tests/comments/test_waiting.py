"""What waits for people, and that open pages hear of it, on both databases."""

from __future__ import annotations

from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.comments import deciding, waiting
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.states import CommentState, ProcessState
from stonehand.db import Database
from stonehand.web.pages import probes
from tests.web import comment_world

ADMIN = Person("", "a@example.org", "Ada", "admin", frozenset(PERMISSIONS))
STATES = [CommentState.GENERATED, CommentState.NEEDS_RECONCILE, CommentState.GENERATED, CommentState.PREPARED]


def test_what_waits_is_counted_and_told_to_open_pages(either_database: Database) -> None:
    world = comment_world.make(either_database, ADMIN, STATES)
    first, _, last, _ = world.comment_ids
    with either_database.read() as session:
        assert [waiting.count_up_to(session, most) for most in (2, 100)] == [2, 3]
        assert [(each.process_id, each.count) for each in waiting.by_process(session, 5)] == [(world.process_id, 2)]
        after = [waiting.following(session, session.get_one(Comment, each)) for each in (first, last)]
        told = probes.comments(session, "")
        assert probes.comments(session, "") == told
    assert after == [last, first]
    with either_database.transaction() as session:
        assert deciding.reject(session, ADMIN, [first]).done == 1
    with either_database.transaction() as session:
        assert waiting.following(session, session.get_one(Comment, last)) == ""
        rejected = probes.comments(session, "")
        session.get_one(CommentProcess, world.process_id).state = ProcessState.RUNNING
    with either_database.read() as session:
        running = probes.comments(session, "")
    assert len({str(each) for each in (told, rejected, running)}) == 3
