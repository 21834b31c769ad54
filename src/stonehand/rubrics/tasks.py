"""Jobs of rubrics: classify, score what is new, calibrate, train without labels, replay, run again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from stonehand import jobs
from stonehand.analysis import describing
from stonehand.analysis import queries as analyses
from stonehand.jobs import Attempt, task
from stonehand.jobs import queries as jobs_queries
from stonehand.jobs.errors import LeaseLost
from stonehand.nlp import embedding, labels
from stonehand.rubrics import calibration, judging, queries, scoring, service, trials
from stonehand.rubrics.calibration import Example
from stonehand.rubrics.errors import ArticlesUnfit
from stonehand.rubrics.judging import Judge, Known, Way
from stonehand.rubrics.models import Trial
from stonehand.rubrics.rubric_presets import read as read_definition

CLASSIFIERS = ("be-do-have", "cultural-relevance", "content-quality")
MOST = 100  # articles of one job
TOGETHER = 10  # articles between two looks at the database
MOST_NEW = 100
TRAINED_ON = 2000
SOFT, HARD = 3500, 3600  # seconds: a language model takes its time
Compared = dict[str, tuple[dict[str, Any] | None, dict[str, Any]]]
"""Of some articles: what was said before, and what is said now."""


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), TOGETHER):
        yield list(ids[start : start + TOGETHER])


def _wanted(article_ids: str) -> list[str]:
    wanted = list(dict.fromkeys(article_ids.split()))
    if not 0 < len(wanted) <= MOST:
        raise ArticlesUnfit(f"give 1 to {MOST} articles, not {len(wanted)}")
    return wanted


@task("rubrics.classify", queue="analysis", role="editor", rate="5/m", soft_limit=SOFT, hard_limit=HARD)
def classify(attempt: Attempt, article_ids: str, rubrics: str = "", way: str = "best") -> None:
    """Score articles, ids separated by blanks, by Be-Do-Have, cultural relevance and quality, or by other rubrics.

    `way` is `best`, which asks the language model if one is configured, or `offline`. What was scored before a limit
    struck is kept, and not paid for again by the next try.
    """
    wanted, keys = _wanted(article_ids), rubrics.split() or list(CLASSIFIERS)
    judges = _judges(attempt, keys, "offline" if way == "offline" else "best")
    with attempt.read() as session:
        before = (jobs_queries.job(session, attempt.job.id).result or {}).get("articles", [])
    said: dict[str, dict[str, Any]] = {line["article_id"]: line for line in before}
    for ids in _batches([each for each in wanted if each not in said]):
        attempt.check_cancelled()
        with attempt.read() as session:
            subjects = judging.subjects(session, ids)
            categories = analyses.descriptions(session, ids)
        found = {judge.by.rubric.slug: {each: judge.score(it) for each, it in subjects.items()} for judge in judges}
        for article_id in ids:
            scores = {slug: _short(scored[article_id]) for slug, scored in found.items() if article_id in scored}
            said[article_id] = _line(article_id, scores, categories.get(article_id))
        with attempt.write() as session:
            for judge in judges:
                service.record(session, judge.by.rubric, found[judge.by.rubric.slug])
            attempt.note(session, {"articles": list(said.values())})
        attempt.progress(len(said), len(wanted), f"{len(said)} of {len(wanted)} classified")
    with attempt.finish() as session:
        lines = [said[each] for each in wanted]
        failed = [line["article_id"] for line in lines if line["error"]]
        attempt.note(session, {"articles": lines, "failed": failed})


def _judges(attempt: Attempt, keys: Sequence[str], way: Way) -> list[Judge]:
    with attempt.write() as session:
        service.install_presets(session)
    with attempt.read() as session:
        known = [judging.known(session, key) for key in keys]
    embed = judging.embedder()
    return [Judge(each, way, embed) for each in known]


def _short(scored: scoring.Scored) -> dict[str, Any]:
    gauges = {each.name: each.band or each.value for each in scored.gauges}
    plain = {"label": scored.label, "score": scored.score, "confidence": scored.confidence, "method": scored.method}
    return plain | ({"note": scored.note} if scored.note else {}) | ({"gauges": gauges} if gauges else {})


def _line(article_id: str, scores: dict[str, Any], described: Any) -> dict[str, Any]:
    missing = None if scores else f"there is no article {article_id} with a text"
    told = {"category": described.category, "topics": [each["name"] for each in described.topics]} if described else {}
    return {"article_id": article_id, "error": missing, "scores": scores} | told


@task("rubrics.score_new", queue="analysis", role="editor", priority=1, concurrency=1)
def score_new(attempt: Attempt) -> None:
    """Score new articles by the rubrics that are automatic; offline, so that no budget goes to what nobody asked."""
    with attempt.write() as session:
        service.install_presets(session)
    with attempt.read() as session:
        rubrics = [each for each in queries.rubrics(session) if each.is_automatic]
        todo = [(judging.known(session, each.id), queries.unscored(session, each, MOST_NEW)) for each in rubrics]
    embed, counts = judging.embedder(), dict[str, int]()
    for known, ids in todo:
        counts[known.rubric.slug] = _score_these(attempt, known, ids, embed)
    with attempt.finish() as session:
        attempt.note(session, {"scored": counts})
        if any(len(ids) == MOST_NEW for _, ids in todo):
            jobs.enqueue(session, "rubrics.score_new", {}, priority=1)


def _score_these(attempt: Attempt, known: Known, ids: Sequence[str], embed: Any) -> int:
    judge, count = Judge(known, "offline", embed), 0
    for some in _batches(ids):
        attempt.check_cancelled()
        with attempt.read() as session:
            subjects = judging.subjects(session, some)
        found = {each: judge.score(it) for each, it in subjects.items()}
        with attempt.write() as session:
            service.record(session, known.rubric, found)
        count += len(found)
    return count


@task("rubrics.calibrate", queue="analysis", role="editor", retries=0, soft_limit=SOFT, hard_limit=HARD)
def calibrate(attempt: Attempt, rubric: str) -> None:
    """Learn from what people said of articles, and say how well that agrees with them on articles not seen."""
    with attempt.read() as session:
        known = judging.known(session, rubric)
        judged = {each.article_id: each for each in queries.judgements(session, known.rubric.id)}
        subjects = judging.subjects(session, list(judged))
    plain = Known(known.rubric, known.definition, None, known.centres)
    embed, examples = judging.embedder(), list[Example]()
    for article_id, subject in subjects.items():
        attempt.check_cancelled()
        ready, said = judging.prepared(subject), judged[article_id]
        found = judging.score_offline(ready, plain, embed)
        own = judging.shares_of(found) if known.definition.kind == "choice" else found.score
        examples.append(Example(article_id, ready.text, ready.language, ready.vector, said.label, said.score, own))
    choice = known.definition.kind == "choice"
    taught = calibration.teach_choice(examples, known.definition.names) if choice else calibration.teach_sum(examples)
    with attempt.finish() as session:
        service.keep_calibration(session, known.rubric, embedding.name(), taught)
        attempt.note(session, taught.report)


@task("rubrics.train", queue="analysis", role="editor", priority=1)
def train(attempt: Attempt) -> None:
    """Move the labels of every choice towards articles that surely belong to them; nobody need have judged any."""
    with attempt.write() as session:
        service.install_presets(session)
        trials.tidy(session)
    with attempt.read() as session:
        known = [judging.known(session, each.id) for each in queries.rubrics(session)]
        rows = describing.recent_vectors(session, embedding.name(), TRAINED_ON)
    embed = judging.embedder()
    moved = {
        each.rubric.id: (each, labels.self_train(rows, scoring.centres(each.definition.criteria, embed)))
        for each in known
        if each.definition.kind == "choice"
    }
    with attempt.finish() as session:
        for rubric_id, (each, centres) in moved.items():
            name, digest = f"rubric:{rubric_id}", judging.centre_digest(each.definition)
            describing.keep_labels(session, name, embedding.name(), digest, centres, len(rows))
        attempt.note(session, {"rubrics": len(moved), "articles": len(rows)})


@task("rubrics.replay", queue="analysis", retries=0, soft_limit=SOFT, hard_limit=HARD)
def replay(attempt: Attempt, trial_id: str) -> None:
    """Score the articles of the last 30 days by a definition that is not saved, and by the one that is."""
    with _told(attempt, trial_id):
        with attempt.read() as session:
            trial = queries.trial(session, trial_id)
            old = judging.known(session, trial.rubric_id or "")
            new = judging.known(session, trial.rubric_id or "", read_definition(trial.definition))
            ids = queries.recent_articles(session)
        embed = judging.embedder()
        before, after = Judge(old, "offline", embed), Judge(new, "offline", embed)

        def both(some: Sequence[str]) -> Compared:
            with attempt.read() as session:
                subjects = judging.subjects(session, some)
            return {each: (before.score(it).as_dict(), after.score(it).as_dict()) for each, it in subjects.items()}

        _try_out(attempt, trial_id, ids, both)
        with attempt.finish() as session:
            trials.end(session, trial_id)


@task("rubrics.rerun", queue="analysis", retries=0, soft_limit=SOFT, hard_limit=HARD)
def rerun(attempt: Attempt, trial_id: str) -> None:
    """Run a step again for chosen articles, beside what is kept of them."""
    with _told(attempt, trial_id):
        with attempt.read() as session:
            trial = queries.trial(session, trial_id)
            ids = [item.article_id for item, _ in queries.trial_items(session, trial_id, trials.MOST_RERUN)]
            stored = trials.stored(session, trial, ids)
        again = _describer(attempt) if trial.step == trials.DESCRIBE else _scorer(attempt, trial)
        _try_out(
            attempt, trial_id, ids, lambda some: {each: (stored.get(each), new) for each, new in again(some).items()}
        )
        with attempt.finish() as session:
            trials.end(session, trial_id)


def _try_out(attempt: Attempt, trial_id: str, ids: Sequence[str], deed: Callable[[Sequence[str]], Compared]) -> None:
    """Compare some articles after the other, and keep what was found of each."""
    with attempt.write() as session:
        trials.begin(session, trial_id, len(ids))
    done = 0
    for some in _batches(ids):
        attempt.check_cancelled()
        found = deed(some)
        done += len(some)
        with attempt.write() as session:
            trials.note(session, trial_id, found)
            trials.unfit(session, trial_id, [each for each in some if each not in found], "it has no text")
        attempt.progress(done, len(ids), f"{done} of {len(ids)}")


@contextmanager
def _told(attempt: Attempt, trial_id: str) -> Iterator[None]:
    """Whatever goes wrong inside stands on the trial's page, too."""
    try:
        yield
    except LeaseLost:
        raise
    except BaseException as error:  # a time limit, too
        with attempt.write() as session:
            trials.fail(session, trial_id, str(error) or type(error).__name__)
        raise


def _scorer(attempt: Attempt, trial: Trial) -> Callable[[Sequence[str]], dict[str, dict[str, Any]]]:
    with attempt.read() as session:
        known = judging.known(session, trial.rubric_id or "")
    judge = Judge(known, "best")

    def again(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        with attempt.read() as session:
            subjects = judging.subjects(session, ids)
        return {each: judge.score(it).as_dict() | {"version": known.rubric.version} for each, it in subjects.items()}

    return again


def _describer(attempt: Attempt) -> Callable[[Sequence[str]], dict[str, dict[str, Any]]]:
    with attempt.read() as session:
        drawers = describing.label_vectors(session, describing.DRAWERS, describing.drawer_digest())

    def again(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        with attempt.read() as session:
            readings = describing.read(session, ids)
        found = {each: asdict(told) for each, told in describing.describe(readings, drawers).items()}
        kept: dict[str, dict[str, Any]] = json.loads(json.dumps(found))  # as the database keeps it: () is []
        return kept

    return again
