"""Drafts through their life: commissioned, written by a job, edited by people, never two at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from stonehand import config
from stonehand.articles.models import Article
from stonehand.db import Database
from stonehand.drafts import queries, service
from stonehand.drafts import tasks as _tasks  # noqa: F401  declares the jobs
from stonehand.drafts.errors import DraftBusy, DraftNotFound, NothingToQuote, RevisionOutdated, TextUnacceptable
from stonehand.drafts.escaping import plain
from stonehand.drafts.models import Draft
from stonehand.drafts.pieces import Instructions, Wish
from stonehand.drafts.states import DraftState
from stonehand.jobs import enqueue, follow
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from tests.drafts import world
from tests.drafts.material import HARBOUR

pytestmark = pytest.mark.usefixtures("quick_vectors")


@pytest.fixture(autouse=True)
def pipeline() -> Iterator[None]:
    world.follow()
    yield
    follow([])


def commission(database: Database) -> str:
    with database.transaction() as session:
        return service.commission(session, world.story(session), "somebody")


def written(database: Database) -> Draft:
    draft_id = commission(database)
    run_all(database)
    with database.read() as session:
        return queries.draft(session, draft_id)


def test_a_commissioned_draft_is_written_by_a_job(database: Database) -> None:
    draft = written(database)
    assert (draft.state, draft.writer, draft.created_by) == ("in_review", "offline", "somebody")
    assert draft.current_revision_id is not None
    with database.read() as session:
        piece = queries.piece(session, draft.current_revision_id)
        cited = queries.citations(session, draft.current_revision_id)
    assert piece.generator == "offline"
    assert len(piece.sources) == 2
    assert all(plain(piece.markdown[one.sentence_start : one.sentence_end]) == one.quote for one in cited)
    assert {one.kind for one in cited} == {"verbatim"}


def test_a_story_has_one_open_draft(database: Database) -> None:
    with database.transaction() as session:
        story = world.story(session)
        first = service.commission(session, story, "one")
        assert service.commission(session, story, "two") == first
    run_all(database)
    with database.transaction() as session:
        service.move(session, first, DraftState.REJECTED)
        assert service.commission(session, story, "three") != first


def test_copies_are_not_quoted(database: Database) -> None:
    with database.transaction() as session:
        texts = [*world.TEXTS, ("Copycat", HARBOUR.replace("14", "15"))]
        draft_id = service.commission(session, world.story(session, texts, copies=1), "one")
        assert len(service.brief(session, draft_id).sources) == 2


def test_a_story_without_sentences_fails_and_says_why_and_can_be_tried_again(database: Database) -> None:
    with database.transaction() as session:
        draft_id = service.commission(session, world.story(session, [("Empty", "Menu Home")]), "one")
    run_all(database)
    with database.transaction() as session:
        draft = queries.draft(session, draft_id)
        assert (draft.state, draft.current_revision_id) == ("failed", None)
        assert "no sentence that can be quoted" in draft.note
        service.rewrite(session, draft_id)
    with database.read() as session:
        assert queries.draft(session, draft_id).state == "commissioned"


def edit(database: Database, draft: Draft, markdown: str, title: str | None = None) -> str:
    assert draft.current_revision_id is not None
    with database.transaction() as session:
        return service.edit(session, draft.id, markdown, draft.current_revision_id, "editor", title)


def markdown(database: Database, draft: Draft) -> str:
    with database.read() as session:
        return queries.piece(session, draft.current_revision_id or "").markdown


def test_an_edit_makes_a_new_revision_and_checks_it_anew(database: Database) -> None:
    draft = written(database)
    before = markdown(database, draft)
    revision_id = edit(database, draft, "The moon is made of green cheese.\n\n" + before, "A new title")
    with database.read() as session:
        revision = queries.revision(session, revision_id)
        kinds = [one.kind for one in queries.citations(session, revision_id)]
        assert queries.unsupported(session, revision_id) == 1
        assert len(queries.revisions(session, draft.id)) == 2
        assert markdown(database, draft) == before
    assert kinds[0] == "unsupported"
    assert set(kinds[1:]) == {"verbatim"}
    assert (revision.number, revision.writer, revision.title, revision.slug) == (
        2,
        "person",
        "A new title",
        "a-new-title",
    )
    assert "Edited by a person" in revision.label
    assert "without a language model" in revision.label


def test_a_better_check_follows_by_a_job(database: Database) -> None:
    draft = written(database)
    text = "The moon is made of green cheese.\n\n" + markdown(database, draft)
    revision_id = edit(database, draft, text)
    run_all(database)
    with database.read() as session:
        cited = queries.citations(session, revision_id)
        assert queries.revision(session, revision_id).markdown == text
    assert cited[0].kind == "unsupported"
    assert cited[0].cosine is not None
    assert {one.kind for one in cited[1:]} == {"verbatim"}


def test_two_who_edit_at_once_do_not_overwrite_each_other(database: Database) -> None:
    draft = written(database)
    text = markdown(database, draft)
    edit(database, draft, text + "\nOne was here.\n")
    with pytest.raises(RevisionOutdated, match="somebody has saved"):
        edit(database, draft, text + "\nTwo was here.\n")


def test_saving_without_a_change_makes_no_revision(database: Database) -> None:
    draft = written(database)
    assert edit(database, draft, markdown(database, draft)) == draft.current_revision_id


@pytest.mark.parametrize("text", ["Hello <script>alert(1)</script>", "# Only a heading", "x" * 100_001])
def test_what_may_not_be_saved(database: Database, text: str) -> None:
    draft = written(database)
    with pytest.raises(TextUnacceptable):
        edit(database, draft, text)


def test_a_link_away_from_the_sources_is_a_warning(database: Database) -> None:
    draft = written(database)
    revision_id = edit(database, draft, "See [this](https://elsewhere.example).\n\n" + markdown(database, draft))
    with database.read() as session:
        warnings = queries.revision(session, revision_id).warnings
    assert {"kind": "link", "text": "a link that leads to none of the sources: https://elsewhere.example"} in warnings


def test_an_approved_draft_is_not_edited_and_a_rejected_one_not_written(database: Database) -> None:
    draft = written(database)
    with database.transaction() as session:
        service.move(session, draft.id, DraftState.APPROVED)
    with pytest.raises(DraftBusy, match="approved"):
        edit(database, draft, "Something else entirely.")
    other = commission(database)
    with database.transaction() as session:
        service.move(session, other, DraftState.REJECTED)
        with pytest.raises(DraftBusy, match="rejected"):
            service.brief(session, other)


@pytest.mark.parametrize("to", [DraftState.APPROVED, DraftState.PUBLISHED, DraftState.CHANGES_REQUESTED])
def test_states_follow_only_in_order(database: Database, to: DraftState) -> None:
    draft_id = commission(database)
    with database.transaction() as session, pytest.raises(DraftBusy, match="cannot become"):
        service.move(session, draft_id, to)


def test_an_unknown_draft_is_not_found(database: Database) -> None:
    with database.transaction() as session, pytest.raises(DraftNotFound):
        service.move(session, "nobody", DraftState.REJECTED)


def test_the_desk_supplies_itself_up_to_the_limit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_DRAFTS_WAITING", "2")
    config.settings.cache_clear()
    with database.transaction() as session:
        alone = world.story(session, [("Harbour Post", HARBOUR * 2)], rank=9)
        best, second = world.story(session, rank=3), world.story(session, rank=2)
        world.story(session, rank=1)
    for _ in range(2):  # asked again, it does not go beyond the limit
        with database.transaction() as session:
            enqueue(session, "drafts.commission_top", {})
        run_all(database)
    with database.read() as session:
        found = session.scalars(sa.select(Draft)).all()
    assert {draft.story_id for draft in found} == {best, second}
    with database.transaction() as session:
        for draft in found:
            service.move(session, draft.id, DraftState.REJECTED)
        enqueue(session, "drafts.commission_top", {})
    run_all(database)
    with database.read() as session:
        assert len(queries.of_story(session, best)) == 1  # rejected stories do not come back by themselves
        assert queries.of_story(session, alone)
        failed = session.scalars(sa.select(Job).where(Job.state.not_in(["completed"]))).all()
    assert failed == []


def test_a_piece_about_chosen_articles_is_written_as_its_commissioner_wishes(database: Database) -> None:
    with database.transaction() as session:
        world.story(session)
        articles = tuple(session.scalars(sa.select(Article.id)))
        asked = Instructions(agent_id="a", keyword="bridge", words=500)
        draft_id = service.commission_piece(session, Wish("The bridge", "somebody", articles, asked))
    with database.read() as session:
        brief = service.brief(session, draft_id)
    assert (brief.title, brief.story_id, brief.instructions) == ("The bridge", "", asked)
    assert tuple(source.article_id for source in brief.sources) == articles
    run_all(database)
    with database.read() as session:
        draft = queries.draft(session, draft_id)
    assert (draft.state, draft.agent_id, draft.current_revision_id is None) == ("in_review", "a", False)


def test_a_piece_about_nothing_is_refused(database: Database) -> None:
    with database.transaction() as session, pytest.raises(NothingToQuote, match="choose at least one"):
        service.commission_piece(session, Wish("Nothing", "somebody"))


def test_the_writer_is_told_what_the_reviewer_asked_for(database: Database) -> None:
    draft = written(database)
    with database.transaction() as session:
        service.move(session, draft.id, DraftState.CHANGES_REQUESTED, "shorter, please")
        service.rewrite(session, draft.id)
    with database.read() as session:
        assert service.brief(session, draft.id).instructions.note == "shorter, please"
