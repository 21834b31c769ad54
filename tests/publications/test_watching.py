"""Whether what a published piece cites still stands: looked at again at growing intervals, told once, settled."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand.accounts.errors import PermissionMissing
from stonehand.alerts import rules
from stonehand.articles import rereading
from stonehand.articles.models import Article, StoredText
from stonehand.articles.service import Failure, settle_failures
from stonehand.db import Database, now
from stonehand.drafts import queries as drafts
from stonehand.http_client import PageMissing
from stonehand.publications import watching
from stonehand.publications.errors import PublicationNotFound
from stonehand.publications.models import CitedPage, Publication
from tests.publications.test_changes import board, pipeline, shown  # noqa: F401  fixtures
from tests.reviews.desk import ANN, VIEWER

pytestmark = pytest.mark.usefixtures("quick_vectors")


def pass_by(database: Database) -> dict[str, int]:
    with database.transaction() as session:
        return watching.look(session)


def cited(database: Database, publication: Publication) -> str:
    with database.read() as session:
        return next(each.article_id for each in drafts.citations(session, publication.revision_id) if each.article_id)


def change_text(database: Database, article_id: str, text: str) -> None:
    with database.transaction() as session:
        session.execute(sa.update(StoredText).where(StoredText.article_id == article_id).values(text=text))
        session.execute(sa.update(Article).where(Article.id == article_id).values(version=Article.version + 1))


def alarms(database: Database) -> list[str]:
    with database.read() as session:
        return [f"{page.trouble}:{article.id}" for page, article in watching.troubled(session)]


def test_pages_are_fetched_again_after_1_3_7_and_30_days(
    database: Database,
    shown: Publication,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(rereading, "refetch", lambda _session, article_id: asked.append(article_id))
    first = pass_by(database)
    assert (first["new"] > 0, first["fetched"], pass_by(database)["new"]) == (True, 0, 0)
    with database.read() as session:
        start = session.scalars(sa.select(CitedPage.first_at)).first()
    assert start
    for days in (1, 3, 7, 30):
        with database.read() as session:
            assert {page.due_at for page in session.scalars(sa.select(CitedPage))} == {start + timedelta(days=days)}
        with database.transaction() as session:
            session.execute(sa.update(CitedPage).values(first_at=now(session) - timedelta(days=days)))
            session.execute(sa.update(CitedPage).values(due_at=now(session)))
        assert pass_by(database)["fetched"] == first["new"]
        with database.transaction() as session:
            session.execute(sa.update(CitedPage).values(first_at=start))
            waiting = session.scalars(sa.select(CitedPage).where(CitedPage.due_at.is_not(None))).all()
            for page in waiting:
                page.due_at = start + watching.LOOKS[page.looks]
    assert pass_by(database)["fetched"] == 0
    assert len(asked) == 4 * first["new"]


def test_words_that_no_longer_stand_there_are_one_alarm_until_settled(
    database: Database,
    shown: Publication,  # noqa: F811
) -> None:
    article_id = cited(database, shown)
    pass_by(database)
    assert alarms(database) == []
    change_text(database, article_id, "Something else entirely.")
    pass_by(database)
    pass_by(database)
    assert alarms(database) == [f"changed:{article_id}"]
    with database.read() as session:
        assert watching.vanished(session, article_id)[shown.id]
        assert any(finding.key == f"source_changed:{article_id}" for finding in rules.look(session))
    with database.transaction() as session:
        with pytest.raises(PermissionMissing):
            watching.settle(session, VIEWER, article_id)
        with pytest.raises(PublicationNotFound):
            watching.settle(session, ANN, "none")
        watching.settle(session, ANN, article_id)
    assert alarms(database) == []
    change_text(database, article_id, "And yet another text.")
    pass_by(database)
    assert alarms(database) == [f"changed:{article_id}"], "it was settled as it was, not for ever"


def test_a_page_that_is_gone_is_an_alarm_until_it_is_back(
    database: Database,
    shown: Publication,  # noqa: F811
) -> None:
    article_id = cited(database, shown)
    pass_by(database)
    error = PageMissing("the page is gone", 410)
    with database.transaction() as session:
        settle_failures(session, [Failure("no-entry", "https://post.example/1", error, True, article_id)])
    pass_by(database)
    assert alarms(database) == [f"gone:{article_id}"]
    with database.transaction() as session:
        session.execute(sa.update(Article).values(missing_since=None))
    pass_by(database)
    assert alarms(database) == []


def test_a_retraction_ends_the_alarm(database: Database, shown: Publication) -> None:  # noqa: F811
    article_id = cited(database, shown)
    pass_by(database)
    change_text(database, article_id, "Something else entirely.")
    pass_by(database)
    assert alarms(database) == [f"changed:{article_id}"]
    with database.transaction() as session:
        session.execute(sa.update(Publication).values(state="retracted"))
    assert alarms(database) == [], "at once, and not with a word of 0 pieces"
    pass_by(database)
    assert alarms(database) == []
