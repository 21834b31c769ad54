"""Reading letters: one after the other, each kept as soon as it is read, so that nothing is done twice or lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from stonehand import db, jobs
from stonehand.jobs import Attempt, task
from stonehand.sources.letters import forms, keeping, queries, reading, service
from stonehand.sources.letters.errors import LetterUnreadable
from stonehand.sources.letters.models import LetterState
from stonehand.sources.letters.queries import Fate

MOST_LETTERS = 500
SHOWN = 500  # things named, in a job's result
AT_ONCE = 200.0  # seconds of reading, well within the task's limit; the job goes on from there at once
PATIENCE = timedelta(minutes=30)  # for pages; what is not here by then shows as it is


@task("sources.read_letters", queue="email", role="editor")
def read_letters(attempt: Attempt, letters: str) -> None:
    """Read letters (ids, separated by blanks) and say what became of each thing that they name.

    Pages are fetched by jobs of their own; this one waits for them and ends with a list of what came and what did not.
    """
    ids = list(dict.fromkeys(letters.split()))
    if not 0 < len(ids) <= MOST_LETTERS:
        raise LetterUnreadable(f"give 1 to {MOST_LETTERS} letters, not {len(ids)}")
    _process(attempt, ids)


@task("sources.take_letter", queue="email", role="editor")
def take_letter(attempt: Attempt, mail: str) -> None:
    """Take in one letter, given as JSON as mail services send it, read it, and say what became of what it names."""
    packed = keeping.pack(forms.of_json(mail))
    with attempt.write() as session:
        kept = service.hand_in(session, [packed], "task")
    _process(attempt, [each.letter_id for each in kept])


def _process(attempt: Attempt, ids: Sequence[str]) -> None:
    began = time.monotonic()
    for number, letter_id in enumerate(ids, 1):
        attempt.check_cancelled()
        if not _read_one(attempt, letter_id):
            continue
        attempt.progress(number, len(ids), f"Read letter {number} of {len(ids)}")
        if time.monotonic() - began > AT_ONCE:
            raise jobs.Snooze(0, f"read {number} of {len(ids)} letters; goes on with the rest")
    _wait_for_pages(attempt, ids)
    with attempt.finish() as session:
        fates = queries.fates(session, ids)
        attempt.note(session, outcome(fates) | _closed(session, ids))


def _read_one(attempt: Attempt, letter_id: str) -> bool:
    """Read a letter, unless that was done before. What is wrong with it is kept and ends nothing."""
    with attempt.write() as session:
        if not service.begin(session, letter_id):
            return False
        found = queries.raw(session, letter_id)
    if found is None:
        return False
    try:
        contents = reading.read(keeping.unpack(found.packed, found.size), found.identity)
    except LetterUnreadable as error:
        with attempt.write() as session:
            service.record_unreadable(session, letter_id, str(error))
        return True
    with attempt.write() as session:
        service.record_contents(session, letter_id, contents)
    return True


def _wait_for_pages(attempt: Attempt, ids: Sequence[str]) -> None:
    with attempt.read() as session:
        fates = queries.fates(session, ids)
        read_at, moment = queries.last_read_at(session, ids), db.now(session)
    settled = sum(each.is_settled for each in fates)
    if settled == len(fates) or read_at is None or moment - read_at > PATIENCE:
        return
    attempt.progress(settled, len(fates), f"{settled} of {len(fates)} things that the letters name are done")
    waited = (moment - read_at).total_seconds()
    raise jobs.Snooze(min(30.0, 1.0 + waited / 10), f"waits for {len(fates) - settled} pages")


def outcome(fates: Sequence[Fate]) -> dict[str, Any]:
    """What came of each thing that letters named, and the addresses told apart as older installations did."""
    rows = [
        {
            "url": each.url,
            "title": each.title,
            "kind": each.kind,
            "state": each.state,
            "is_new": each.is_new,
            "entry_id": each.entry_id,
            "article_id": each.article_id,
            "error": each.error,
        }
        for each in fates
    ]
    failed = [each.url or each.title for each in fates if each.state in ("failed", "gone") or not each.is_settled]
    processed = [each.url or each.title for each in fates if each.state in ("fetched", "skipped")]
    return {
        "articles": rows[:SHOWN],
        "named": len(fates),
        "new": sum(each.is_new for each in fates),
        "processed_urls": processed[:SHOWN],
        "failed_urls": failed[:SHOWN],
    }


def _closed(session: db.Session, ids: Sequence[str]) -> dict[str, Any]:
    """The letters themselves: how many were read, and why some were not."""
    letters = queries.by_ids(session, ids)
    unreadable = [
        {"letter_id": each.id, "subject": each.subject, "error": each.error}
        for each in letters
        if each.state == LetterState.UNREADABLE
    ]
    return {"letters": len(letters), "unreadable": unreadable}
