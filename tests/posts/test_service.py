"""People who write: from nothing to review, side by side, back to an earlier version, again, and not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stonehand.accounts.errors import PermissionMissing
from stonehand.channels.models import Channel
from stonehand.db import Database, new_id, now
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts import wording
from stonehand.drafts.errors import RevisionOutdated, TextUnacceptable
from stonehand.drafts.pieces import Instructions, Wish
from stonehand.drafts.wording import Heads, Wording
from stonehand.jobs.models import Job
from stonehand.posts import queries, service
from stonehand.posts.errors import DeedImpossible, NothingChanged, VersionNotFound
from stonehand.posts.states import PostStatus
from stonehand.publications import approvals
from stonehand.publications import service as publishing
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState
from stonehand.reviews import queries as reviews
from stonehand.reviews import service as reviewing
from stonehand.reviews.errors import ReviewNotApproved
from stonehand.reviews.models import ReviewState
from tests.drafts.material import HARBOUR
from tests.posts.conftest import EDITOR, OTHER, PUBLISHER, VIEWER
from tests.web.pages import newsroom

pytestmark = pytest.mark.usefixtures("pipeline")
FIRST = "The harbour bridge in Norwick will close for six weeks from Monday, the city council said. [1]"
HEADS = Heads("my-slug", "What it is about.", "For engines", "A description of it.", ("bridge", "Norwick"))


def begun(database: Database, text: str = "", *, hand_in: bool = False) -> tuple[str, str]:
    """A post by hand, perhaps with a first text; its id and that of its revision."""
    with database.transaction() as session:
        article_id = newsroom.article(session, HARBOUR)
        draft = service.begin(session, EDITOR, Wish("Bridge closes", EDITOR.id, (article_id,)))
        if not text:
            return draft.id, ""
        worded = Wording("Bridge closes", text, sources=(article_id,))
        return draft.id, service.save(session, EDITOR, draft.id, worded, "", hand_in=hand_in)


def status(database: Database, draft_id: str) -> str:
    with database.read() as session:
        return queries.post(session, draft_id).status


def test_a_post_is_written_from_nothing(either_database: Database) -> None:
    draft_id, first = begun(either_database, FIRST)
    assert status(either_database, draft_id) == "draft"
    with either_database.transaction() as session:
        assert reviews.waiting(session) == 0
        row = drafts.revision(session, first)
        assert (row.number, row.writer, row.label) == (1, "person", "Written by a person from the numbered sources.")
        assert [one.kind for one in drafts.citations(session, first)] == ["verbatim"]
        worded = wording.of(row)
        second = service.save(
            session, EDITOR, draft_id, Wording(worded.title, FIRST, HEADS, worded.sources), first, hand_in=True
        )
        row = drafts.revision(session, second)
        assert (row.slug, row.excerpt, row.meta_title) == ("my-slug", "What it is about.", "For engines")
        assert row.keywords == ["bridge", "Norwick"]
        assert reviews.waiting(session) == 1
    assert status(either_database, draft_id) == "in_review"


def test_what_is_handed_in_as_it_was_kept_goes_to_the_desk_once(database: Database) -> None:
    draft_id, first = begun(database, FIRST)
    with database.transaction() as session:
        worded = wording.of(drafts.revision(session, first))
        assert service.save(session, EDITOR, draft_id, worded, first) == first
        [(review, _, _)] = reviews.queue(session)
        reviewing.request_changes(session, review.id, EDITOR, "Say who said it.")
    with database.transaction() as session, pytest.raises(NothingChanged, match="change it"):
        service.save(session, EDITOR, draft_id, worded, first)
    assert status(database, draft_id) == "draft"


def test_every_word_that_goes_out_is_in_the_fingerprint(database: Database) -> None:
    draft_id, first = begun(database, FIRST)
    seen = set()
    with database.transaction() as session:
        before = drafts.revision(session, first)
        for heads in (
            Heads(slug="other"),
            Heads(excerpt="Other."),
            Heads(meta_title="Other"),
            Heads(meta_description="Other."),
            Heads(keywords=("other",)),
        ):
            piece = drafting.revised(
                session, drafts.draft(session, draft_id), Wording("Bridge closes", FIRST, heads), before
            )
            seen.add(drafting.fingerprint(piece))
    assert len(seen | {before.content_sha256}) == 6


def test_an_edit_at_the_desk_keeps_what_stands_beside_the_text(database: Database) -> None:
    draft_id, first = begun(database, FIRST)
    with database.transaction() as session:
        article = drafts.revision(session, first).sources
        second = service.save(
            session, EDITOR, draft_id, Wording("Bridge closes", FIRST, HEADS, tuple(article)), first, hand_in=True
        )
        third = drafting.edit(session, draft_id, f"{FIRST} It is old.", second, EDITOR.id, "Another title")
        row = drafts.revision(session, third)
        assert wording.of(row).heads == HEADS
        fourth = drafting.edit(session, draft_id, f"{FIRST} It is old.", third, EDITOR.id, "A third title")
        assert drafts.revision(session, fourth).slug == "my-slug"


def test_a_slug_that_was_made_from_the_title_follows_it(database: Database) -> None:
    draft_id, first = begun(database, FIRST, hand_in=True)
    with database.transaction() as session:
        second = drafting.edit(session, draft_id, f"Old it is. {FIRST}", first, EDITOR.id, "Another title")
        row = drafts.revision(session, second)
        assert (row.slug, row.excerpt) == ("another-title", "Old it is.")


def test_of_two_who_save_the_second_is_told(either_database: Database) -> None:
    draft_id, first = begun(either_database, FIRST)
    with either_database.transaction() as session:
        service.save(session, EDITOR, draft_id, Wording("Mine", f"{FIRST} Mine."), first, hand_in=False)
    with either_database.transaction() as session, pytest.raises(RevisionOutdated):
        service.save(session, OTHER, draft_id, Wording("Theirs", f"{FIRST} Theirs."), first, hand_in=False)


@pytest.mark.parametrize(
    ("heads", "reason"),
    [
        (Heads(meta_title="x" * 71), "71 characters; at most 70"),
        (Heads(meta_description="x" * 161), "161 characters; at most 160"),
        (Heads(keywords=tuple(map(str, range(11)))), "11 keywords"),
        (Heads(keywords=("x" * 61,)), "longer than 60"),
    ],
)
def test_what_would_be_cut_elsewhere_is_refused(database: Database, heads: Heads, reason: str) -> None:
    draft_id, first = begun(database, FIRST)
    with database.transaction() as session, pytest.raises(TextUnacceptable, match=reason):
        service.save(session, EDITOR, draft_id, Wording("T", FIRST, heads), first, hand_in=False)


def test_sources_must_be_articles_that_were_read(database: Database) -> None:
    draft_id, first = begun(database, FIRST)
    with database.transaction() as session:
        known = drafts.revision(session, first).sources[0]
        more = newsroom.article(session, "It was built in 1931, the museum of bridges says.")
        text = f"{FIRST} It was built in 1931, the museum of bridges says. [2]"
        second = service.save(
            session, EDITOR, draft_id, Wording("T", text, sources=(known, more)), first, hand_in=False
        )
        assert [one.article_id for one in drafts.citations(session, second)] == [known, more]
        with pytest.raises(TextUnacceptable, match="is no article"):
            service.save(session, EDITOR, draft_id, Wording("T", "Other.", sources=(known, "nothing")), second)
        with pytest.raises(TextUnacceptable, match="is no article"):
            service.begin(session, EDITOR, Wish("T", EDITOR.id, ("nothing",)))


def test_an_earlier_version_becomes_the_next(database: Database) -> None:
    draft_id, first = begun(database, FIRST, hand_in=True)
    with database.transaction() as session:
        second = drafting.edit(session, draft_id, "Something else.", first, EDITOR.id)
        third = service.restore(session, EDITOR, draft_id, 1, second)
        row = drafts.revision(session, third)
        assert (row.number, row.markdown) == (3, drafts.revision(session, first).markdown)
        assert [each.number for each in drafts.revisions(session, draft_id)] == [3, 2, 1]
        with pytest.raises(VersionNotFound):
            service.restore(session, EDITOR, draft_id, 9, third)


def test_writing_again_takes_the_note_along(database: Database) -> None:
    draft_id, _ = begun(database, FIRST, hand_in=True)
    with database.transaction() as session:
        service.regenerate(session, EDITOR, draft_id, "Shorter, please.")
        draft = drafts.draft(session, draft_id)
        assert draft.instructions["note"] == "Shorter, please."
        assert drafting.brief(session, draft_id).instructions == Instructions(note="Shorter, please.")
        assert reviews.of_draft(session, draft_id)[0].state == ReviewState.CHANGES_REQUESTED
        assert session.query(Job).filter_by(task="drafts.write").count() == 1
        with pytest.raises(DeedImpossible, match="written again now"):
            service.regenerate(session, EDITOR, draft_id)


def approved(database: Database, *, released: bool) -> tuple[str, str]:
    """A post that was approved for tomorrow, and perhaps scheduled."""
    draft_id, _ = begun(database, FIRST, hand_in=True)
    with database.transaction() as session:
        channel = Channel(id=new_id(), kind="folder", name="Site", slug="site", config={}, created_at=now(session))
        session.add(channel)
        [(review, _, _)] = reviews.queue(session)
        later = timedelta(days=1)
        reviewing.approve(session, review.id, PUBLISHER, None, accept_unsupported=True, time_to_undo=later)
        if released:
            review.released_at = now(session)
            publishing.prepare(session, approvals.approved(session, review.id))
    return draft_id, review.id


def test_an_approval_that_waits_is_withdrawn(database: Database) -> None:
    draft_id, review_id = approved(database, released=False)
    assert status(database, draft_id) == "approved"
    with database.transaction() as session:
        with pytest.raises(PermissionMissing):
            service.withdraw(session, EDITOR, draft_id)
        service.withdraw(session, PUBLISHER, draft_id, "It is wrong.")
        assert reviews.review(session, review_id).state == ReviewState.REJECTED
    assert status(database, draft_id) == "rejected"


def test_what_is_scheduled_is_withdrawn_and_never_begins(database: Database) -> None:
    draft_id, review_id = approved(database, released=True)
    assert status(database, draft_id) == "scheduled"
    with database.transaction() as session:
        service.withdraw(session, PUBLISHER, draft_id)
        [sent] = queries.post(session, draft_id).publications
        assert sent.state == PublicationState.RETRACTED
        assert publishing.check_ready(session, sent.id) is None
        with pytest.raises(ReviewNotApproved):
            approvals.approved(session, review_id)
    assert status(database, draft_id) == "rejected"


@pytest.mark.parametrize("state", ["publishing", "published", "needs_reconcile"])
def test_what_may_be_out_is_not_withdrawn(database: Database, state: str) -> None:
    draft_id, _ = approved(database, released=True)
    with database.transaction() as session:
        session.query(Publication).update({"state": state})
    with database.transaction() as session, pytest.raises(DeedImpossible, match="retract it"):
        service.withdraw(session, PUBLISHER, draft_id)
    assert status(database, draft_id) == state


def test_what_is_approved_is_not_edited(database: Database) -> None:
    draft_id, _ = approved(database, released=False)
    with database.transaction() as session:
        current = drafts.draft(session, draft_id).current_revision_id or ""
        with pytest.raises(DeedImpossible, match="corrected or retracted"):
            service.save(session, EDITOR, draft_id, Wording("T", "Other."), current)
        with pytest.raises(DeedImpossible, match="corrected or retracted"):
            service.restore(session, EDITOR, draft_id, 1, current)


def test_who_only_reads_writes_nothing(database: Database) -> None:
    draft_id, first = begun(database, FIRST)
    with database.transaction() as session:
        for deed in (
            lambda: service.begin(session, VIEWER, Wish("T", VIEWER.id)),
            lambda: service.save(session, VIEWER, draft_id, Wording("T", "Text."), first),
            lambda: service.regenerate(session, VIEWER, draft_id),
            lambda: service.withdraw(session, VIEWER, draft_id),
        ):
            with pytest.raises(PermissionMissing):
                deed()


def test_posts_are_found_by_status_agent_and_words(database: Database) -> None:
    draft_id, _ = begun(database, FIRST)
    other, _ = begun(database, "Cheese grows on the moon_100%.", hand_in=True)
    with database.transaction() as session:
        drafts.draft(session, other).agent_id = "agent-1"
    with database.read() as session:

        def ids(**wanted: object) -> list[str]:
            return [each.id for each in queries.posts(session, queries.Wanted(**wanted))]  # type: ignore[arg-type]

        assert ids() == [other, draft_id]
        assert ids(agent_id="agent-1") == [other]
        assert ids(statuses=(PostStatus.DRAFT,)) == [draft_id]
        assert ids(text="MOON_100%") == [other]
        assert ids(text="bridge closes") == [other, draft_id]  # both are called so
        assert ids(text="moonx100") == []
        assert [each.id for each in queries.posts(session, before=other)] == [draft_id]
