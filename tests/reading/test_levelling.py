"""Levels of articles: a rubric says them, a person says them for good, and both can be taken back."""

from __future__ import annotations

from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.reading import levelling, queries
from stonehand.reading.states import Difficulty, Phase
from stonehand.rubrics import queries as rubrics
from stonehand.rubrics import service
from stonehand.rubrics.scoring import GaugeScore, PartScore, Scored
from tests.reading.conftest import Enrol, Shelve


def scored(label: str, band: str) -> Scored:
    gauge = GaugeScore("Difficulty", 70, band, "because")
    return Scored(label, 80.0, 0.8, (PartScore(label, 80.0, 1.0, "because"),), (gauge,))


def record(database: Database, slug: str, said: dict[str, Scored]) -> None:
    with database.transaction() as session:
        service.install_presets(session)
        service.record(session, rubrics.rubric(session, slug), said)
    run_all(database)


def level(database: Database, article_id: str) -> tuple[str, str, str] | None:
    with database.read() as session:
        found = queries.article_levels(session, [article_id]).get(article_id)
        return (found.phase, found.difficulty, found.origin) if found else None


def test_the_rubric_says_a_level_and_says_another_one_later(either_database: Database, shelve: Shelve) -> None:
    one, two = shelve(), shelve()
    record(either_database, "be-do-have", {one: scored("DO", "Advanced"), two: scored("BE", "Beginner")})
    assert level(either_database, one) == ("DO", "Advanced", "rubric")
    assert level(either_database, two) == ("BE", "Beginner", "rubric")
    record(either_database, "be-do-have", {one: scored("HAVE", "Intermediate")})
    assert level(either_database, one) == ("HAVE", "Intermediate", "rubric")


def test_only_be_do_have_with_its_own_words_says_a_level(either_database: Database, shelve: Shelve) -> None:
    one = shelve()
    record(either_database, "content-quality", {one: scored("DO", "Advanced")})
    record(either_database, "be-do-have", {one: scored("Somewhere", "Advanced")})
    record(either_database, "be-do-have", {one: scored("DO", "Steep")})
    assert level(either_database, one) is None


def test_what_a_person_says_stays_until_they_take_it_back(
    either_database: Database, shelve: Shelve, enrol: Enrol
) -> None:
    one, editor = shelve(), enrol("Ed", "editor")
    with either_database.transaction() as session:
        levelling.set_level(session, editor, one, Phase.BE, Difficulty.BEGINNER)
    record(either_database, "be-do-have", {one: scored("DO", "Advanced")})
    assert level(either_database, one) == ("BE", "Beginner", "person")
    with either_database.transaction() as session:
        again = levelling.clear_level(session, editor, one)
        assert again is not None
        assert again.said_by == "rubric:be-do-have"
    assert level(either_database, one) == ("DO", "Advanced", "rubric")


def test_a_persons_judgement_by_the_rubric_decides_the_phase(
    either_database: Database, shelve: Shelve, enrol: Enrol
) -> None:
    one, editor = shelve(), enrol("Ed", "editor")
    record(either_database, "be-do-have", {one: scored("DO", "Advanced")})
    with either_database.transaction() as session:
        service.judge(session, editor, "be-do-have", one, "HAVE")
    run_all(either_database)
    assert level(either_database, one) == ("HAVE", "Advanced", "rubric")
    with either_database.transaction() as session:
        service.unjudge(session, editor, "be-do-have", one)
    run_all(either_database)
    assert level(either_database, one) == ("DO", "Advanced", "rubric")


def test_without_a_score_a_level_of_the_rubric_goes(either_database: Database, shelve: Shelve, enrol: Enrol) -> None:
    one, editor = shelve(), enrol("Ed", "editor")
    record(either_database, "be-do-have", {one: scored("DO", "Advanced")})
    with either_database.transaction() as session:
        service.forget(session, [one])
        assert levelling.clear_level(session, editor, one) is None
    assert level(either_database, one) is None
