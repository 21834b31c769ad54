"""The baseline of ingest.ratio: a loop that only fetches, extracts and embeds, by the functions that the system calls.

As many processes as the system's worker has, each with a batch after the other. Titles and dates of the feeds are known
to it before its clock starts, and its models are loaded.
"""

from __future__ import annotations

import os
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from multiprocessing import get_context
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.newsrooms import environment
from stonehand import config, db, http_client
from stonehand.analysis import findings
from stonehand.articles import extraction, fetching
from stonehand.articles.extraction import Hints
from stonehand.errors import StonehandError
from stonehand.nlp import embedding

BATCH = 32  # as of the system's jobs that fetch; whatever is extracted or embedded is so one by one


@dataclass(frozen=True)
class Listed:
    """An article as a feed names it."""

    url: str
    title: str
    published_at: datetime


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of computing by all processes, for so many texts that were embedded."""

    seconds: float
    cpu: float
    texts: int

    def plus(self, other: Spent) -> Spent:
        """Both, one after the other."""
        return Spent(self.seconds + other.seconds, self.cpu + other.cpu, self.texts + other.texts)


def listed(feed: str) -> list[Listed]:
    """What a feed of the benchmark names."""
    with urllib.request.urlopen(feed) as reply:
        items = ElementTree.fromstring(reply.read()).iter("item")
    found = ({name: str(each.findtext(name)) for name in ("link", "title", "pubDate")} for each in items)
    return [Listed(each["link"], each["title"], parsedate_to_datetime(each["pubDate"])) for each in found]


def loop(warm: Sequence[str], feeds: Sequence[str], folder: Path, processes: int) -> Spent:
    """Read all articles of these feeds, once each process has got ready by those of the first."""
    os.environ.update(environment(folder))
    config.settings.cache_clear()
    first, rest = _batches(warm), _batches(feeds)
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        list(pool.map(_one_batch, first))
        began, own = time.monotonic(), time.process_time()
        done = list(pool.map(_one_batch, rest))
        seconds = time.monotonic() - began
    return Spent(seconds, time.process_time() - own + sum(cpu for _, cpu in done), sum(texts for texts, _ in done))


def _batches(feeds: Sequence[str]) -> list[list[Listed]]:
    every = [each for feed in feeds for each in listed(feed)]
    return [every[start : start + BATCH] for start in range(0, len(every), BATCH)]


def _one_batch(batch: Sequence[Listed]) -> tuple[int, float]:
    """How many texts it held, and the seconds of computing."""
    began, texts = time.process_time(), list[str]()
    requests = [http_client.Request(each.url, accept=fetching.ACCEPT) for each in batch]
    replies = http_client.fetch_all(requests, config.settings().fetch_concurrency, True)
    for each, reply in zip(batch, replies, strict=True):
        try:
            if isinstance(reply, StonehandError):
                raise reply
            known = Hints(db.utc_now(), reply.charset, each.title, published_at=each.published_at)
            article = extraction.extract(reply.body, reply.url, known)
            texts.append(findings.leading(article.title, article.text))
        except StonehandError:
            continue
    return len(embedding.embed(texts)), time.process_time() - began
