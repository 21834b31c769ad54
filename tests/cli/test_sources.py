"""Tests of source."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stonehand import config, db
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
    [row] = cli("source", "add", str(file), "--json").json
    assert (row["url"], row["is_new"]) == (f"{site}/feed", False)
