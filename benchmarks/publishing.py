"""publish.overhead_ms, draft.offline_seconds: what a piece costs beyond its target's own time, and to be written.

The target is a WordPress-like server of this process. The baseline sends it the same requests by bare httpx2, over one
connection that is kept; what publishing takes beyond that is ours: the job, the checks, the notes and the guard.
"""

from __future__ import annotations

import base64
import statistics
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import sqlalchemy as sa
from tests.drafts import world
from tests.faults.press import ADMIN, approve, follow
from tests.lookalikes import wordpress as lookalike

from benchmarks import workshop
from stonehand import config
from stonehand.channels import service as channels
from stonehand.db import Database
from stonehand.drafts import service as drafts
from stonehand.drafts.models import Draft
from stonehand.jobs.testing import run_all
from stonehand.publications.models import Publication

FIGURES = ("publish.overhead_ms",)
DRAFTING = ("draft.offline_seconds",)
PIECES, DRAFTS, WARM = 60, 12, 5


def measure() -> Iterator[dict[str, Any]]:
    """From a publication that is due to one that is published, beside the bare requests."""
    with lookalike.running() as site, workshop.opened() as database:
        _open_loopback()
        channel = _channel(database, site)
        times = [_one(database, channel, number) for number in range(PIECES + WARM)][WARM:]
        asked = sum(site.asked.values())
        _check(database, site)
        bare = _bare(site, PIECES + WARM)[WARM:]
    target = statistics.median(bare)
    yield {
        "figure": FIGURES[0],
        "value": round((statistics.median(times) - target) * 1000, 1),
        "baseline": "the same requests by bare httpx2, over one connection",
        "baseline_ms": round(target * 1000, 1),
        "publish_p50_ms": round(statistics.median(times) * 1000, 1),
        "publish_p95_ms": round(statistics.quantiles(times, n=20)[18] * 1000, 1),
        "requests_a_piece": round(asked / (PIECES + WARM), 1),
        "aim": 50,
    }


def _open_loopback() -> None:
    """The target is on this machine, as a site in one's own network would be."""
    import os

    os.environ["STONEHAND_ALLOW_NETWORKS"] = "127.0.0.0/8"
    config.settings.cache_clear()


def _channel(database: Database, site: lookalike.WordPress) -> str:
    follow()
    settings = {"url": site.url, "username": lookalike.USER, "password": lookalike.PASSWORD}
    checked = channels.check("wordpress", "Blog", settings)
    site.asked.clear()
    with database.transaction() as session:
        return channels.add(session, ADMIN, checked).id


def _one(database: Database, channel: str, number: int) -> float:
    with database.transaction() as session:
        approve(session, number, channel)
    began = time.perf_counter()
    run_all(database, queues=("publishing",))
    return time.perf_counter() - began


def _bare(site: lookalike.WordPress, count: int) -> list[float]:
    login = base64.b64encode(f"{lookalike.USER}:{lookalike.PASSWORD}".encode()).decode()
    with httpx2.Client(headers={"Authorization": f"Basic {login}"}, trust_env=False) as client:
        return [_bare_one(client, f"{site.url}/wp-json/wp/v2", number) for number in range(count)]


def _bare_one(client: httpx2.Client, api: str, number: int) -> float:
    """The five requests of a piece: looked for twice, made, shown, and looked at."""
    key, began = f"bare{number:016}", time.perf_counter()
    client.get(f"{api}/posts", params={"slug": key, "status": "publish,draft", "context": "edit"})
    client.get(f"{api}/posts", params={"search": f"stonehand-key:{key}", "status": "publish,draft", "context": "edit"})
    made = client.post(f"{api}/posts", json={"status": "draft", "slug": key, "title": "Bare", "content": "Bare."})
    client.post(f"{api}/posts/{made.json()['id']}", json={"status": "publish", "slug": f"bare-{number}"})
    client.get(f"{api}/posts/{made.json()['id']}", params={"context": "edit"})
    return time.perf_counter() - began


def _check(database: Database, site: lookalike.WordPress) -> None:
    """A figure of what was not done would be none."""
    with database.read() as session:
        states = session.scalars(sa.select(Publication.state)).all()
    assert list(states) == ["published"] * (PIECES + WARM)
    assert site.doubled() == []


def measure_drafts() -> Iterator[dict[str, Any]]:
    """From asking for a draft of a story to its cited text, without a language model."""
    with workshop.opened() as database:
        world.follow()
        times = [_written(database) for _ in range(DRAFTS + 1)]
    yield {
        "figure": DRAFTING[0],
        "value": round(statistics.median(times[1:]), 3),
        "baseline": "the first one of a process, which loads the model of sentence vectors",
        "baseline_seconds": round(times[0], 3),
        "p95_seconds": round(statistics.quantiles(times[1:], n=20)[18], 3),
        "aim": 2,
    }


def _written(database: Database) -> float:
    with database.transaction() as session:
        story = world.story(session)
    began = time.perf_counter()
    with database.transaction() as session:
        draft = drafts.commission(session, story, "bench")
    run_all(database, queues=("generation",))
    took = time.perf_counter() - began
    with database.read() as session:
        found = session.get(Draft, draft)
        assert found is not None
        assert found.current_revision_id, "it was written"
    return took
