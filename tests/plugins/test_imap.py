"""A mailbox as a source, at a real Dovecot."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config, pipeline
from stonehand.db import Database
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import mailbox
from stonehand.http_client.errors import AddressForbidden, HostUnavailable
from stonehand.http_client.mailbox import Account, MailboxRefused
from stonehand.jobs import announcements, testing
from stonehand.plugins import imap
from stonehand.plugins.imap import Mailbox
from stonehand.sources import intake, kinds, looking, service
from stonehand.sources.interfaces import Asked, Collected
from stonehand.sources.letters.models import Letter, LetterItem
from stonehand.sources.models import Entry, Source
from tests.dovecot import PASSWORD, Dovecot
from tests.servers import free_port
from tests.sources.letters.conftest import wake
from tests.sources.letters.writing import NEWS, letter
from tests.web.api.conftest import app, password_hash, people  # noqa: F401  fixtures
from tests.web.pages.conftest import visit  # noqa: F401  a fixture

Trust = Callable[[Dovecot], None]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    if not Dovecot.program():
        pytest.skip(Dovecot.WANTED)
    server = Dovecot()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Trust:
    def add(server: Dovecot) -> None:
        context = server.trusted
        monkeypatch.setattr(mailbox, "_context", lambda account: account.trusted or context)

    return add


@pytest.fixture
def server(dovecot: Dovecot, trust: Trust) -> Dovecot:
    """With empty mailboxes."""
    dovecot.forget()
    trust(dovecot)
    return dovecot


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    config.settings.cache_clear()
    before = dict(announcements._followers)
    pipeline.install()
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


def numbered(*numbers: int) -> list[bytes]:
    return [
        letter(f"News {n}\n{NEWS}/{n}\n", subject=f"Letter {n}", Message_ID=f"<{n}@post.example>").as_bytes()
        for n in numbers
    ]


def collect(server: Dovecot, before: Collected | None = None, **options: Any) -> Collected:
    given = {"user": "ada"} | options
    whole = imap.Options.model_validate(given).model_dump()
    port = server.tls_port if whole["security"] == "tls" else server.port
    asked = Asked(f"127.0.0.1:{port}", options=whole, secret=PASSWORD)
    if before:
        asked = replace(asked, etag=before.etag, modified=before.modified)
    return Mailbox().collect(asked, lambda request: pytest.fail("it asks by HTTP"))


def subjects(found: Collected) -> list[str]:
    return [each.subject for each in found.letters]


def test_letters_are_taken_once_and_nothing_is_changed(server: Dovecot) -> None:
    server.put(*numbered(1, 2))
    first = collect(server)
    assert subjects(first) == ["Letter 1", "Letter 2"]
    second = collect(server, first)
    assert subjects(second) == []
    server.put(*numbered(3))
    assert subjects(collect(server, second)) == ["Letter 3"]
    assert server.seen() == [False] * 3


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_both_ways_of_encryption(server: Dovecot, security: str) -> None:
    server.put(*numbered(1))
    assert subjects(collect(server, security=security)) == ["Letter 1"]


def test_a_large_folder_comes_in_batches(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "MOST_LETTERS", 4)
    server.put(*numbered(*range(10)))
    first = collect(server)
    second = collect(server, first)
    third = collect(server, second)
    assert [len(each.letters) for each in (first, second, third)] == [4, 4, 2]
    assert [each.left for each in (first, second, third)] == [6, 2, 0]
    assert first.reading.warnings == ("6 letters are still to be taken in",)
    monkeypatch.setattr(imap, "BYTES", 1000)
    assert len(collect(server).letters) < 4


def test_a_folder_that_is_numbered_anew_is_looked_at_again(server: Dovecot) -> None:
    server.put(*numbered(1, 2))
    first = collect(server)
    with server.connect() as session:
        session.create("other")
        session.select("INBOX")
        session.uid("COPY", "1:*", "other")
    again = collect(server, first, folder="other")
    assert subjects(again) == ["Letter 1", "Letter 2"]
    assert [each.identity for each in again.letters] == [each.identity for each in first.letters]


def test_what_is_older_is_left_until_it_is_wished(server: Dovecot) -> None:
    with server.connect() as session:
        session.append("INBOX", "", '"01-Jan-2020 10:00:00 +0000"', numbered(1)[0])
    server.put(*numbered(2))
    first = collect(server)
    assert subjects(first) == ["Letter 2"]
    assert subjects(collect(server, first)) == []
    assert subjects(collect(server, since_days=0)) == ["Letter 1", "Letter 2"]


def test_an_empty_folder_does_not_bring_its_past_later(server: Dovecot) -> None:
    with server.connect() as session:
        session.append("INBOX", "", '"01-Jan-2020 10:00:00 +0000"', numbered(1)[0])
    first = collect(server)
    assert (subjects(first), subjects(collect(server, first))) == ([], [])


def test_letters_are_marked_only_if_wished_and_only_once_they_are_kept(server: Dovecot) -> None:
    server.put(*numbered(1, 2))
    first = collect(server, mark_seen=True)
    assert server.seen() == [False, False]
    server.put(*numbered(3))
    collect(server, first, mark_seen=True)
    assert server.seen() == [True, True, False]


def test_a_letter_that_is_too_large_is_named(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "LARGEST_LETTER", 5_000)
    server.put(letter("x" * 20_000, subject="Large").as_bytes(), *numbered(2))
    large, small = collect(server).letters
    assert large.subject == "Large"
    assert large.error is not None
    assert re.search(r"the letter has 2\d,\d+ bytes, more than 5,000; it stays in the mailbox \(UID 1\)", large.error)
    assert small.error is None


def test_a_folder_may_have_any_name(server: Dovecot) -> None:
    with server.connect() as session:
        session.create('"B&APw-cher &- \\"mehr\\""')
        session.append('"B&APw-cher &- \\"mehr\\""', "", "", numbered(1)[0])
    assert subjects(collect(server, folder='Bücher & "mehr"')) == ["Letter 1"]


def test_a_server_that_only_knows_login(trust: Trust) -> None:
    if not Dovecot.program():
        pytest.skip(Dovecot.WANTED)
    server = Dovecot(mechanisms="login")
    try:
        server.start()
        trust(server)
        assert subjects(collect(server)) == []
    finally:
        server.remove()


def test_what_is_wrong_is_said_in_words(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(kind: type[Exception], **changed: Any) -> str:
        account = Account("127.0.0.1", server.tls_port, "ada", PASSWORD, trusted=server.trusted)
        with pytest.raises(kind) as wrong, mailbox.opened(replace(account, **changed)):
            pass
        assert PASSWORD not in str(wrong.value)
        return str(wrong.value)

    server.put(*numbered(1), folder="Bücher".encode("utf-7").decode().replace("+", "&"))
    assert "does not let ada in; check the user and the password" in told(MailboxRefused, password="wrong")
    assert "does not let eve in" in told(MailboxRefused, user="eve")
    missing = told(MailboxRefused, folder="Nowhere")
    assert "no folder 'Nowhere'" in missing
    assert "Bücher" in missing
    assert "INBOX" in missing
    assert "does not speak TLS" in told(MailboxRefused, port=server.port)
    assert "certificate" in told(MailboxRefused, trusted=ssl.create_default_context())
    assert "does not answer" in told(HostUnavailable, port=free_port())
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "")
    config.settings.cache_clear()
    assert "private or reserved network" in told(AddressForbidden)


def test_without_encryption_no_password_is_sent() -> None:
    if not Dovecot.program():
        pytest.skip(Dovecot.WANTED)
    server = Dovecot(tls=False)
    try:
        server.start()
        account = Account("127.0.0.1", server.port, "ada", PASSWORD, "starttls")
        with pytest.raises(MailboxRefused, match="offers no encryption"), mailbox.opened(account):
            pass
    finally:
        server.remove()


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[::1]", "localhost", "0x7f.1", "2130706433"])
def test_no_private_network_is_reached(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "")
    config.settings.cache_clear()
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("it connects"))
    asked = Asked(f"imap://{host}", options=imap.Options(user="ada").model_dump(), secret="x")
    with pytest.raises((AddressForbidden, HostUnavailable)):
        Mailbox().collect(asked, lambda request: pytest.fail("it asks"))


@pytest.mark.parametrize(
    "url", ["https://a.example/", "imap://u:p@a.example", "imap://a.example/x", "imap://[::1", "", "imap://a:99999"]
)
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(Rejected, match="is no mail server"):
        Mailbox().collect(Asked(url, options={"user": "ada"}), lambda request: pytest.fail("it asks"))


def stranger(*words: bytes, then: bytes = b"", pause: float = 0.0) -> int:
    """A server that says these, and then something for ever. Its port."""
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        wire, _ = door.accept()
        stop = threading.Event()
        with wire, door:
            try:
                for each in words:
                    wire.sendall(each)
                while then and not stop.wait(pause):
                    wire.sendall(then)
                while wire.recv(1000):
                    pass
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    return int(door.getsockname()[1])


@pytest.mark.parametrize(
    ("words", "then", "pause"),
    [
        ((), b"*", 0.05),
        ((), b"x" * 65_536, 0.0),
        ((b"* OK hello\r\n",), b"* 1 EXISTS\r\n" * 4_000, 0.0),
        ((b"* OK hello\r\n* 1 FETCH {99999999999}\r\n",), b"x" * 65_536, 0.0),
        ((b"* OK hello\r\n",), b"", 0.0),
        ((b"HTTP/1.1 200 OK\r\n\r\n",), b"", 0.0),
        ((b"* BYE go away\r\n",), b"", 0.0),
        ((b"* OK \xff\xfe\r\n\xff\xff\r\n",), b"", 0.0),
    ],
)
def test_a_server_that_does_harm_is_left(
    words: tuple[bytes, ...], then: bytes, pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "SECONDS", 1.5)
    monkeypatch.setattr(mailbox, "TIMEOUT", 1.0)
    began = datetime.now(UTC)
    account = Account("127.0.0.1", stranger(*words, then=then, pause=pause), "ada", "x", "starttls")
    with pytest.raises((Rejected, Unavailable)), mailbox.opened(account):
        pass
    assert (datetime.now(UTC) - began).total_seconds() < 10


# ── as a source of the newsroom ──


def add(database: Database, server: Dovecot, **options: Any) -> str:
    found = intake.of_kind("imap", f"127.0.0.1:{server.tls_port}", {"user": "ada"} | options, PASSWORD)
    with database.transaction() as session:
        return service.add(session, found).source_id


def test_a_mailbox_is_added_read_and_drained(
    either_database: Database, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MOST_LETTERS", 5)
    server.put(*numbered(*range(12)))
    source_id = add(either_database, server)
    testing.run_all(either_database, queues=("sources", "email"))
    with either_database.read() as session:
        source = session.get_one(Source, source_id)
        assert (source.state, source.last_error, source.last_warning) == ("active", None, None)
        assert source.polls_total == 3
        assert source.etag
        assert PASSWORD not in str(source.secret)
        assert len(session.scalars(sa.select(Letter.id)).all()) == 12
        assert sorted(map(str, session.scalars(sa.select(Entry.url)))) == sorted(f"{NEWS}/{n}" for n in range(12))
        assert set(session.scalars(sa.select(Entry.source_id))) == {source_id}
    server.put(*numbered(99))
    with either_database.transaction() as session:
        service.poll_now(session, source_id)
    testing.run_all(either_database, queues=("sources", "email"))
    with either_database.read() as session:
        assert len(session.scalars(sa.select(LetterItem.id)).all()) == 13


def test_rules_of_a_mailbox_hold_for_what_its_letters_name(database: Database, server: Dovecot) -> None:
    source_id = add(database, server)
    with database.transaction() as session:
        source = session.get_one(Source, source_id)
        source.rules = [{"do": "drop", "where": "title", "words": "News 1"}]
    server.put(*numbered(1, 2))
    testing.run_all(database, queues=("sources", "email"))
    with database.read() as session:
        assert {each.title: each.state for each in session.scalars(sa.select(Entry))} == {
            "News 1": "skipped",
            "News 2": "new",
        }
        assert all(session.scalars(sa.select(LetterItem.entry_id)))


def test_a_wrong_password_shows_in_the_health_of_the_source(database: Database, server: Dovecot) -> None:
    source_id = add(database, server)
    with database.transaction() as session:
        source = session.get_one(Source, source_id)
        source.secret = kinds.sealed(source.id, "imap", source.url, source.options, "an old one")
    testing.run_all(database, queues=("sources",))
    with database.read() as session:
        source = session.get_one(Source, source_id)
    assert source.failure_streak == 1
    assert "check the user and the password" in str(source.last_error)


def test_trying_a_mailbox_keeps_nothing_and_marks_nothing(database: Database, server: Dovecot) -> None:
    source_id = add(database, server, mark_seen=True)
    server.put(*numbered(1))
    with database.read() as session:
        source = service.get(session, source_id)
    assert len(looking.look(source, anew=True).letters) == 1
    assert server.seen() == [False]


@pytest.mark.faults
def test_a_worker_killed_between_taking_and_keeping_loses_and_doubles_nothing(
    either_database: Database, server: Dovecot
) -> None:
    server.put(*numbered(*range(60)))
    source_id = add(either_database, server)
    command = [sys.executable, "-m", "tests.plugins.poller", str(server.folder / "cert.pem")]
    for taken in (10, 55):  # in the first batch, and in the second
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        assert worker.stdout
        for _ in range(taken):
            assert worker.stdout.readline() == "taking\n"
        worker.kill()
        worker.wait()
        wake(either_database)
    with either_database.read() as session:
        assert len(session.scalars(sa.select(Letter.id)).all()) == 50
    testing.run_all(either_database, queues=("sources", "email"))
    with either_database.read() as session:
        assert len(session.scalars(sa.select(Letter.id)).all()) == 60
        assert len(session.scalars(sa.select(Entry.id)).all()) == 60
        assert session.get_one(Source, source_id).failure_streak == 0


def test_a_mailbox_is_added_on_the_page(
    visit: Callable[[str], Any],  # noqa: F811
    database: Database,
    server: Dovecot,
) -> None:
    server.put(*numbered(1))
    editor = visit("editor")
    editor.go("/sources/letters")
    typed = {"host": f"127.0.0.1:{server.tls_port}", "user": "ada", "password": PASSWORD}
    assert "Added INBOX of ada" in editor.send("/sources/letters/mailbox", **typed)
    testing.run_all(database, queues=("sources", "email"))
    assert "Letter 1" in editor.go("/sources/letters")
    assert "INBOX of ada" in editor.page
