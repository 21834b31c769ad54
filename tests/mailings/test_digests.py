"""A digest on its whole way: chosen, drafted with citations, approved by a person, mailed once to each who asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa

from stonehand import config, jobs, pipeline
from stonehand.accounts.permissions import Person
from stonehand.brakes import queries as brakes
from stonehand.brakes import service as braking
from stonehand.channels.models import Channel
from stonehand.db import Database, utc_now
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Citation, Draft
from stonehand.errors import Unavailable
from stonehand.http_client import mail
from stonehand.http_client.mail import HandoverUnclear, MailRefused
from stonehand.jobs import announcements
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.mailings import service as mailing
from stonehand.mailings import unsubscribing
from stonehand.mailings.errors import MailBusy
from stonehand.mailings.models import DigestMail
from stonehand.mailings.unsubscribing import AddressUnknown
from stonehand.reading import digests, queries, service
from stonehand.reading.errors import NothingToTell, ProfileUnfit
from stonehand.reading.models import Digest
from stonehand.reading.states import Period
from stonehand.reviews import service as reviewing
from stonehand.reviews.models import Review
from stonehand.sample import loading
from stonehand.stories.models import Story
from tests.alerts.conftest import PostOffice, post_office  # noqa: F401  a fixture
from tests.reading.conftest import (  # noqa: F401  fixtures
    Enrol,
    Shelve,
    _no_memory,
    enrol,
    shelve,
    tell,
)


@pytest.fixture(autouse=True)
def _pipeline() -> Iterator[None]:
    before = dict(announcements._followers)
    pipeline.install_worker()
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


@pytest.fixture
def told(either_database: Database, shelve: Shelve, tell: Callable[..., str]) -> list[str]:  # noqa: F811
    """Three stories of today, one of last month. Returns the ids of today's, the foremost first."""
    with either_database.transaction() as session:
        session.add(Channel(id="one", kind="folder", name="Site", slug="site", config={}, created_at=utc_now()))
    found = []
    for rank, title in ((3.0, "Bridge closes"), (2.0, "Ferry begins"), (1.0, "A quiet day")):
        story = tell(title, rank=rank)
        for outlet in ("gazette", "herald"):
            shelve(story=story, outlet=outlet, title=f"{title} ({outlet})")
        found.append(story)
    old = tell("Last month", rank=9.0, at=utc_now() - timedelta(days=30))
    shelve(story=old, at=utc_now() - timedelta(days=30))
    return found


def make(database: Database, period: Period = Period.DAILY) -> str:
    with database.transaction() as session:
        digest_id = digests.choose(session, period).id
    run_all(database)
    return digest_id


def approve(database: Database, person: Person) -> None:
    """As a person on the review desk, without the time to undo."""
    with database.transaction() as session:
        review_id = session.scalars(sa.select(Review.id)).one()
        reviewing.approve(session, review_id, person, time_to_undo=timedelta(0))
    run_all(database, queues=("email",))


def ask(database: Database, person: Person, digest: str = "daily") -> None:
    with database.transaction() as session:
        service.tell(session, person, digest=digest)


def states(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {each.user_id: each.state for each in session.scalars(sa.select(DigestMail))}


def test_a_digest_is_a_draft_with_a_citation_for_every_sentence(
    either_database: Database,
    told: list[str],
) -> None:
    digest_id = make(either_database)
    with either_database.read() as session:
        digest, draft = queries.digest(session, digest_id), drafts.of_digest(session, digest_id)
        assert [each["story_id"] for each in digest.sections] == told
        assert draft is not None
        assert (draft.state, draft.story_id, draft.writer) == ("in_review", "", "offline")
        revision = drafts.revision(session, draft.current_revision_id or "")
        cited = session.scalars(sa.select(Citation).where(Citation.revision_id == revision.id)).all()
        assert {each.kind for each in cited} == {"verbatim"}
        assert all(revision.markdown[each.sentence_start : each.sentence_end] for each in cited)
        assert re.findall("^## (.*)$", revision.markdown, re.MULTILINE)[0] == "Bridge closes"
        assert "Last month" not in revision.markdown
        assert session.scalars(sa.select(Review.state)).one() == "open"


def test_one_digest_of_each_issue(either_database: Database, told: list[str]) -> None:
    assert make(either_database) == make(either_database)
    assert make(either_database, Period.WEEKLY) != make(either_database)
    with either_database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Digest)) == 2
        assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 2


def test_a_digest_of_nothing_says_so(either_database: Database) -> None:
    with either_database.transaction() as session, pytest.raises(NothingToTell, match="wait for articles"):
        digests.choose(session, Period.DAILY)


def test_the_clock_makes_one_only_if_somebody_reads_it(
    either_database: Database,
    told: list[str],
    enrol: Enrol,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def by_the_clock() -> int:
        with either_database.transaction() as session:
            jobs.enqueue(session, "reading.daily_digest", {})
        run_all(either_database, queues=("generation",))
        with either_database.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Digest)) or 0

    assert by_the_clock() == 0
    ask(either_database, enrol(), "weekly")
    assert by_the_clock() == 0
    ask(either_database, enrol("Bea"), "daily")
    assert by_the_clock() == 1
    with either_database.transaction() as session:
        session.execute(sa.delete(Digest))
    monkeypatch.setenv("STONEHAND_DIGESTS", "daily")
    config.settings.cache_clear()
    assert by_the_clock() == 1


def test_who_asked_gets_the_approved_text_once(
    either_database: Database,
    told: list[str],
    enrol: Enrol,  # noqa: F811
    post_office: PostOffice,  # noqa: F811
) -> None:
    ada, bea, off = enrol(), enrol("Bea"), enrol("Off")
    ask(either_database, ada)
    ask(either_database, bea, "weekly")
    editor = enrol("Ed", "publisher")
    digest_id = make(either_database)
    assert post_office.letters == []  # nothing leaves before a person has approved it
    approve(either_database, editor)
    assert states(either_database) == {ada.id: "sent"}
    assert off.id
    (letter,) = post_office.letters
    assert isinstance(letter, EmailMessage)
    assert letter["To"] == "Ada <ada@example.org>"
    assert letter["Message-ID"] == f"<digest.{digest_id}.{ada.id}@127.0.0.1>"
    plain, html = (letter.get_body(kind).get_content() for kind in (("plain",), ("html",)))  # type: ignore[union-attr]
    assert "Bridge closes" in plain
    assert "without a language model" in plain  # the label goes wherever the text goes
    assert "<h2>Bridge closes</h2>" in html
    end = str(letter["List-Unsubscribe"]).strip("<>")
    raw = dict(letter.raw_items())
    assert raw["List-Unsubscribe"].strip() == f"<{end}>"  # in encoded words, no mail program would find the address
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert end in plain.replace("\n", "")
    assert unsubscribing.reader(end.rpartition("/")[2]) == ada.id
    with either_database.transaction() as session:  # the same fact once more
        review_id = session.scalars(sa.select(Review.id)).one()
        jobs.enqueue(session, "mailings.address", {"review_id": review_id})
        jobs.enqueue(session, "mailings.send", {"digest_id": digest_id, "user_id": ada.id})
    run_all(either_database, queues=("email",))
    assert len(post_office.letters) == 1


def test_whoever_ended_it_meanwhile_gets_none(
    either_database: Database,
    told: list[str],
    enrol: Enrol,  # noqa: F811
    post_office: PostOffice,  # noqa: F811
) -> None:
    ada, editor = enrol(), enrol("Ed", "publisher")
    ask(either_database, ada)
    digest_id = make(either_database)
    with either_database.transaction() as session:
        review_id = session.scalars(sa.select(Review.id)).one()
        reviewing.approve(session, review_id, editor, time_to_undo=timedelta(0))
        digest = queries.digest(session, digest_id)
        mailing.address(session, digest, review_id, digests.subscribers(session, Period.DAILY, "", 10))
        assert service.unsubscribe(session, ada.id) is True
        assert service.unsubscribe(session, ada.id) is False
    run_all(either_database, queues=("email",))
    assert states(either_database) == {ada.id: "ended"}
    assert post_office.letters == []


@pytest.mark.parametrize(
    ("failure", "state", "job_state", "tries"),
    [
        (HandoverUnclear("fell silent"), "unclear", State.NEEDS_RECONCILE, 1),
        (MailRefused("no such box"), "failed", State.DISCARDED, 1),
        (Unavailable("busy", 1), "waiting", State.RETRYABLE, 1),
    ],
)
def test_what_may_have_arrived_is_not_sent_again(
    either_database: Database,
    told: list[str],
    enrol: Enrol,  # noqa: F811
    post_office: PostOffice,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    state: str,
    job_state: State,
    tries: int,
) -> None:
    ada, editor = enrol(), enrol("Ed", "publisher")
    ask(either_database, ada)
    digest_id = make(either_database)
    sent = []

    def fails(letter: EmailMessage, _relay: object) -> None:
        sent.append(letter)
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", fails)
        approve(either_database, editor)
    assert len(sent) == tries
    assert states(either_database) == {ada.id: state}
    with either_database.read() as session:
        job = session.scalars(sa.select(Job).where(Job.task == "mailings.send")).one()
        assert job.state == job_state
    if state == "waiting":
        return
    with either_database.transaction() as session:
        mailing.send_again(session, editor, digest_id, ada.id)
    run_all(either_database, queues=("email",))
    assert states(either_database) == {ada.id: "sent"}
    assert len(post_office.letters) == 1
    with either_database.transaction() as session, pytest.raises(MailBusy, match="the letter is sent"):
        mailing.send_again(session, editor, digest_id, ada.id)


def test_a_worker_that_died_while_sending_leaves_the_letter_to_a_person(
    either_database: Database,
    told: list[str],
    enrol: Enrol,  # noqa: F811
    post_office: PostOffice,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, editor = enrol(), enrol("Ed", "publisher")
    ask(either_database, ada)
    digest_id = make(either_database)

    def dies(*_: object) -> None:
        raise SystemExit  # between the handover and its record

    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", dies)
        approve(either_database, editor)
    assert states(either_database) == {ada.id: "sending"}
    with either_database.transaction() as session:
        session.execute(sa.update(Job).values(state=State.COMPLETED).where(Job.task == "mailings.send"))
        jobs.enqueue(session, "mailings.send", {"digest_id": digest_id, "user_id": ada.id})
    run_all(either_database, queues=("email",))
    assert post_office.letters == []
    with either_database.read() as session:
        job = session.scalars(sa.select(Job).where(Job.task == "mailings.send").order_by(Job.id.desc())).first()
        assert job is not None
        assert job.state == State.NEEDS_RECONCILE
        assert "stonehand digest resend" in (job.error or "")


def test_without_a_mail_server_nothing_is_addressed(
    either_database: Database,
    told: list[str],
    enrol: Enrol,  # noqa: F811
) -> None:
    ada, editor = enrol(), enrol("Ed", "publisher")
    ask(either_database, ada)
    make(either_database)
    approve(either_database, editor)
    assert states(either_database) == {}
    with either_database.read() as session:
        job = session.scalars(sa.select(Job).where(Job.task == "mailings.address")).one()
        assert job.result is not None
        assert "STONEHAND_SMTP_HOST" in job.result["why_not"]


def test_addresses_that_end_nothing_are_refused() -> None:
    with pytest.raises(AddressUnknown, match="use the whole link"):
        unsubscribing.reader("nonsense")


def test_a_digest_needs_an_address() -> None:
    nobody = Person("", "", "operator", "operator", frozenset())
    with pytest.raises(ProfileUnfit, match="has no address"):
        service._digest(nobody, "daily")
    with pytest.raises(ProfileUnfit, match="daily or weekly"):
        service._digest(nobody, "hourly")


def test_what_is_invented_is_never_told_beside_what_is_true_and_never_mailed(
    either_database: Database,
    told: list[str],
    enrol: Enrol,  # noqa: F811
    post_office: PostOffice,  # noqa: F811
) -> None:
    ada, editor = enrol(), enrol("Ed", "publisher")
    ask(either_database, ada)
    with either_database.transaction() as session:
        session.execute(sa.update(Story).where(Story.id == told[0]).values(is_sample=True))
        assert [each["story_id"] for each in digests.choose(session, Period.WEEKLY).sections] == told[1:]
        session.execute(sa.update(Story).values(is_sample=True))
    digest_id = make(either_database)
    with either_database.read() as session:
        assert queries.digest(session, digest_id).is_sample
        draft_id = session.scalars(sa.select(Draft.id).where(Draft.digest_id == digest_id)).one()
        review_id = session.scalars(sa.select(Review.id).where(Review.draft_id == draft_id)).one()
    with either_database.transaction() as session:
        reviewing.approve(session, review_id, editor, time_to_undo=timedelta(0))
    run_all(either_database, queues=("email",))
    assert post_office.letters == []
    with either_database.transaction() as session:
        while loading.remove(session):
            pass
        assert session.scalars(sa.select(Digest.period)).all() == ["weekly"]


def test_while_everything_is_stopped_no_letter_leaves_not_even_one_in_a_workers_hands(
    either_database: Database,
    told: list[str],
    enrol: Enrol,  # noqa: F811
    post_office: PostOffice,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, editor = enrol(), enrol("Ed", "publisher")
    ask(either_database, ada)
    make(either_database)
    real = brakes.check_now

    def stop_then_check() -> None:
        with either_database.transaction() as session:
            braking.stop_everything(session, editor, "now")
        real()

    with monkeypatch.context() as patch:
        patch.setattr(brakes, "check_now", stop_then_check)
        approve(either_database, editor)
    assert (states(either_database), post_office.letters) == ({ada.id: "waiting"}, [])
    with either_database.transaction() as session:
        session.execute(sa.update(Job).values(run_at=utc_now()))
    sweeper.sweep(either_database)
    run_all(either_database, queues=("email",))
    assert post_office.letters == []
    with either_database.transaction() as session:
        braking.resume_everything(session, editor)
    sweeper.sweep(either_database)
    run_all(either_database, queues=("email",))
    assert (states(either_database), len(post_office.letters)) == ({ada.id: "sent"}, 1)
