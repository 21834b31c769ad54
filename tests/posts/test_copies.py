"""Working copies: kept as somebody types, there after a crash, never overwritten by another window, never sent."""

from __future__ import annotations

import pytest

from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.drafts.errors import DraftNotFound
from stonehand.drafts.wording import Heads, Wording
from stonehand.posts import copies, service
from stonehand.posts.errors import CopyOvertaken
from tests.posts.conftest import EDITOR, OTHER
from tests.posts.test_service import FIRST, begun

pytestmark = pytest.mark.usefixtures("pipeline")
TYPED = Wording("Half a ti", "Half a sent <b>", Heads(keywords=("a", "b"), meta_title="x" * 200), ("s1",))


def test_whatever_is_typed_is_kept_for_each_person(either_database: Database) -> None:
    draft_id, first = begun(either_database, FIRST)
    with either_database.transaction() as session:
        one = copies.keep(session, draft_id, EDITOR.id, TYPED, first, 0)
        assert (one.number, one.title, one.keywords, one.revision_id) == (1, "Half a ti", ["a", "b"], first)
        copies.keep(session, draft_id, OTHER.id, Wording("Theirs", ""), "", 0)
        again = copies.keep(session, draft_id, EDITOR.id, Wording("Half a title", "More"), first, 1)
        assert (again.number, again.title, again.markdown) == (2, "Half a title", "More")
    with either_database.read() as session:
        found = copies.copy(session, draft_id, OTHER.id)
        assert found is not None
        assert found.title == "Theirs"
        assert set(copies.writers(session, draft_id)) == {EDITOR.id, OTHER.id}


def test_two_windows_do_not_overwrite_each_other(either_database: Database) -> None:
    draft_id, first = begun(either_database, FIRST)
    with either_database.transaction() as session:
        copies.keep(session, draft_id, EDITOR.id, Wording("A", "One"), first, 0)
        copies.keep(session, draft_id, EDITOR.id, Wording("A", "Two"), first, 1)
    with either_database.transaction() as session, pytest.raises(CopyOvertaken, match="another window"):
        copies.keep(session, draft_id, EDITOR.id, Wording("A", "Old"), first, 1)
    with either_database.read() as session:
        found = copies.copy(session, draft_id, EDITOR.id)
        assert found is not None
        assert found.markdown == "Two"


def test_saving_makes_the_copy_needless_and_the_revision_is_what_was_saved(database: Database) -> None:
    draft_id, first = begun(database, FIRST)
    with database.transaction() as session:
        copies.keep(session, draft_id, EDITOR.id, Wording("A", "Never saved."), first, 0)
        service.save(session, EDITOR, draft_id, Wording("A", "Saved."), first, hand_in=False)
        assert copies.copy(session, draft_id, EDITOR.id) is None
        assert all("Never" not in each.markdown for each in drafts.revisions(session, draft_id))
        assert not copies.discard(session, draft_id, EDITOR.id)


def test_what_no_draft_can_hold_is_refused(database: Database) -> None:
    draft_id, first = begun(database, FIRST)
    with database.transaction() as session:
        for worded in (Wording("A", "x" * 100_001), Wording("x" * 2001, ""), Wording("A", "", Heads(slug="x" * 2001))):
            with pytest.raises(copies.CopyTooLong):
                copies.keep(session, draft_id, EDITOR.id, worded, first, 0)
        with pytest.raises(DraftNotFound):
            copies.keep(session, "nothing", EDITOR.id, Wording("A", ""), "", 0)
