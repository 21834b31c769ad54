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
ORDER = ["needs_reconcile", "failed", "publishing", "scheduled", "published", "retracted"]


def expected(draft: str, chosen: tuple[str, ...]) -> str:
    """The rule in words of its own: before it is decided, the draft alone counts."""
    if draft in ("commissioned", "changes_requested"):
        return "draft"
    if draft in ("approved", "published", "correcting"):
        alone = "published" if draft == "correcting" else draft  # until the correction is approved, the old text is seen
        return next((state for state in ORDER if state in chosen), alone)
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


def test_the_database_derives_the_same(database: Database) -> None:
    with database.transaction() as session:
        moment = now(session)
        wanted = {}
        for draft in DraftState:
            for at, chosen in enumerate(SUBSETS):
                id_ = f"{draft.value}-{at}"
                wanted[id_] = status(draft.value, chosen)
                session.add(
                    Draft(
                        id=id_,
                        story_id="",
                        title=id_,
                        state=draft,
                        created_by="x",
                        created_at=moment,
                        updated_at=moment,
                    )
                )
                session.add_all(
                    Publication(
                        review_id="r",
                        draft_id=id_,
                        revision_id="v",
                        channel_id=f"{id_} {state}",
                        channel_name="Site",
                        key="k",
                        content_sha256="",
                        title="t",
                        state=state,
                        due_at=moment,
                        created_at=moment,
                    )
                    for state in chosen
                )
        session.flush()
        found = dict(session.execute(sa.select(Draft.id, queries.status_column())).all())
        counted = queries.counts(session)
        failed = queries.posts(session, queries.Wanted((PostStatus.FAILED,)), limit=1000)
    assert found == {id_: each.value for id_, each in wanted.items()}
    assert counted == {each: list(wanted.values()).count(each) for each in set(wanted.values())}
    assert {each.id for each in failed} == {id_ for id_, each in wanted.items() if each == PostStatus.FAILED}


def test_what_went_out_is_neither_edited_nor_withdrawn() -> None:
    for draft in OF_DRAFT:
        for chosen in SUBSETS:
            allowed = deeds(draft, chosen)
            if draft in ("published", "rejected", "retracted", "approved"):
                assert not allowed & {Deed.EDIT, Deed.KEEP, Deed.REGENERATE}, (draft, chosen)
            if {"published", "publishing", "needs_reconcile"} & set(chosen):
                assert Deed.WITHDRAW not in allowed, (draft, chosen)
    assert deeds("changes_requested") == {Deed.EDIT, Deed.KEEP, Deed.REGENERATE, Deed.WITHDRAW}
    assert deeds("commissioned") == {Deed.WITHDRAW}
    assert deeds("failed") == {Deed.REGENERATE, Deed.WITHDRAW}
    assert deeds("approved", ["scheduled"]) == deeds("approved", ["failed"]) == {Deed.WITHDRAW}
    assert deeds("approved", ["scheduled", "published"]) == frozenset()
