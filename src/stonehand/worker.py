"""What a worker loads: every task of every room, and the pipeline that joins them."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand import config, log, pipeline
from stonehand.jobs import engine


def run(queues: Sequence[str], concurrency: int | None = None) -> None:
    """Be a worker until told to stop."""
    settings = config.settings()
    log.configure(settings.log_level, settings.log_format)
    engine.work(queues, concurrency or settings.concurrency, pipeline.install_worker, _rest)


def _rest() -> None:
    from stonehand.nlp import embedding, language  # noqa: PLC0415  not in the main process, which reads no text

    language.release()
    embedding.release()
