"""Holding a process or a platform keeps nobody from writing what belongs to it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.comments import caps, queries
from stonehand.comments.models import Comment, CommentProcess

from .conftest import Desk


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
def test_a_row_that_is_held_can_be_named_by_others(either_desk: Desk) -> None:
    """PostgreSQL locks a row that another names, against its removal alone. Held against that too, there are cycles:
    one holds the platform and names the process, another holds the process and names the platform.
    """
    desk = either_desk
    process_id = desk.process()
    desk.run()
    comment_id = desk.ids()[0]
    with desk.database.transaction() as holder:
        assert queries.held(holder, process_id)
        assert caps.hold(holder, desk.platform_id)
        with desk.database.transaction() as other:
            other.execute(sa.text("SET LOCAL lock_timeout = '500ms'"))
            for number in (1, 2):  # a row that was written in this transaction has its keys looked up again
                other.execute(sa.update(Comment).where(Comment.id == comment_id).values(attempts=number))
            again = {each.name: each for each in Comment.__table__.columns}
            row = dict(other.execute(sa.select(*again.values()).where(Comment.id == comment_id)).one()._mapping)
            other.execute(sa.insert(Comment).values({**row, "id": db.new_id(), "prompt_key": "another"}))
            process = queries.process(other, process_id)
            made = {each.key: getattr(process, each.key) for each in sa.inspect(CommentProcess).column_attrs}
            other.execute(sa.insert(CommentProcess).values({**made, "id": db.new_id()}))
