"""Which addresses the engine uses, since Celery would read the environment by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand import config
from stonehand.jobs.broker import engine
from stonehand.jobs.errors import BrokerUnreachable
from tests.former.servers import TlsRedis, program_with_tls


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    engine.app.cache_clear()
    yield
    engine.app.cache_clear()


def test_our_own_name_goes_before_celerys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, port in (("STONEHAND_BROKER_URL", 1), ("CELERY_BROKER_URL", 2), ("REDIS_URL", 3)):
        monkeypatch.setenv(name, f"redis://127.0.0.1:{port}/0")
    for name, port in (("STONEHAND_RESULT_BACKEND", 4), ("CELERY_RESULT_BACKEND", 5)):
        monkeypatch.setenv(name, f"redis://127.0.0.1:{port}/0")
    config.settings.cache_clear()
    app = engine.app()
    assert app.connection_for_write().port == app.connection_for_read().port == 1
    assert app.backend.connparams["port"] == 4


def test_without_a_result_backend_there_is_none() -> None:
    assert type(engine.app().backend).__name__ == "DisabledBackend"
    assert engine.app().connection_for_write().transport_cls == "filesystem"


def test_a_sentinel_is_asked_for_the_master_that_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "sentinel://127.0.0.1:1;sentinel://127.0.0.1:2")
    monkeypatch.setenv("CELERY_RESULT_BACKEND", "sentinel://127.0.0.1:1;sentinel://127.0.0.1:2/3")
    monkeypatch.setenv("STONEHAND_BROKER_MASTER_NAME", "newsroom")
    monkeypatch.setenv("STONEHAND_SENTINEL_PASSWORD", "seven grey herons")
    config.settings.cache_clear()
    for options in (engine.app().conf.broker_transport_options, engine.app().conf.result_backend_transport_options):
        assert options["master_name"] == "newsroom"
        assert options["sentinel_kwargs"]["password"] == "seven grey herons"
    assert "herons" not in engine.address()


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    if not program_with_tls():
        pytest.skip("no Redis with TLS is installed; get it: apt-get install redis-server")
    server = TlsRedis()
    server.start()
    try:
        assert reached(monkeypatch, server.url).startswith("rediss://")
        with pytest.raises(BrokerUnreachable, match=r"(?i)certificate"):
            reached(monkeypatch, server.careless_url)
        assert reached(monkeypatch, server.careless_url + "?ssl_cert_reqs=none").startswith("rediss://")
    finally:
        server.remove()


def reached(monkeypatch: pytest.MonkeyPatch, url: str) -> str:
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    config.settings.cache_clear()
    engine.app.cache_clear()
    return engine.reach(10)
