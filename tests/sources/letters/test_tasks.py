"""Letters read by real jobs, from the bytes to the article."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.db import Database
from stonehand.jobs import declaration, testing
from stonehand.jobs.models import Job
from stonehand.sources.letters import queries, reading, service, tasks
from stonehand.sources.letters.models import Letter, LetterItem
from stonehand.sources.models import Entry, Source
from tests.articles.test_duplicates import HARBOUR
from tests.articles.test_tasks import html
from tests.sources.conftest import Site
from tests.sources.letters.conftest import finish, hand_in, wake
from tests.sources.letters.writing import letter, pdf

pytestmark = pytest.mark.usefixtures("pipeline")


def numbered(number: int) -> Any:
    return letter(
        f"News {number}\nhttps://news.example/{number}\n", subject=f"Letter {number}", Message_ID=f"<{number}@p>"
    )


def test_from_a_letter_to_its_articles(either_database: Database, site: Site) -> None:
    here = site.put("/harbour", html(HARBOUR), Content_Type="text/html")
    first = f"<h2><a href='{here}?utm_source=nl'>Harbour</a></h2><p>Closed.</p>"
    second = f"<h2>Gone</h2><a href='{site.url}/gone'>Read more</a>"
    made = letter(html=f"{first}{second}<p><a href='{site.url}/u/unsubscribe'>Unsubscribe</a></p>")
    made.add_attachment(
        pdf(
            "The council met on Monday evening in the old hall.\nIt passed the budget of the town after a long debate."
        ),
        maintype="application",
        subtype="pdf",
        filename="minutes.pdf",
    )
    [letter_id], job_id = hand_in(either_database, made)
    job = finish(either_database, job_id)
    assert job.state == "completed"
    result = job.result or {}
    assert (result["letters"], result["named"], result["new"], result["unreadable"]) == (1, 3, 3, [])
    assert [(each["title"], each["state"], bool(each["article_id"])) for each in result["articles"]] == [
        ("Harbour", "fetched", True),
        ("Gone", "failed", False),
        ("minutes.pdf", "fetched", True),
    ]
    assert result["failed_urls"] == [f"{site.url}/gone"]
    assert result["processed_urls"] == [here, "minutes.pdf"]
    assert sorted(site.asked) == ["/gone", "/harbour", "/robots.txt"]  # nothing that leaves the list, no tracking
    with either_database.read() as session:
        found = {each.title: each for each in session.scalars(sa.select(Article))}
        texts = articles.texts(session, [each.id for each in found.values()])
        source = session.scalars(sa.select(Source)).one()
        assert (source.kind, source.entries_total) == ("letters", 3)
        assert queries.raw(session, letter_id) is not None
    assert "Nobody was hurt" in texts[found["Harbour closed"].id].text
    assert "passed the budget" in texts[found["minutes"].id].text


def test_a_letter_is_kept_once_by_whatever_way_it_comes(either_database: Database) -> None:
    made = numbered(1)
    with_more = b"Received: from a by b; today\r\nX-Spam: no\r\n" + made.as_bytes()
    (first, second), _ = hand_in(either_database, made, with_more)
    (third,), job_id = hand_in(either_database, made.as_bytes().replace(b"\n", b"\r\n"))
    assert first == second == third
    assert job_id is None
    forged = letter("Another text", Message_ID="<1@p>")
    (fourth,), job_id = hand_in(either_database, forged)
    assert fourth != first
    assert job_id


def test_what_another_source_named_first_is_shown_and_not_fetched_again(database: Database, site: Site) -> None:
    here = site.put("/a", html(HARBOUR), Content_Type="text/html")
    _, job_id = hand_in(database, letter(f"Harbour closed today\n{here}\n", Message_ID="<1@p>"))
    finish(database, job_id)
    _, job_id = hand_in(database, letter(f"Have you seen this\n{here}?fbclid=9\n", Message_ID="<2@p>"))
    (row,) = (finish(database, job_id).result or {})["articles"]
    assert (row["state"], row["is_new"], bool(row["article_id"])) == ("fetched", False, True)
    assert site.asked == ["/robots.txt", "/a"]


def test_a_bad_letter_takes_none_with_it(database: Database) -> None:
    locked = b'From: a@b.example\r\nContent-Type: multipart/encrypted; boundary="b"\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n'
    ids, job_id = hand_in(database, numbered(1), locked, numbered(2))
    testing.run_all(database, queues=("email",))
    with database.read() as session:
        letters = {each.id: each for each in queries.by_ids(session, ids)}
    assert [letters[each].state for each in ids] == ["read", "unreadable", "read"]
    assert letters[ids[1]].error == "the letter is encrypted; only its receiver can open it"
    with database.transaction() as session:
        session.execute(sa.update(Entry).values(state="fetched"))
    wake(database)
    result = finish(database, job_id).result or {}
    assert [each["letter_id"] for each in result["unreadable"]] == [ids[1]]


def test_a_letter_that_ends_its_reader_again_and_again_is_left_closed(database: Database) -> None:
    (letter_id,), _ = hand_in(database, numbered(1))
    for _ in range(service.MOST_TRIES):
        with database.transaction() as session:
            assert service.begin(session, letter_id)
    with database.transaction() as session:
        assert not service.begin(session, letter_id)
    with database.read() as session:
        found = service.get(session, letter_id)
        assert (found.state, found.error) == (
            "unreadable",
            "opening it has ended the worker 3 times; it is left closed",
        )


def test_a_time_limit_loses_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ids, job_id = hand_in(database, *map(numbered, range(6)))
    read, begun = reading.read, count(1)

    def third_hangs(*given: Any) -> Any:
        if next(begun) == 3:
            time.sleep(60)
        return read(*given)

    monkeypatch.setattr(reading, "read", third_hangs)
    task = declaration.find("sources.read_letters")
    monkeypatch.setitem(declaration._tasks, task.name, replace(task, soft_limit=5.0, hard_limit=60.0))
    testing.run_all(database, queues=("email",))
    with database.read() as session:
        job = session.get_one(Job, job_id)
        done = [each.id for each in queries.by_ids(session, ids) if each.state == "read"]
    assert job.state == "retryable"
    assert done == ids[:2]
    assert job.progress_total == 6
    wake(database)
    testing.run_all(database, queues=("email",))
    with database.read() as session:
        assert {each.state for each in queries.by_ids(session, ids)} == {"read"}
        assert session.scalar(sa.select(sa.func.count()).select_from(LetterItem)) == 6


def test_a_long_batch_goes_on_before_its_limit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ids, job_id = hand_in(database, *map(numbered, range(4)))
    monkeypatch.setattr(tasks, "AT_ONCE", 0.0)
    testing.run_all(database, queues=("email",))
    wake(database)
    for _ in range(5):
        wake(database)
        testing.run_all(database, queues=("email",))
    with database.read() as session:
        assert {each.state for each in queries.by_ids(session, ids)} == {"read"}
        assert session.get_one(Job, job_id).attempts <= 1


@pytest.mark.faults
def test_a_worker_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(either_database: Database) -> None:
    ids, job_id = hand_in(either_database, *map(numbered, range(8)))
    command = [sys.executable, "-m", "tests.sources.letters.reader"]
    for _ in range(2):
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        assert worker.stdout
        for _ in range(3):
            assert worker.stdout.readline() == "reading\n"
        worker.kill()
        worker.wait()
        wake(either_database)
    with either_database.read() as session:
        states = [each.state for each in queries.by_ids(session, ids)]
        assert 0 < states.count("read") < 8
    testing.run_all(either_database, queues=("email",))
    with either_database.read() as session:
        assert {each.state for each in queries.by_ids(session, ids)} == {"read"}
        assert sorted(each.title for each in session.scalars(sa.select(LetterItem))) == [f"News {n}" for n in range(8)]
        assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 8
        fetches = sa.select(sa.func.count()).select_from(Job).where(Job.task == "articles.fetch")
        assert session.scalar(fetches) == 8
        assert session.get_one(Job, job_id).state in ("scheduled", "completed")


def test_an_old_call_is_one_letter_with_all_it_names(database: Database, site: Site) -> None:
    here = site.put("/a", html(HARBOUR), Content_Type="text/html")
    mail = json.dumps({"subject": "x", "sender": "a@b.example", "body": f"Look at {here} please"})
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "sources.take_letter", {"mail": mail})
    result = finish(database, job_id).result or {}
    assert [each["url"] for each in result["articles"]] == [here]
    assert result["processed_urls"] == [here]


def test_reading_again_names_nothing_twice(database: Database) -> None:
    (letter_id,), _ = hand_in(database, numbered(1))
    testing.run_all(database, queues=("email",))
    with database.transaction() as session:
        service.read_again(session, letter_id)
    testing.run_all(database, queues=("email",))
    with database.read() as session:
        assert [each.is_new for each in queries.fates(session, [letter_id])] == [False]
        assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 1


def test_a_removed_letter_leaves_its_entries(database: Database) -> None:
    (letter_id,), _ = hand_in(database, numbered(1))
    testing.run_all(database, queues=("email",))
    with database.transaction() as session:
        service.remove(session, letter_id)
    with database.read() as session:
        counted = [
            session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Letter, LetterItem, Entry)
        ]
    assert counted == [0, 0, 1]
