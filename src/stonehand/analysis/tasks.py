"""Jobs that analyse articles, and describe them at leisure."""

from __future__ import annotations

import numpy as np

from stonehand import jobs
from stonehand.analysis import categories, describing, findings, service
from stonehand.analysis.description import Matrix
from stonehand.analysis.errors import ArticlesMissing
from stonehand.analysis.events import ArticleAnalysed
from stonehand.articles import queries as articles
from stonehand.articles.errors import ArticleNotFound
from stonehand.jobs import Attempt, Batch, task
from stonehand.nlp import embedding, labels

TOGETHER = 20  # articles that are described between two looks at the database
MOST = 400  # in one job, so that other work has its turn
MOST_BUSY = 100  # while there is other work
MOST_ASKED = 100
TRAINED_ON = 3000  # articles


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


@task("analysis.describe_due", queue="analysis", role="editor", priority=describing.PRIORITY, concurrency=1)
def describe_due(attempt: Attempt) -> None:
    """Describe articles that wait for it: category, topics, names, tone, readability, quality, summary.

    Up to 400, or 100 while articles wait to be fetched, read, analysed or placed; the next run goes on.
    """
    drawers, done, more, is_busy = _drawers(attempt), 0, True, False
    while more and done < (MOST_BUSY if is_busy else MOST):
        with attempt.read() as session:
            is_busy = describing.is_busy(session)
            ids = describing.due(session, TOGETHER)
            readings = describing.read(session, ids)
        found = describing.describe(readings, drawers)
        with attempt.write() as session:
            describing.record(session, found, ids)
        done, more = done + len(ids), len(ids) == TOGETHER
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
