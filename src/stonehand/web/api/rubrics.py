"""Rubrics: what they say, what they say of articles, calibration, replays and reruns."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from stonehand import db
from stonehand.analysis import queries as analyses
from stonehand.analysis.errors import AnalysisNotFound
from stonehand.analysis.schemas import DescriptionOut
from stonehand.articles import queries as articles
from stonehand.rubrics import asking, features, measures, queries, service, trials
from stonehand.rubrics.models import Rubric
from stonehand.rubrics.schemas import (
    CalibrationOut,
    JudgementOut,
    MeasureOut,
    RubricDetail,
    RubricOut,
    ScoreOut,
    TallyOut,
    TrialItemOut,
    TrialOut,
    VersionOut,
)
from stonehand.web.api.contract import ID, ById, JobRef, Limit, Page, Wish, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(tags=["rubrics"])
Key = ById
ArticleId = Annotated[str, Field(pattern=ID)]
Articles = Annotated[list[ArticleId], Field(min_length=1, max_length=100)]
NO_NUL = r"^[^\x00]*$"
Said = Annotated[str, Query(max_length=100, pattern=NO_NUL, description="Only articles with this label.")]


class RubricIn(Wish):
    """A rubric to make. What a definition may hold: see the guide."""

    name: str = Field(min_length=1, max_length=100, pattern=NO_NUL)
    description: str = Field(default="", max_length=500, pattern=NO_NUL)
    definition: dict[str, Any]


class RubricChange(Wish):
    """What to change beside its definition; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=100, pattern=NO_NUL)
    description: str | None = Field(default=None, max_length=500, pattern=NO_NUL)
    is_automatic: bool | None = None


class DefinitionIn(Wish):
    """A definition, and what changed."""

    definition: dict[str, Any]
    note: str = Field(default="", max_length=500, pattern=NO_NUL)


class NameIn(Wish):
    """A name."""

    name: str = Field(min_length=1, max_length=100, pattern=NO_NUL)


class ScoreIn(Wish):
    """Articles to score; `offline` asks no language model."""

    article_ids: Articles
    way: Literal["best", "offline"] = "best"


class JudgementIn(Wish):
    """A label of a choice, or a score from 0 to 100 of a sum."""

    label: str = Field(default="", max_length=100, pattern=NO_NUL)
    score: float | None = Field(default=None, ge=0, le=100)


class RerunIn(Wish):
    """Articles for which a step is run again: `describe`, or `score` by a rubric."""

    article_ids: Articles
    step: Literal["describe", "score"]
    rubric: Annotated[str, Field(pattern=ID)] | None = None


class KeepIn(Wish):
    """Which of two results to keep, for some articles or for all."""

    which: Literal["old", "new"]
    article_ids: list[ArticleId] = Field(default=[], max_length=100)


class KeptOut(BaseModel):
    """For how many articles it is kept."""

    articles: int


@router.get("/rubrics", summary="Every rubric")
def listing(person: Reader) -> Page[RubricOut]:
    """By name; presets are there from the first scoring on."""
    with db.database().read() as session:
        return whole([RubricOut.model_validate(each) for each in queries.rubrics(session)])


@router.get("/rubrics/measures", summary="What a criterion can be measured by")
def known_measures(person: Reader) -> Page[MeasureOut]:
    """Measures of criteria and gauges, and features of style of labels."""
    found = [MeasureOut(name=name, what="measure", words=_words(each)) for name, each in measures.MEASURES.items()]
    style = [MeasureOut(name=name, what="feature", words=_words(each)) for name, each in features.FEATURES.items()]
    return whole([*found, *style])


def _words(each: Any) -> str:
    return " ".join((each.__doc__ or "a part of that score, 0 to 100").split())


@router.post("/rubrics", status_code=201, responses=problems(409), summary="Make a rubric")
def create(wish: RubricIn, person: Editor) -> RubricDetail:
    """Of one's own."""
    with db.database().transaction() as session:
        return _detail(session, service.create(session, person, wish.name, wish.description, wish.definition))


@router.get("/rubrics/{key}", responses=problems(404), summary="One rubric")
def one(key: Key, person: Reader) -> RubricDetail:
    """By its id or its slug."""
    with db.database().read() as session:
        return _detail(session, queries.rubric(session, key))


def _detail(session: db.Session, found: Rubric) -> RubricDetail:
    learnt = queries.calibration(session, found.id)
    return RubricDetail(
        **RubricOut.model_validate(found).model_dump(),
        definition=queries.version(session, found.id, found.version).definition,
        tallies=[TallyOut.model_validate(each) for each in queries.tallies(session, found.id)],
        judgements=len(queries.judgements(session, found.id)),
        calibration=CalibrationOut.model_validate(learnt) if learnt else None,
    )


@router.patch("/rubrics/{key}", responses=problems(404), summary="Rename a rubric, or make it automatic")
def change(key: Key, wish: RubricChange, person: Editor) -> RubricDetail:
    """An automatic rubric scores every new article, without a language model."""
    with db.database().transaction() as session:
        found = queries.rubric(session, key)
        name = found.name if wish.name is None else wish.name
        words = found.description if wish.description is None else wish.description
        automatic = found.is_automatic if wish.is_automatic is None else wish.is_automatic
        return _detail(session, service.describe(session, person, key, name, words, automatic))


@router.put("/rubrics/{key}/definition", responses=problems(404), summary="Save a new version of a rubric")
def edit(key: Key, wish: DefinitionIn, person: Editor) -> RubricDetail:
    """Earlier versions stay."""
    with db.database().transaction() as session:
        return _detail(session, service.edit(session, person, key, wish.definition, wish.note))


@router.post("/rubrics/{key}/clone", status_code=201, responses=problems(404, 409), summary="Copy a rubric")
def clone(key: Key, wish: NameIn, person: Editor) -> RubricDetail:
    """Under another name, to be edited."""
    with db.database().transaction() as session:
        return _detail(session, service.clone(session, person, key, wish.name))


@router.delete("/rubrics/{key}", status_code=204, responses=problems(404, 409), summary="Remove a rubric")
def remove(key: Key, person: Editor) -> None:
    """With its versions, scores and judgements. Presets stay."""
    with db.database().transaction() as session:
        service.remove(session, person, key)


@router.get("/rubrics/{key}/versions", responses=problems(404), summary="What a rubric said before")
def its_versions(key: Key, person: Reader) -> Page[VersionOut]:
    """The newest first."""
    with db.database().read() as session:
        found = queries.versions(session, queries.rubric(session, key).id)
        return whole([VersionOut.model_validate(each) for each in found])


@router.post("/rubrics/{key}/versions/{number}/restore", responses=problems(404), summary="Go back to a version")
def restore(key: Key, number: ById, person: Editor) -> RubricDetail:
    """As a new version that says the same."""
    with db.database().transaction() as session:
        wanted = int(number) if number.isdecimal() and len(number) < 8 else 0
        return _detail(session, service.go_back(session, person, key, wanted))


@router.get("/rubrics/{key}/scores", responses=problems(404), summary="What a rubric says of articles")
def scores(key: Key, person: Reader, label: Said = "", limit: Limit = 50) -> Page[ScoreOut]:
    """Of the newest articles that it has scored."""
    with db.database().read() as session:
        found = queries.scored(session, queries.rubric(session, key).id, limit, label)
        return whole([ScoreOut.model_validate(score) for score, _ in found])


@router.post("/rubrics/{key}/score", status_code=202, responses=problems(404), summary="Score articles")
def score(key: Key, wish: ScoreIn, person: Editor) -> JobRef:
    """As a job, by a language model if one is configured; else, and where it cannot be asked, by ourselves."""
    with db.database().transaction() as session:
        job_id = asking.score(session, person, [key], wish.article_ids, wish.way)
    return JobRef(job_id=job_id, detail=f"{len(wish.article_ids)} articles are scored")


@router.put("/rubrics/{key}/judgements/{article_id}", responses=problems(404), summary="Say what an article is")
def judge(key: Key, article_id: ById, wish: JudgementIn, person: Editor) -> JudgementOut:
    """A rubric is calibrated on what people say."""
    with db.database().transaction() as session:
        said = service.judge(session, person, key, article_id, wish.label, wish.score)
        return JudgementOut.model_validate(said)


@router.delete(
    "/rubrics/{key}/judgements/{article_id}", status_code=204, responses=problems(404), summary="Take a judgement back"
)
def unjudge(key: Key, article_id: ById, person: Editor) -> None:
    """No matter if there was none."""
    with db.database().transaction() as session:
        service.unjudge(session, person, key, article_id)


@router.get("/rubrics/{key}/judgements", responses=problems(404), summary="What people said by a rubric")
def judgements(key: Key, person: Reader, limit: Limit = 50) -> Page[JudgementOut]:
    """The latest first."""
    with db.database().read() as session:
        found = queries.judgements(session, queries.rubric(session, key).id, limit)
        return whole([JudgementOut.model_validate(each) for each in found])


@router.post("/rubrics/{key}/calibrate", status_code=202, responses=problems(404), summary="Learn from judgements")
def calibrate(key: Key, person: Editor) -> JobRef:
    """As a job; its result says how well it agrees with people on articles that it has not seen."""
    with db.database().transaction() as session:
        job_id = asking.calibrate(session, person, key)
    return JobRef(job_id=job_id, detail="it is calibrated" if job_id else "it is being calibrated already")


@router.delete("/rubrics/{key}/calibration", status_code=204, responses=problems(404), summary="Forget what was learnt")
def uncalibrate(key: Key, person: Editor) -> None:
    """It scores as it says by itself again; the judgements stay."""
    with db.database().transaction() as session:
        service.drop_calibration(session, person, key)


@router.post("/rubrics/{key}/replay", status_code=202, responses=problems(404), summary="Try a definition out")
def replay(key: Key, wish: DefinitionIn, person: Editor) -> TrialOut:
    """On the articles of the last 30 days, beside what the rubric says now; nothing is saved."""
    with db.database().transaction() as session:
        return TrialOut.model_validate(trials.ask_replay(session, person, key, wish.definition))


@router.post("/trials", status_code=202, responses=problems(404), summary="Run a step again for chosen articles")
def rerun(wish: RerunIn, person: Editor) -> TrialOut:
    """What was found before stays until somebody keeps the new."""
    with db.database().transaction() as session:
        return TrialOut.model_validate(trials.ask_rerun(session, person, wish.article_ids, wish.step, wish.rubric))


@router.get("/trials", summary="Replays and reruns")
def all_trials(person: Reader, limit: Limit = 50) -> Page[TrialOut]:
    """The latest first; they are kept for 30 days."""
    with db.database().read() as session:
        return whole([TrialOut.model_validate(each) for each in queries.trials(session, None, limit)])


@router.get("/trials/{trial_id}", responses=problems(404), summary="One replay or rerun")
def trial(trial_id: ById, person: Reader) -> TrialOut:
    """How far it is and what came of it."""
    with db.database().read() as session:
        return TrialOut.model_validate(queries.trial(session, trial_id))


@router.get("/trials/{trial_id}/items", responses=problems(404), summary="Old and new, article by article")
def trial_items(trial_id: ById, person: Reader, limit: Limit = 50) -> Page[TrialItemOut]:
    """Those that differ come first."""
    with db.database().read() as session:
        queries.trial(session, trial_id)
        return whole([TrialItemOut.model_validate(each) for each, _ in queries.trial_items(session, trial_id, limit)])


@router.post("/trials/{trial_id}/keep", responses=problems(404, 409), summary="Keep the old or the new")
def keep(trial_id: ById, wish: KeepIn, person: Editor) -> KeptOut:
    """Of a rerun, for these articles or for all."""
    with db.database().transaction() as session:
        return KeptOut(articles=trials.keep(session, person, trial_id, wish.which, wish.article_ids))


@router.post("/trials/{trial_id}/save", responses=problems(404, 409), summary="Save what a replay has tried out")
def save(trial_id: ById, person: Editor) -> RubricDetail:
    """As a new version of its rubric."""
    with db.database().transaction() as session:
        return _detail(session, trials.save(session, person, trial_id))


@router.get("/articles/{article_id}/description", responses=problems(404), summary="What is told of an article")
def description(article_id: ById, person: Reader) -> DescriptionOut:
    """Category, topics, names, tone, readability, quality and summary, each with its places in the text."""
    with db.database().read() as session:
        articles.article(session, article_id)
        found = analyses.description(session, article_id)
        if found is None:
            raise AnalysisNotFound(f"article {article_id} was not described yet; that comes within minutes")
        return DescriptionOut.model_validate(found)


@router.get("/articles/{article_id}/scores", responses=problems(404), summary="What rubrics say of an article")
def article_scores(article_id: ById, person: Reader) -> Page[ScoreOut]:
    """Each with its parts, reasons and places in the text."""
    with db.database().read() as session:
        articles.article(session, article_id)
        return whole([ScoreOut.model_validate(score) for score, _ in queries.scores_of(session, article_id)])
