"""One round of a curation. Every step commits what it has done, so that the next round begins where this one ended."""

from __future__ import annotations

from datetime import timedelta

from stonehand import db, jobs
from stonehand.curation import gathering, queries, results, scoring, service
from stonehand.curation.models import Curation
from stonehand.curation.states import CurationState, ItemState, Kind
from stonehand.curation.weights import of_json
from stonehand.db import Session
from stonehand.jobs import Attempt
from stonehand.nlp import embedding, vectors
from stonehand.rubrics import judging
from stonehand.rubrics.measured import Measured
from stonehand.rubrics.subjects import Subject
from stonehand.sources import surveys

NAMED = 25  # addresses in one transaction
SCORED = 16  # articles in one transaction
ROUND = 200  # seconds; then the job lets others have its place for a moment
Cards = dict[str, tuple[str, float, dict[str, Measured]]]


class Course:
    """The steps of one round."""

    def __init__(self, attempt: Attempt, curation_id: str) -> None:
        self.attempt, self.id = attempt, curation_id
        self.began = db.utc_now()
        self.vector: tuple[str, vectors.Row] | None = None
        self.has_news = False

    def begin(self) -> None:
        """Start the clock, once; and stop here if somebody has stopped it."""
        self.attempt.check_cancelled()
        with self.attempt.write() as session:
            found = queries.curation(session, self.id)
            service.begin(session, found)
            session.flush()
            self.found = found
        topic = self.found.topic
        if topic:
            self.vector = (embedding.name(), embedding.embed([topic])[0])

    def look_at_sources(self) -> None:
        """Look at every source first, if that is wanted, as long as there is time."""
        if not self.found.with_sources or self.found.gathered_at:
            return
        looks = self.found.looks
        if looks is None:
            with self.attempt.write() as session:
                looks = surveys.ask_all(session, surveys.polled(session))
                queries.curation(session, self.id).looks = looks
        with self.attempt.read() as session:
            is_over = surveys.tally(session, looks) is not None and self._nothing_new_waits(session)
            late = self._is_late(session, share=0.7)
        if not is_over and not late:
            self._show("Looking at the sources")
            raise jobs.Snooze(1, f"waits for {len(looks)} looks at sources, and for what they bring")

    def _nothing_new_waits(self, session: Session) -> bool:
        assert self.found.began_at is not None
        return surveys.processed(session, surveys.polled(session), self.found.began_at) is not None

    def _is_late(self, session: Session, share: float = 1.0) -> bool:
        assert self.found.began_at is not None
        return db.now(session) >= self.found.began_at + timedelta(seconds=share * self.found.limit_seconds)

    def gather(self) -> None:
        """Find out which articles are looked at: those a topic leads to, or the pages of the addresses."""
        if self.found.gathered_at:
            return
        if self.found.kind == Kind.TOPIC:
            with self.attempt.read() as session:
                candidates = gathering.find(session, self.found.topic, self.found.within, self.vector)
            with self.attempt.write() as session:
                service.take(session, queries.curation(session, self.id), candidates)
            return
        while self._name_pages():
            self.attempt.check_cancelled()

    def _name_pages(self) -> bool:
        with self.attempt.write() as session:
            if service.name_pages(session, self.id, NAMED):
                return True
            service.gathered(session, queries.curation(session, self.id))
        return False

    def score(self) -> None:
        """Score what was read, a few articles at a time, and note what will never be."""
        while True:
            self.attempt.check_cancelled()
            with self.attempt.read() as session:
                ready = queries.ready(session, self.id, SCORED)
                hopeless = queries.hopeless(session, self.id, SCORED)
                subjects = judging.subjects(session, list(ready.values()))
            if not ready and not hopeless:
                return
            cards, self.has_news = self._cards(ready, subjects), True
            reasons = {each.item_id: each.reason for each in hopeless if each.item_id not in cards}
            with self.attempt.write() as session:
                service.record(session, cards)
                service.fail(session, reasons | dict.fromkeys(set(ready) - set(cards), "its text is gone"))
            self._show()
            if db.utc_now() - self.began > timedelta(seconds=ROUND):
                raise jobs.Snooze(0.1, "lets other work have its turn")

    def _cards(self, ready: dict[str, str], subjects: dict[str, Subject]) -> Cards:
        return {
            item_id: (article_id, *self._card(judging.prepared(subjects[article_id])))
            for item_id, article_id in ready.items()
            if article_id in subjects
        }

    def _card(self, it: Subject) -> tuple[float, dict[str, Measured]]:
        weights, vector = of_json(self.found.weights), self.vector[1] if self.vector else None
        parts = scoring.card(it, self.found.topic, weights, vector)
        return scoring.overall({name: part.value for name, part in parts.items()}, weights), parts

    def settle(self) -> int:
        """Choose among what is there. Returns how many articles are missing; none once the time is up."""
        with self.attempt.write() as session:
            found = queries.curation(session, self.id)
            if found.state != CurationState.READING:
                return 0  # somebody has stopped it meanwhile
            waiting = queries.counts(session, self.id)[ItemState.WAITING]
            if waiting and self._is_late(session):
                given_up = service.give_up(session, found)
                note = f"the time limit of {found.limit_seconds} s struck before {given_up} articles were read"
                service.end(session, found, CurationState.LIMITED, note)
                waiting = 0
            elif self.has_news or not waiting:
                service.choose(session, found)
        self._show()
        return waiting

    def _show(self, words: str = "") -> None:
        """How far it is, on the job and so on every page that shows it."""
        with self.attempt.write() as session:
            found = queries.curation(session, self.id)
            counts = queries.counts(session, self.id)
            self.attempt.note(session, results.summary(session, found))
        done = counts[ItemState.SCORED] + counts[ItemState.FAILED]
        self.attempt.progress(done, found.total, words or _words(found, done))


def _words(found: Curation, done: int) -> str:
    if not found.total:
        return "Looking for articles"
    return f"Processing batch {done // SCORED + 1}: {done} of {found.total} articles are done"
