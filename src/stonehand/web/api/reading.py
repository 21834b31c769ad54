"""Reading: what readers do, what they say of themselves, and what they should see next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.mailings.models import DigestMail
from stonehand.reading import exporting, levelling, levels, popularity_queries, queries, service
from stonehand.reading.counting import Event
from stonehand.reading.levels import QUESTIONS, REQUIRED, Scores
from stonehand.reading.models import Assessment
from stonehand.reading.schemas import (
    AccessOut,
    AssessmentOut,
    EventIn,
    EventsOut,
    LessOut,
    LevelOut,
    ProfileOut,
    ProgressOut,
    ReadingOut,
    RecommendationsOut,
    RecommendedOut,
)
from stonehand.reading.states import Difficulty, Less, Phase
from stonehand.retention import erasing
from stonehand.web.api.contract import ById, JobRef, Limit, Page, Wish, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(tags=["reading"])
MORE = 3  # times as many as are shown are looked at, since some may be locked
NO_NUL = r"^[^\x00]*$"
Start = Annotated[int, Query(ge=0, le=100_000, description="Items to leave out at the beginning.")]
Value = Annotated[str, Field(min_length=1, max_length=300, pattern=NO_NUL)]
JSONL: dict[int | str, dict[str, Any]] = {200: {"content": {"application/jsonl": {}}}}


class EventsIn(Wish):
    """What a reader did, at most 100 things at once."""

    events: list[EventIn] = Field(min_length=1, max_length=service.MOST_EVENTS)


class ProfileChange(Wish):
    """What to change of a profile; what is left out stays."""

    topics: list[Annotated[str, Field(max_length=200, pattern=NO_NUL)]] | None = Field(default=None, max_length=100)
    languages: list[Annotated[str, Field(max_length=20, pattern=NO_NUL)]] | None = Field(default=None, max_length=50)
    digest: str | None = Field(default=None, max_length=20, pattern=NO_NUL)


class LessIn(Wish):
    """Of what there should be less: an outlet, a topic, or the id of an article or a story."""

    kind: Less
    value: Value


class AnswersIn(Wish):
    """An answer, 0 to 4, to every question."""

    answers: dict[str, int] = Field(max_length=100)


class ScoresIn(Wish):
    """Scores that were found out elsewhere."""

    be: int
    do: int
    have: int


class LevelIn(Wish):
    """The phase and difficulty of an article."""

    phase: Phase
    difficulty: Difficulty


class QuestionOut(BaseModel):
    """One statement that a reader agrees with, 0 (not at all) to 4 (entirely)."""

    key: str
    phase: Phase
    words: str


class RankedOut(BaseModel):
    """An article in a list that is everybody's; `kind` says why it is there."""

    article_id: str
    title: str
    url: str
    outlet: str
    score: float
    kind: str


# ── what readers do ──


@router.post("/reading/events", summary="Tell what you did with articles")
def record(wish: EventsIn, person: Reader) -> EventsOut:
    """View, read, like, save, share, dismiss, rate. An event with an id that you sent before counts once."""
    events = [Event(e.id, e.article_id, e.deed, e.value, e.seconds, e.scroll) for e in wish.events]
    with db.database().transaction() as session:
        counted, repeated, unknown = service.record(session, person, events)
    return EventsOut(counted=counted, repeated=repeated, unknown=unknown)


@router.get("/reading/progress", summary="What you have read, in numbers")
def progress(person: Reader) -> ProgressOut:
    """Articles begun and completed, time spent, and completed articles of each phase."""
    with db.database().read() as session:
        return ProgressOut(**queries.progress(session, person.id))


@router.get("/reading/history", summary="How you stand to articles")
def history(person: Reader, start: Start = 0, limit: Limit = 50) -> Page[ReadingOut]:
    """The latest first."""
    with db.database().read() as session:
        rows = queries.readings(session, person.id, limit, start)
    return Page(items=[ReadingOut.model_validate(row) for row in rows], next=None, limit=limit)


# ── what they should see ──


@router.get("/reading/recommendations", summary="What you should read next, and why")
def recommendations(person: Reader, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> RecommendationsOut:
    """From the list that was made for you last: after what you did, and every night at 02:00."""
    with db.database().read() as session:
        found, made_at = queries.recommended(session, person.id, limit)
    items = [
        RecommendedOut(
            **{name: getattr(each, name) for name in RecommendedOut.model_fields if name != "reason"},
            reason=each.because,
        )
        for each in found
    ]
    return RecommendationsOut(items=items, made_at=made_at)


@router.post("/reading/recommendations/refresh", status_code=202, summary="Make your recommendations anew")
def refresh(person: Reader) -> JobRef:
    """As a job. If one waits already, there is none but that."""
    with db.database().transaction() as session:
        wish, key = {"user_id": person.id}, f"reading.update:{person.id}:now"
        job_id = jobs.enqueue(session, "reading.update", wish, unique_key=key, asked_by=person.id)
    return JobRef(job_id=job_id, detail="your recommendations are made anew")


@router.get("/reading/popular", summary="What many read lately")
def popular(person: Reader, limit: Limit = 20) -> Page[RankedOut]:
    """In the last 30 days, without what you have not unlocked."""
    with db.database().read() as session:
        ranked = popularity_queries.popular(session, limit * MORE)
        return whole([_ranked(each) for each in queries.listed(session, person.id, ranked, "popular", limit)])


@router.get("/reading/trending", summary="What is read more than before")
def trending(person: Reader, limit: Limit = 20) -> Page[RankedOut]:
    """By how far the last two days exceed the week before, in standard deviations."""
    with db.database().read() as session:
        ranked = popularity_queries.trending(session, limit * MORE)
        return whole([_ranked(each) for each in queries.listed(session, person.id, ranked, "trending", limit)])


def _ranked(each: queries.Shown) -> RankedOut:
    return RankedOut(**{name: getattr(each, name) for name in RankedOut.model_fields})


@router.get("/articles/{article_id}/related", responses=problems(404), summary="What belongs to an article")
def related(article_id: ById, person: Reader, limit: Limit = 10) -> Page[RankedOut]:
    """Of the same story, close in meaning, or read by the same readers: one of each by turns."""
    with db.database().read() as session:
        found = queries.related(session, article_id, limit * MORE)
        locked = queries.locked(session, person.id, [id_ for id_, _, _ in found])
        kept = [each for each in found if each[0] not in locked][:limit]
        ids = [id_ for id_, _, _ in kept]
        rows, outlets = articles.articles(session, ids), articles.outlets(session, ids)
    return whole(
        [
            RankedOut(
                article_id=id_,
                title=rows[id_].title or rows[id_].url,
                url=rows[id_].url,
                outlet=outlets.get(id_, ""),
                score=score,
                kind=kind,
            )
            for id_, kind, score in kept
            if id_ in rows
        ]
    )


# ── what they say of themselves ──


@router.get("/reading/profile", summary="Your profile")
def profile(person: Reader) -> ProfileOut:
    """Topics, languages, and whether a digest comes by mail."""
    with db.database().read() as session:
        return _profile(session, person)


def _profile(session: db.Session, person: Person) -> ProfileOut:
    found = queries.profile(session, person.id)
    if found is None:
        return ProfileOut()
    return ProfileOut(topics=found.topics, languages=found.languages, digest=found.digest)


@router.patch("/reading/profile", summary="Change your profile")
def change_profile(wish: ProfileChange, person: Reader) -> ProfileOut:
    """`digest` is daily, weekly, or empty for none."""
    with db.database().transaction() as session:
        service.tell(session, person, wish.topics, wish.languages, wish.digest)
        return _profile(session, person)


@router.get("/reading/less", summary="Of what you want less")
def less(person: Reader) -> Page[LessOut]:
    """The latest first."""
    with db.database().read() as session:
        return whole([LessOut.model_validate(each) for each in queries.less(session, person.id)])


@router.post("/reading/less", status_code=201, responses=problems(404), summary="Want less of something")
def want_less(wish: LessIn, person: Reader) -> LessOut:
    """Recommendations are made anew soon after."""
    with db.database().transaction() as session:
        return LessOut.model_validate(service.want_less(session, person, wish.kind, wish.value))


@router.delete("/reading/less", status_code=204, summary="Want it again")
def want_again(
    person: Reader, kind: Less, value: Annotated[str, Query(min_length=1, max_length=300, pattern=NO_NUL)]
) -> None:
    """No matter if there was no such wish."""
    with db.database().transaction() as session:
        service.want_again(session, person, kind, value)


# ── the assessment and what it unlocks ──


@router.get("/reading/assessment/questions", summary="The questions of the assessment")
def questions(_person: Reader) -> Page[QuestionOut]:
    """Four for each phase."""
    return whole([QuestionOut(key=each.key, phase=each.phase, words=each.words) for each in QUESTIONS])


@router.get("/reading/assessment", summary="Your assessment")
def assessment(person: Reader) -> AssessmentOut | None:
    """Null as long as you took none."""
    with db.database().read() as session:
        found = queries.assessment(session, person.id)
    return _assessed(found) if found else None


@router.post("/reading/assessment", summary="Take the assessment")
def assess(wish: AnswersIn, person: Reader) -> AssessmentOut:
    """A score of 60 in a phase unlocks its Intermediate articles, one of 80 its Advanced ones."""
    with db.database().transaction() as session:
        return _assessed(service.assess(session, person, wish.answers))


@router.put("/reading/assessment/scores", summary="Set scores that were found out elsewhere")
def set_scores(wish: ScoresIn, person: Reader) -> AssessmentOut:
    """0 to 100 in each phase."""
    with db.database().transaction() as session:
        return _assessed(service.set_scores(session, person, wish.be, wish.do, wish.have))


def _assessed(found: Assessment) -> AssessmentOut:
    scores = Scores(found.be, found.do, found.have)
    return AssessmentOut(
        be=found.be,
        do=found.do,
        have=found.have,
        levels={phase: levels.level(scores.of(phase)) for phase in Phase},
        readiness=levels.level(scores.mean),
        version=found.version,
        taken_at=found.taken_at,
    )


@router.get("/articles/{article_id}/access", responses=problems(404), summary="Whether you have unlocked an article")
def access(article_id: ById, person: Reader) -> AccessOut:
    """An article without a level is open to everybody."""
    with db.database().read() as session:
        articles.article(session, article_id)
        level = queries.article_levels(session, [article_id]).get(article_id)
        scores = queries.scores(session, person.id)
    if level is None:
        facts: dict[str, Any] = {"phase": None, "difficulty": None, "required_score": 0, "score": None}
        return AccessOut(article_id=article_id, allowed=True, **facts)
    phase, difficulty = Phase(level.phase), Difficulty(level.difficulty)
    return AccessOut(
        article_id=article_id,
        allowed=levels.allows(scores, phase, difficulty),
        phase=phase,
        difficulty=difficulty,
        required_score=REQUIRED[difficulty],
        score=scores.of(phase) if scores else None,
        origin=level.origin,
    )


@router.put("/articles/{article_id}/level", responses=problems(404), summary="Say of which level an article is")
def set_level(article_id: ById, wish: LevelIn, person: Editor) -> LevelOut:
    """For everybody."""
    with db.database().transaction() as session:
        return LevelOut.model_validate(levelling.set_level(session, person, article_id, wish.phase, wish.difficulty))


@router.delete(
    "/articles/{article_id}/level", status_code=204, responses=problems(404), summary="Take back what a person said"
)
def clear_level(article_id: ById, person: Editor) -> None:
    """What the rubric Be-Do-Have says holds again, if it has judged the article."""
    with db.database().transaction() as session:
        levelling.clear_level(session, person, article_id)


# ── what is kept of oneself ──


@router.get(
    "/reading/export", response_class=StreamingResponse, responses=JSONL, summary="Everything that is kept of you"
)
def export(person: Reader) -> StreamingResponse:
    """One JSON object a line: events, standings, profile, wishes, assessment, recommendations."""
    return exported(person)


def exported(person: Person) -> StreamingResponse:
    """The answer that writes what is kept of a reader as it is read."""

    def written() -> Iterator[str]:
        for row in exporting.export(db.database().read, person.id, [DigestMail]):
            yield json.dumps(row, ensure_ascii=False, default=str) + "\n"

    headers = {"Content-Disposition": 'attachment; filename="my-reading.jsonl"'}
    return StreamingResponse(written(), media_type="application/jsonl", headers=headers)


@router.delete("/reading/me", status_code=204, summary="Forget what you did and said as a reader")
def forget(person: Reader) -> None:
    """For good. What was counted of all readers together stays; your account and your bookmarks stay."""
    with db.database().transaction() as session:
        rows = erasing.reader(session, person.id)
        accounts.record(session, person, "forgot", "reader", person.id, {"rows": rows})
