"""What a worker loads: every task of every room, and the pipeline that joins them.

`celery -A stonehand.worker worker` is the same worker, started by Celery's own command.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from stonehand import celery_clients, config, log, pipeline
from stonehand.jobs.broker import engine, hearing, revoking
from stonehand.jobs.worker import serving


def run(
    queues: Sequence[str],
    concurrency: int | None = None,
    least: int = 1,
    pool: str = serving.FORKING,
    at_work: Callable[[], None] = lambda: None,
) -> None:
    """Be a worker until told to stop. `at_work` is called once it listens."""
    settings = config.settings()
    log.configure(settings.log_level, settings.log_format)
    serving.when_ready(at_work)
    _hear(engine.app())
    serving.work(queues, concurrency or settings.concurrency, pipeline.install_worker, _rest, least, pool)


def can_scale() -> bool:
    """Whether the broker lets a worker change the number of its processes."""
    return engine.can_shrink()


def _hear(app: Any) -> None:
    """Listen to Celery clients that call tasks by their old names, or revoke them."""
    hearing.hear(app, celery_clients.names(), celery_clients.receive)
    revoking.hear(celery_clients.revoke)


def _rest() -> None:
    from stonehand.nlp import embedding, language  # noqa: PLC0415  not in the main process, which reads no text

    language.release()
    embedding.release()


def __getattr__(name: str) -> Any:
    """`app`, made when Celery asks for it: whoever only imports this module reads no settings and makes no folder."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    app = serving.serve(pipeline.install_worker, _rest, _hear)
    from stonehand.jobs.clock import beating  # noqa: PLC0415  only Celery's own command beats

    beating.prepare(pipeline.install_schedules)
    serving.log_by(_log)
    globals()["app"] = app
    return app


def _log(loglevel: int | str, logfile: str | None = None, **_: Any) -> None:
    """Our own form of logs, without secrets, also where Celery would set up its own."""
    level = logging.getLevelName(loglevel) if isinstance(loglevel, int) else loglevel
    log.configure(str(level), config.settings().log_format)
    if logfile:
        file = logging.FileHandler(Path(logfile))
        root = logging.getLogger()
        file.setFormatter(root.handlers[0].formatter)
        root.handlers[:] = [file]
