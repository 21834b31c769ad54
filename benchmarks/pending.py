"""pipeline.items_per_second: articles that wait, through vectors, stories and trends, in one job."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import shelves, workshop
from stonehand import jobs, pipeline
from stonehand.articles.models import Article, StoredText
from stonehand.db import Database, new_id, utc_now
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.nlp import embedding

ITEMS = 1000
DATA = Path(os.environ.get("STONEHAND_TEST_DATA", "/nonexistent")) / "stories" / "stories.jsonl"


def measure() -> Iterator[dict[str, Any]]:
    """A thousand texts, each of them once analysed, placed and judged. The model is ready, as in a running worker."""
    with workshop.opened() as database:
        pipeline.install_worker()
        embedding.embed(["ready"])
        _fill(database)
        with database.transaction() as session:
            job_id = jobs.enqueue(session, "trends.process_pending", {"limit": str(ITEMS)})
        began = time.perf_counter()
        run_all(database, 1, ("stories",))
        spent = time.perf_counter() - began
        with database.read() as session:
            result = session.get_one(Job, job_id).result or {}
    yield {
        "figure": "pipeline.items_per_second",
        "value": round(result["processed"] / spent, 1),
        "baseline": "2.4 of a predecessor, whose vectors were only pretended",
        "seconds": round(spent, 1),
        "items": result["processed"],
        "stories": result["stories"],
        "trends": result["trends_created"],
        "vectors": embedding.name(),
    }


def _fill(database: Database) -> None:
    texts, moment = _texts(), utc_now()
    rows = [_article(number, moment - timedelta(minutes=number)) for number in range(ITEMS)]
    with database.engine.begin() as connection:
        connection.execute(sa.insert(Article), rows)
        stored = [{"article_id": row["id"], "text": texts[at % len(texts)]} for at, row in enumerate(rows)]
        connection.execute(sa.insert(StoredText), stored)


def _article(number: int, moment: Any) -> dict[str, Any]:
    url = f"https://outlet{number % 40}.example/{number}"
    moments = dict.fromkeys(("published_at", "fetched_at", "created_at", "updated_at"), moment)
    facts = {"url": url, "canonical_url": url, "state": "extracted", "site": f"Outlet {number % 40}", "word_count": 300}
    return {"id": new_id(), **facts, "title": f"Report {number}", "excerpt": "", "language_hint": "en", **moments}


def _texts() -> list[str]:
    """Real news where there is some, and invented words otherwise."""
    if DATA.is_file():
        return [json.loads(line)["text"] for line in DATA.read_text().splitlines()]
    return [shelves.text(300) for _ in range(ITEMS)]
