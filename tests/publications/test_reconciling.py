"""When nobody can tell whether a piece arrived: asked for a while, then a person is; and what lost answers leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import config, db, vault
from stonehand.accounts import queries as accounts
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person, granted
from stonehand.channels import queries as channel_queries
from stonehand.channels import service as channels
from stonehand.channels.interfaces import Leftover
from stonehand.channels.models import Channel
from stonehand.db import Database
from stonehand.jobs import retries
from stonehand.jobs.clock import sweeper
from stonehand.jobs.desk import explanation
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.publications import leftovers, queries, reconciling, service
from stonehand.publications.approvals import Approved
from stonehand.publications.errors import AddressUnfit, PublicationNotInDoubt
from stonehand.publications.models import Publication
from stonehand.vault import SecretUnreadable
from tests.lookalikes import wordpress as lookalike

from .conftest import ADMIN

PUBLISHER = Person("2", "p@example.org", "Pat", "publisher", granted("publisher"))
EDITOR = Person("3", "e@example.org", "E", "editor", granted("editor"))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[lookalike.WordPress]:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("STONEHAND_FETCH_TIMEOUT_SECONDS", "2")
    monkeypatch.setattr(retries, "backoff", lambda _failures, _draw: 60.0)
    config.settings.cache_clear()
    with lookalike.running() as made:
        yield made


@pytest.fixture
def blog(database: Database, site: lookalike.WordPress) -> Channel:
    settings = {"url": site.url, "username": lookalike.USER, "password": lookalike.PASSWORD}
    checked = channels.check("wordpress", "Blog", settings)
    with database.transaction() as session:
        return channels.add(session, ADMIN, checked)


@pytest.fixture
def piece(database: Database, approved: Approved, blog: Channel) -> str:
    with database.transaction() as session:
        (made,) = service.prepare(session, replace(approved, channel_ids=(blog.id,)))
        return made.id


def look(database: Database, publication_id: str) -> Publication:
    with database.read() as session:
        return queries.publication(session, publication_id)


def job(database: Database) -> Job:
    with database.read() as session:
        return session.scalars(sa.select(Job).where(Job.task == "publications.publish").order_by(Job.id.desc())).first()  # type: ignore[return-value]


def again(database: Database) -> None:
    """Let what waits run now."""
    with database.transaction() as session:
        session.execute(sa.update(Job).values(run_at=db.now(session)))
    sweeper.sweep(database)
    run_all(database)


def test_a_lost_answer_is_asked_after_and_nothing_is_doubled(
    database: Database, site: lookalike.WordPress, piece: str
) -> None:
    site.script = {"POST /posts/ID": ["lost"], "GET /posts/ID": ["error", "error"]}
    run_all(database)
    doubted = look(database, piece)
    assert doubted.state == "publishing"
    assert doubted.doubt_since
    waiting = job(database)
    assert (waiting.state, waiting.attempts) == ("scheduled", 0), "no try is counted"
    assert "nobody knows yet whether it arrived" in (waiting.message or "")
    again(database)
    again(database)
    again(database)
    done = look(database, piece)
    assert (done.state, done.doubt_since, done.error) == ("published", None, None)
    assert len(site.posts) == 1
    assert done.remote_id == "1"


def asked(database: Database, piece: str, **changes: float) -> None:
    """Change what is kept of the questions to a silent target."""
    with database.transaction() as session:
        doubted = queries.publication(session, piece)
        doubted.notes = {**doubted.notes, "asking": {**doubted.notes["asking"], **changes}}


def in_doubt(database: Database, site: lookalike.WordPress, piece: str) -> None:
    """A delivery of which nobody can tell whether it arrived, and the window is over."""
    site.script = {"POST /posts/ID": ["unheard"], "GET /posts/ID": ["error"] * 9}
    run_all(database)
    asked(database, piece, at=0.0)
    for _ in range(2):
        again(database)
        assert look(database, piece).state == "publishing", "long ago, but hardly asked, for want of a worker"
    asked(database, piece, spent=config.settings().ambiguity_seconds)
    again(database)
    assert look(database, piece).state == "needs_reconcile"
    assert job(database).state == "needs_reconcile"
    site.script = {}


def test_after_a_while_a_person_must_look_and_finds_it(
    database: Database, site: lookalike.WordPress, piece: str
) -> None:
    in_doubt(database, site, piece)
    again(database)
    assert job(database).state == "needs_reconcile", "nothing goes on by itself"
    for url in ("", "file:///etc", "http://"):
        with pytest.raises(AddressUnfit), database.transaction() as session:
            reconciling.arrived(session, PUBLISHER, piece, url)
    with pytest.raises(PermissionMissing), database.transaction() as session:
        reconciling.arrived(session, EDITOR, piece, "https://n.example/1")
    with database.transaction() as session:
        reconciling.arrived(session, PUBLISHER, piece, " https://n.example/1 ")
    done = look(database, piece)
    assert (done.state, done.url, done.error) == ("published", "https://n.example/1", None)
    ended = job(database)
    assert (ended.state, ended.message) == ("cancelled", "Pat found it at https://n.example/1")
    with database.read() as session:
        assert [row.verb for row in accounts.audit(session, object_id=piece)] == ["published"]
    with pytest.raises(PublicationNotInDoubt), database.transaction() as session:
        reconciling.missing(session, PUBLISHER, piece)


def test_a_person_looks_and_it_is_not_there(database: Database, site: lookalike.WordPress, piece: str) -> None:
    in_doubt(database, site, piece)
    with pytest.raises(PermissionMissing), database.transaction() as session:
        reconciling.missing(session, EDITOR, piece)
    with database.transaction() as session:
        reconciling.missing(session, PUBLISHER, piece)
    again(database)
    assert look(database, piece).state == "published"
    assert len(site.posts) == 1, "its hidden draft is found by its key"
    with database.read() as session:
        states = session.scalars(sa.select(Job.state).where(Job.task == "publications.publish").order_by(Job.id)).all()
    assert states == ["cancelled", "completed"]


def test_a_retry_of_its_job_does_not_hide_that_a_person_must_look(
    database: Database, site: lookalike.WordPress, piece: str
) -> None:
    from stonehand.jobs import service as jobs

    in_doubt(database, site, piece)
    with database.transaction() as session:
        jobs.retry(session, job(database).id)
    run_all(database)
    assert (look(database, piece).state, job(database).state) == ("needs_reconcile", "needs_reconcile")
    assert site.public() == {}


def test_what_cannot_be_explained_is_for_a_person_at_once(
    database: Database, site: lookalike.WordPress, piece: str
) -> None:
    site.script = {"POST /posts/ID": ["error"]}
    run_all(database)
    site.posts.clear()
    again(database)
    stopped = look(database, piece)
    assert stopped.state == "needs_reconcile"
    assert "no longer there" in (stopped.error or "")


def test_a_refused_login_stops_the_channel_and_loses_nothing(
    database: Database, site: lookalike.WordPress, blog: Channel, piece: str
) -> None:
    site.may_publish = False
    run_all(database)
    with database.read() as session:
        stopped = channel_queries.channel(session, blog.id)
        assert not stopped.is_enabled
        assert "rest_cannot_create" in (stopped.trouble or "")
    waiting = job(database)
    assert (waiting.state, waiting.attempts) == ("scheduled", 0)
    asked = site.asked.total()
    again(database)
    assert site.asked.total() == asked, "a channel that is stopped is left alone"
    site.may_publish = True
    with database.transaction() as session:
        channels.enable(session, ADMIN, blog.id, True)
    sweeper.sweep(database)
    run_all(database)
    assert look(database, piece).state == "published"
    with database.read() as session:
        assert channel_queries.channel(session, blog.id).trouble is None


def test_the_password_is_sealed_for_this_channel_and_its_site(
    database: Database, site: lookalike.WordPress, blog: Channel
) -> None:
    assert lookalike.PASSWORD not in str((blog.config, blog.secrets))
    assert channels.target(blog).secrets == {"password": lookalike.PASSWORD}
    assert channels.shown(blog).secrets == {}
    kept = channels.check("wordpress", "Blog 2", blog.config, blog)
    with database.transaction() as session:
        edited = channels.edit(session, ADMIN, blog.id, kept)
        assert channels.target(edited).secrets == {"password": lookalike.PASSWORD}
    with pytest.raises(SecretUnreadable, match="enter it again"):
        channels.check("wordpress", "Blog", {**blog.config, "url": "https://elsewhere.example"}, blog)
    blog.config = {**blog.config, "url": "https://elsewhere.example"}
    with pytest.raises(SecretUnreadable):
        channels.target(blog)


def test_a_worker_without_the_key_lets_the_piece_wait(
    database: Database, site: lookalike.WordPress, piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_keys(monkeypatch, vault.new_key())
    run_all(database)
    waiting = job(database)
    assert (waiting.state, waiting.attempts, waiting.gate) == ("scheduled", 0, vault.GATE)
    assert look(database, piece).state == "scheduled"
    with database.read() as session:
        assert "bring the key here that other machines have" in explanation.why_not_running(session, waiting)
    set_keys(monkeypatch, "")
    again(database)
    assert look(database, piece).state == "published"
    assert len(site.posts) == 1


def set_keys(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    """As if this process had been started with these; with none, the file counts."""
    monkeypatch.setenv("STONEHAND_VAULT_KEYS", keys)
    config.settings.cache_clear()


def test_what_a_lost_answer_left_is_removed(database: Database, site: lookalike.WordPress, piece: str) -> None:
    site.script = {"POST /posts": ["late"]}
    site.patience = 2.5
    run_all(database)
    again(database)
    with database.read() as session:
        key = queries.publication(session, piece).key
    site.create({"content": f"<!-- stonehand-key:{key} -->", "status": "draft", "slug": key})
    stranger = site.create({"content": "<!-- stonehand-key:0123456789ab -->", "status": "draft"})
    mine = site.create({"content": "somebody's own", "status": "draft"})
    assert leftovers.sweep(database) == 0, "too young to be judged"
    assert leftovers.sweep(database, timedelta(seconds=-2)) >= 1
    assert {post.id for post in site.drafts()} == {stranger["id"], mine["id"]}
    assert len(site.public()) == 1


def test_only_what_was_overtaken_is_an_orphan() -> None:
    found = [Leftover("a", "1"), Leftover("a", "2"), Leftover("b", "3"), Leftover("c", "4")]
    assert leftovers.orphans(found, {"a": "1", "b": None}) == [Leftover("a", "2")]
