"""The jobs that analyse articles, and that see many pages through from their addresses to their analyses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from stonehand import db, jobs
from stonehand.analysis import batches, findings, service
from stonehand.analysis.events import ArticleAnalysed
from stonehand.articles import queries as articles
from stonehand.articles.errors import ArticleNotFound
from stonehand.jobs import Attempt, Batch, task
from stonehand.jobs import queries as jobs_queries
from stonehand.nlp import embedding, vectors

AWAIT = "analysis.await_pages"
PATIENCE = timedelta(minutes=30)  # for pages; what is not here by then is said to be late, and comes all the same
LATE = "it was not read in half an hour; it goes on by itself, see the source Single pages"


@task("analysis.analyse", queue="analysis", role="editor", batch=32)
def analyse(batch: Batch) -> None:
    """Find out the language, phrases and vector of up to 32 articles."""
    with batch.read() as session:
        texts = articles.texts(session, [item.args["article_id"] for item in batch.items])
    for item in batch.items:
        if item.args["article_id"] not in texts:
            item.fail(ArticleNotFound(f"there is no article {item.args['article_id']} with a text"))
    found = dict(zip(texts, findings.find([(each.title, each.text) for each in texts.values()]), strict=True))
    with batch.finish() as session:
        done = [item.args["article_id"] for item in batch.remaining]
        service.record(session, {article_id: found[article_id] for article_id in done})
        jobs.announce_many(session, [ArticleAnalysed(article_id) for article_id in done])


@task("analysis.process_pages", queue="sources", role="editor", rate="10/m")
def process_pages(attempt: Attempt, urls: str, query: str = "") -> None:
    """Read up to 100 pages (addresses, separated by blanks or lines), and say what came of each.

    The pages are fetched, read and analysed by jobs of their own; another task waits for them. What is known so far
    is in the result all the time, so that whatever ends the job takes nothing with it. With a `query`, the articles
    are ordered by how near they are to it.
    """
    wanted = batches.wanted(urls)
    rows, since = _noted(attempt)
    portions = batches.portions(wanted[len(rows) :])
    for number, portion in enumerate(portions, 1):
        attempt.check_cancelled()
        attempt.progress(len(rows), len(wanted), f"Processing batch {number} of {len(portions)}...")
        with attempt.write() as session:
            rows = [*rows, *batches.put_in(session, portion)]
            since = since or db.now(session).isoformat()
            attempt.note(session, {"since": since, "put_in": rows} | batches.outcome(batches.fates(session, rows)))
    attempt.items[0].hand_over(AWAIT, f"waits for {len(rows)} pages")


@task(AWAIT, queue="sources", role="editor")
def await_pages(attempt: Attempt, urls: str, query: str = "") -> None:
    """Wait for pages that were asked for together, and note what came of each as it comes."""
    rows, since = _noted(attempt)
    towards = _vector(query)
    with attempt.read() as session:
        fates = batches.fates(session, rows, towards)
        waited = db.now(session) - datetime.fromisoformat(since)
    waiting = sum(fate["status"] == batches.WAITING for fate in fates)
    if not waiting or waited > PATIENCE:
        with attempt.finish() as session:
            attempt.note(session, batches.outcome(fates, LATE))
        return
    done = len(fates) - waiting
    attempt.progress(done, len(fates), f"Processing batch {_batch(done, len(fates))}: {done} of {len(fates)} are done")
    with attempt.write() as session:
        attempt.note(session, {"since": since, "put_in": rows} | batches.outcome(fates))
    raise jobs.Snooze(min(30.0, 1.0 + waited.total_seconds() / 10), f"waits for {waiting} of {len(fates)} pages")


def _noted(attempt: Attempt) -> tuple[Sequence[batches.Row], str]:
    """What was put in so far, and since when."""
    with attempt.read() as session:
        noted = jobs_queries.job(session, attempt.job.id).result or {}
    return noted.get("put_in", []), noted.get("since", "")


def _vector(query: str) -> vectors.Row | None:
    return embedding.embed([query])[0] if query.strip() else None


def _batch(done: int, total: int) -> str:
    """`2 of 10`, as older installations counted them."""
    size = len(batches.portions([""] * total)[0])
    return f"{done // size + 1} of {-(-total // size)}"
