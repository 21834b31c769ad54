"""The page of channels: folders added, switched and removed; what went out, and what has to be tried again."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand import config, jobs
from stonehand.channels.models import Channel
from stonehand.db import Database, new_id, now
from stonehand.drafts.models import Draft
from stonehand.jobs.models import Job
from stonehand.publications.models import Publication
from tests.lookalikes import wordpress as lookalike
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")


def channels(database: Database) -> dict[str, Channel]:
    with database.read() as session:
        return {each.name: each for each in session.scalars(sa.select(Channel))}


def publication(database: Database, channel: Channel, state: str, **more: str) -> str:
    with database.transaction() as session:
        row = {"review_id": "r", "draft_id": "d", "revision_id": "v", "key": new_id(), "content_sha256": "0" * 64}
        made = Publication(
            id=new_id(), channel_id=channel.id, channel_name=channel.name, state=state, due_at=now(session),
            created_at=now(session), title=f"A piece that is {state}", **row, **more,
        )  # fmt: skip
        session.add(made)
        return made.id


def test_a_folder_is_added_switched_and_removed(visit: Visit, database: Database, tmp_path: Path) -> None:
    admin = visit("admin")
    admin.go("/channels")
    folder = tmp_path / "site"
    assert "Added City News" in admin.send("/channels", name="City News", where=str(folder))
    assert str(folder / "feed.xml") in admin.page
    assert (folder / "index.html").exists()
    made = channels(database)["City News"]
    page = admin.send(f"/channels/{made.id}/disable")
    assert "Switched off" in page
    assert f'action="/channels/{made.id}/enable"' in page
    admin.send(f"/channels/{made.id}/enable")
    assert channels(database)["City News"].is_enabled
    admin.send(f"/channels/{made.id}/remove")
    assert channels(database) == {}
    assert (folder / "index.html").exists()


def test_what_is_wrong_stands_beside_its_field(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    admin = visit("admin")
    admin.go("/channels")
    page = admin.send("/channels", 422, name="City", where=str(tmp_path / "full"))
    assert "holds files that Stonehand did not write" in page
    assert 'value="City"' in page
    assert "cannot name a channel" in admin.send("/channels", 422, name="…", where="")
    admin.send("/channels", name="City", where="")
    assert "choose another name" in admin.send("/channels", 409, name="City", where="")


def test_only_administrators_change_channels(visit: Visit, database: Database) -> None:
    publisher = visit("publisher")
    assert "Add a folder" not in publisher.go("/channels")
    publisher.go("/jobs")
    publisher.go("/review")
    publisher.send("/channels", 403, name="Mine", where="")
    assert channels(database) == {}


def test_what_went_out_and_what_failed(visit: Visit, database: Database) -> None:
    admin = visit("admin")
    admin.go("/channels")
    admin.send("/channels", name="Site", where="")
    site = channels(database)["Site"]
    publication(database, site, "published", url="file:///srv/site/a%20piece.html")
    failed = publication(database, site, "failed", error="the disk is full; free some space")
    page = visit("viewer").go("/channels")
    assert "/srv/site/a piece.html" in page
    assert "1 piece" in words(page)
    assert "In trouble" in page
    assert "/retry" not in page
    publisher = visit("publisher")
    publisher.go("/channels")
    assert "Trying “A piece that is failed” again" in publisher.send(f"/publications/{failed}/retry")
    with database.read() as session:
        assert session.scalars(sa.select(Job.task)).all() == ["publications.publish"]
        assert session.get_one(Publication, failed).state == "scheduled"
    assert "only what failed" in publisher.send(f"/publications/{failed}/retry")


def test_a_wordpress_site_is_added_and_its_password_never_shown(
    visit: Visit, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    config.settings.cache_clear()
    admin = visit("admin")
    admin.go("/channels")
    with lookalike.running() as site:
        form = {"wp_name": "Blog", "url": site.url, "username": lookalike.USER}
        wrong = admin.send("/channels/wordpress", 422, password="not the one", **form)
        assert "incorrect_password" in wrong
        assert "not the one" not in wrong
        assert f'value="{site.url}"' in wrong
        assert "needs its url" in admin.send(
            "/channels/wordpress", 422, password="x", wp_name="Blog", url="", username=""
        )
        page = admin.send("/channels/wordpress", password=lookalike.PASSWORD, **form)
        assert "Added Blog" in page
        assert site.url in page
        assert lookalike.PASSWORD not in page
        assert "choose another name" in admin.send("/channels/wordpress", 409, password=lookalike.PASSWORD, **form)
    assert channels(database)["Blog"].kind == "wordpress"
    visit("publisher").go("/channels")


def test_a_person_says_whether_a_piece_in_doubt_arrived(visit: Visit, database: Database) -> None:
    admin = visit("admin")
    admin.go("/channels")
    admin.send("/channels", name="Site", where="")
    site = channels(database)["Site"]
    there, gone = (publication(database, site, "needs_reconcile", error="no answer came") for _ in range(2))
    assert "Is it there?" not in visit("viewer").go("/channels")
    publisher = visit("publisher")
    assert "Is it there?" in publisher.go("/channels")
    assert "give the address" in publisher.send(f"/publications/{there}/arrived", url="nowhere").lower()
    with database.transaction() as session:
        moment = now(session)
        session.add(
            Draft(
                id="d", story_id="s", title="T", state="approved", created_by="1", created_at=moment, updated_at=moment
            )
        )
    assert "is published" in publisher.send(f"/publications/{there}/arrived", url="https://n.example/1")
    assert "again" in publisher.send(f"/publications/{gone}/missing")
    assert "nobody needs to look" in publisher.send(f"/publications/{gone}/missing")
    with database.read() as session:
        states = {row.id: row.state for row in session.scalars(sa.select(Publication))}
    assert states == {there: "published", gone: "scheduled"}


def test_today_shows_a_piece_that_needs_a_look(visit: Visit, database: Database) -> None:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "publications.publish", {"publication_id": "p"}) or ""
        session.get_one(Job, job_id).state = "needs_reconcile"
        session.get_one(Job, job_id).error = "no answer came"
    page = visit("publisher").go("/")
    assert "A piece needs a look" in page
    assert "no answer came" in page
