"""Articles with texts, analysed and placed as in the product, without the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from stonehand import db, jobs
from stonehand.analysis import tasks as _analysis  # noqa: F401
from stonehand.analysis.events import ArticleAnalysed
from stonehand.articles.events import ArticleExtracted
from stonehand.articles.models import Article, StoredText
from stonehand.articles.states import State
from stonehand.db import Database
from stonehand.jobs import announcements
from stonehand.nlp import embedding
from stonehand.rubrics.events import PhaseJudged
from stonehand.stories import tasks as _stories  # noqa: F401
from stonehand.stories.events import StoryGrown

AddArticle = Callable[..., str]


@pytest.fixture(autouse=True)
def words_as_vectors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lexical vectors: these tests are about rules, and need no model."""
    monkeypatch.setattr(embedding, "PACKAGE", "no_such_package_here")
    embedding.release()
    yield
    embedding.release()


@pytest.fixture
def pipeline() -> Iterator[None]:
    """The table from the text of an article to its story."""
    before = dict(announcements._followers)
    jobs.follow(
        [
            (ArticleExtracted, "analysis.analyse"),
            (ArticleAnalysed, "stories.place"),
            (StoryGrown, ""),
            (PhaseJudged, ""),
        ]
    )
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


@pytest.fixture
def add_article(database: Database, pipeline: None) -> AddArticle:
    """Adds an article with its text and announces it. Returns its id."""
    count = 0

    def add(title: str, text: str, outlet: str = "Velm Post", at: datetime | None = None, **values: object) -> str:
        nonlocal count
        count += 1
        url, moment = f"https://{outlet.split(maxsplit=1)[0].lower()}.example/{count}", db.utc_now()
        times = dict.fromkeys(("fetched_at", "created_at", "updated_at"), moment)
        known = {"site": outlet, "title": title, "published_at": at, "state": State.EXTRACTED} | times | values
        with database.transaction() as session:
            session.add(article := Article(url=url, canonical_url=url, **known))
            session.flush()
            session.add(StoredText(article_id=article.id, text=text))
            jobs.announce(session, ArticleExtracted(article.id))
            return article.id

    return add
