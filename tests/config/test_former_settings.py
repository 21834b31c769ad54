"""Settings of older installations, each by the name it has there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import config

Set = Callable[..., config.Settings]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Set:
    def read(**environment: str) -> config.Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return config.load()

    return read


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("CELERY_WORKER_CONCURRENCY", "7", "concurrency", 7),
        ("CELERY_CONCURRENCY", "3", "concurrency", 3),
        ("CELERY_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("CELERY_ALWAYS_EAGER", "True", "always_eager", True),
        ("CELERY_ALWAYS_EAGER", "False", "always_eager", False),
        ("PROCESS_HEALTH_CHECK_INTERVAL_SECONDS", "30", "health_interval_seconds", 30),
        ("PROCESS_HEALTH_CHECK_INTERVAL_SECONDS", "45", "comment_check_seconds", 45),
        ("ARTICLE_DISCOVERY_INTERVAL_SECONDS", "90", "comment_look_seconds", 90),
        ("ARTICLE_DISCOVERY_INTERVAL_SECONDS", "60", "poll_interval_seconds", 60),
        ("RESULT_EXPIRES", "3600", "result_expires", 3600),
        ("WORKER_MAX_TASKS_PER_CHILD", "100", "worker_max_tasks_per_child", 100),
        ("FLOWER_HOST", "0.0.0.0", "flower_host", "0.0.0.0"),
        ("FLOWER_PORT", "5556", "flower_port", 5556),
        ("FLOWER_DB", "/tmp/flower.db", "flower_db", "/tmp/flower.db"),
        ("DIVERSIFY_RESULTS", "0", "diversify_results", False),
        ("DOMAIN_CAP", "5", "domain_cap", 5),
        ("DUP_SIM_THRESHOLD", "0.9", "dup_sim_threshold", 0.9),
        ("USE_EMBEDDING_CLUSTERING", "0", "use_embedding_clustering", False),
        ("CLUSTER_CAP", "4", "cluster_cap", 4),
        ("CLUSTERING_THRESHOLD", "0.5", "clustering_threshold", 0.5),
    ],
)
def test_an_old_name_sets_what_ours_sets(load: Set, name: str, value: str, field: str, expected: Any) -> None:
    assert getattr(load(**{name: value}), field) == expected


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "REDIS_URL"])
@pytest.mark.parametrize("url", ["redis://h:6379/0", "amqp://u:p@h:5672//", "sentinel://a:26379;sentinel://b:26379"])
def test_brokers(load: Set, name: str, url: str) -> None:
    assert load(**{name: url}).broker == url


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("rediss://h:6379/0", "rediss://h:6379/0?ssl_cert_reqs=required"),
        ("rediss://h/0?ssl_ca_certs=/ca.pem", "rediss://h/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=required"),
        ("rediss://h/0?ssl_cert_reqs=none", "rediss://h/0?ssl_cert_reqs=none"),
    ],
)
def test_the_certificate_of_a_server_with_tls_is_checked_unless_somebody_says_no(
    load: Set, url: str, read: str
) -> None:
    settings = load(CELERY_BROKER_URL=url, CELERY_RESULT_BACKEND=url)
    assert (settings.broker, settings.result_backend.get_secret_value()) == (read, read)


def test_postgresql_in_parts(load: Set) -> None:
    settings = load(
        POSTGRES_HOST="db", POSTGRES_PORT="5433", POSTGRES_DB="trends", POSTGRES_USER="ada", POSTGRES_PASSWORD="p/@:%s"
    )
    url = sa.make_url(settings.database)
    assert (url.host, url.port, url.database, url.username) == ("db", 5433, "trends", "ada")
    assert url.password == "p/@:%s"
    assert "p/@" not in repr(settings)


def test_a_whole_url_goes_before_its_parts(load: Set) -> None:
    settings = load(DATABASE_URL="postgresql://x@y/z", POSTGRES_DB="trends", POSTGRES_USER="ada")
    assert settings.database == "postgresql+psycopg://x@y/z"


def test_postgresql_described_in_part_says_what_is_missing(load: Set) -> None:
    with pytest.raises(config.SettingUnusable, match="set POSTGRES_DB and POSTGRES_USER too"):
        load(POSTGRES_HOST="db")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CELERY_BROKER_URL", "127.0.0.1:6379", "CELERY_BROKER_URL: must be an address"),
        ("QDRANT_URL", "qdrant:6333", "QDRANT_URL: .* such as http://127.0.0.1:6333"),
        ("CELERY_RESULT_BACKEND", "rpc://", "CELERY_RESULT_BACKEND: rpc:// keeps answers"),
        ("CELERY_CONCURRENCY", "0", "CELERY_CONCURRENCY"),
        ("CELERY_LOG_LEVEL", "LOUD", "CELERY_LOG_LEVEL: must be one of DEBUG"),
        (
            "STONEHAND_TIMEZONE",
            "Mars",
            "STONEHAND_TIMEZONE: 'Mars' is not a time zone; write one such as Europe/Zurich",
        ),
        ("DUP_SIM_THRESHOLD", "1.5", "DUP_SIM_THRESHOLD"),
        ("CLUSTER_CAP", "none", "CLUSTER_CAP"),
        ("STONEHAND_QUEUE_CONCURRENCY", "generation", "write it like generation=2"),
        ("STONEHAND_QUEUE_CONCURRENCY", "generation=0", "write it like generation=2"),
        ("STONEHAND_CELERY_CLIENT_ROLE", "emperor", "STONEHAND_CELERY_CLIENT_ROLE"),
    ],
)
def test_what_cannot_be_used_is_named_as_it_was_given(load: Set, name: str, value: str, words: str) -> None:
    with pytest.raises(config.SettingUnusable, match=words):
        load(**{name: value})


def test_numbers_of_queues(load: Set) -> None:
    settings = load(STONEHAND_QUEUE_CONCURRENCY="generation=2, posting=1")
    assert settings.queue_concurrency == {"generation": 2, "posting": 1}
