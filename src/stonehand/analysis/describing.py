"""Which articles wait for a description, and keeping one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import sqlalchemy as sa

from stonehand import db
from stonehand.analysis import categories, description
from stonehand.analysis.description import Described, Matrix
from stonehand.analysis.models import Analysis, ArticleTopic, Description, LabelVectors
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.nlp import vectors

DRAWERS = "categories"
PRIORITY = 1  # of jobs that nobody waits for
TRIP = ("fetch", "extract", "analysis", "stories")


@dataclass(frozen=True)
class Reading:
    """What a description is made of. `analysed` is the moment of the analysis that it belongs to."""

    title: str
    text: str
    language: str
    vector: Matrix
    model: str


def due(session: Session, limit: int) -> Sequence[str]:
    """Articles whose analysis was not described yet, the newest first; then those described by an older version.

    Each is one step backwards through an index, however many wait.
    """
    wish = sa.select(Analysis.article_id).order_by(Analysis.described.desc(), Analysis.article_id.desc())
    new = session.scalars(wish.where(Analysis.described == 0).limit(limit)).all()
    if len(new) == limit:
        return new
    outdated = wish.where(Analysis.described > 0, Analysis.described < description.VERSION)
    return [*new, *session.scalars(outdated.limit(limit - len(new)))]


def is_busy(session: Session) -> bool:
    """Whether articles wait on their way to a story, so that what nobody waits for should give way."""
    waiting = sa.select(Job.id).where(Job.state == State.AVAILABLE, Job.queue.in_(TRIP), Job.priority > PRIORITY)
    return session.scalar(waiting.limit(1)) is not None


def read(session: Session, ids: Sequence[str]) -> dict[str, Reading]:
    """Those of these articles that have a text and an analysis, by id."""
    texts = articles.texts(session, ids)
    columns = (Analysis.article_id, Analysis.language, Analysis.vector, Analysis.vector_model)
    rows = session.execute(sa.select(*columns).where(Analysis.article_id.in_(ids)))
    return {
        article_id: Reading(texts[article_id].title, texts[article_id].text, language, vectors.unpack(packed), model)
        for article_id, language, packed, model in rows
        if article_id in texts
    }


def describe(readings: Mapping[str, Reading], drawers: Mapping[str, Matrix]) -> dict[str, Described]:
    """The descriptions, by article. `drawers` are the labels' vectors by model; without them words decide alone."""
    none = np.zeros((0, vectors.stack([]).shape[1]), dtype=np.float32)
    return {
        article_id: description.describe(
            each.title, each.text, each.language, each.vector, drawers.get(each.model, none)
        )
        for article_id, each in readings.items()
    }


def record(session: Session, described: Mapping[str, Described], asked: Sequence[str] = ()) -> None:
    """Keep descriptions in place of older ones. `asked` may hold others that have no text: they wait no longer."""
    moment, ids = db.now(session), list(described)
    session.execute(sa.delete(ArticleTopic).where(ArticleTopic.article_id.in_(ids)))
    if ids:
        rows = [_row(article_id, found, moment) for article_id, found in described.items()]
        statement = db.insert(session, Description)
        newer = {name: statement.excluded[name] for name in rows[0] if name != "article_id"}
        session.execute(statement.on_conflict_do_update(index_elements=["article_id"], set_=newer), rows)
    topics = [
        {"article_id": article_id, "name": topic["name"].casefold(), "score": topic["score"]}
        for article_id, found in described.items()
        for topic in found.topics
    ]
    if topics:
        session.execute(sa.insert(ArticleTopic), topics)
    done = sa.update(Analysis).where(Analysis.article_id.in_([*ids, *asked]))
    session.execute(done.values(described=description.VERSION).execution_options(synchronize_session=False))


def _row(article_id: str, found: Described, moment: object) -> dict[str, object]:
    return {"article_id": article_id, **asdict(found), "tone": found.sentiment["label"], "created_at": moment}


# ── the labels' vectors ──


def digest(texts: Sequence[str]) -> str:
    """Of the texts that labels are embedded from."""
    return hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:32]


def drawer_digest() -> str:
    """Of the categories and topics as they are described now."""
    return digest(categories.drawers().descriptions)


def label_vectors(session: Session, name: str, known: str) -> dict[str, Matrix]:
    """The vectors of these labels by model, as far as they were made of the words whose digest is `known`."""
    wish = sa.select(LabelVectors.model, LabelVectors.packed)
    rows = session.execute(wish.where(LabelVectors.name == name, LabelVectors.digest == known))
    width = vectors.stack([]).shape[1]
    return {model: vectors.unpack(packed).reshape(-1, width) for model, packed in rows}


def keep_labels(session: Session, name: str, model: str, known: str, rows: Matrix, trained_on: int = 0) -> None:
    """Keep the vectors of these labels."""
    values = {
        "name": name,
        "model": model,
        "digest": known,
        "packed": vectors.pack(rows),
        "trained_on": trained_on,
        "updated_at": db.now(session),
    }
    statement = db.insert(session, LabelVectors).values(values)
    newer = {column: statement.excluded[column] for column in values if column not in ("name", "model")}
    session.execute(statement.on_conflict_do_update(index_elements=["name", "model"], set_=newer))


def recent_vectors(session: Session, model: str, limit: int) -> Matrix:
    """The vectors of the articles analysed last, by this model."""
    wish = sa.select(Analysis.vector).where(Analysis.vector_model == model)
    return vectors.stack(session.scalars(wish.order_by(Analysis.article_id.desc()).limit(limit)).all())
