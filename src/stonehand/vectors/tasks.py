"""Jobs of vectors: making them, keeping the indexes up with the database, making the indexes again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stonehand import jobs
from stonehand.analysis import findings
from stonehand.analysis import service as analysis
from stonehand.analysis.events import ArticleAnalysed
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.jobs import Attempt, task
from stonehand.nlp import embedding
from stonehand.vectors import following, qdrant, reading, sending, service
from stonehand.vectors.errors import VectorUnfit

HOUR = 3600
BATCH = 32  # texts whose vectors are made and written together
MOST = 10_000  # of one job


@task("vectors.embed", queue="analysis", role="editor", retries=3, hard_limit=HOUR, soft_limit=HOUR - 60)
def embed(attempt: Attempt, article_ids: str = "", limit: str = "100") -> None:
    """Make the vectors of articles that have none of the present model; those named, or whichever come first.

    What was done before a limit struck stays done.
    """
    most, ids = _number(limit), article_ids.split()[:MOST]
    with attempt.read() as session:
        waiting = reading.without(session, embedding.name(), ids, most)
        unknown = sorted(set(ids) - set(articles.texts(session, ids))) if ids else []
    for start in range(0, len(waiting), BATCH):
        attempt.check_cancelled()
        embed_some(attempt, waiting[start : start + BATCH], announced=True)
    with attempt.finish() as session:
        told = {"embedded": len(waiting), "processed": waiting, "failed": unknown, "model": embedding.name()}
        attempt.note(session, told)


def embed_some(attempt: Attempt, ids: Sequence[str], announced: bool = False) -> None:
    """Analyse these articles; what follows from it starts by itself if it is `announced`."""
    with attempt.read() as session:
        texts = articles.texts(session, ids)
    found = dict(zip(texts, findings.find([(each.title, each.text) for each in texts.values()]), strict=True))
    with attempt.write() as session:
        analysis.record(session, found)
        if announced:
            jobs.announce_many(session, [ArticleAnalysed(article_id) for article_id in found])


def _number(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise VectorUnfit(f"limit must be a number from 1 to {MOST}, not {text[:20]!r}")
    return int(text)


@task("vectors.refresh", queue="maintenance", role="editor", hard_limit=HOUR, soft_limit=HOUR - 60)
def refresh(attempt: Attempt) -> None:
    """Put what changed into this machine's indexes, and into those of the server that is set."""
    _fill(attempt, "", anew=False)


@task("vectors.rebuild", queue="maintenance", role="admin", hard_limit=6 * HOUR, soft_limit=6 * HOUR - 60)
def rebuild(attempt: Attempt, model: str = "") -> None:
    """Make the indexes anew from the database, of one model or of all."""
    _fill(attempt, model, anew=True)


@task("vectors.remove", queue="maintenance", role="admin")
def remove(attempt: Attempt, article_ids: str) -> None:
    """Take articles that were forgotten out of the server's indexes."""
    ids, count = article_ids.split(), 0
    with attempt.read() as session:
        models = {*reading.counts(session), embedding.name()}
    for model in sorted(models):
        index = qdrant.configured(model)
        count += index.remove(ids) if index else 0
    with attempt.finish() as session:
        attempt.note(session, {"count": count})


def _fill(attempt: Attempt, model: str, anew: bool) -> None:
    @contextmanager
    def read() -> Iterator[Session]:
        attempt.check_cancelled()
        with attempt.read() as session:
            yield session

    with read() as session:
        models = [model] if model else sorted(reading.counts(session))
        indexes = {each: service.local(session, each) for each in models}
    counts = {each: following.rebuild(read, index, each, anew) for each, index in indexes.items()}
    for each, index in indexes.items():
        following.compare(read, index, each)
    sent = _send(attempt, models, anew)
    with attempt.finish() as session:
        attempt.note(session, {"count": counts, "sent": sent})


def _send(attempt: Attempt, models: Sequence[str], anew: bool) -> dict[str, int]:
    sent = {}
    for model in models:
        index = qdrant.configured(model)
        if index is not None:
            sent[model] = sending.send(attempt.read, attempt.write, index, model, anew)
    return sent
