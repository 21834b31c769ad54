"""Jobs that analyse articles, describe them at leisure, and see many pages through from address to analysis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from stonehand import db, jobs
from stonehand.analysis import batches, categories, describing, findings, service
from stonehand.analysis.description import Matrix
from stonehand.analysis.errors import ArticlesMissing
from stonehand.analysis.events import ArticleAnalysed
from stonehand.articles import queries as articles
from stonehand.articles.errors import ArticleNotFound
from stonehand.jobs import Attempt, Batch, task
from stonehand.jobs import queries as jobs_queries
from stonehand.nlp import embedding, labels

AWAIT = "analysis.await_pages"
PATIENCE = timedelta(minutes=30)  # for pages; what is not here by then is said to be late, and comes all the same
LATE = "it was not read in half an hour; it goes on by itself, see the source Single pages"
TOGETHER = 20  # articles that are described between two looks at the database
MOST = 400  # in one job, so that other work has its turn
MOST_BUSY = 3  # while there is other work: enough that waiting for leisure never becomes waiting for ever
MOST_ASKED = 100
TRAINED_ON = 3000  # articles


@task("analysis.analyse", queue="analysis", role="editor", batch=64)
def analyse(batch: Batch) -> None:
    """Find out the language, phrases and vector of up to 64 articles."""
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
def process_pages(attempt: Attempt, urls: str) -> None:
    """Read up to 100 pages (addresses, separated by blanks or lines), and say what came of each.

    The pages are fetched, read and analysed by jobs of their own; another task waits for them. What is known so far
    is in the result all the time, so that whatever ends the job takes nothing with it.
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
def await_pages(attempt: Attempt, urls: str) -> None:
    """Wait for pages that were asked for together, and note what came of each as it comes."""
    rows, since = _noted(attempt)
    with attempt.read() as session:
        fates = batches.fates(session, rows)
        waited = db.now(session) - datetime.fromisoformat(since)
    waiting = sum(fate["status"] == batches.WAITING for fate in fates)
    done = len(fates) - waiting
    if not waiting or waited > PATIENCE:
        attempt.progress(done, len(fates), "")
        with attempt.finish() as session:
            attempt.note(session, batches.outcome(fates, LATE))
        return
    attempt.progress(done, len(fates), f"Processing batch {_batch(done, len(fates))}: {done} of {len(fates)} are done")
    with attempt.write() as session:
        attempt.note(session, {"since": since, "put_in": rows} | batches.outcome(fates))
    raise jobs.Snooze(min(30.0, 1.0 + waited.total_seconds() / 10), f"waits for {waiting} of {len(fates)} pages")


def _noted(attempt: Attempt) -> tuple[Sequence[batches.Row], str]:
    """What was put in so far, and since when."""
    with attempt.read() as session:
        noted = jobs_queries.job(session, attempt.job.id).result or {}
    return noted.get("put_in", []), noted.get("since", "")


def _batch(done: int, total: int) -> str:
    """`2 of 10`, as older installations counted them."""
    size = len(batches.portions([""] * total)[0])
    return f"{done // size + 1} of {-(-total // size)}"


@task("analysis.describe_due", queue="analysis", role="editor", priority=describing.PRIORITY, concurrency=1)
def describe_due(attempt: Attempt) -> None:
    """Describe articles that wait for it: category, topics, names, tone, readability, quality, summary.

    Up to 400, or 3 while articles wait to be fetched, read, analysed or placed; the next run goes on.
    """
    drawers, done, more, is_busy = _drawers(attempt), 0, True, False
    while more and done < (MOST_BUSY if is_busy else MOST):
        with attempt.read() as session:
            is_busy = describing.is_busy(session)
            wanted = MOST_BUSY if is_busy else TOGETHER
            ids = describing.due(session, wanted)
            readings = describing.read(session, ids)
        found = describing.describe(readings, drawers)
        with attempt.write() as session:
            describing.record(session, found, ids)
        done, more = done + len(ids), len(ids) == wanted
        attempt.check_cancelled()
    with attempt.finish() as session:
        attempt.note(session, {"described": done})
        if more and not is_busy:
            jobs.enqueue(session, "analysis.describe_due", {}, priority=describing.PRIORITY)


@task("analysis.describe", queue="analysis", role="editor")
def describe(attempt: Attempt, article_ids: str) -> None:
    """Describe these articles again, up to 100: ids, separated by blanks."""
    wanted = list(dict.fromkeys(article_ids.split()))
    if not 0 < len(wanted) <= MOST_ASKED:
        raise ArticlesMissing(f"give 1 to {MOST_ASKED} articles, not {len(wanted)}")
    drawers = _drawers(attempt)
    with attempt.read() as session:
        readings = describing.read(session, wanted)
    found = describing.describe(readings, drawers)
    with attempt.finish() as session:
        describing.record(session, found)
        attempt.note(session, {"described": len(found), "missing": [each for each in wanted if each not in found]})


def _drawers(attempt: Attempt) -> dict[str, Matrix]:
    """The labels' vectors by model; those of the model at hand are made if nobody has made them yet."""
    known = describing.drawer_digest()
    with attempt.read() as session:
        drawers = describing.label_vectors(session, describing.DRAWERS, known)
    if embedding.name() not in drawers:
        rows = embedding.embed(categories.drawers().descriptions)
        with attempt.write() as session:
            describing.keep_labels(session, describing.DRAWERS, embedding.name(), known, rows)
            drawers = describing.label_vectors(session, describing.DRAWERS, known)  # as all later jobs will see them
    return drawers


@task("analysis.train_labels", queue="analysis", role="editor", priority=1)
def train_labels(attempt: Attempt) -> None:
    """Move the categories towards the articles that surely belong to them; nobody need have labelled any."""
    known, model = describing.drawer_digest(), embedding.name()
    start = embedding.embed(categories.drawers().descriptions)
    with attempt.read() as session:
        rows = describing.recent_vectors(session, model, TRAINED_ON)
    count = len(categories.drawers().categories)
    trained = np.concatenate([labels.self_train(rows, start[:count]), start[count:]])
    with attempt.finish() as session:
        describing.keep_labels(session, describing.DRAWERS, model, known, trained, len(rows))
        attempt.note(session, {"articles": len(rows)})
