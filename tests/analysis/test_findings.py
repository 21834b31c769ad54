"""What is found out about a text on its own, and kept."""

from __future__ import annotations

import pytest

from stonehand.analysis import findings, queries
from stonehand.analysis.errors import AnalysisNotFound
from stonehand.analysis.schemas import AnalysisOut
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.nlp import vectors
from tests.stories.conftest import AddArticle, add_article, pipeline, words_as_vectors

__all__ = ["add_article", "pipeline", "words_as_vectors"]
TEXT = "Die Brücke in Halvern bleibt bis Mai gesperrt, weil Prüfer einen Riss im Stahl gefunden haben. " * 4


def test_vector_is_made_of_title_and_beginning() -> None:
    assert findings.leading("Title", "one two three") == "Title\none two three"
    assert len(findings.leading("", "word " * 900).split()) == 200
    assert findings.leading("", "") == ""


@pytest.mark.parametrize(("words", "minutes"), [(0, 0), (1, 1), (238, 1), (239, 2), (2380, 10)])
def test_reading_time(words: int, minutes: int) -> None:
    assert findings.reading_minutes(words) == minutes


def test_article_is_analysed_once_and_again(database: Database, add_article: AddArticle) -> None:
    article = add_article("Brücke in Halvern gesperrt", TEXT)
    run_all(database, queues=("analysis",))
    with database.read() as session:
        first = AnalysisOut.model_validate(queries.analysis(session, article))
        assert vectors.unpack(queries.analysis(session, article).vector).shape == (384,)
    assert (first.language, first.word_count, first.reading_minutes) == ("de", 64, 1)
    assert any("Halvern" in phrase.text for phrase in first.key_phrases)
    assert all(TEXT[phrase.start : phrase.end] == phrase.text for phrase in first.key_phrases)
    with database.transaction() as session:
        from stonehand.analysis import service

        service.record(session, dict(zip([article], findings.find([("", "short text")]), strict=True)))
    with database.read() as session:
        assert queries.analysis(session, article).word_count == 2


def test_article_without_analysis(database: Database) -> None:
    with database.read() as session, pytest.raises(AnalysisNotFound, match="nothing"):
        queries.analysis(session, "nothing")
