"""The verbs of reading: what readers do and say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.library import service as library
from stonehand.reading import counting, levels
from stonehand.reading.counting import Event
from stonehand.reading.errors import EventUnfit, ProfileUnfit, WishUnfit
from stonehand.reading.levels import Scores
from stonehand.reading.models import Assessment, ReaderLess, ReaderProfile
from stonehand.reading.states import REVOCABLE, Deed, Less, Period
from stonehand.stories import queries as stories

MOST_EVENTS = 100  # in one request
MOST_TOPICS, LONGEST_TOPIC = 30, 80
MOST_LESS = 500
SETTLE = timedelta(seconds=30)  # after a deed, in which more may follow, until recommendations are made anew
TELLING = frozenset({Deed.READ, Deed.LIKE, Deed.SAVE, Deed.SHARE, Deed.DISMISS, Deed.RATE})


def record(session: Session, person: Person, events: Sequence[Event]) -> tuple[int, int, list[str]]:
    """Keep what a reader did. Returns how many events were new, how many known, and articles that are not here.

    Raises `EventUnfit`.
    """
    if len(events) > MOST_EVENTS:
        raise EventUnfit(f"{len(events)} events at once; send at most {MOST_EVENTS}, and the rest after them")
    for event in events:
        _check(event)
    known = set(session.scalars(sa.select(Article.id).where(Article.id.in_({each.article_id for each in events}))))
    here, moment = [each for each in events if each.article_id in known], db.now(session)
    fresh = counting.keep(session, person.id, here, moment)
    counting.add(session, person.id, fresh, moment)
    for event in fresh:
        if event.deed == Deed.SAVE:
            (library.unbookmark if event.value == 0 else library.bookmark)(session, person, event.article_id)
    if any(event.deed in TELLING for event in fresh):
        refresh(session, person.id)
    return len(fresh), len(here) - len(fresh), sorted({each.article_id for each in events} - known)


def _check(event: Event) -> None:
    if event.deed == Deed.RATE and event.value not in range(1, 6):
        raise EventUnfit(f"a rating of {event.value!r} is none; rate from 1 to 5")
    if event.deed in REVOCABLE and event.value not in (None, 0, 1):
        raise EventUnfit(f"{event.deed.value!r} takes the value 1, or 0 to take it back; it was {event.value}")
    if event.deed not in (*REVOCABLE, Deed.RATE) and event.value is not None:
        raise EventUnfit(f"{event.deed.value!r} takes no value; leave it out")


def refresh(session: Session, user_id: str, at_once: bool = False) -> None:
    """Make a reader's recommendations anew soon, or at once; asked several times, it happens once."""
    when = None if at_once else db.now(session) + SETTLE
    key = f"reading.update:{user_id}{':now' if at_once else ''}"
    jobs.enqueue(session, "reading.update", {"user_id": user_id}, unique_key=key, run_at=when, fair_key=user_id)


def tell(
    session: Session,
    person: Person,
    topics: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    digest: str | None = None,
) -> ReaderProfile:
    """Change what a reader says of themselves; what is None stays. Raises `ProfileUnfit`."""
    found = _profile(session, person.id)
    if topics is not None:
        found.topics = _topics(topics)
    if languages is not None:
        found.languages = _languages(languages)
    if digest is not None:
        found.digest = _digest(person, digest)
    found.updated_at = db.now(session)
    session.flush()
    refresh(session, person.id)
    return found


def _profile(session: Session, user_id: str) -> ReaderProfile:
    row = {"user_id": user_id, "topics": [], "languages": [], "digest": "", "updated_at": db.now(session)}
    session.execute(db.insert(session, ReaderProfile).values(row).on_conflict_do_nothing())
    return session.scalars(
        sa.select(ReaderProfile).where(ReaderProfile.user_id == user_id).with_for_update(key_share=True)
    ).one()


def _topics(given: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(" ".join(each.split()) for each in given if each.strip()))
    if len(found) > MOST_TOPICS:
        raise ProfileUnfit(f"{len(found)} topics; name at most {MOST_TOPICS}, those that matter most")
    for topic in found:
        if len(topic) > LONGEST_TOPIC or not topic.isprintable():
            raise ProfileUnfit(f"the topic “{topic[:40]}…” is too long; a topic has at most {LONGEST_TOPIC} characters")
    return found


def _languages(given: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(each.strip().lower() for each in given if each.strip()))
    for code in found:
        if not (2 <= len(code) <= 3 and code.isascii() and code.isalpha()):
            raise ProfileUnfit(f"{code[:20]!r} is no language; write its code, such as en or de")
    return found


def _digest(person: Person, wanted: str) -> str:
    if wanted and wanted not in set(Period):
        raise ProfileUnfit(f"a digest comes {' or '.join(Period)}, or not at all (an empty value); not {wanted[:20]!r}")
    if wanted and "@" not in person.email:
        raise ProfileUnfit("a digest comes by mail, and your account has no address; ask an administrator to add one")
    return wanted


def unsubscribe(session: Session, user_id: str) -> bool:
    """Send a reader no digests any more; whether they had asked for some."""
    asked = (ReaderProfile.user_id == user_id, ReaderProfile.digest != "")
    values = {"digest": "", "updated_at": db.now(session)}
    ended = session.scalar(sa.update(ReaderProfile).where(*asked).values(values).returning(ReaderProfile.user_id))
    return ended is not None


def want_less(session: Session, person: Person, kind: Less, value: str) -> ReaderLess:
    """Remember that a reader wants less of something. Raises `WishUnfit`, `ArticleNotFound`, `StoryNotFound`."""
    words = _called(session, kind, value.strip())
    mine = sa.select(sa.func.count()).select_from(ReaderLess).where(ReaderLess.user_id == person.id)
    if (session.scalar(mine) or 0) >= MOST_LESS:
        raise WishUnfit(f"you want less of {MOST_LESS} things already; take some back under Preferences first")
    row = {"user_id": person.id, "kind": kind.value, "value": value.strip(), "words": words}
    made = db.insert(session, ReaderLess).values(row | {"created_at": db.now(session)})
    session.execute(made.on_conflict_do_nothing())
    refresh(session, person.id)
    return session.scalars(sa.select(ReaderLess).where(*_wish(person, kind, value.strip()))).one()


def want_again(session: Session, person: Person, kind: Less, value: str) -> bool:
    """Take such a wish back; whether there was one."""
    gone = session.scalar(sa.delete(ReaderLess).where(*_wish(person, kind, value)).returning(ReaderLess.value))
    refresh(session, person.id)
    return gone is not None


def _wish(person: Person, kind: Less, value: str) -> tuple[sa.ColumnElement[bool], ...]:
    return ReaderLess.user_id == person.id, ReaderLess.kind == kind.value, ReaderLess.value == value


def _called(session: Session, kind: Less, value: str) -> str:
    if not value or len(value) > 300 or not value.isprintable():
        raise WishUnfit(f"say of which {kind.value} there should be less, in 1 to 300 characters")
    if kind in (Less.ARTICLE, Less.BECAUSE):
        found = articles.article(session, value)
        return found.title or found.url
    return stories.story(session, value).title if kind == Less.STORY else value


def assess(session: Session, person: Person, answers: Mapping[str, int]) -> Assessment:
    """Keep a reader's answers and their scores, in place of earlier ones. Raises `AnswersUnfit`."""
    return _keep(session, person, levels.scored(answers), dict(answers), levels.VERSION)


def set_scores(session: Session, person: Person, be: int, do: int, have: int) -> Assessment:
    """Keep scores that were found out elsewhere. Raises `AnswersUnfit`."""
    return _keep(session, person, levels.given(be, do, have), {}, 0)


def _keep(session: Session, person: Person, scores: Scores, answers: dict[str, int], version: int) -> Assessment:
    row = {"user_id": person.id, "be": scores.be, "do": scores.do, "have": scores.have, "answers": answers}
    made = db.insert(session, Assessment).values(row | {"version": version, "taken_at": db.now(session)})
    newer = {name: made.excluded[name] for name in ("be", "do", "have", "answers", "version", "taken_at")}
    session.execute(made.on_conflict_do_update(index_elements=["user_id"], set_=newer))
    refresh(session, person.id)
    return session.get_one(Assessment, person.id, populate_existing=True)
