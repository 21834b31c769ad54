"""Curations by real jobs: topics over the library and the sources, lists of addresses, limits, and being stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.articles.models import Article
from stonehand.curation import choosing, queries, service
from stonehand.curation.diversity import Rules
from stonehand.curation.errors import CurationEnded, CurationNotFound, CurationUnfit, WeightsNotFound
from stonehand.curation.models import Curation, CurationItem
from stonehand.curation.states import CurationState, ItemState
from stonehand.curation.weights import PARTS, checked
from stonehand.db import Database
from stonehand.jobs import queries as jobs_queries
from stonehand.jobs import service as working
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.retention import erasing
from stonehand.search.errors import SearchMalformed
from stonehand.sources import intake
from stonehand.sources import service as sources
from stonehand.sources.models import Entry
from tests.articles.test_duplicates import HARBOUR, OTHER_WORDS
from tests.articles.test_tasks import html
from tests.curation.conftest import ADA, Shelve, analysed, run, submit
from tests.sources.conftest import Site, feed

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
BRIDGE = (
    "The harbour bridge closed on Thursday after inspectors of the port authority found cracks in nine of its forty "
    "bearings. Ferries will run every ten minutes from Monday, said Mira Osei, who leads the authority. "
)
COOKING = "Whisk the eggs with sugar until pale, then fold in the flour. Bake the cake for forty minutes. "


def items(database: Database, curation_id: str) -> list[CurationItem]:
    with database.read() as session:
        return list(queries.items(session, curation_id))


def job(database: Database, found: Curation) -> Job:
    with database.read() as session:
        return jobs_queries.job(session, found.job_id or "")


def test_a_topic_brings_the_best_of_the_library(either_database: Database, shelve: Shelve) -> None:
    bridge = shelve("Harbour bridge closes", BRIDGE * 6, published_at=db.utc_now(), author="Ada Quill")
    older = shelve("Bridge of the harbour is old", BRIDGE * 2 + COOKING, published_at=db.utc_now() - timedelta(days=60))
    shelve("A cake", COOKING * 6)
    found = run(either_database, submit(either_database, topic="harbour bridge"))
    assert (found.state, found.failed, found.chosen) == ("done", 0, 2)
    first, second, *rest = items(either_database, found.id)
    assert [first.article_id, second.article_id] == [bridge, older]
    assert (first.place, second.place) == (1, 2)
    assert set(first.parts or {}) == set(PARTS)
    assert all(0 <= score <= 100 and reason for score, reason in (first.parts or {}).values())
    assert (first.score or 0) > (second.score or 0)
    assert all(each.article_id != "cake" for each in rest)
    done = job(either_database, found)
    assert (done.state, done.asked_by) == ("completed", "Ada")
    assert [each["article_id"] for each in (done.result or {})["results"]] == [bridge, older]


def test_a_topic_can_be_narrowed_by_a_search(either_database: Database, shelve: Shelve) -> None:
    shelve("Harbour bridge closes", BRIDGE)
    ferry = shelve("Harbour bridge and ferry", BRIDGE, url="https://ferry.example/1")
    found = run(either_database, submit(either_database, topic="harbour bridge", within="site:ferry.example"))
    assert [each.article_id for each in items(either_database, found.id)] == [ferry]


def test_a_topic_that_nothing_speaks_of_ends_with_nothing(either_database: Database) -> None:
    found = run(either_database, submit(either_database, topic="zeppelins over Reykjavik"))
    assert (found.state, found.total, found.chosen) == ("done", 0, 0)


def test_addresses_are_fetched_and_failures_say_why(either_database: Database, site: Site) -> None:
    good = site.put("/good", html(HARBOUR), Content_Type="text/html")
    other = site.put("/other", html(OTHER_WORDS), Content_Type="text/html")
    thin = site.put("/thin", "<html><body><nav>menu</nav></body></html>", Content_Type="text/html")
    urls = [good, other, site.url + "/missing", thin, "gopher://x.example/", good]
    found = run(either_database, submit(either_database, urls=urls, topic="harbour"))
    by_url = {each.url: each for each in items(either_database, found.id)}
    assert (found.state, found.total, found.scored, found.failed) == ("done", 5, 2, 3)
    assert by_url[good].state == by_url[other].state == ItemState.SCORED
    assert "404" in (by_url[site.url + "/missing"].error or "")
    assert "holds no article" in (by_url[thin].error or "")
    assert "http" in (by_url["gopher://x.example/"].error or "")
    result = job(either_database, found).result or {}
    assert set(result["processed_urls"]) == {good, other}
    assert set(result["errors"]) == set(result["failed_urls"]) == {site.url + "/missing", thin, "gopher://x.example/"}


def test_an_address_that_failed_before_is_tried_again(either_database: Database, site: Site) -> None:
    url = site.url + "/late"
    assert run(either_database, submit(either_database, urls=[url])).failed == 1
    site.put("/late", html(HARBOUR), Content_Type="text/html")
    again = run(either_database, submit(either_database, urls=[url]))
    assert (again.scored, again.failed) == (1, 0)


def test_partial_results_stay_when_the_time_limit_strikes(either_database: Database, site: Site) -> None:
    good = site.put("/good", html(HARBOUR), Content_Type="text/html")
    never = site.put("/never", html(OTHER_WORDS), Content_Type="text/html")
    curation_id = submit(either_database, urls=[good, never], limit_seconds=60)
    run_all(either_database, queues=("analysis",))
    with either_database.transaction() as session:
        session.execute(
            sa.delete(Job).where(Job.task == "articles.fetch", Job.unique_key.contains(_entry(session, never)))
        )
    run_all(either_database)
    with either_database.transaction() as session:
        found = queries.curation(session, curation_id)
        found.began_at = db.now(session) - timedelta(seconds=61)
        session.execute(sa.update(Job).where(Job.id == found.job_id).values(run_at=db.now(session)))
    found = run(either_database, curation_id)
    assert (found.state, found.scored, found.failed, found.chosen) == ("limited", 1, 1, 1)
    assert "60 s struck before 1 article" in found.note
    assert ["time limit" in (each.error or "") for each in items(either_database, curation_id)] == [False, True]
    assert job(either_database, found).state == "completed"


def _entry(session: db.Session, url: str) -> str:
    return session.scalars(sa.select(Entry.id).where(Entry.url == url)).one()


def test_progress_and_failures_are_seen_while_it_runs(either_database: Database, site: Site) -> None:
    slow = site.put("/slow", html(OTHER_WORDS), Content_Type="text/html")
    curation_id = submit(either_database, urls=["ftp://x.example", slow])
    run_all(either_database, queues=("analysis",))
    with either_database.read() as session:
        found = queries.curation(session, curation_id)
        assert queries.stand(session, found).state == CurationState.READING
    running = job(either_database, found)
    assert (running.progress_current, running.progress_total) == (1, 2)
    assert (running.result or {})["failed_urls"] == ["ftp://x.example"]
    assert "still being read" in (running.message or "")


def test_stopping_keeps_what_was_scored(either_database: Database, site: Site) -> None:
    curation_id = submit(either_database, urls=["ftp://x.example", site.put("/slow", html(HARBOUR))])
    run_all(either_database, queues=("analysis",))
    with either_database.transaction() as session:
        service.stop(session, ADA, curation_id)
    with either_database.transaction() as session:
        found = queries.curation(session, curation_id)
        assert (found.state, found.note) == ("stopped", "Ada stopped it")
        assert job_state(session, found) == "cancelled"
        with pytest.raises(CurationEnded):
            service.stop(session, ADA, curation_id)


def job_state(session: db.Session, found: Curation) -> str:
    return jobs_queries.job(session, found.job_id or "").state


def test_cancelling_its_job_stops_it_and_a_dead_job_says_why(either_database: Database) -> None:
    one, two = submit(either_database, topic="bridges"), submit(either_database, topic="ferries")
    with either_database.transaction() as session:
        working.cancel(session, queries.curation(session, one).job_id or "")
        dead = sa.update(Job).where(Job.id == queries.curation(session, two).job_id)
        session.execute(dead.values(state="discarded", error="the disk is full"))
    with either_database.read() as session:
        stopped, died = (queries.stand(session, queries.curation(session, each)) for each in (one, two))
    assert (stopped.state, stopped.trouble) == (CurationState.STOPPED, "")
    assert (died.state, died.trouble) == (CurationState.STOPPED, "the disk is full")


def test_the_sources_are_looked_at_first(either_database: Database, site: Site) -> None:
    page = site.put("/a", html(HARBOUR), Content_Type="text/html")
    body = feed(1).replace("https://news.example/1", page)
    (known,) = intake.identify(site.put("/feed", body))
    with either_database.transaction() as session:
        sources.add(session, known)
        session.execute(sa.delete(Job))
    found = run(either_database, submit(either_database, topic="harbour", with_sources=True))
    assert (found.state, found.scored) == ("done", 1)
    assert len(found.looks or []) == 1


def test_caps_are_held_and_other_rules_judge_anew(either_database: Database, shelve: Shelve) -> None:
    for number in range(4):
        shelve("Harbour bridge closes", BRIDGE, url=f"https://post.example/{number}")
    found = run(either_database, submit(either_database, topic="harbour bridge"))
    assert found.chosen == 1
    assert {each.left_out for each in items(either_database, found.id)[1:]} == {"duplicate"}
    loose = Rules(most=10, domain_cap=3, duplicate=1.0, by_cluster=False)
    with either_database.transaction() as session:
        assert service.choose_again(session, ADA, found.id, "", loose).chosen == 3
    assert items(either_database, found.id)[-1].left_out == "host"


def test_outlets_of_the_sample_are_told_apart_though_they_share_a_machine(database: Database) -> None:
    for number, site in enumerate(["Courier", "Courier", "Courier", "Post"]):
        facts = {"url": f"http://127.0.0.1/{number}", "site": site, "is_sample": True}
        analysed(database, f"Harbour bridge {number}", f"{BRIDGE} {COOKING * number}", **facts)
    loose = service.rules(10, duplicate=1.0, by_cluster=False)
    assert run(database, submit(database, topic="harbour bridge", rules=loose)).chosen == 3


def test_other_weights_give_another_order(either_database: Database, shelve: Shelve) -> None:
    new = shelve("Harbour bridge", "Harbour bridge. " + COOKING, published_at=db.utc_now(), url="https://a.example/1")
    old = shelve(
        "Harbour bridge closes", BRIDGE * 8, published_at=NOON - timedelta(days=900), url="https://reuters.com/1"
    )
    found = run(either_database, submit(either_database, topic="harbour bridge"))
    with either_database.read() as session:
        for part, best in (("recency", new), ("reputation", old)):
            judged = choosing.judge(session, found, checked({part: 1.0}), service.rules())
            places = {each.article_id: judged[each.id].place for each in queries.items(session, found.id)}
            assert places[best] == 1
        doubted = checked({"reputation": 1.0}, doubted=["reuters.com"])
        judged = choosing.judge(session, found, doubted, service.rules())
        assert min(each.score for each in judged.values()) == 25


def test_saved_weights(either_database: Database) -> None:
    with either_database.transaction() as session:
        service.save_weights(session, ADA, "fresh", checked({"recency": 0.5}))
        service.use_weights(session, ADA, "fresh")
    with either_database.transaction() as session:
        assert queries.weights(session)[0] == "fresh"
        assert queries.weights(session, "standard")[1].parts["recency"] == 0.12
        service.save_weights(session, ADA, "fresh", checked({"recency": 0.6}))
        assert queries.weights(session)[1].parts["recency"] == 0.6
        service.remove_weights(session, ADA, "fresh")
        assert queries.weights(session)[0] == "standard"
        with pytest.raises(WeightsNotFound, match="standard"):
            queries.weights(session, "gone")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({}, "nothing to curate"),
        ({"topic": "x"}, "2 to 200"),
        ({"topic": "x" * 201}, "2 to 200"),
        ({"topic": "?!"}, "no word"),
        ({"urls": [f"https://x.example/{n}" for n in range(1001)]}, "at most 1000"),
        ({"topic": "bridges", "limit_seconds": 1}, "time limit"),
        ({"topic": "bridges", "rules": Rules(most=0)}, "1 to 1000"),
        ({"topic": "bridges", "rules": Rules(most=5, domain_cap=0)}, "domain_cap"),
        ({"topic": "bridges", "rules": Rules(most=5, cluster=1.5)}, "threshold"),
    ],
)
def test_wishes_that_cannot_be_say_why(database: Database, wish: dict[str, Any], words: str) -> None:
    with pytest.raises(CurationUnfit, match=words):
        submit(database, **wish)


def test_a_malformed_search_and_an_unknown_curation(database: Database) -> None:
    with pytest.raises(SearchMalformed):
        submit(database, topic="bridges", within="sorce:x")
    with database.read() as session, pytest.raises(CurationNotFound):
        queries.curation(session, "nothing")


def test_what_is_forgotten_leaves_curations_too(either_database: Database, shelve: Shelve) -> None:
    gone = shelve("Harbour bridge closes", BRIDGE, url="https://post.example/1")
    found = run(either_database, submit(either_database, topic="harbour bridge"))
    erasing.forget(either_database.transaction, ADA, erasing.Kind.URL, "https://post.example/1")
    assert gone not in [each.article_id for each in items(either_database, found.id)]


def analyse(database: Database, **args: str) -> Job:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, "curation.analyse", args, asked_by="Ada")
    assert job_id
    for _ in range(10):
        run_all(database)
        with database.transaction() as session:
            session.execute(sa.update(Job).where(Job.state == "scheduled").values(run_at=db.now(session)))
    with database.read() as session:
        return jobs_queries.job(session, job_id)


def test_one_job_can_be_the_whole_curation(either_database: Database, shelve: Shelve) -> None:
    shelve("Harbour bridge closes", BRIDGE)
    done = analyse(either_database, topic="harbour bridge", max_articles="5", weights='{"recency": 0.5}')
    assert done.state == "completed", done.error
    with either_database.read() as session:
        found = queries.of_job(session, done.id)
        assert found
        assert (found.created_by, found.weights_name, found.rules["most"]) == ("Ada", "given", 5)
        assert session.scalar(sa.select(sa.func.count()).select_from(Article)) == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"topic": "bridges", "max_articles": "many"}, "max_articles"),
        ({"topic": "bridges", "weights": "{x"}, "no JSON"),
        ({"topic": "bridges", "weights": "nobody's"}, "there are no weights"),
        ({}, "nothing to curate"),
    ],
)
def test_a_call_that_cannot_be_is_a_dead_letter_at_once(database: Database, args: dict[str, str], words: str) -> None:
    dead = analyse(database, **args)
    assert dead.state == "discarded"
    assert words in (dead.error or "")
