"""Tests of source."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stonehand import config, db
from stonehand.accounts import service as accounts
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person
from stonehand.sources.errors import SourceNotFound
from tests.cli.conftest import Cli

FEED = b"""<rss><channel><title>Harbour News</title>
<item><guid>1</guid><title>One</title><link>https://news.example/1</link></item>
<item><guid>2</guid><title>Two</title><link>https://news.example/2</link></item></channel></rss>"""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a feed on loopback."""
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("STONEHAND_HOST_INTERVAL_SECONDS", "0")
    config.settings.cache_clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = 200 if self.path == "/feed" else 404
            self.send_response(status)
            self.send_header("Content-Type", "application/rss+xml")
            self.end_headers()
            self.wfile.write(FEED if status == 200 else b"")

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_preview_saves_nothing_and_add_does(cli: Cli, prepared: db.Database, site: str) -> None:
    [row] = cli("source", "add", f"{site}/feed", "--preview", "--json").json
    assert (row["new"], row["already_added"]) == (2, False)
    assert cli("source", "list", "--json").json == []
    [row] = cli("source", "add", f"{site}/feed", "--json").json
    assert row["is_new"]
    again = cli("source", "add", f"{site}/feed")
    assert f"it is here already, as {row['source_id']}" in again.out
    [job] = cli("job", "list", "--json").json
    assert (job["task"], job["args"]) == ("sources.poll", {"source_id": row["source_id"]})


def test_a_source_is_added_in_the_name_of_a_user_who_may(
    cli: Cli, admin: Person, password_hash: str, site: str
) -> None:
    with db.database().transaction() as session:
        accounts.new_user(session, "ed@example.org", "Ed", "editor", password_hash)
        accounts.new_user(session, "vi@example.org", "Vi", "viewer", password_hash)
    assert isinstance(cli("source", "add", f"{site}/feed", "--as", "vi@example.org").error, PermissionMissing)
    assert cli("source", "list", "--json").json == []
    assert cli("source", "add", f"{site}/feed", "--as", "ed@example.org").code == 0
    [deed] = cli("audit", "list", "--kind", "source", "--json").json
    assert deed["actor_name"] == "Ed"


def test_one_that_fails_is_named_and_the_others_go_on(cli: Cli, prepared: db.Database, site: str) -> None:
    found = cli("source", "add", f"{site}/nothing", f"{site}/feed")
    assert found.code == 1
    assert f"{site}/nothing was not added: " in found.err
    assert [row["title"] for row in cli("source", "list", "--json").json] == ["Harbour News"]


def test_pause_resume_poll_show_and_remove(cli: Cli, prepared: db.Database, site: str) -> None:
    [row] = cli("source", "add", f"{site}/feed", "--json").json
    source_id = row["source_id"]
    assert "Paused by somebody" in cli("source", "pause", source_id).out
    assert cli("source", "resume", source_id, "--json").json["state"] == "active"
    assert "Waiting for the first look." in cli("source", "show", source_id).out
    polled = cli("source", "poll", source_id, "--json").json
    assert set(polled) == {"source_id", "job_id"}
    assert cli("source", "remove", source_id, stdin="n\n").code == 1
    assert cli("source", "remove", source_id, "--yes").code == 0
    assert isinstance(cli("source", "show", source_id).error, SourceNotFound)
    verbs = [row["verb"] for row in cli("audit", "list", "--kind", "source", "--json").json]
    assert verbs == ["removed", "resumed", "paused", "added"]


def test_export_can_be_added_again(cli: Cli, prepared: db.Database, site: str, tmp_path: Path) -> None:
    cli("source", "add", f"{site}/feed")
    file = tmp_path / "feeds.opml"
    assert cli("source", "export", "-o", str(file)).code == 0
    assert cli("source", "export").out.strip() == file.read_text().strip()
    looked = "it is here already; not looked at, since it stands in a list; try its own address"
    assert looked in cli("source", "add", str(file), "--preview").out, "a list was read, not its feeds"
    [row] = cli("source", "add", str(file), "--json").json
    assert (row["url"], row["is_new"]) == (f"{site}/feed", False)


def test_a_line_of_a_list_that_is_left_out_says_why(cli: Cli, prepared: db.Database, tmp_path: Path, site: str) -> None:
    list_ = tmp_path / "list.opml"
    lines = f'<outline text="A" xmlUrl="{site}/feed"/><outline text="B" xmlUrl="ftp://b.example/feed"/>'
    list_.write_text(f"<opml><body>{lines}</body></opml>")
    outcome = cli("source", "add", str(list_))
    assert outcome.code == 1
    assert "B was left out: 'ftp://b.example/feed' is not an http or https address" in outcome.err
    assert [row["url"] for row in cli("source", "list", "--json").json] == [f"{site}/feed"]


def test_trying_says_what_would_come_and_saves_nothing(cli: Cli, prepared: db.Database, site: str) -> None:
    [row] = cli("sources", "try", f"{site}/feed", "--rule", "drop title: two", "--json").json
    assert [(each["title"], each["outcome"]) for each in row["entries"]] == [("One", "new"), ("Two", "filtered")]
    assert (row["new"], row["duplicates"], row["filtered"]) == (1, 0, 1)
    assert "1 new, 0 duplicate, 1 filtered" in cli("source", "try", f"{site}/feed", "--rule", "drop /^two/").out
    assert cli("source", "list", "--json").json == []
    [added] = cli("source", "add", f"{site}/feed", "--json").json
    [again] = cli("source", "try", added["source_id"], "--json").json
    assert (again["new"], again["already_added"]) == (2, True)


def test_a_kind_takes_options(cli: Cli, prepared: db.Database) -> None:
    urls = '["https://a.example/1", "https://a.example/2"]'
    [row] = cli("source", "add", "--kind", "urls", "--option", f"urls={urls}", "--json").json
    assert row["is_new"]
    shown = cli("source", "show", row["source_id"], "--json").json
    assert shown["options"] == {"urls": ["https://a.example/1", "https://a.example/2"]}
    wrong = cli("source", "add", "--kind", "urls", "--option", "colour=red")
    assert wrong.code == 1
    assert "urls: Field required" in wrong.err
    kinds = {each["kind"] for each in cli("source", "kinds", "--json").json}
    assert {"urls", "watch"} <= kinds


def test_how_a_source_is_kept_is_changed_and_goes_out(
    cli: Cli, prepared: db.Database, site: str, tmp_path: Path
) -> None:
    [row] = cli("source", "add", f"{site}/feed", "--json").json
    id_ = row["source_id"]
    assert cli("source", "replay", id_, "--rule", "drop x", "--json").json["dropped"] == 0
    changed = cli(
        "source", "change", id_, "--tag", "Sea", "--rule", "drop title: two", "--every", "900", "--steady", "--json"
    ).json
    assert (changed["tags"], changed["rules"], changed["interval_seconds"], changed["is_adaptive"]) == (
        ["sea"],
        [{"do": "drop", "where": "title", "words": "two"}],
        900,
        False,
    )
    list_ = tmp_path / "list.opml"
    cli("source", "export", "-o", str(list_))
    cli("source", "remove", id_, "--yes")
    [back] = cli("source", "add", str(list_), "--json").json
    again = cli("source", "show", back["source_id"], "--json").json
    assert {name: again[name] for name in ("tags", "rules", "is_adaptive")} == {
        name: changed[name] for name in ("tags", "rules", "is_adaptive")
    }
    assert cli("source", "mend", back["source_id"]).code == 1
    assert cli("source", "change", back["source_id"], "--no-rules", "--json").json["rules"] == []


def test_robots_txt_is_asked_and_overruled(cli: Cli, prepared: db.Database, site: str) -> None:
    assert "Yes: the site has no robots.txt (it answers 404)." in cli("source", "robots", f"{site}/private/a").out
    [row] = cli("source", "add", f"{site}/feed", "--json").json
    source_id = row["source_id"]
    assert "robots.txt is heeded" in cli("source", "robots", source_id).out
    said = cli("source", "robots", source_id, "--overrule", "the owner agreed", "--json").json
    assert said["robots_overruled"]["reason"] == "the owner agreed"
    assert cli("source", "robots", source_id, "--overrule", " ").code == 1
    assert "robots.txt is heeded" in cli("source", "robots", source_id, "--heed").out
    verbs = [row["verb"] for row in cli("audit", "list", "--kind", "source", "--json").json]
    assert verbs[:2] == ["heeds robots.txt for", "overruled robots.txt for"]
