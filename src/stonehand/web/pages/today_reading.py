"""What the first page shows, read from every room with one query a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.agents import queries as agents
from stonehand.articles.models import Article
from stonehand.comments import waiting as comments
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft, Revision
from stonehand.drafts.queries import NO_FOOTING, Footing
from stonehand.jobs import queries as jobs
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.publications import queries as publications
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState
from stonehand.reviews import queries as reviews
from stonehand.reviews.models import Review
from stonehand.sources import health
from stonehand.sources import queries as sources
from stonehand.sources.models import Entry, Source
from stonehand.stories import queries as stories
from stonehand.stories.models import Placement
from stonehand.web.pages import hours
from stonehand.web.pages.cards import cards
from stonehand.web.pages.chrome import DEAD, MOST
from stonehand.web.pages.parts import Badge
from stonehand.web.pages.today import Outgoing, Step, TodayView, Waiting
from stonehand.web.words import plural

KEYS = 9  # what waits is opened with the keys 1 to 9
KEPT = 2  # places kept for dead letters, and as many for sources, however many drafts wait
STORIES = 7
OUT = 6
RUNS = 3  # of agents that write next
DAY = timedelta(hours=24)
PUBLICATIONS = {
    PublicationState.SCHEDULED: Badge("Scheduled", "busy"),
    PublicationState.PUBLISHING: Badge("On its way", "busy"),
    PublicationState.PUBLISHED: Badge("Published", "good"),
    PublicationState.FAILED: Badge("Failed", "bad"),
    PublicationState.NEEDS_RECONCILE: Badge("Needs a look", "bad"),
    PublicationState.RETRACTING: Badge("Being taken back", "busy"),
    PublicationState.RETRACTED: Badge("Taken back"),
}


def today(session: Session, person: Person) -> TodayView:
    """The first page."""
    moment = db.now(session)
    waiting, total = _waiting(session, moment, person.id)
    return TodayView(
        date=moment,
        waiting=waiting,
        waiting_total=total,
        stories=cards(session, stories.top(session, STORIES)),
        outgoing=_outgoing(session, moment),
        steps=_steps(session, moment),
        has_sources=sources.any_source(session),
    )


# ── what waits ──


def _waiting(session: Session, moment: datetime, reader_id: str) -> tuple[tuple[Waiting, ...], int]:
    letters = [_of_job(job) for job in jobs.listing(session, DEAD, limit=KEYS)]
    broken = [_of_source(source, moment) for source in sources.in_trouble(session)]
    queue = reviews.queue(session, limit=KEYS, reader_id=reader_id)
    support = drafts.footings(session, [revision.id for _, _, revision in queue])
    written = [_of_review(review, draft, support.get(revision.id, NO_FOOTING)) for review, draft, revision in queue]
    processes = [_of_process(each) for each in comments.by_process(session, KEPT)]
    total = reviews.waiting(session, reader_id) + jobs.count_up_to(session, DEAD, MOST) + len(broken) + len(processes)
    return shared([*processes, *written], letters, broken), total


def shared(written: Sequence[Waiting], letters: Sequence[Waiting], broken: Sequence[Waiting]) -> tuple[Waiting, ...]:
    """At most nine: drafts, dead letters, sources. No kind crowds out the others."""
    kept = min(len(broken), KEPT)
    first = [*written[: KEYS - kept - min(len(letters), KEPT)]]
    first += letters[: KEYS - kept - len(first)]
    return (*first, *broken[: KEYS - len(first)])


def _of_review(review: Review, draft: Draft, support: Footing) -> Waiting:
    facts = [plural(support.sentences, "sentence"), plural(len(support.article_ids), "article")]
    if support.unsupported:
        facts.append(f"{plural(support.unsupported, 'sentence')} without a source")
    return Waiting("draft", draft.title, ", ".join(facts), f"/review/{review.id}", "Review", review.opened_at)


def _of_process(each: comments.Waiting) -> Waiting:
    where = f"/comments/processes/{each.process_id}?show=decide"
    return Waiting(
        "comments", each.name, f"{plural(each.count, 'comment')} to decide about", where, "Decide", each.since
    )


def _of_job(job: Job) -> Waiting:
    since = job.finished_at or job.created_at
    if job.state == State.NEEDS_RECONCILE and "publication_id" in job.args:
        detail = f"Nobody can tell whether a piece arrived: {job.error}"
        return Waiting("job", "A piece needs a look", detail, "/channels", "Look", since)
    if job.state == State.NEEDS_RECONCILE and "comment_id" in job.args:
        detail = f"Nobody can tell whether a comment arrived: {job.error}"
        return Waiting("job", "A comment needs a look", detail, f"/comments/{job.args['comment_id']}", "Look", since)
    return Waiting("job", job.task, job.error or "It gave no reason.", f"/jobs/{job.id}", "Look", since)


def _of_source(source: Source, moment: datetime) -> Waiting:
    since = source.last_ok_at or source.created_at
    return Waiting("source", source.title or source.url, health.describe(source, moment), "/sources", "Look", since)


# ── what goes out ──


def _outgoing(session: Session, moment: datetime) -> tuple[Outgoing, ...]:
    coming = [_approved(review, draft) for review, draft in reviews.approved_to_come(session, OUT)]
    coming += [_piece(each, each.due_at) for each in publications.going_out(session, OUT)]
    gone = publications.published_since(session, moment - DAY, OUT)
    sent = [_piece(each, each.published_at or each.due_at) for each in gone]
    runs = [
        Outgoing(each.name, "agent", Badge("Writes next"), at, f"/agents/{each.id}")
        for each, at in agents.upcoming(session, RUNS)
    ]
    return (*coming[:OUT], *runs, *sent[: max(OUT - len(coming) - len(runs), 2)])


def _approved(review: Review, draft: Draft) -> Outgoing:
    where, due_at = plural(len(review.channel_ids), "channel"), review.due_at or review.opened_at
    return Outgoing(draft.title, where, Badge("Approved", "busy"), due_at, f"/review/{review.id}")


def _piece(each: Publication, at: datetime) -> Outgoing:
    badge = PUBLICATIONS[PublicationState(each.state)]
    return Outgoing(each.title, each.channel_name, badge, at, f"/review/{each.review_id}")


# ── what was done ──


def _steps(session: Session, moment: datetime) -> tuple[Step, ...]:
    made: dict[str, Any] = {
        "Found": Entry.id,
        "Read": Article.id,
        "Placed": Placement.article_id,  # so, by the hour in which the article was read
        "Written": Revision.id,
    }
    steps = [_step(words, hours.of_ids(session, column, moment)) for words, column in made.items()]
    return (*steps, _step("Published", hours.of_times(session, Publication.published_at, moment)))


def _step(words: str, counts: tuple[int, ...]) -> Step:
    return Step(words, sum(counts), counts)
