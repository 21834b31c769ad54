"""Indexes keep up with the database: what is new, what changed, what was forgotten, what a backup brought back."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from stonehand import db, jobs, pipeline
from stonehand.analysis.models import Analysis
from stonehand.articles.models import Article
from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.library import searching
from stonehand.nlp import embedding, vectors
from stonehand.vectors import following, reading, service
from stonehand.vectors.errors import VectorMissing
from tests.library.conftest import put
from tests.vectors.conftest import rows
from tests.vectors.qdrant_double import QdrantDouble

NOW = db.utc_now()


def add(database: Database, row: np.ndarray, model: str = "m", at: Any = None, article_id: str = "") -> str:
    """An article with this vector."""
    id_ = article_id or put(database, "One", "text")
    facts = {"language": "en", "language_confidence": 1.0, "key_phrases": [], "word_count": 1, "reading_minutes": 1}
    with database.transaction() as session:
        moments = dict.fromkeys(("created_at", "updated_at"), at or db.now(session))
        session.merge(Analysis(article_id=id_, vector=vectors.pack(row), vector_model=model, **facts, **moments))
    return id_


def near(database: Database, article_id: str) -> list[str]:
    with database.read() as session:
        return [each.id for each in service.near(session, article_id, 10)]


def test_what_is_new_or_other_is_found_at_once(either_database: Database) -> None:
    given = rows(6)
    one, two = add(either_database, given[0]), add(either_database, given[0] + 0.1 * given[1])
    assert near(either_database, one) == [two]
    three = add(either_database, given[0] + 0.2 * given[2])
    other = add(either_database, given[0], model="n")
    assert near(either_database, one) == [two, three]
    add(either_database, given[0] + 0.9 * given[3], article_id=two)
    assert near(either_database, one) == [three, two]
    assert near(either_database, other) == []
    with either_database.read() as session, pytest.raises(VectorMissing, match="not analysed"):
        service.near(session, put(either_database, "New", "text"), 3)


def test_a_change_that_shows_up_late_is_not_missed(either_database: Database) -> None:
    given = rows(3)
    one = add(either_database, given[0], at=NOW)
    assert near(either_database, one) == []
    late = add(either_database, given[0] + given[1], at=NOW - timedelta(seconds=20))
    assert near(either_database, one) == [late]


def test_many_changes_of_one_moment_are_read_whole(either_database: Database) -> None:
    ids = [add(either_database, row, at=NOW) for row in rows(7)]
    with either_database.read() as session:
        found = reading.changes(session, "m", None, 3)
        assert (sorted(found.ids), found.until) == (sorted(ids), NOW)
        assert reading.changes(session, "m", NOW, 3).complete


def test_forgotten_is_forgotten_in_the_files_too(database: Database) -> None:
    given = rows(2)
    one, two = add(database, given[0]), add(database, given[0] + 0.1 * given[1])
    assert near(database, one) == [two]
    with suppress(ZeroDivisionError), database.transaction() as session:
        service.forget(session, [two])
        raise ZeroDivisionError
    with database.read() as session:
        index = service.local(session, "m")
    assert index.count() == 2
    with database.transaction() as session:
        service.forget(session, [two])
    assert index.ids() == [one]


def test_what_went_another_way_is_never_told_of_and_goes_later(database: Database) -> None:
    given = rows(3)
    one, two = add(database, given[0]), add(database, given[0] + 0.1 * given[1])
    assert near(database, one) == [two]
    with database.transaction() as session:
        session.execute(sa.delete(Article).where(Article.id == two))
    assert near(database, one) == []
    _ask(database, "vectors.refresh")
    with database.read() as session:
        assert service.local(session, "m").ids() == [one]


def test_what_an_older_backup_brings_is_found_again(database: Database) -> None:
    given = rows(3)
    one = add(database, given[0], at=NOW)
    assert near(database, one) == []
    old = add(database, given[0] + given[1], at=NOW - timedelta(days=9))
    assert near(database, one) == []
    _ask(database, "vectors.refresh")
    assert near(database, one) == [old]


def test_an_index_with_many_empty_rows_is_made_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 2)
    given = rows(12)
    ids = [add(database, row) for row in given[:6]]
    near(database, ids[0])
    for id_, row in zip(ids, given[6:], strict=True):
        add(database, row, article_id=id_)
    _ask(database, "vectors.refresh")
    with database.read() as session:
        head = service.local(session, "m").head()
    assert (head.count, head.dead) == (6, 0)


def _ask(database: Database, task: str, **args: str) -> dict[str, Any]:
    pipeline.install_worker()
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, args)
    run_all(database, queues=("maintenance", "analysis"))
    with database.read() as session:
        job = session.get_one(Job, job_id)
        assert job.state == "completed", job.error
        return dict(job.result or {})


def test_rebuild_makes_every_model_anew(either_database: Database) -> None:
    one, other = add(either_database, rows(1)[0]), add(either_database, rows(1)[0], model="n")
    assert _ask(either_database, "vectors.rebuild")["count"] == {"m": 1, "n": 1}
    assert _ask(either_database, "vectors.rebuild", model="n")["count"] == {"n": 1}
    with either_database.read() as session:
        told = service.status(session)
    assert [(each.model, each.count, each.there) for each in told] == [("m", 1, 1), ("n", 1, 1)]
    assert near(either_database, one) == near(either_database, other) == []


def test_vectors_are_made_for_those_that_lack_them(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "PACKAGE", "no_such_package_here")
    embedding.release()
    plain, old = put(database, "One", "A bridge in Velm is shut."), put(database, "Two", "A bridge in Velm is open.")
    add(database, rows(1)[0], article_id=old)
    told = _ask(database, "vectors.embed", article_ids=f"{plain} {old} nobody", limit="100")
    assert (sorted(told["processed"]), told["failed"], told["model"]) == (sorted([plain, old]), ["nobody"], "lexical")
    assert near(database, plain) == [old]
    assert _ask(database, "vectors.embed")["embedded"] == 0
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "vectors.embed", {"limit": "many"})
    run_all(database, queues=("analysis",))
    with database.read() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, "limit must be a number" in str(job.error)) == ("discarded", True)


def test_a_qdrant_server_follows_and_answers(database: Database, qdrant: QdrantDouble) -> None:
    given = rows(3)
    one, two = add(database, given[0]), add(database, given[0] + 0.1 * given[1])
    assert _ask(database, "vectors.refresh")["sent"] == {"m": 2}
    assert sorted(qdrant.collections) == ["stonehand-m"]
    assert [each.id for each in service.near_afar(one, 5) or []] == [two]
    with database.transaction() as session:
        service.forget(session, [two])
    run_all(database, queues=("maintenance",))
    assert list(qdrant.collections["stonehand-m"]["points"]) == [one]
    with database.read() as session:
        known = service.status(session)
    assert [(each.kind, each.count) for each in service.status_afar(known)] == [("qdrant", 1)]
    assert _ask(database, "vectors.rebuild")["sent"] == {"m": 2}


def test_a_search_asks_the_server_and_does_without_it(database: Database, qdrant: QdrantDouble) -> None:
    from stonehand.library import nearness

    given = rows(2)
    one, two = add(database, given[0]), add(database, given[0] + 0.1 * given[1])
    _ask(database, "vectors.refresh")
    ahead = nearness.ahead(f"like:{one}")
    assert ahead == {one: [two]}
    with database.read() as session:
        assert list(searching.search(session, f"like:{one}", ahead={one: []}).ids) == []
        assert list(searching.search(session, f"like:{one}", ahead=ahead).ids) == [two]
    for broken in ((500, b"oops"), (200, b"<html>"), (403, b"no")):
        qdrant.broken = broken
        assert nearness.ahead(f"like:{one}") == {}
    assert nearness.ahead("like:nobody") == nearness.ahead("((") == {}
    with database.read() as session:
        assert list(searching.search(session, f"like:{one}").ids) == [two]
    told = service.status_afar([service.Status("m", "local", "", 2, 2, "")])
    assert "403" in told[0].problem
