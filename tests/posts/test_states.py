"""The one status of a post: every combination of its draft and its publications, in Python and in SQL alike."""

from __future__ import annotations

from itertools import combinations

import pytest
import sqlalchemy as sa

from stonehand.db import Database, now
from stonehand.drafts.models import Draft
from stonehand.drafts.states import DraftState
from stonehand.posts import queries
from stonehand.posts.states import FORMERLY, OF_DRAFT, Deed, PostStatus, deeds, status
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState

STATES = [state.value for state in PublicationState]
SUBSETS = [chosen for size in range(len(STATES) + 1) for chosen in combinations(STATES, size)]
# The first of these that a decided post has among its publications says how it stands.
ORDER = ["needs_reconcile", "failed", "publishing", "retracting", "scheduled", "published", "retracted"]

LISTED = (PostStatus.FAILED, PostStatus.CORRECTING, PostStatus.RETRACTING, PostStatus.RETRACTED)


def expected(draft: str, chosen: tuple[str, ...]) -> str:
    """The rule in words of its own: before it is decided, the draft alone counts."""
    if draft in ("commissioned", "changes_requested"):
        return "draft"
    if draft in ("approved", "published"):
        return next((state for state in ORDER if state in chosen), draft)
    return draft


@pytest.mark.parametrize("draft", [*OF_DRAFT])
def test_every_combination_has_one_status(draft: str) -> None:
    for chosen in SUBSETS:
        assert status(draft, chosen) == expected(draft, chosen), chosen


def test_every_state_of_a_draft_is_known() -> None:
    assert {state.value for state in DraftState} <= set(OF_DRAFT)
    assert set(STATES) <= {each.value for each in PostStatus}
    assert set(FORMERLY) == set(PostStatus)
    assert set(FORMERLY.values()) == {"draft", "scheduled", "published", "failed"}


def add(database: Database, draft: DraftState) -> dict[str, PostStatus]:
    """A draft in this state with every choice of publications; what each is, by its id."""
    wanted = {f"{draft.value}-{at}": status(draft.value, chosen) for at, chosen in enumerate(SUBSETS)}
    with database.transaction() as session:
        moment = now(session)
        facts = {"created_at": moment, "due_at": moment, "content_sha256": "", "title": "t", "channel_name": "Site"}
        at = {"story_id": "", "created_by": "x", "created_at": moment, "updated_at": moment}
        session.execute(sa.insert(Draft), [{"id": id_, "title": id_, "state": draft, **at} for id_ in wanted])
        rows = [
            {
                "draft_id": id_,
                "channel_id": f"{id_} {state}",
                "state": state,
                "review_id": "r",
                "revision_id": "v",
                **facts,
            }
            for id_, chosen in zip(wanted, SUBSETS, strict=True)
            for state in chosen
        ]
        session.execute(sa.insert(Publication), [{"key": "k", **row} for row in rows])
    return wanted


def test_the_database_derives_the_same(database: Database) -> None:
    wanted = {id_: each for draft in DraftState for id_, each in add(database, draft).items()}
    with database.read() as session:
        found = dict(session.execute(sa.select(Draft.id, queries.status_column())).all())
        counted = queries.counts(session)
        chosen = {each: queries.posts(session, queries.Wanted((each,)), limit=2000) for each in LISTED}
    assert found == {id_: each.value for id_, each in wanted.items()}
    assert counted == {each: list(wanted.values()).count(each) for each in set(wanted.values())}
    for each, posts in chosen.items():
        assert {post.id for post in posts} == {id_ for id_, status in wanted.items() if status == each}, each


def test_what_went_out_is_neither_edited_nor_withdrawn() -> None:
    for draft in OF_DRAFT:
        for chosen in SUBSETS:
            allowed = deeds(draft, chosen)
            if draft in ("published", "rejected", "retracted", "approved"):
                assert not allowed & {Deed.EDIT, Deed.KEEP, Deed.REGENERATE}, (draft, chosen)
            if {"published", "publishing", "needs_reconcile", "retracting"} & set(chosen):
                assert Deed.WITHDRAW not in allowed, (draft, chosen)
            assert (Deed.RETRACT in allowed) == ("published" in chosen), (draft, chosen)
            assert (Deed.CORRECT in allowed) == (draft == "published" and "published" in chosen), (draft, chosen)
    assert deeds("changes_requested") == {Deed.EDIT, Deed.KEEP, Deed.REGENERATE, Deed.WITHDRAW}
    assert deeds("commissioned") == {Deed.WITHDRAW}
    assert deeds("failed") == {Deed.REGENERATE, Deed.WITHDRAW}
    assert deeds("approved", ["scheduled"]) == deeds("approved", ["failed"]) == {Deed.WITHDRAW}
    assert deeds("approved", ["scheduled", "published"]) == {Deed.RETRACT}
    assert deeds("published", ["published"]) == {Deed.CORRECT, Deed.RETRACT}
    assert deeds("correcting", ["published"]) == {Deed.EDIT, Deed.RETRACT}
    assert deeds("published", ["retracting"]) == deeds("retracted", ["retracted"]) == frozenset()
