"""From approval to a visible piece, by real jobs into a real folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import queries as accounts
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person, granted
from stonehand.channels import service as channels
from stonehand.channels.interfaces import Delivery, LoginRefused
from stonehand.channels.models import Channel
from stonehand.db import Database
from stonehand.drafts import queries as drafts
from stonehand.errors import Rejected, StonehandError, Unavailable
from stonehand.jobs import retries
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.plugins.folder import Folder
from stonehand.publications import approvals, queries, service, telling
from stonehand.publications.approvals import Approved
from stonehand.publications.errors import ContentNotApproved, NoChannel, PublicationNotFailed, PublicationNotFound
from stonehand.publications.models import Publication
from stonehand.publications.schemas import PublicationOut

from .conftest import ADMIN


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A jittered wait may be so short that the next try runs before the test has looked."""
    monkeypatch.setattr(retries, "backoff", lambda _failures, _draw: 60.0)


def prepare(database: Database, approved: Approved) -> list[Publication]:
    with database.transaction() as session:
        return service.prepare(session, approved)


def look(database: Database) -> Publication:
    with database.read() as session:
        (only,) = queries.newest(session)
        return only


def told(database: Database) -> PublicationOut:
    with database.read() as session:
        (only,) = queries.newest(session)
        return telling.out(session, only)


def pieces(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "published" / "folder").glob("2*.html"))


def publish_jobs(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(sa.select(Job.state).where(Job.task == "publications.publish")))


def crash_at(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, error: BaseException, after: bool) -> None:
    """Make the next call of `place.name` fail with `error`, before or after it did its work; only once."""
    real, calls = getattr(place, name), []

    def call(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        if len(calls) > 1:
            return real(*args, **kwargs)
        if after:
            real(*args, **kwargs)
        raise error

    monkeypatch.setattr(place, name, call)


def hurry(database: Database) -> None:
    """Let what waits for its next try run now."""
    with database.transaction() as session:
        session.execute(sa.update(Job).values(run_at=db.now(session)))
    sweeper.sweep(database)


def test_an_approved_text_appears_once(database: Database, data_dir: Path, approved: Approved) -> None:
    with database.transaction() as session:
        jobs.enqueue(session, "publications.prepare", {"review_id": "r1"})
        jobs.enqueue(session, "publications.prepare", {"review_id": "r1"})
    run_all(database)
    publication = look(database)
    assert (publication.state, publication.attempts, publication.error) == ("published", 1, None)
    assert publication.published_at
    assert pieces(data_dir) == [f"{publication.remote_id}.html"]
    assert publication.url == f"https://n.example/{publication.remote_id}.html"
    page = (data_dir / "published" / "folder" / f"{publication.remote_id}.html").read_text()
    assert approved.label in page
    assert "https://a.example/" in page
    with database.read() as session:
        assert drafts.draft(session, "d1").state == "published"
        assert [row.verb for row in accounts.audit(session, object_kind="publication")] == ["published"]
        assert queries.counts(session)["published"] == 1
        assert PublicationOut.model_validate(publication).channel_name == "Folder"


def test_preparing_twice_gives_the_same_rows(database: Database, approved: Approved) -> None:
    first, second = prepare(database, approved), prepare(database, approved)
    assert [row.id for row in first] == [row.id for row in second]
    assert publish_jobs(database) == ["available"]


def test_each_chosen_channel_gets_its_own(database: Database, data_dir: Path, approved: Approved) -> None:
    checked = channels.check("folder", "Second", {})
    with database.transaction() as session:
        second = channels.add(session, ADMIN, checked)
    made = prepare(database, replace(approved, channel_ids=(*approved.channel_ids, second.id)))
    assert len({row.key for row in made}) == 2
    run_all(database)
    assert len(pieces(data_dir)) == 1
    assert len(list((data_dir / "published" / "second").glob("2*.html"))) == 1
    with database.read() as session:
        assert [row.state for row in queries.of_draft(session, "d1")] == ["published"] * 2


def test_nowhere_to_go_is_said(database: Database, channel: Channel, approved: Approved) -> None:
    for chosen in ((), ("unknown",)):
        with pytest.raises(NoChannel, match="switch one on"):
            prepare(database, replace(approved, channel_ids=chosen))


@pytest.mark.parametrize(
    ("place", "name", "after"),
    [(Folder, "deliver", False), (Folder, "deliver", True), (service, "finished", False), (service, "finished", True)],
)
def test_a_crash_around_the_delivery_doubles_nothing(
    database: Database,
    data_dir: Path,
    approved: Approved,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    after: bool,
) -> None:
    prepare(database, approved)
    crash_at(monkeypatch, place, name, RuntimeError("the worker stops here"), after)
    run_all(database)
    assert look(database).state == "publishing", "it may have arrived, and says so"
    hurry(database)
    run_all(database)
    publication = look(database)
    assert (publication.state, publication.attempts) == ("published", 2)
    assert pieces(data_dir) == [f"{publication.remote_id}.html"]


def test_a_passing_failure_is_shown_and_tried_again(
    database: Database, data_dir: Path, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(database, approved)
    crash_at(monkeypatch, Folder, "deliver", Unavailable("the disk is full; free some space"), False)
    run_all(database)
    publication = look(database)
    assert (publication.state, publication.error) == ("failed", "the disk is full; free some space")
    with database.read() as session:
        assert [row.id for row in queries.going_out(session)] == [publication.id]
    hurry(database)
    run_all(database)
    assert look(database).state == "published"
    assert len(pieces(data_dir)) == 1


def test_a_lasting_failure_waits_for_a_person(
    database: Database, data_dir: Path, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(database, approved)
    crash_at(monkeypatch, Folder, "deliver", Rejected("the folder cannot be written"), False)
    run_all(database)
    publication = look(database)
    assert publication.state == "failed"
    assert publish_jobs(database) == ["discarded"]
    editor = Person("2", "e@example.org", "E", "editor", granted("editor"))
    with pytest.raises(PermissionMissing), database.transaction() as session:
        service.retry(session, editor, publication.id)
    with database.transaction() as session:
        service.retry(session, ADMIN, publication.id)
    run_all(database)
    assert look(database).state == "published"
    assert len(pieces(data_dir)) == 1
    with pytest.raises(PublicationNotFailed), database.transaction() as session:
        service.retry(session, ADMIN, publication.id)


def test_a_changed_text_is_refused(
    database: Database, data_dir: Path, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(database, approved)
    other = replace(approved, content_sha256="b" * 64)
    monkeypatch.setattr(approvals, "approved", lambda _session, _review_id: other)
    run_all(database)
    publication = look(database)
    assert publication.state == "failed"
    assert "approve it again" in (publication.error or "")
    assert pieces(data_dir) == []


def test_an_approval_that_was_taken_back_is_refused(
    database: Database, data_dir: Path, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(database, approved)

    def taken_back(_session: object, _review_id: str) -> Approved:
        raise ContentNotApproved("the approval was taken back")

    monkeypatch.setattr(approvals, "approved", taken_back)
    run_all(database)
    assert (look(database).state, pieces(data_dir)) == ("failed", [])


def test_what_is_scheduled_waits_for_its_time(
    database: Database, data_dir: Path, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = db.utc_now() + timedelta(hours=2)
    prepare(database, replace(approved, due_at=due))
    with database.transaction() as session:
        assert service.find_due(session) == 0
        with pytest.raises(jobs.Snooze, match="goes out at"):
            service.check_ready(session, look(database).id)
    run_all(database)
    assert (look(database).state, pieces(data_dir)) == ("scheduled", [])
    monkeypatch.setattr(db, "now", lambda _session: due + timedelta(seconds=1))
    with database.transaction() as session:
        assert service.find_due(session) == 1
        assert service.find_due(session) == 1
    assert len(publish_jobs(database)) == 1, "found twice, it waits once"
    run_all(database)
    assert look(database).state == "published"


def test_a_channel_that_is_switched_off_holds_its_pieces(
    database: Database, data_dir: Path, approved: Approved, channel: Channel
) -> None:
    prepare(database, approved)
    with database.transaction() as session:
        channels.enable(session, ADMIN, channel.id, False)
    run_all(database)
    assert (look(database).state, pieces(data_dir)) == ("scheduled", [])
    assert told(database).waits_for == f"the channel {channel.name} is switched off"
    with database.transaction() as session:
        channels.enable(session, ADMIN, channel.id, True)
    hurry(database)
    run_all(database)
    assert look(database).state == "published"


def test_what_a_refused_login_holds_back_says_why_it_waits(
    database: Database, approved: Approved, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Delivery:
        raise LoginRefused("the site refuses the login (401)")

    prepare(database, approved)
    assert told(database).waits_for == ""
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "deliver", refuse)
        run_all(database)
    words = f"the channel {channel.name} is switched off: the site refuses the login (401)"
    assert (told(database).state, told(database).waits_for) == ("publishing", words)
    with database.transaction() as session:
        channels.enable(session, ADMIN, channel.id, True)
    hurry(database)
    run_all(database)
    assert (told(database).state, told(database).waits_for) == ("published", "")


def test_a_removed_channel_is_said(database: Database, approved: Approved, channel: Channel) -> None:
    prepare(database, approved)
    with database.transaction() as session:
        channels.remove(session, ADMIN, channel.id)
    run_all(database)
    publication = look(database)
    assert publication.state == "failed"
    assert "channel" in (publication.error or "")


def test_only_what_is_on_its_way_can_arrive_or_fail(database: Database, approved: Approved) -> None:
    (made,) = prepare(database, approved)
    delivery = Delivery("https://n.example/1", "1")
    with database.transaction() as session:
        service.finished(session, made.id, delivery)
    assert look(database).state == "scheduled"
    run_all(database)
    with database.transaction() as session:
        service.failed(session, made.id, "too late to fail")
        service.finished(session, made.id, delivery)
        assert service.begin(session, made.id, approved) is None
    after = look(database)
    assert (after.state, after.error) == ("published", None)
    assert after.url != delivery.url


def test_an_unknown_publication_is_not_found(database: Database) -> None:
    with database.read() as session, pytest.raises(PublicationNotFound) as caught:
        queries.publication(session, "nothing")
    assert isinstance(caught.value, StonehandError)


def test_keys_differ_by_channel_and_by_text() -> None:
    keys = {service.content_key(channel, text) for channel in ("c1", "c2") for text in ("a", "b")}
    assert len(keys) == 4
    assert service.content_key("c1", "a") in keys


def test_a_delivery_whose_job_died_waits_for_a_person(
    database: Database, data_dir: Path, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(database, approved)

    def deliver(*_: object) -> Delivery:
        raise RuntimeError("a plugin's mistake")

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "deliver", deliver)
        run_all(database)
    with database.transaction() as session:
        assert service.find_due(session) == 0
    assert look(database).state == "publishing", "its job waits for the next try"
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state="discarded"))
        service.find_due(session)
    assert look(database).state == "failed"
    with database.transaction() as session:
        service.retry(session, ADMIN, look(database).id)
    run_all(database)
    assert look(database).state == "published"
    assert len(pieces(data_dir)) == 1
