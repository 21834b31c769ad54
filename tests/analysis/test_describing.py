"""Descriptions: what is told of an article beyond its vector, each label with its evidence, made at leisure."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.analysis import categories, describing, description, findings, queries, service
from stonehand.analysis.models import Analysis, ArticleTopic, Description, LabelVectors
from stonehand.analysis.schemas import DescriptionOut
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.nlp import embedding, labels, vectors
from tests.stories.conftest import AddArticle, add_article, pipeline, words_as_vectors
from tests.web.pages import newsroom

__all__ = ["add_article", "pipeline", "words_as_vectors"]
SPORT = (
    "The striker scored two goals in the final minutes and the team won the championship. "
    "Coach Ruth Okafor praised her players in Berlin on 3 March 2024. "
    "The league had fined the club $2 million before the season began, and many supporters were angry. "
) * 4
POLITIK = (
    "Der Bundestag hat ein Gesetz beschlossen, das den Wahlkampf regelt. Die Opposition kritisierte die Regierung. "
    "Bundeskanzler Olaf Scholz verteidigte den Entwurf in Berlin. "
) * 4


def ask(database: Database, task: str, **args: str) -> None:
    with database.transaction() as session:
        jobs.enqueue(session, task, args)
    run_all(database, queues=("analysis",))


def result(database: Database, task: str) -> dict[str, object]:
    with database.read() as session:
        found = session.scalar(sa.select(Job).where(Job.task == task).order_by(Job.id.desc()))
        assert found is not None
        assert found.state == "completed", found.error
        return dict(found.result or {})


@pytest.mark.parametrize(
    ("title", "text", "language", "category", "topic"),
    [
        ("Cup final", SPORT, "en", "Sports", "football"),
        ("Gesetz beschlossen", POLITIK, "de", "Politics", "legislation"),
        (
            "New chip",
            "The startup's semiconductor trains chatbots and software for robots faster." * 3,
            "en",
            "Technology",
            "",
        ),
    ],
)
def test_categories_and_topics_by_words_alone(title: str, text: str, language: str, category: str, topic: str) -> None:
    none = np.zeros(0, dtype=np.float32)
    found = description.describe(title, text, language, none, none)
    assert found.category == category
    assert not topic or topic in {each["name"] for each in found.topics}


def test_a_text_about_nothing_we_know_is_other() -> None:
    none = np.zeros(0, dtype=np.float32)
    assert description.describe("", "la la la lo lo lo", "en", none, none).category == categories.OTHER


def test_every_label_stands_in_the_text() -> None:
    none = np.zeros(0, dtype=np.float32)
    found = description.describe("Cup final", SPORT, "en", none, none)
    places = [
        *(span for each in (*found.categories, *found.topics) for span in each["evidence"]),
        *(span for each in found.entities for span in each["spans"]),
        *found.sentiment["evidence"],
        *found.readability["evidence"],
        *(span for part in found.quality["parts"] for span in part["evidence"]),
        *found.summary,
    ]
    assert len(places) > 15
    assert all(SPORT[each["start"] : each["end"]] == each["text"] for each in places)
    assert {each["kind"] for each in found.entities} >= {"person", "place", "date", "money"}
    assert 1 <= len(found.summary) <= 3


def test_articles_are_described_at_leisure_and_again_when_their_text_changes(
    database: Database, add_article: AddArticle
) -> None:
    one, other = add_article("Cup final", SPORT), add_article("Gesetz", POLITIK)
    run_all(database, queues=("analysis",))
    with database.read() as session:
        assert set(describing.due(session, 9)) == {one, other}
        assert queries.description(session, one) is None
    ask(database, "analysis.describe_due")
    assert result(database, "analysis.describe_due") == {"described": 2}
    with database.read() as session:
        found = DescriptionOut.model_validate(queries.description(session, one))
        assert (found.category, found.topics[0].name) == ("Sports", "football")
        assert describing.due(session, 9) == []
        assert session.scalar(sa.select(ArticleTopic.name).where(ArticleTopic.article_id == one)) == "football"
    changed = findings.find([("Cup final", f"{SPORT} More.")])[0]
    with database.transaction() as session:
        service.record(session, {one: changed})
    with database.read() as session:
        assert describing.due(session, 9) == [one]


def test_more_than_one_job_does_goes_on_in_another(
    database: Database, add_article: AddArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stonehand.analysis import tasks

    monkeypatch.setattr(tasks, "TOGETHER", 2)
    monkeypatch.setattr(tasks, "MOST", 2)
    for number in range(5):
        add_article(f"Cup {number}", f"{SPORT} {number}")
    run_all(database, queues=("analysis", "stories"))
    ask(database, "analysis.describe_due")
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Description)) == 5


def test_the_newest_are_described_first_and_outdated_ones_last(
    database: Database, add_article: AddArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [add_article(f"Cup {number}", f"{SPORT} {number}") for number in range(4)]
    run_all(database, queues=("analysis", "stories"))
    monkeypatch.setattr(description, "VERSION", 3)
    with database.transaction() as session:
        for article_id, version in zip(ids, (0, 2, 3, 0), strict=True):
            queries.analysis(session, article_id).described = version
    with database.read() as session:
        assert describing.due(session, 9) == [ids[3], ids[0], ids[1]]
        assert describing.due(session, 2) == [ids[3], ids[0]]
        assert queries.waiting(session) == 3


def test_what_nobody_waits_for_gives_way_but_does_not_stop(
    database: Database, add_article: AddArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stonehand.analysis import tasks

    monkeypatch.setattr(tasks, "TOGETHER", 2)
    monkeypatch.setattr(tasks, "MOST_BUSY", 2)
    for number in range(5):
        add_article(f"Cup {number}", f"{SPORT} {number}")
    run_all(database, queues=("analysis",))
    with database.read() as session:
        assert describing.is_busy(session)  # they wait to be placed
    ask(database, "analysis.describe_due")
    assert result(database, "analysis.describe_due") == {"described": 2}
    run_all(database, queues=("stories",))
    with database.read() as session:
        assert not describing.is_busy(session)
    ask(database, "analysis.describe_due")
    with database.read() as session:
        assert describing.due(session, 9) == []


def test_both_databases_keep_descriptions(either_database: Database) -> None:
    """The statements that differ between them."""
    with either_database.transaction() as session:
        one = newsroom.article(session, SPORT)
        service.record(session, {one: findings.find([("", SPORT)])[0]})
    ask(either_database, "analysis.describe_due")
    ask(either_database, "analysis.describe", article_ids=one)
    ask(either_database, "analysis.train_labels")
    with either_database.read() as session:
        assert DescriptionOut.model_validate(queries.description(session, one)).category == "Sports"
        assert queries.waiting(session) == 0
        assert set(queries.descriptions(session, [one, "x"])) == {one}
        assert session.scalar(sa.select(LabelVectors.trained_on)) == 1


def test_asked_for_and_unknown_articles(database: Database, add_article: AddArticle) -> None:
    one = add_article("Cup final", SPORT)
    run_all(database, queues=("analysis",))
    ask(database, "analysis.describe", article_ids=f"{one} nothing {one}")
    assert result(database, "analysis.describe") == {"described": 1, "missing": ["nothing"]}
    with database.transaction() as session:
        jobs.enqueue(session, "analysis.describe", {"article_ids": " "})
    run_all(database, queues=("analysis",))
    with database.read() as session:
        failed = session.scalar(sa.select(Job).where(Job.state == "discarded"))
        assert failed is not None
        assert "give 1 to 100 articles, not 0" in (failed.error or "")


def test_forgetting_takes_the_description_along(database: Database, add_article: AddArticle) -> None:
    one = add_article("Cup final", SPORT)
    run_all(database, queues=("analysis",))
    ask(database, "analysis.describe_due")
    with database.transaction() as session:
        service.forget(session, [one])
    with database.read() as session:
        for table in (Analysis, Description, ArticleTopic):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_labels_learn_from_articles_that_nobody_labelled(database: Database, add_article: AddArticle) -> None:
    for number in range(3):
        add_article(f"Cup {number}", f"{SPORT} {number}")
    run_all(database, queues=("analysis",))
    ask(database, "analysis.train_labels")
    assert result(database, "analysis.train_labels") == {"articles": 3}
    with database.read() as session:
        kept = describing.label_vectors(session, describing.DRAWERS, describing.drawer_digest())
        assert kept[embedding.name()].shape == (len(categories.drawers().descriptions), 384)
        assert session.scalar(sa.select(LabelVectors.trained_on)) == 3
        assert describing.label_vectors(session, describing.DRAWERS, "other words") == {}


def test_self_training_moves_labels_towards_their_own_and_not_away_from_their_description() -> None:
    random = np.random.default_rng(3)
    truth = vectors.unit(np.eye(2, 8, dtype=np.float32))
    start = vectors.unit(truth + 0.6 * random.normal(size=(2, 8)).astype(np.float32))
    own = np.repeat(np.array([0, 1]), 60)
    texts = vectors.unit(truth[own] + 0.25 * random.normal(size=(120, 8)).astype(np.float32))

    def right(centres: labels.Matrix) -> float:
        return float(((texts @ centres.T).argmax(axis=1) == own).mean())

    moved = labels.self_train(texts, start)
    assert right(moved) >= right(start)
    assert float((moved * truth).sum(axis=1).min()) > float((start * truth).sum(axis=1).min())
    assert (labels.self_train(texts[:3], start) == start).all()


def test_keywords_are_found_as_words_beginnings_and_phrases() -> None:
    words = labels.Words("Elections and the central bank: electoral laws, Central Bank rates, electing.")
    found = labels.Keywords.of(["election", "elector*", "central bank", "zzz"]).find(words)
    assert [span.text for span in found] == ["Elections", "central bank", "electoral", "Central Bank"]


def test_every_category_has_topics_words_in_two_languages_and_a_name_of_its_own() -> None:
    known = categories.drawers()
    assert categories.names() == (
        "Technology", "Politics", "Entertainment", "Sports", "Science", "Business", "Health", "World News",
        "Environment", "Education", "Other",
    )  # fmt: skip
    assert set(known.home.values()) == {label.name for label in known.categories}
    assert len({label.name for label in known.topics}) == len(known.topics)
    assert all(label.keywords["en"] and label.keywords["de"] for label in (*known.categories, *known.topics))
