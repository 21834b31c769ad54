"""Rubrics over a few articles, without a model and without the network."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.rubrics import service
from stonehand.rubrics import tasks as _rubrics  # noqa: F401
from tests.stories.conftest import AddArticle, add_article, pipeline, words_as_vectors

__all__ = ["add_article", "pipeline", "words_as_vectors"]
EDITOR = Person("", "", "Ada", "editor", frozenset(PERMISSIONS))
VIEWER = Person("", "", "Vic", "viewer", frozenset({"read"}))
BE = "She believes in her own worth and asks who she is. Her identity, her values and her courage matter to her. " * 2
DO = "Write down three steps. Practise them every day, then check your list. Ask a friend and repeat the exercise. " * 2
HAVE = (
    "The portfolio is worth 2 million dollars and the mortgage 98,000. Savings yield 4 percent, income rose 12%. " * 2
)
Asked = Callable[..., Job]


@pytest.fixture
def presets(database: Database) -> None:
    with database.transaction() as session:
        service.install_presets(session)


@pytest.fixture
def three(database: Database, add_article: AddArticle, presets: None) -> tuple[str, str, str]:
    """An article of each phase, analysed."""
    ids = add_article("Who am I?", BE), add_article("How to practise", DO), add_article("Net worth", HAVE)
    run_all(database, queues=("analysis",))
    return ids


@pytest.fixture
def asked(database: Database) -> Asked:
    """Asks for a job, runs it, and gives it back."""

    def ask(task: str, **args: str) -> Job:
        with database.transaction() as session:
            job_id = jobs.enqueue(session, task, args)
        run_all(database, queues=("analysis",))
        with database.read() as session:
            found = session.scalar(sa.select(Job).where(Job.id == job_id))
            assert found is not None
            return found

    return ask
