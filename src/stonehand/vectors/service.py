"""The verbs of vectors: what is near, what is to be forgotten, and making an index again."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from stonehand import config, db, jobs, log
from stonehand.analysis.models import Analysis
from stonehand.db import Session
from stonehand.errors import StonehandError
from stonehand.nlp import vectors
from stonehand.nlp.vectors import Row
from stonehand.vectors import following, qdrant, reading
from stonehand.vectors.errors import VectorMissing
from stonehand.vectors.interfaces import Near
from stonehand.vectors.local import LocalIndex

SPARE = 50  # more are asked for than wanted, since some may have gone
_logger = log.logger(__name__)


@dataclass(frozen=True)
class Status:
    """How one index of one model stands. `there` is how many vectors the database has."""

    model: str
    kind: str
    place: str
    count: int
    there: int
    until: str
    problem: str = ""


def local(session: Session, model: str) -> LocalIndex:
    """This machine's index of a model of this database."""
    return _index(_folder(session) / model)


@cache
def _index(folder: Path) -> LocalIndex:
    return LocalIndex(folder)


def _folder(session: Session) -> Path:
    url = session.get_bind().engine.url.render_as_string(hide_password=True)
    return config.settings().data_dir / "vectors" / hashlib.sha256(url.encode()).hexdigest()[:16]


def nearest(session: Session, row: Row, model: str, k: int) -> list[Near]:
    """The articles whose vectors of this model are closest to `row` (float32 [384]), the closest first.

    What changed since is put into the index first, a few thousand at a time. Whatever the index says, only articles
    that still have a vector in the database are told of.
    """
    index = local(session, model)
    following.follow(session, index, model)
    return _present(session, index.nearest(row, k + SPARE), model)[:k]


def near(session: Session, article_id: str, k: int) -> list[Near]:
    """The articles closest to this one, without itself. Raises `VectorMissing`."""
    row, model = vector(session, article_id)
    return [each for each in nearest(session, row, model, k + 1) if each.id != article_id][:k]


def near_afar(article_id: str, k: int) -> list[Near] | None:
    """The same from the server of `QDRANT_URL`; None without one, or while it does not answer.

    Call it with no transaction open. Raises `VectorMissing`.
    """
    if not config.settings().qdrant_url:
        return None
    with db.database().read() as session:
        row, model = vector(session, article_id)
    index = qdrant.configured(model)
    try:
        found = index.nearest(row, k + 1 + SPARE) if index else []
    except StonehandError as error:
        _logger.warning("Qdrant does not answer; this machine's own index does", reason=str(error))
        return None
    with db.database().read() as session:
        return [each for each in _present(session, found, model) if each.id != article_id][:k]


def vector(session: Session, article_id: str) -> tuple[Row, str]:
    """An article's vector and the model it is of. Raises `VectorMissing`."""
    wish = sa.select(Analysis.vector, Analysis.vector_model).where(Analysis.article_id == article_id)
    found = session.execute(wish).one_or_none()
    if found is None:
        raise VectorMissing(f"article {article_id} was not analysed yet, so nothing can be compared with it")
    return vectors.unpack(found.vector), found.vector_model


def _present(session: Session, found: Sequence[Near], model: str) -> list[Near]:
    there = reading.present(session, [each.id for each in found], model)
    return [each for each in found if each.id in there]


def forget(session: Session, article_ids: Collection[str]) -> None:
    """Take these out of every index: this machine's once the transaction commits, a server's in a job."""
    ids, folder = list(article_ids), _folder(session)
    if ids:
        db.after_commit(session, lambda: _remove(folder, ids))
        if config.settings().qdrant_url:
            jobs.enqueue(session, "vectors.remove", {"article_ids": " ".join(ids)})


def _remove(folder: Path, ids: Collection[str]) -> None:
    for each in folder.iterdir() if folder.is_dir() else ():
        _index(each).remove(ids)


def drop() -> None:
    """Remove this machine's indexes, such as after a backup was restored. They are made again when they are asked."""
    with suppress(FileNotFoundError):
        shutil.rmtree(config.settings().data_dir / "vectors")


def status(session: Session) -> list[Status]:
    """This machine's index of each model, without asking any server."""
    found = []
    for model, there in sorted(reading.counts(session).items()):
        index = local(session, model)
        found.append(Status(model, "local", str(index.folder), index.count(), there, index.head().until))
    return found


def status_afar(known: Sequence[Status]) -> list[Status]:
    """How those on the server of `QDRANT_URL` stand. Call it with no transaction open."""
    found = []
    for each in known:
        index = qdrant.configured(each.model)
        if index is None:
            continue
        try:
            count, problem = index.count(), ""
        except StonehandError as error:
            count, problem = 0, str(error)
        place = f"{index.url}/collections/{index.collection}"
        found.append(Status(each.model, "qdrant", place, count, each.there, "", problem))
    return found
