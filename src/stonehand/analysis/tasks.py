"""The job that analyses articles."""

from __future__ import annotations

from stonehand import jobs
from stonehand.analysis import findings, service
from stonehand.analysis.events import ArticleAnalysed
from stonehand.articles import queries as articles
from stonehand.articles.errors import ArticleNotFound
from stonehand.jobs import Batch, task


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
