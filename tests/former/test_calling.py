"""Tasks called by their old names: what they take, who may, and that nothing is asked twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand import formerly, jobs, pipeline
from stonehand.accounts import permissions
from stonehand.db import Database
from stonehand.formerly import CallUnfit
from stonehand.jobs import declaration, queries, service
from stonehand.jobs.broker import calling
from stonehand.jobs.broker.calling import Caller
from stonehand.jobs.desk import parameters
from stonehand.jobs.desk.parameters import ArgumentsUnfit, TaskForbidden
from stonehand.jobs.errors import TaskUnknown
from stonehand.jobs.service import QueueUnknown
from stonehand.jobs.states import State


@pytest.fixture(autouse=True)
def _rooms() -> Iterator[None]:
    from stonehand.jobs import announcements

    before = dict(announcements._followers)
    pipeline.install_worker()
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


def somebody(role: str) -> Caller:
    return Caller(role, lambda permission: permission in permissions.granted(role))


@pytest.mark.parametrize("former", formerly.TASKS, ids=lambda former: former.name)
def test_every_old_name_leads_to_a_task_that_somebody_may_start(former: formerly.Former) -> None:
    for name in filter(None, (former.task, former.generating)):
        assert parameters.permission(declaration.find(name)) is not None


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "task", "ours"),
    [
        ("health_check", [], {}, "jobs.check_health", {}),
        ("health_check_task", [], {}, "jobs.check_health", {}),
        ("monitor_rss_feed", ["s1", False], {}, "sources.poll", {"source_id": "s1"}),
        ("monitor_rss_feed", ["s1", True], {}, "agents.monitor", {"source_id": "s1", "auto_generate": "yes"}),
        ("app.tasks.source_tasks.monitor_rss_feed", [], {"source_id": "s1"}, "sources.poll", {"source_id": "s1"}),
        ("collect_from_plugin_task", ["rss"], {}, "sources.poll_all", {"kind": "feed"}),
        ("trend_agent.tasks.collection.collect_all_plugins_task", [], {}, "sources.poll_all", {}),
        ("collect_high_frequency_task", [], {}, "sources.poll_all", {"within": "900"}),
        ("test_plugin_task", ["sitemap"], {}, "sources.test", {"kind": "sitemap"}),
        (
            "process_new_articles",
            [["https://a.example/1", " https://a.example/2 "]],
            {},
            "analysis.process_pages",
            {"urls": "https://a.example/1\nhttps://a.example/2"},
        ),
        (
            "batch_analyze_task",
            [["https://a.example/1"]],
            {"query": "herons"},
            "curation.analyse",
            {"urls": "https://a.example/1", "topic": "herons", "max_articles": "1000"},
        ),
        (
            "curator.core.tasks.analyze_single_task",
            ["https://a.example/1"],
            {},
            "curation.analyse",
            {"urls": "https://a.example/1", "topic": ""},
        ),
        (
            "process_articles_validated",
            [],
            {"data": {"urls": ["http://a.example/"]}},
            "analysis.process_pages",
            {"urls": "http://a.example/"},
        ),
        ("reprocess_article", ["0190-a"], {}, "articles.extract", {"article_id": "0190-a"}),
        (
            "publish_post",
            [],
            {"post_id": "d", "publisher_id": "c"},
            "publications.send",
            {"draft_id": "d", "channel_id": "c"},
        ),
        ("sources.poll", ["s1"], {}, "sources.poll", {"source_id": "s1"}),
    ],
)
def test_arguments_are_understood(
    name: str, args: list[object], kwargs: dict[str, object], task: str, ours: dict[str, object]
) -> None:
    wish = calling.understand(name, args, kwargs)
    assert wish.task.name == task
    assert wish.args == ours


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("monitor_rss_feed", [], "source_id: Missing required argument"),
        ("monitor_rss_feed", ["s", True, 3], "Unexpected positional argument"),
        ("monitor_rss_feed", [7], "source_id: Input should be a valid string"),
        ("generate_post_for_agent", ["a1", " "], "topic: String should have at least 1 character"),
        ("process_new_articles", [[]], "at least 1 item"),
        ("batch_analyze_task", [["https://a.example/"], "", True], "config: Input should be a valid dictionary"),
        ("analyze_single_task", ["herons"], "url: .*no http or https address"),
        ("process_new_articles", [["https://a.example/"] * 101], "at most 100 items"),
        ("process_new_articles", [["ftp://a.example/"]], "article_urls.0: .*no http or https address"),
        ("process_new_articles", ["https://a.example/"], "article_urls: Input should be a valid list"),
        ("process_articles_validated", [{}], "urls: Missing required argument"),
        ("process_articles_validated", [{"urls": ["x"]}], "no http or https address"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_in_words(name: str, args: list[object], words: str) -> None:
    with pytest.raises(CallUnfit, match=words):
        calling.understand(name, args)


def test_our_own_tasks_are_called_by_position_too_and_checked() -> None:
    with pytest.raises(ArgumentsUnfit, match="takes source_id, not 2 values"):
        calling.understand("sources.poll", ["a", "b"])
    with pytest.raises(ArgumentsUnfit, match="takes source_id"):
        calling.understand("sources.poll", kwargs={"source": "a"})


def test_an_unknown_task_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(TaskUnknown, match="did you mean monitor_rss_feed"):
        calling.understand("monitor_rss_feeed")
    with pytest.raises(TaskUnknown, match="did you mean sources"):
        calling.understand("sources.pol")


def test_nothing_is_called_twice_in_the_tables() -> None:
    names = [name for former in formerly.TASKS for name in former.names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("role", "name", "allowed"),
    [
        ("viewer", "health_check", False),
        ("editor", "health_check", True),
        ("editor", "retry_failed_publications", False),
        ("publisher", "retry_failed_publications", True),
        ("publisher", "backup_database_task", False),
        ("admin", "backup_database_task", True),
        ("admin", "reviews.release", False),
    ],
)
def test_who_may_call_what(database: Database, role: str, name: str, allowed: bool) -> None:
    wish = calling.understand(name, kwargs={"review_id": "r"} if name.startswith("reviews") else {})
    with database.transaction() as session:
        if allowed:
            assert calling.ask(session, wish, somebody(role)).state == State.AVAILABLE
        else:
            with pytest.raises(TaskForbidden):
                calling.ask(session, wish, somebody(role))


def test_a_message_that_comes_twice_is_one_job(either_database: Database) -> None:
    found = []
    for _ in range(2):
        with either_database.transaction() as session:
            wish = calling.understand("health_check")
            found.append(calling.ask(session, wish, somebody("editor"), celery_id="my own id"))
    first, second = found
    assert first.id == second.id != "my own id"
    assert (first.called_as, first.asked_by, first.answers_celery) == ("health_check", "editor", False)
    with either_database.read() as session:
        assert queries.job(session, "my own id").id == first.id
    with either_database.transaction() as session:
        assert service.cancel(session, "my own id").id == first.id
        assert service.retry(session, "my own id").state == State.AVAILABLE


@pytest.mark.parametrize(
    ("old", "ours"),
    [
        *[("celery", "default"), ("discovery", "sources"), ("preparation", "fetch"), ("posting", "publishing")],
        *[("sessions", "maintenance"), ("timeouts", "control"), ("scheduler", "control"), ("cleanup", "maintenance")],
        *[("article_processing", "fetch"), ("email_processing", "email"), ("ai_classification", "analysis")],
        *[("collection", "sources"), ("processing", "analysis")],
        *[(name, name) for name in ("sources", "generation", "publishing", "maintenance", "recommendations")],
        *[(name, name) for name in ("analytics", "priority", "default")],
    ],
)
def test_old_queues_lead_to_ours(old: str, ours: str) -> None:
    assert service.check_queue(old) == ours
    assert ours in declaration.QUEUES


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("article_procesing", "did you mean article_processing"),
        ("monitoring", "it was never a queue"),
        ("dead_letter", "a state of jobs and no queue"),
        ("zzz", "the queues are sources"),
    ],
)
def test_an_unknown_queue_is_an_error(name: str, words: str) -> None:
    with pytest.raises(QueueUnknown, match=words):
        service.check_queue(name)


def test_a_queue_is_paused_by_its_old_name(database: Database) -> None:
    with database.transaction() as session:
        service.pause(session, "queue:article_processing", "Ada")
    with database.read() as session:
        assert [pause.target for pause in queries.pauses(session)] == ["queue:fetch"]
    with database.transaction() as session:
        service.resume(session, "queue:preparation")
    with database.read() as session:
        assert not queries.pauses(session)


def test_what_an_old_task_returned_is_what_it_returns_now(database: Database) -> None:
    from stonehand.jobs.broker import answers
    from stonehand.jobs.testing import run_all

    with database.transaction() as session:
        wish = calling.understand("process_new_articles", [["https://a.example/1", "https://a.example/2"]])
        job_id = calling.ask(session, wish, somebody("editor")).id
        jobs.follow([(kind, "") for kind in _events()])
    run_all(database, queues=("sources",))
    with database.read() as session:
        returned = answers.returned(queries.job(session, job_id))
    assert [each["url"] for each in returned] == ["https://a.example/1", "https://a.example/2"]
    assert all(each["is_new"] and each["entry_id"] for each in returned)


def _events() -> list[type]:
    return [event for event, _ in pipeline.TRIP]
