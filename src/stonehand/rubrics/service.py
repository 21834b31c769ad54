"""The verbs of rubrics: make, edit, clone, go back, remove, judge, keep scores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.nlp import vectors
from stonehand.rubrics import queries, rubric_presets
from stonehand.rubrics.calibration import Taught
from stonehand.rubrics.definition import Definition
from stonehand.rubrics.errors import LabelUnknown, PresetKept, RubricInvalid, RubricTaken
from stonehand.rubrics.events import PhaseJudged
from stonehand.rubrics.models import Calibration, Judgement, Rubric, RubricVersion, Score, TrialItem
from stonehand.rubrics.presets import Preset, presets
from stonehand.rubrics.scoring import Scored

LONGEST_NAME, LONGEST_NOTE = 100, 500
HOUSE = "Stonehand"
RESERVED = {"new", "measures", "trials"}
"""Words that follow `/rubrics/` in addresses of their own."""


def install_presets(session: Session) -> int:
    """Make those presets that are not there yet. Returns how many. Nobody's edits are touched."""
    known, made = set(session.scalars(sa.select(Rubric.slug))), 0
    for each in presets():
        if each.slug not in known:
            made += _installed(session, each)
    return made


def _installed(session: Session, each: Preset) -> bool:
    """Whether it was made here; another process may be faster."""
    try:
        with session.begin_nested():
            _insert(session, each.slug, each.name, each.description, each.definition, HOUSE, is_preset=True)
    except sa.exc.IntegrityError:
        return False
    return True


def _insert(
    session: Session, slug: str, name: str, description: str, definition: Mapping[str, Any], by: str, **facts: Any
) -> Rubric:
    moment = db.now(session)
    made = Rubric(
        slug=slug, name=name, description=description, version=1, created_at=moment, updated_at=moment, **facts
    )
    session.add(made)
    session.flush()
    checked = rubric_presets.read(definition).model_dump(mode="json")
    session.add(RubricVersion(rubric_id=made.id, number=1, definition=checked, made_by=by, created_at=moment))
    session.flush()
    return made


def create(session: Session, person: Person, name: str, description: str, definition: Mapping[str, Any]) -> Rubric:
    """Make a rubric of one's own. Raises `RubricInvalid`, `RubricTaken`."""
    person.require("edit")
    install_presets(session)
    name, slug = _named(session, name)
    try:
        with session.begin_nested():
            made = _insert(session, slug, name, description.strip()[:LONGEST_NOTE], definition, person.name)
    except sa.exc.IntegrityError:
        raise _taken(slug) from None
    accounts.record(session, person, "added", "rubric", made.id, {"name": name})
    return made


def _named(session: Session, name: str) -> tuple[str, str]:
    """A name and the word it is found by. Raises `RubricInvalid`, `RubricTaken`."""
    name = " ".join(name.split())
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60]
    if not slug or len(name) > LONGEST_NAME:
        raise RubricInvalid(f"a rubric's name needs letters or digits and at most {LONGEST_NAME} characters")
    if slug in RESERVED:
        raise RubricInvalid(f"a rubric cannot be called {name!r}: its page would stand where another one does")
    if session.scalar(sa.select(Rubric.id).where(Rubric.slug == slug)):
        raise _taken(slug)
    return name, slug


def _taken(slug: str) -> RubricTaken:
    return RubricTaken(f"there is a rubric {slug!r} already; choose another name")


def edit(session: Session, person: Person, key: str, definition: Mapping[str, Any], note: str = "") -> Rubric:
    """Save a new version; earlier ones stay. Raises `RubricNotFound`, `RubricInvalid`."""
    person.require("edit")
    found = queries.rubric(session, key)
    session.refresh(found, with_for_update={"key_share": True})  # two edits at once take turns
    checked = rubric_presets.read(definition).model_dump(mode="json")
    if checked == queries.version(session, found.id, found.version).definition:
        return found
    newest = max(each.number for each in queries.versions(session, found.id))
    moment = db.now(session)
    session.add(
        RubricVersion(
            rubric_id=found.id,
            number=newest + 1,
            definition=checked,
            note=note.strip()[:LONGEST_NOTE],
            made_by=person.name,
            created_at=moment,
        )
    )
    found.version, found.updated_at = newest + 1, moment
    session.flush()
    accounts.record(session, person, "changed", "rubric", found.id, {"version": newest + 1})
    return found


def go_back(session: Session, person: Person, key: str, number: int) -> Rubric:
    """Save what an earlier version said as a new one. Raises `RubricNotFound`."""
    found = queries.rubric(session, key)
    earlier = queries.version(session, found.id, number)
    return edit(session, person, found.id, earlier.definition, f"as version {number} was")


def describe(session: Session, person: Person, key: str, name: str, description: str, automatic: bool) -> Rubric:
    """Change its name, what it is for, and whether every new article is scored. The word it is found by stays."""
    person.require("edit")
    found = queries.rubric(session, key)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise RubricInvalid(f"a rubric's name needs 1 to {LONGEST_NAME} characters")
    found.name, found.description = name, description.strip()[:LONGEST_NOTE]
    found.is_automatic, found.updated_at = automatic, db.now(session)
    accounts.record(session, person, "changed", "rubric", found.id, {"name": name, "automatic": automatic})
    return found


def clone(session: Session, person: Person, key: str, name: str) -> Rubric:
    """Make another that begins with what this one says. Raises `RubricNotFound`, `RubricInvalid`, `RubricTaken`."""
    found = queries.rubric(session, key)
    known = queries.version(session, found.id, found.version).definition
    return create(session, person, name, found.description, known)


def remove(session: Session, person: Person, key: str) -> Rubric:
    """Forget a rubric, its scores and judgements. Raises `PresetKept`, `RubricNotFound`."""
    person.require("edit")
    found = queries.rubric(session, key)
    if found.is_preset:
        raise PresetKept(f"{found.name} is a preset and stays; clone it, or switch its automatic scoring off")
    accounts.record(session, person, "removed", "rubric", found.id, {"name": found.name})
    session.execute(sa.delete(Rubric).where(Rubric.id == found.id))
    return found


def definition(session: Session, key: str, number: int | None = None) -> tuple[Rubric, Definition]:
    """A rubric and what it says, now or in a version. Raises `RubricNotFound`."""
    found = queries.rubric(session, key)
    return found, rubric_presets.read(queries.version(session, found.id, number or found.version).definition)


# ── what people say ──


def judge(
    session: Session, person: Person, key: str, article_id: str, label: str = "", score: float | None = None
) -> Judgement:
    """Say what an article is by a rubric: its label, or its score. Raises `LabelUnknown`, `ArticleNotFound`."""
    person.require("edit")
    found, said = definition(session, key)
    articles.article(session, article_id)
    if said.kind == "choice" and label not in said.names:
        raise LabelUnknown(f"{found.name} knows no label {label!r}; its labels are {', '.join(said.names)}")
    if said.kind == "sum" and (score is None or not 0 <= score <= 100):
        raise LabelUnknown(f"{found.name} takes a score from 0 to 100")
    values = {
        "rubric_id": found.id,
        "article_id": article_id,
        "label": label if said.kind == "choice" else "",
        "score": score if said.kind == "sum" else None,
        "said_by": person.name,
        "said_at": db.now(session),
    }
    statement = db.insert(session, Judgement).values(values)
    newer = {name: statement.excluded[name] for name in ("label", "score", "said_by", "said_at")}
    session.execute(statement.on_conflict_do_update(index_elements=["rubric_id", "article_id"], set_=newer))
    session.expire_all()
    tell(session, found, [article_id])
    return session.get_one(Judgement, (found.id, article_id))


def unjudge(session: Session, person: Person, key: str, article_id: str) -> None:
    """Take back what was said."""
    person.require("edit")
    found = queries.rubric(session, key)
    own = (Judgement.rubric_id == found.id, Judgement.article_id == article_id)
    session.execute(sa.delete(Judgement).where(*own))
    tell(session, found, [article_id])


def keep_calibration(session: Session, rubric: Rubric, model: str, taught: Taught) -> None:
    """Keep what was learnt, in place of what was learnt before."""
    values = {
        "rubric_id": rubric.id,
        "version": rubric.version,
        "model": model,
        "learnt": {"labels": taught.labels, "shape": list(taught.weights.shape)},
        "packed": vectors.pack(taught.weights),
        "examples": taught.report["examples"],
        "report": taught.report,
        "made_at": db.now(session),
    }
    statement = db.insert(session, Calibration).values(values)
    newer = {name: statement.excluded[name] for name in values if name != "rubric_id"}
    session.execute(statement.on_conflict_do_update(index_elements=["rubric_id"], set_=newer))


def drop_calibration(session: Session, person: Person, key: str) -> None:
    """Score as the rubric says by itself again."""
    person.require("edit")
    found = queries.rubric(session, key)
    session.execute(sa.delete(Calibration).where(Calibration.rubric_id == found.id))
    accounts.record(session, person, "uncalibrated", "rubric", found.id)


# ── scores ──


def record(session: Session, rubric: Rubric, scored: Mapping[str, Scored]) -> None:
    """Keep these scores in place of older ones."""
    if not scored:
        return
    moment = db.now(session)
    rows = [row(article_id, rubric, found) | {"scored_at": moment} for article_id, found in scored.items()]
    statement = db.insert(session, Score)
    newer = {name: statement.excluded[name] for name in rows[0] if name not in ("article_id", "rubric_id")}
    session.execute(statement.on_conflict_do_update(index_elements=["article_id", "rubric_id"], set_=newer), rows)
    tell(session, rubric, list(scored))


def tell(session: Session, rubric: Rubric, article_ids: Sequence[str]) -> None:
    """Announce what is new of these articles, if it is the rubric by which articles get their level."""
    if rubric.slug == queries.LEVELLER:
        jobs.announce_many(session, [PhaseJudged(each) for each in article_ids])


def row(article_id: str, rubric: Rubric, found: Scored) -> dict[str, Any]:
    """The columns of a score, but for its time."""
    plain = found.as_dict()
    kept = ("label", "score", "confidence", "method", "note", "parts", "gauges")
    return {"article_id": article_id, "rubric_id": rubric.id, "version": rubric.version} | {
        name: list(plain[name]) if name in ("parts", "gauges") else plain[name] for name in kept
    }


def forget(session: Session, article_ids: Sequence[str]) -> None:
    """Drop what was said of these articles."""
    for table in (Score, Judgement, TrialItem):
        session.execute(sa.delete(table).where(table.article_id.in_(article_ids)))


def noted(found: Scored, note: str) -> Scored:
    """The same score with one thing more to know."""
    return replace(found, note="; ".join(part for part in (found.note, note) if part))
