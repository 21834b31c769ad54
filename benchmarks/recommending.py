"""recommend.seconds and recommend.ndcg: recommendations for very many readers, and how good they are."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from benchmarks import readers
from benchmarks.readers import Town
from stonehand.reading.ranking import blending, collaborative, ease, neighbours
from stonehand.reading.ranking.blending import Side
from stonehand.reading.ranking.marks import Marks, matrix

FIGURES = ("recommend.seconds", "recommend.ndcg")
READERS, ARTICLES, EACH = 10_000, 100_000, 60
PROCESSES = 2
TOGETHER = 2000
AT = 10
READY = "ready\n"
HIDDEN = 5  # articles of each reader that are to be found again
NEAREST = 100  # neighbours of plain item-kNN
SIZES = {"few articles (EASE)": (1500, 2500, 40), "many articles (walks)": (2500, 6000, 40)}


def measure() -> Iterator[dict[str, Any]]:
    """How good, then how fast."""
    yield from measure_quality()
    yield from measure_speed()


# ── how good ──


def measure_quality() -> Iterator[dict[str, Any]]:
    """nDCG@10 of hidden articles, beside popularity, item-kNN, and each of our parts alone."""
    for name, (count, width, each) in SIZES.items():
        town = readers.town(count, width, each)
        known, hidden = town.marks(town.read[:, HIDDEN:]), town.read[:, :HIDDEN]
        found = {which: _ndcg(scores, known, hidden) for which, scores in _rankings(town, known).items()}
        yield {
            "figure": FIGURES[1],
            "value": round(found.pop("ours"), 4),
            "baseline": {which: round(value, 4) for which, value in found.items()},
            "data": name,
            "readers": count,
            "articles": width,
        }
    yield _cold()


def _rankings(town: Town, known: Marks) -> dict[str, NDArray[np.float32]]:
    found = collaborative.fit(known)
    popular = known.popularity().astype(np.float32)
    return {
        "ours": _blended(town, known, found),
        "popularity": np.tile(popular, (known.readers, 1)),
        "item-kNN": neighbours.score(known, _cosines(known)),
        "neighbours alone": neighbours.score(known, found),
        "content alone": blending.tastes(known, town.vectors) @ town.vectors.T,
    }


def _blended(town: Town, known: Marks, found: neighbours.Neighbours) -> NDArray[np.float32]:
    popular = np.log1p(known.popularity()).astype(np.float32)
    side = Side(town.vectors, found.known, popular / popular.max(), np.ones(known.width, dtype=np.float32))
    return blending.blend(neighbours.tell(known, found), blending.tastes(known, town.vectors), known, side)


def _cosines(known: Marks) -> neighbours.Neighbours:
    """Plain item-kNN: the cosine of who read two articles (Sarwar and others 2001)."""
    gram = ease._gram(known)
    lengths = np.sqrt(np.maximum(np.diag(gram), 1))
    cosines = gram / lengths[:, None] / lengths
    np.fill_diagonal(cosines, 0)
    items = np.argpartition(-cosines, NEAREST, axis=1)[:, :NEAREST].astype(np.int32)
    return neighbours.Neighbours(items, np.take_along_axis(cosines, items, axis=1).astype(np.float32))


def _ndcg(scores: NDArray[np.float32], known: Marks, hidden: NDArray[np.int32]) -> float:
    """Mean over readers; what they know already is not recommended again."""
    masked = scores.copy()
    masked[known.rows(), known.items] = -np.inf
    best = np.argsort(-masked, axis=1, kind="stable")[:, :AT]
    gains = 1 / np.log2(np.arange(2, AT + 2))
    hits = (best[:, :, None] == hidden[:, None, :]).any(axis=2)
    ideal = gains[: min(AT, hidden.shape[1])].sum()
    return float(((hits * gains).sum(axis=1) / ideal).mean())


def _cold() -> dict[str, Any]:
    """Articles that nobody has read yet, ranked among themselves."""
    count, width, each = SIZES["few articles (EASE)"]
    town = readers.town(count, width, each)
    new = np.arange(width) % 5 == 0
    told = ~new[town.read]
    rows = np.repeat(np.arange(count), told.sum(axis=1)).astype(np.int32)
    known = matrix(rows, town.read[told], np.ones(len(rows)), count, width)
    scores = _blended(town, known, collaborative.fit(known))
    scores[:, ~new] = -np.inf
    value, chance = _of_new(scores, town, new), _of_new(_noise(scores), town, new)
    baseline = {"chance": round(chance, 4)}
    return {"figure": FIGURES[1], "value": round(value, 4), "baseline": baseline, "data": "articles nobody read yet"}


def _noise(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    drawn = np.random.default_rng(3).random(scores.shape, dtype=np.float32)
    return np.where(np.isfinite(scores), drawn, -np.inf).astype(np.float32)


def _of_new(scores: NDArray[np.float32], town: Town, new: NDArray[np.bool_]) -> float:
    best, gains = np.argsort(-scores, axis=1)[:, :AT], 1 / np.log2(np.arange(2, AT + 2))
    values = []
    for reader, read in enumerate(town.read):
        wanted = read[new[read]]
        if len(wanted):
            values.append((np.isin(best[reader], wanted) * gains).sum() / gains[: min(AT, len(wanted))].sum())
    return float(np.mean(values))


# ── how fast ──


def measure_speed() -> Iterator[dict[str, Any]]:
    """All recommendations anew, from the database to the database: one process fits, then two make lists.

    The processes are up before the clock starts, as those of a worker are; they have read nothing of the database.
    """
    small = int(os.environ.get("STONEHAND_TEST_READERS", READERS))
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "STONEHAND_DATA_DIR": folder, "STONEHAND_TEST_READERS": str(small)}
        _run(["fill"], environment)
        fitting = _up(["fit"], environment)
        listing = _up(["lists"] * PROCESSES, environment | {"OPENBLAS_NUM_THREADS": "1"})
        began = time.perf_counter()
        ((fit_peak, fit_cpu),) = _done(fitting)
        fitted = time.perf_counter() - began
        lists = _done(listing)
        seconds = time.perf_counter() - began
        ((made, _),) = _run(["count"], environment)
        megabytes = max(fit_peak, sum(peak for peak, _ in lists))
        computed = fit_cpu + sum(cpu for _, cpu in lists)
    yield {
        "figure": FIGURES[0],
        "value": round(seconds, 1),
        "baseline": "60 s",
        "readers": small,
        "articles": small * ARTICLES // READERS,
        "deeds": small * EACH,
        "neighbours_seconds": round(fitted, 1),
        "cpu_seconds": round(computed, 1),
        "peak_mb": round(megabytes),
        "lists": int(made),
        "load": round(os.getloadavg()[0], 1),
    }


def _run(parts: list[str], environment: dict[str, str]) -> list[tuple[float, float]]:
    """Run parts side by side, each in a process of its own. Returns the last two numbers that each prints."""
    return _done(_up(parts, environment))


def _up(parts: list[str], environment: dict[str, str]) -> list[subprocess.Popen[str]]:
    """The processes of these parts, each of which has said that it is ready and waits for a line."""
    command, pipe = [sys.executable, "-m", "benchmarks.recommending"], subprocess.PIPE
    started = [
        subprocess.Popen([*command, part], env=environment, stdin=pipe, stdout=pipe, text=True) for part in parts
    ]
    for each in started:
        assert each.stdout
        while each.stdout.readline() not in (READY, ""):
            pass
    return started


def _done(started: list[subprocess.Popen[str]]) -> list[tuple[float, float]]:
    for each in started:
        assert each.stdin
        each.stdin.write("\n")
        each.stdin.flush()
    answers = [each.communicate()[0].split()[-2:] for each in started]
    if any(each.returncode for each in started):
        raise RuntimeError("a part of the measurement failed")
    return [(float(answer[0]), float(answer[1])) for answer in answers if answer]


def _fill(count: int) -> None:
    """A database with readers, articles and what they did."""
    from stonehand import db, migrations
    from stonehand.accounts.models import User
    from stonehand.analysis.models import Analysis
    from stonehand.articles.models import Article
    from stonehand.nlp import vectors
    from stonehand.reading.models import Reading, ReadingCount

    width = count * ARTICLES // READERS
    town = readers.town(count, width, EACH)
    database = db.database()
    migrations.load_models().create_all(database.engine)
    moment = db.utc_now()
    users, ids = [db.new_id() for _ in range(count)], [db.new_id() for _ in range(width)]
    outlets = width // 200 or 1
    times = dict.fromkeys(("fetched_at", "created_at", "updated_at"), moment)
    with database.engine.begin() as connection:
        fixed = {"role": "viewer", "password_hash": "", "is_active": True, "created_at": moment}
        connection.execute(
            sa.insert(User), [fixed | {"id": id_, "email": f"{id_}@x.example", "name": id_} for id_ in users]
        )
    for first in range(0, width, TOGETHER):
        some = range(first, min(first + TOGETHER, width))
        with database.engine.begin() as connection:
            connection.execute(sa.insert(Article), [_article(at, ids[at], outlets, times, width) for at in some])
            connection.execute(
                sa.insert(Analysis), [_analysis(ids[at], vectors.pack(town.vectors[at]), moment) for at in some]
            )
            counts = np.bincount(town.read.ravel(), minlength=width)
            connection.execute(
                sa.insert(ReadingCount),
                [{"article_id": ids[at], "day": moment.date(), "views": int(counts[at]), **ZEROS} for at in some],
            )
    for first in range(0, count, 200):
        rows = [
            {"user_id": users[reader], "article_id": ids[at], "started_at": moment, "completed_at": moment}
            for reader in range(first, min(first + 200, count))
            for at in town.read[reader]
        ]
        with database.engine.begin() as connection:
            connection.execute(sa.insert(Reading), [row | DEED | {"updated_at": moment} for row in rows])


ZEROS = dict.fromkeys(("reads", "likes", "saves", "shares", "dismissals", "ratings", "rating_total", "seconds"), 0)
DEED = {"views": 1, "seconds": 60, "scroll": 100, "rating": None} | dict.fromkeys(
    ("liked", "saved", "shared", "dismissed"), False
)


def _article(at: int, id_: str, outlets: int, times: dict[str, Any], width: int) -> dict[str, Any]:
    url = f"https://outlet{at % outlets}.example/{at}"
    published = times["created_at"] - timedelta(minutes=(width - at) % 40_000)
    facts = {"id": id_, "url": url, "canonical_url": url, "state": "extracted", "title": f"Article {at}"}
    return facts | times | {"published_at": published, "excerpt": "", "word_count": 300}


def _analysis(id_: str, vector: bytes, moment: Any) -> dict[str, Any]:
    facts = {"article_id": id_, "language": "en", "language_confidence": 1.0, "key_phrases": [], "vector": vector}
    return facts | {
        "vector_model": "bench",
        "word_count": 300,
        "reading_minutes": 2,
        "created_at": moment,
        "updated_at": moment,
    }


def _jobs(part: str) -> None:
    """Run the nightly job, or what it asked for. Prints peak megabytes and seconds of computing."""
    from stonehand import db, jobs, pipeline
    from stonehand.jobs.testing import run_all

    pipeline.install_worker()
    database = db.database()
    _wait()
    before = time.process_time()
    if part == "fit":
        with database.transaction() as session:
            jobs.enqueue(session, "reading.update_all", {})
    run_all(database, queues=("recommendations",), rounds=1 if part == "fit" else 50)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time() - before)


def _wait() -> None:
    """Say that this process is up, and wait for a line."""
    sys.stdout.write(READY)
    sys.stdout.flush()
    sys.stdin.readline()


def _count() -> None:
    """Prints how many lists there are, and how many jobs did not end well."""
    from stonehand import db
    from stonehand.jobs.models import Job
    from stonehand.reading.models import Recommendations

    with db.database().read() as session:
        made = session.scalar(sa.select(sa.func.count()).select_from(Recommendations)) or 0
        bad = session.scalars(sa.select(Job.error).where(Job.state != "completed").limit(3)).all()
    if bad:
        raise SystemExit(f"some jobs failed: {bad}")
    print(made, len(bad))


if __name__ == "__main__":
    assert Path("benchmarks").is_dir()
    if sys.argv[1] in ("fill", "count"):
        _wait()
    if sys.argv[1] == "fill":
        _fill(int(os.environ["STONEHAND_TEST_READERS"]))
    elif sys.argv[1] == "count":
        _count()
    else:
        _jobs(sys.argv[1])
