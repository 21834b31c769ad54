"""Whatever is bad is named where somebody sees it, and everything else goes on."""

from __future__ import annotations

import json
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from stonehand.db import new_id
from tests.acceptance.desks import Desk, started
from tests.acceptance.hostile import BAD_PAGES, SOUND, Hostile
from tests.acceptance.newsrooms import COMMAND, House, furnished
from tests.servers import Postgres, Redis, free_port, wait_until

MEGABYTE = 1024 * 1024
MOST_MEMORY = 600 * MEGABYTE  # of one process of the worker; a bomb alone would be a thousand
SPOKEN = {"german": "de", "russian": "ru", "french": "fr"}
FEEDS = {
    "words": "neither a feed nor a web page",
    "picture": "image/png",
    "svg": "starts with <svg>: no feed",
    "missing": "does not exist (404)",
    "500": "answered 500",
    "slow": "took longer than 3 s",
    "huge": "more than the 5,242,880 bytes allowed",
    "announced": "52,428,800 bytes, more than",
    "gzip-bomb": "unpacks to more than",
    "brotli-bomb": "unpacks to",
    "nested": "nested more than 100 levels",
    "laughs": "declares entities",
    "loop": "sent on more than 5 times",
    "private": "10.1.2.3 is inside a private or reserved network",
    "empty": "an empty page",
}
TURNED = {"turns-html": "HTML page came where XML was promised", "turns-500": "answered 500"}
PAGES = {
    **{name: FEEDS[name] for name in BAD_PAGES if name in FEEDS},
    "empty": "the page is empty",
    "bare": "no article text",
    "picture": "an image, not a web page",
}


@dataclass(frozen=True)
class Outcome:
    """What one run over a good source and all the bad ones came to."""

    house: House
    server: Hostile
    summary: dict[str, Any]
    printed: str
    largest: int

    def reason(self, kind: str, path: str) -> str:
        """Why the source or entry at a path failed; it is named exactly once."""
        url = self.server.url(path)
        reasons = [error["reason"] for error in self.summary["errors"] if error.get(kind) == url]
        assert len(reasons) == 1, f"{url} is named {len(reasons)} times"
        return str(reasons[0])


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Outcome]:
    """`stonehand run GOOD BAD... --json`, once for all tests that look at it."""
    house = House(furnished(tmp_path_factory.mktemp("bad"), models), {"STONEHAND_FETCH_TIMEOUT_SECONDS": "3"})
    with Hostile() as server:
        bad = [f"/{name}.xml" for name in TURNED] + [f"/feed/{name}.xml" for name in FEEDS]
        urls = [server.url(path) for path in ("/good.xml", "/other.xml", *bad)]
        with largest_worker() as largest:
            done = house.command("run", *urls, "ftp://example.org/feed", "--json")
        yield Outcome(house, server, json_of(done), done.stderr, largest())


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


@contextmanager
def largest_worker() -> Iterator[Callable[[], int]]:
    """The most memory that any process of a worker below us had, in bytes."""
    stop, seen = threading.Event(), [0]

    def watch() -> None:
        while not stop.wait(0.1):
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    if child.cmdline()[-1:] == ["worker"]:
                        seen.append(child.memory_info().rss)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield lambda: max(seen)
    stop.set()
    thread.join()


def test_the_good_source_is_not_disturbed(outcome: Outcome) -> None:
    summary = outcome.summary
    assert summary["sources"] == 2
    assert summary["articles"] == len(SOUND) + len(SPOKEN), summary["errors"]
    assert summary["entries"] == summary["articles"] + len(BAD_PAGES)
    assert summary["drafts"] >= 1


def test_one_page_under_three_addresses_is_one_article(outcome: Outcome) -> None:
    assert outcome.summary["duplicates"] == 3  # two spellings in its own feed, one in another paper's
    asked = outcome.server.hits[f"/good/{SOUND[0]}"]
    assert 1 <= asked <= 2, "once; once more where a busy machine was too slow; never once for each address"


@pytest.mark.parametrize("name", FEEDS)
def test_a_bad_source_is_named_with_its_reason(outcome: Outcome, name: str) -> None:
    assert FEEDS[name] in outcome.reason("source", f"/feed/{name}.xml")
    assert f"/feed/{name}.xml: " in outcome.printed, "it is said while it happens, too"


@pytest.mark.parametrize("name", TURNED)
def test_a_source_that_turned_bad_is_named(outcome: Outcome, name: str) -> None:
    assert TURNED[name] in outcome.reason("source", f"/{name}.xml")


@pytest.mark.parametrize("name", BAD_PAGES)
def test_a_bad_page_of_a_good_source_is_named(outcome: Outcome, name: str) -> None:
    assert PAGES[name] in outcome.reason("entry", f"/page/{name}")


def test_nothing_else_is_complained_of(outcome: Outcome) -> None:
    assert len(outcome.summary["errors"]) == len(FEEDS) + len(TURNED) + len(BAD_PAGES) + 1
    assert "Traceback" not in outcome.printed


def test_no_body_is_read_beyond_its_limit(outcome: Outcome) -> None:
    for name in ("huge", "announced"):
        for path in (f"/feed/{name}.xml", f"/page/{name}"):
            assert outcome.server.sent[path] < 25 * MEGABYTE, "what is more than the limit is what sockets hold"
    assert 0 < outcome.largest < MOST_MEMORY


def test_other_languages_and_wrong_encodings_are_read_right(outcome: Outcome) -> None:
    rows = {row["url"].rpartition("/")[2]: row for row in outcome.house.json("article", "list")}
    assert {name: rows[name]["language"] for name in SPOKEN} == SPOKEN
    assert rows["russian"]["title"] == "Мост открыт"
    texts = {name: outcome.house.json("article", "show", rows[name]["id"])["text"] for name in ("russian", "french")}
    assert "Каменогорске" in texts["russian"]
    assert "Le marché couvert" in texts["french"]
    assert "« Nous avons gardé l'âme du lieu »" in texts["french"]


VERBS = {
    "run": ["run", "http://127.0.0.1:9/x"],
    "start": ["start", "--port", "0"],
    "web": ["web", "--port", "0"],
    "worker": ["worker"],
}
PREPARED = ("run", "web", "worker")  # `start` prepares as `run` does


def refusals(house: House, *verbs: str, **settings: str) -> list[str]:
    """What each verb says before it ends with 1: one line on standard error, and nothing else."""
    environment, pipe = house.environment | settings, subprocess.PIPE
    running = {
        verb: subprocess.Popen([*COMMAND, *VERBS[verb]], env=environment, stdout=pipe, stderr=pipe, text=True)
        for verb in verbs
    }
    said = []
    for verb, process in running.items():
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (1, ""), f"{verb}: {process.returncode} {out}{err}"
        assert err.startswith("stonehand: "), err
        assert err.count("\n") == 1, err
        said.append(err)
    return said


def test_an_unknown_setting_names_the_nearest(embedded: House) -> None:
    for line in refusals(embedded, *VERBS, STONEHAND_PROT="8000"):
        assert "STONEHAND_PROT is not a setting of Stonehand; did you mean STONEHAND_PORT?" in line


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CELERY_LOG_LEVEL", "LOUD", "DEBUG, INFO"),
        ("DATABASE_URL", "mysql://ada:hunter22@db/news", "postgresql:// or sqlite:///"),
    ],
)
def test_a_bad_value_names_its_setting(embedded: House, name: str, value: str, words: str) -> None:
    done = House(embedded.folder, {name: value}).command("worker", fails=True)
    assert done.stderr.startswith(f"stonehand: {name}: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "hunter22" not in done.stderr


def test_a_data_directory_that_cannot_be_written(embedded: House, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for line in refusals(embedded, "start", "worker", STONEHAND_DATA_DIR=str(file)):
        assert f"cannot write the data directory {file}: it is a file; set STONEHAND_DATA_DIR" in line


def test_a_damaged_database(embedded: House) -> None:
    (embedded.folder / "stonehand.db").write_bytes(b"no database at all " * 500)
    for line in refusals(embedded, *PREPARED):
        assert "the database file is damaged" in line
        assert "restore a backup" in line


def test_a_database_that_is_away(embedded: House) -> None:
    address = f"postgresql://ada:hunter22@127.0.0.1:{free_port()}/news"
    for line in refusals(embedded, *PREPARED, STONEHAND_DATABASE_URL=address):
        assert "the database did not answer" in line
        assert "refused" in line
        assert "hunter22" not in line


def test_a_full_disk_stops_with_a_word_and_loses_nothing(embedded: House) -> None:
    embedded.command("init")
    with Hostile() as server:
        urls = [server.url("/good.xml"), server.url("/other.xml")]
        full = subprocess.run(
            [*COMMAND, "source", "add", *urls],
            env=embedded.environment | {"PYTHONDONTWRITEBYTECODE": "1"},  # or Python's own files are cut short, too
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert full.returncode == 1
        assert "the disk of the database refuses to write; it may be full" in full.stderr
        assert "Traceback" not in full.stderr
        assert [row["is_new"] for row in embedded.json("source", "add", *urls)] == [True, True]


def test_start_goes_on_with_a_taken_port_and_bad_urls(embedded: House) -> None:
    with Hostile() as server:
        port = server.address.rpartition(":")[2]
        urls = [server.url("/feed/missing.xml"), server.url("/good.xml"), "ftp://example.org/feed"]
        with started(embedded, "--port", port, *urls) as desk:
            desk.sign_in()
            assert desk.address != server.address
            assert [source["url"] for source in desk.get("/sources")["items"]] == [server.url("/good.xml")]
        said = (embedded.folder.parent / "start.log").read_text()
        assert f"Port {port} is taken; another one is used." in said
        assert f"{urls[0]} was not added: {urls[0]} does not exist (404)" in said
        assert f"{urls[2]} was not added: " in said
        refused = embedded.command("web", "--port", port, fails=True)
        assert refused.stderr.startswith(f"stonehand: port {port} of 127.0.0.1 is taken")


def test_work_is_accepted_while_redis_is_away_and_waits_for_postgresql(
    tmp_path: Path, models: Path, postgres: Postgres
) -> None:
    broker = Redis()
    address = postgres.make_database(new_id())
    house = House(furnished(tmp_path, models), {"STONEHAND_DATABASE_URL": address, "CELERY_BROKER_URL": broker.url})
    try:
        with Hostile() as server, started(house, "--no-sample") as desk:
            desk.sign_in()
            desk.post("/sources", {"url": server.url("/other.xml")})
            time.sleep(2)
            assert not _entries(desk), "nobody hears of it yet"
            broker.start()
            wait_until(lambda: bool(_entries(desk)), "the source is looked at once Redis is back", 60)
            _postgres_away(desk, postgres)
    finally:
        broker.remove()


def _entries(desk: Desk) -> list[Any]:
    source = desk.get("/sources")["items"][0]
    found: list[Any] = desk.get(f"/sources/{source['id']}/entries")["items"]
    return found


def _postgres_away(desk: Desk, postgres: Postgres) -> None:
    postgres.kill()
    try:
        answer = desk.client.get("/api/v1/sources")
        assert answer.status_code == 503
        assert "database" in answer.json()["detail"]
    finally:
        postgres.start()
    wait_until(lambda: desk.client.get("/api/v1/sources").status_code == 200, "the desk answers again")
    job = desk.post(f"/sources/{desk.get('/sources')['items'][0]['id']}/poll")
    wait_until(lambda: desk.get(f"/jobs/{job['job_id']}")["state"] == "completed", "work goes on", 60)
