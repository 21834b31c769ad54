"""Jobs of rubrics: classification, new articles, calibration, training without labels, replays, reruns."""

from __future__ import annotations

import copy

import pytest
import sqlalchemy as sa

from stonehand import formerly, jobs, pipeline
from stonehand.analysis import findings
from stonehand.analysis import service as analysis
from stonehand.analysis.models import Description, LabelVectors
from stonehand.db import Database
from stonehand.errors import StonehandError, Unavailable
from stonehand.jobs import declaration
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.nlp import embedding
from stonehand.rubrics import asking, judging, queries, rubric_presets, service, tasks, trials
from stonehand.rubrics.errors import (
    ArticlesUnfit,
    LabelUnknown,
    PresetKept,
    RubricNotFound,
    RubricTaken,
    TrialUnfinished,
)
from stonehand.rubrics.models import Rubric, Score, Trial, TrialItem
from stonehand.rubrics.scoring import Scored
from stonehand.rubrics.subjects import Subject
from tests.rubrics.conftest import BE, DO, EDITOR, HAVE, VIEWER, Asked
from tests.stories.conftest import AddArticle

Three = tuple[str, str, str]


def test_a_batch_is_classified_with_one_line_an_article(database: Database, three: Three, asked: Asked) -> None:
    job = asked("rubrics.classify", article_ids=f"{three[0]} nothing {three[2]}")
    assert job.state == "completed", job.error
    result = job.result or {}
    lines = {line["article_id"]: line for line in result["articles"]}
    assert lines[three[0]]["scores"]["be-do-have"]["label"] == "BE"
    assert lines[three[2]]["scores"]["be-do-have"]["label"] == "HAVE"
    assert set(lines[three[0]]["scores"]) == set(tasks.CLASSIFIERS)
    assert lines[three[0]]["scores"]["be-do-have"]["gauges"]["Difficulty"] in {"Beginner", "Intermediate", "Advanced"}
    assert lines["nothing"]["error"] == "there is no article nothing with a text"
    assert result["failed"] == ["nothing"]
    with database.read() as session:
        kept = {score.rubric_id: score for score, _ in queries.scores_of(session, three[0])}
        assert len(kept) == 3
        assert all(score.method == "offline" and score.parts for score in kept.values())


def test_the_old_name_gives_the_old_list(database: Database, three: Three, asked: Asked) -> None:
    old = formerly.find("backend.celery_app.classify_article_batch")
    assert old is not None
    job = asked(old.task, **old.arguments([[three[0], 7]], {}))
    listed = old.answers(job.result or {})
    assert [line["article_id"] for line in listed] == [three[0], "7"]
    assert "no article 7" in listed[1]["error"]


def test_the_limits_of_before_hold() -> None:
    assert declaration.find("rubrics.classify").rate == "5/m"
    assert declaration.find("sources.add_pages").rate == "10/m"
    archive = next(each for each in pipeline.SCHEDULES if each.task == "retention.archive")
    assert (archive.expression, archive.timezone) == ("0 4 * * SUN", "UTC")  # as cleanup-old-articles was
    assert declaration.find("rubrics.classify").queue == formerly.QUEUES["ai_classification"]


def test_a_second_try_goes_on_where_the_first_one_ended(
    database: Database, three: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "TOGETHER", 1)
    real, seen = judging.Judge.score, list[str]()

    def score(judge: judging.Judge, subject: Subject) -> Scored:
        seen.append(subject.id)
        if len(seen) == 2:
            raise Unavailable("the disk is slow")
        return real(judge, subject)

    monkeypatch.setattr(judging.Judge, "score", score)
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "rubrics.classify", {"article_ids": " ".join(three), "rubrics": "readability"})
    run_all(database, queues=("analysis",))
    with database.transaction() as session:
        assert len(session.scalars(sa.select(Score)).all()) == 1  # what was done is kept
        session.execute(sa.update(Job).where(Job.id == job_id).values(state="available"))
    run_all(database, queues=("analysis",))
    with database.read() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, len((job.result or {})["articles"])) == ("completed", 3)
    assert seen == [three[0], three[1], three[1], three[2]]


@pytest.mark.parametrize("ids", ["", " ".join(str(number) for number in range(101))])
def test_no_article_or_too_many_are_refused(database: Database, presets: None, asked: Asked, ids: str) -> None:
    job = asked("rubrics.classify", article_ids=ids)
    assert job.state == "discarded"
    assert "give 1 to 100 articles" in (job.error or "")


def test_an_unknown_rubric_is_refused(database: Database, three: Three, asked: Asked) -> None:
    job = asked("rubrics.classify", article_ids=three[0], rubrics="magic")
    assert job.state == "discarded"
    assert "there is no rubric 'magic'" in (job.error or "")


def test_new_articles_are_scored_by_what_is_automatic(
    database: Database, three: Three, asked: Asked, add_article: AddArticle
) -> None:
    assert (asked("rubrics.score_new").result or {})["scored"] == {}
    with database.transaction() as session:
        service.describe(session, EDITOR, "readability", "Readability", "", automatic=True)
    assert (asked("rubrics.score_new").result or {})["scored"] == {"readability": 3}
    assert (asked("rubrics.score_new").result or {})["scored"] == {"readability": 0}
    with database.transaction() as session:
        said = copy.deepcopy(rubric_presets.definition("readability").model_dump(mode="json"))
        said["criteria"][0]["weight"] = 9
        service.edit(session, EDITOR, "readability", said)
    assert (asked("rubrics.score_new").result or {})["scored"] == {"readability": 3}
    with database.read() as session:
        assert set(session.scalars(sa.select(Score.version))) == {2}
    with database.transaction() as session:  # it was read again
        analysis.record(session, {three[0]: findings.find([("Who am I?", f"{BE} More.")])[0]})
    assert (asked("rubrics.score_new").result or {})["scored"] == {"readability": 1}


# ── versions ──


def test_rubrics_are_made_edited_cloned_taken_back_and_removed(database: Database, presets: None) -> None:
    said = rubric_presets.definition("be-do-have").model_dump(mode="json")
    with database.transaction() as session:
        made = service.clone(session, EDITOR, "be-do-have", "Our phases!")
        assert (made.slug, made.version, made.is_preset) == ("our-phases", 1, False)
    with database.transaction() as session:
        said["criteria"][0]["weight"] = 3
        assert service.edit(session, EDITOR, "our-phases", said, "BE counts more").version == 2
        assert service.edit(session, EDITOR, "our-phases", said).version == 2  # nothing has changed
    with database.transaction() as session:
        assert service.go_back(session, EDITOR, "our-phases", 1).version == 3
        rubric = queries.rubric(session, "our-phases")
        listed = queries.versions(session, rubric.id)
        assert [each.number for each in listed] == [3, 2, 1]
        assert listed[0].definition == listed[2].definition != listed[1].definition
        assert (listed[0].note, listed[1].note) == ("as version 1 was", "BE counts more")
    with database.transaction() as session:
        service.remove(session, EDITOR, "our-phases")
    with database.read() as session, pytest.raises(RubricNotFound, match="our-phases"):
        queries.rubric(session, "our-phases")


def test_what_cannot_be(database: Database, presets: None) -> None:
    said = rubric_presets.definition("readability").model_dump(mode="json")
    for deed, error in (
        (lambda session: service.remove(session, EDITOR, "be-do-have"), PresetKept),
        (lambda session: service.create(session, EDITOR, "Be do have", "", said), RubricTaken),
        (lambda session: service.create(session, EDITOR, "!!", "", said), StonehandError),
        (lambda session: service.go_back(session, EDITOR, "be-do-have", 9), RubricNotFound),
        (lambda session: service.create(session, VIEWER, "Mine", "", said), StonehandError),
        (lambda session: asking.score(session, EDITOR, ["be-do-have"], []), ArticlesUnfit),
    ):
        with database.transaction() as session, pytest.raises(error):
            deed(session)


def test_presets_are_installed_once_and_edits_stay(database: Database, presets: None) -> None:
    with database.transaction() as session:
        said = rubric_presets.definition("readability").model_dump(mode="json")
        said["criteria"][0]["weight"] = 9
        service.edit(session, EDITOR, "readability", said)
        assert service.install_presets(session) == 0
        assert service.definition(session, "readability")[1].criteria[0].weight == 9


# ── judgements and calibration ──


def test_people_judge_and_the_rubric_learns(
    database: Database, presets: None, add_article: AddArticle, asked: Asked
) -> None:
    """They call BE what the preset calls HAVE, and the other way round."""
    texts = {"HAVE": BE, "BE": HAVE, "DO": DO}
    ids = {add_article(f"{label} {n}", f"{texts[label]} Number {n}."): label for n in range(8) for label in texts}
    run_all(database, queues=("analysis",))
    with database.transaction() as session:
        for article_id, label in ids.items():
            service.judge(session, EDITOR, "be-do-have", article_id, label)
    first = next(iter(ids))
    job = asked("rubrics.calibrate", rubric="be-do-have")
    assert job.state == "completed", job.error
    report = job.result or {}
    assert report["accuracy"] > 0.9
    assert report["before_accuracy"] < 0.5
    asked("rubrics.classify", article_ids=first, rubrics="be-do-have")
    with database.read() as session:
        score = session.get_one(Score, (first, queries.rubric(session, "be-do-have").id))
        assert (score.label, score.method) == (ids[first], "calibrated")
    with database.transaction() as session:
        service.drop_calibration(session, EDITOR, "be-do-have")
    asked("rubrics.classify", article_ids=first, rubrics="be-do-have")
    with database.read() as session:
        score = session.get_one(Score, (first, queries.rubric(session, "be-do-have").id))
        assert score.label != ids[first]


def test_a_sum_learns_a_line(database: Database, presets: None, add_article: AddArticle, asked: Asked) -> None:
    ids = [
        add_article(f"Text {n}", "Ships sail. " * (n + 1) + "Institutional considerations. " * (12 - n))
        for n in range(13)
    ]
    run_all(database, queues=("analysis",))
    asked("rubrics.classify", article_ids=" ".join(ids), rubrics="readability")
    with database.transaction() as session:
        rubric = queries.rubric(session, "readability")
        for article_id, score in queries.scores(session, rubric.id, ids).items():
            service.judge(session, EDITOR, "readability", article_id, score=min(100.0, score.score / 2 + 40))
    report = asked("rubrics.calibrate", rubric="readability").result or {}
    assert report["distance"] < 3 < report["before_distance"]


def test_too_few_judgements_and_unknown_labels(database: Database, three: Three, asked: Asked) -> None:
    with database.transaction() as session:
        with pytest.raises(LabelUnknown, match="its labels are BE, DO, HAVE"):
            service.judge(session, EDITOR, "be-do-have", three[0], "WANT")
        with pytest.raises(LabelUnknown, match="0 to 100"):
            service.judge(session, EDITOR, "readability", three[0], score=101)
        service.judge(session, EDITOR, "be-do-have", three[0], "BE")
        service.judge(session, EDITOR, "be-do-have", three[0], "DO")  # a second thought
        assert [each.label for each in queries.judgements(session, queries.rubric(session, "be-do-have").id)] == ["DO"]
        service.unjudge(session, EDITOR, "be-do-have", three[0])
        assert queries.judgements_of(session, three[0]) == {}
    job = asked("rubrics.calibrate", rubric="be-do-have")
    assert job.state == "discarded"
    assert "needs 12 judged articles" in (job.error or "")


def test_labels_move_towards_articles_that_nobody_judged(database: Database, three: Three, asked: Asked) -> None:
    result = asked("rubrics.train").result or {}
    assert result == {"rubrics": 1, "articles": 3}
    with database.read() as session:
        rubric = queries.rubric(session, "be-do-have")
        assert session.get(LabelVectors, (f"rubric:{rubric.id}", embedding.name())) is not None
        assert set(judging.known(session, "be-do-have").centres) == {embedding.name()}


# ── trying out ──


def test_a_rubric_is_replayed_before_it_is_saved(database: Database, three: Three, asked: Asked) -> None:
    said = rubric_presets.definition("be-do-have").model_dump(mode="json")
    for each, weight in zip(said["criteria"], (1000, 0.001, 0.001), strict=True):
        each["weight"] = weight
    with database.transaction() as session:
        trial_id = trials.ask_replay(session, EDITOR, "be-do-have", said).id
    with database.transaction() as session, pytest.raises(TrialUnfinished):
        trials.save(session, EDITOR, trial_id)
    run_all(database, queues=("analysis",))
    with database.read() as session:
        trial = queries.trial(session, trial_id)
        assert (trial.state, trial.total) == ("done", 3)
        assert trial.report["labels"] == {"BE": [1, 3], "DO": [1, 0], "HAVE": [1, 0]}
        assert trial.differing >= 2
        items = queries.trial_items(session, trial_id)
        assert items[0][0].differs
        assert all(item.old and item.new and item.new["label"] == "BE" for item, _ in items)
        assert session.scalar(sa.select(sa.func.count()).select_from(Score)) == 0  # nothing was kept
        assert queries.rubric(session, "be-do-have").version == 1
    with database.transaction() as session:
        assert trials.save(session, EDITOR, trial_id).version == 2
        assert queries.trial(session, trial_id).state == "saved"
    with database.transaction() as session, pytest.raises(TrialUnfinished):
        trials.keep(session, EDITOR, trial_id, "new")


def test_a_step_is_run_again_and_one_of_two_is_kept(database: Database, three: Three, asked: Asked) -> None:
    asked("rubrics.classify", article_ids=" ".join(three), rubrics="be-do-have")
    said = rubric_presets.definition("be-do-have").model_dump(mode="json")
    for each, weight in zip(said["criteria"], (1000, 0.001, 0.001), strict=True):
        each["weight"] = weight
    with database.transaction() as session:
        service.edit(session, EDITOR, "be-do-have", said)
        trial_id = trials.ask_rerun(session, EDITOR, three, trials.SCORE, "be-do-have").id
    run_all(database, queues=("analysis",))

    def label(article_id: str) -> tuple[str, int]:
        with database.read() as session:
            found = session.get_one(Score, (article_id, queries.rubric(session, "be-do-have").id))
            return found.label, found.version

    assert label(three[1]) == ("DO", 1)  # until somebody decides
    with database.transaction() as session:
        assert trials.keep(session, EDITOR, trial_id, "new", [three[1]]) == 1
    assert (label(three[1]), label(three[2])) == (("BE", 2), ("HAVE", 1))
    with database.transaction() as session:
        assert trials.keep(session, EDITOR, trial_id, "old") == 3
    assert label(three[1]) == ("DO", 1)


def test_an_article_that_had_no_score_loses_it_again(database: Database, three: Three) -> None:
    with database.transaction() as session:
        trial_id = trials.ask_rerun(session, EDITOR, three[:1], trials.SCORE, "readability").id
    run_all(database, queues=("analysis",))
    for which, count in (("new", 1), ("old", 0)):
        with database.transaction() as session:
            trials.keep(session, EDITOR, trial_id, which)
        with database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Score)) == count


def test_a_description_is_made_again(database: Database, three: Three, asked: Asked) -> None:
    asked("analysis.describe_due")
    with database.transaction() as session:
        session.execute(sa.update(Description).values(category="Nonsense"))
        trial_id = trials.ask_rerun(session, EDITOR, three, trials.DESCRIBE).id
    run_all(database, queues=("analysis",))
    with database.transaction() as session:
        trial = queries.trial(session, trial_id)
        assert (trial.state, trial.differing, trial.report["changed"]) == ("done", 3, {"category": 3})
        trials.keep(session, EDITOR, trial_id, "new", [three[0]])
    with database.transaction() as session:
        assert session.get_one(Description, three[0]).category != "Nonsense"
        assert session.get_one(Description, three[1]).category == "Nonsense"
        trial_id = trials.ask_rerun(session, EDITOR, three[:1], trials.DESCRIBE).id
    run_all(database, queues=("analysis",))
    with database.read() as session:
        assert queries.trial(session, trial_id).differing == 0


def test_what_goes_wrong_stands_on_the_trial(database: Database, three: Three, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        trial_id = trials.ask_rerun(session, EDITOR, three, trials.SCORE, "readability").id

    def broken(*_: object) -> None:
        raise ValueError("the disk is full")

    monkeypatch.setattr(judging, "prepared", broken)
    run_all(database, queues=("analysis",))
    with database.read() as session:
        trial = queries.trial(session, trial_id)
        assert (trial.state, trial.error) == ("failed", "the disk is full")


def test_articles_without_a_text_are_named(database: Database, three: Three) -> None:
    from stonehand.articles.models import StoredText

    with database.transaction() as session:
        trial_id = trials.ask_rerun(session, EDITOR, three, trials.SCORE, "readability").id
        session.execute(sa.delete(StoredText).where(StoredText.article_id == three[0]))
    run_all(database, queues=("analysis",))
    with database.read() as session:
        assert queries.trial(session, trial_id).total == 2
        assert session.get_one(TrialItem, (trial_id, three[0])).error == "it has no text"


def test_unknown_articles_are_refused_at_once(database: Database, presets: None) -> None:
    with database.transaction() as session:
        for ids in ([], ["x"] * 1, [str(number) for number in range(101)]):
            with pytest.raises(StonehandError):
                trials.ask_rerun(session, EDITOR, ids, trials.DESCRIBE)


def test_old_trials_are_tidied_away(database: Database, three: Three, asked: Asked) -> None:
    from datetime import timedelta

    from stonehand import db

    with database.transaction() as session:
        trial_id = trials.ask_rerun(session, EDITOR, three, trials.DESCRIBE).id
        session.execute(sa.update(Trial).values(created_at=db.now(session) - timedelta(days=31)))
    run_all(database, queues=("analysis",))
    asked("rubrics.train")
    with database.read() as session:
        assert session.get(Trial, trial_id) is None
        assert session.scalar(sa.select(sa.func.count()).select_from(TrialItem)) == 0


def test_both_databases_keep_scores_and_trials(either_database: Database) -> None:
    """The statements that differ between them."""
    with either_database.transaction() as session:
        assert service.install_presets(session) == 6
        assert jobs.enqueue(session, "rubrics.train", {})
    run_all(either_database, queues=("analysis",))
    with either_database.read() as session:
        assert session.scalar(sa.select(Job.state)) == "completed"
        assert len(queries.rubrics(session)) == 6
        assert queries.tallies(session, queries.rubric(session, "readability").id) == []
        assert queries.unscored(session, session.scalars(sa.select(Rubric)).first(), 5) == []  # type: ignore[arg-type]
