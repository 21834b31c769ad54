"""Raw letters go when they are old; what was read of them, and what a draft cites, stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import config
from stonehand.db import Database, new_id, now
from stonehand.sources import service as sources
from stonehand.sources.letters import keeping, service
from stonehand.sources.letters.errors import LetterNotKept
from stonehand.sources.letters.models import Letter, LetterItem, LetterState
from stonehand.sources.models import Entry
from tests.retention.test_retention import article, cite, due, id_at, run

RAW = b"From: a@velm.example\r\nSubject: Tide gates %s\r\nMessage-ID: <%s@velm.example>\r\n\r\nThey hold.\r\n"


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def letter(database: Database, days: int, state: LetterState = LetterState.READ) -> str:
    name = new_id().encode()
    packed = keeping.pack(RAW % (name, name))
    with database.transaction() as session:
        (kept,) = keeping.keep(session, sources.handed_in(session), [packed], "upload")
        moment = now(session) - timedelta(days=days)
        old = {"id": id_at(moment), "received_at": moment, "state": state}
        session.execute(sa.update(Letter).where(Letter.id == kept.letter_id).values(**old))
        return str(old["id"])


def named(database: Database, letter_id: str, article_id: str | None) -> None:
    """Something that a letter names has become an article."""
    with database.transaction() as session:
        found = Entry(id=new_id(), source_id=sources.handed_in(session), key=new_id(), title="", summary="")
        found.seen_at, found.article_id = now(session), article_id
        session.add(found)
        session.flush()
        session.add(LetterItem(letter_id=letter_id, kind="link", entry_id=found.id))


def is_kept(database: Database, letter_id: str) -> bool:
    with database.read() as session:
        try:
            return b"They hold" in keeping.unpack(*_raw(session, letter_id))
        except LetterNotKept:
            return False


def _raw(session: object, letter_id: str) -> tuple[bytes, int]:
    found = service.raw(session, letter_id)  # type: ignore[arg-type]
    return found.packed, found.size


def test_old_letters_lose_their_bytes_and_are_still_known(database: Database) -> None:
    old, fresh, unread = letter(database, 91), letter(database, 89), letter(database, 400, LetterState.NEW)
    named(database, old, article(database, timedelta(days=91)))
    assert due(database)["letters"] == 1
    run(database, "retention.letters")
    assert [is_kept(database, each) for each in (old, fresh, unread)] == [False, True, True]
    assert due(database)["letters"] == 0
    with database.read() as session:
        known = service.get(session, old)
        assert (known.state, known.subject.startswith("Tide gates")) == (LetterState.READ, True)
        assert session.scalar(sa.select(sa.func.count()).select_from(LetterItem)) == 1


def test_what_a_draft_cites_keeps_its_letter(database: Database) -> None:
    cited, other = letter(database, 200), letter(database, 200)
    article_id = article(database, timedelta(days=200))
    cite(database, article_id)
    named(database, cited, article_id)
    named(database, cited, None)
    named(database, other, article(database, timedelta(days=200)))
    run(database, "retention.letters")
    assert (is_kept(database, cited), is_kept(database, other)) == (True, False)


def test_the_same_letter_is_not_read_twice_after_it_went(database: Database) -> None:
    packed = keeping.pack(RAW % (b"one", b"one"))
    with database.transaction() as session:
        (kept,) = keeping.keep(session, sources.handed_in(session), [packed], "upload")
        session.execute(sa.update(Letter).values(packed=b"", state=LetterState.READ))
    with database.transaction() as session:
        assert keeping.keep(session, sources.handed_in(session), [packed], "imap") == [
            keeping.Kept(kept.letter_id, False)
        ]
        with pytest.raises(LetterNotKept, match="STONEHAND_LETTER_DAYS"):
            service.read_again(session, kept.letter_id)


def test_the_setting_counts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_LETTER_DAYS", "7")
    config.settings.cache_clear()
    letter(database, 8)
    assert due(database)["letters"] == 1
