"""Trying out before keeping: a rubric replayed over the last 30 days, a step run again for chosen articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.analysis import describing
from stonehand.analysis import queries as analyses
from stonehand.analysis.description import Described, differences
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.rubrics import queries, rubric_presets, service
from stonehand.rubrics.errors import ArticlesUnfit, TrialUnfinished
from stonehand.rubrics.models import Rubric, Score, Trial, TrialItem

REPLAY, RERUN = "replay", "rerun"
SCORE, DESCRIBE = "score", "describe"
MOST_RERUN = 100
CLOSE = 1.0  # points within which two scores are the same
KEPT_DAYS = 30
COLUMNS = ("label", "score", "confidence", "method", "note", "parts", "gauges")


def ask_replay(session: Session, person: Person, key: str, definition: Mapping[str, Any]) -> Trial:
    """Try a definition out on the articles of the last 30 days, as a job; nothing is saved. Raises `RubricInvalid`."""
    person.require("edit")
    rubric = queries.rubric(session, key)
    checked = rubric_presets.read(definition).model_dump(mode="json")
    return _ask(session, person, REPLAY, SCORE, rubric, checked)


def ask_rerun(session: Session, person: Person, ids: Sequence[str], step: str, key: str | None = None) -> Trial:
    """Run a step again for these articles, as a job; what was found before stays until somebody keeps the new.

    Raises `ArticlesUnfit`, `ArticleNotFound`, `RubricNotFound`.
    """
    person.require("edit")
    wanted = list(dict.fromkeys(ids))
    if not 0 < len(wanted) <= MOST_RERUN:
        raise ArticlesUnfit(f"choose 1 to {MOST_RERUN} articles, not {len(wanted)}")
    for article_id in wanted:
        articles.article(session, article_id)
    rubric = queries.rubric(session, key or "") if step == SCORE else None
    made = _ask(session, person, RERUN, step, rubric, None)
    session.add_all(TrialItem(trial_id=made.id, article_id=article_id, old=None, new=None) for article_id in wanted)
    session.flush()
    return made


def _ask(
    session: Session, person: Person, kind: str, step: str, rubric: Rubric | None, definition: dict[str, Any] | None
) -> Trial:
    made = Trial(
        kind=kind,
        step=step,
        rubric_id=rubric.id if rubric else None,
        definition=definition,
        made_by=person.name,
        created_at=db.now(session),
    )
    session.add(made)
    session.flush()
    jobs.enqueue(session, f"rubrics.{kind}", {"trial_id": made.id}, unique_key=f"trial:{made.id}")
    accounts.record(session, person, f"asked for a {kind}", "rubric", rubric.id if rubric else made.id)
    return made


def begin(session: Session, trial_id: str, total: int) -> None:
    """It runs."""
    session.execute(sa.update(Trial).where(Trial.id == trial_id).values(state="running", total=total))


def note(session: Session, trial_id: str, found: Mapping[str, tuple[dict[str, Any] | None, dict[str, Any]]]) -> None:
    """Keep what is said of some articles, old and new."""
    rows: list[dict[str, Any]] = [
        {"trial_id": trial_id, "article_id": article_id, "old": old, "new": new, "differs": differs(old, new)}
        for article_id, (old, new) in found.items()
    ]
    if not rows:
        return
    statement = db.insert(session, TrialItem)
    newer = {name: statement.excluded[name] for name in ("old", "new", "differs")}
    row_keys = ["trial_id", "article_id"]
    blank = {"kept": "", "error": ""}
    session.execute(statement.on_conflict_do_update(index_elements=row_keys, set_=newer), [row | blank for row in rows])


def unfit(session: Session, trial_id: str, ids: Sequence[str], error: str) -> None:
    """Say of some articles why nothing can be said of them."""
    own = (TrialItem.trial_id == trial_id, TrialItem.article_id.in_(ids))
    session.execute(sa.update(TrialItem).where(*own).values(error=error))


def differs(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> bool:
    """Whether a person would see a difference."""
    if old is None:
        return True
    if "score" in new:
        return old.get("label") != new["label"] or abs(float(old.get("score", 0.0)) - float(new["score"])) >= CLOSE
    return bool(differences(old, new))


def end(session: Session, trial_id: str) -> None:
    """It is done: what came of it."""
    rows = session.execute(
        sa.select(TrialItem.old, TrialItem.new, TrialItem.differs).where(TrialItem.trial_id == trial_id)
    )
    seen = [(old, new, bool(other)) for old, new, other in rows if new is not None]
    values = {
        "state": "done",
        "total": len(seen),
        "differing": sum(other for _, _, other in seen),
        "report": _report([(old, new) for old, new, _ in seen]),
        "finished_at": db.now(session),
    }
    session.execute(sa.update(Trial).where(Trial.id == trial_id).values(values))


def fail(session: Session, trial_id: str, error: str) -> None:
    """It ended badly."""
    values = {"state": "failed", "error": error[:500], "finished_at": db.now(session)}
    session.execute(sa.update(Trial).where(Trial.id == trial_id).values(values))


def _report(seen: Sequence[tuple[dict[str, Any] | None, dict[str, Any]]]) -> dict[str, Any]:
    """How labels and mean score moved; of descriptions, how often each part changed."""
    if seen and "score" not in seen[0][1]:
        changed = Counter(name for old, new in seen for name in differences(old or {}, new))
        return {"changed": dict(changed.most_common())}
    before = Counter(old["label"] for old, _ in seen if old)
    after = Counter(new["label"] for _, new in seen)
    labels = {name: [before[name], after[name]] for name in sorted({*before, *after})}
    moved = [new["score"] - old["score"] for old, new in seen if old]
    return {"labels": labels, "mean_shift": round(sum(moved) / len(moved), 2) if moved else 0.0}


# ── keeping one ──


def keep(session: Session, person: Person, trial_id: str, which: str, ids: Sequence[str] = ()) -> int:
    """Keep the new or the old for these articles of a rerun, or for all. Returns how many. Raises `TrialUnfinished`."""
    person.require("edit")
    found = queries.trial(session, trial_id)
    if found.kind != RERUN or found.state not in ("done", "saved"):
        raise TrialUnfinished("only a rerun that has ended lets you keep one of two")
    wish = sa.select(TrialItem).where(TrialItem.trial_id == trial_id, TrialItem.new.is_not(None))
    items = session.scalars(wish.where(TrialItem.article_id.in_(ids)) if ids else wish).all()
    for item in items:
        _apply(session, found, item, which)
        item.kept = which
    session.flush()
    if found.rubric_id is not None:
        service.tell(session, session.get_one(Rubric, found.rubric_id), [item.article_id for item in items])
    accounts.record(session, person, f"kept the {which}", "rerun", trial_id, {"articles": len(items)})
    return len(items)


def _apply(session: Session, found: Trial, item: TrialItem, which: str) -> None:
    """Make the stored result be the chosen one. An article that had none before loses it again with `old`."""
    chosen = item.new if which == "new" else item.old
    if found.step == DESCRIBE:
        if chosen is not None:
            describing.record(session, {item.article_id: Described(**chosen)})
        return
    assert found.rubric_id is not None
    own = (Score.article_id == item.article_id, Score.rubric_id == found.rubric_id)
    if chosen is None:
        session.execute(sa.delete(Score).where(*own))
        return
    version = chosen.get("version", session.get_one(Rubric, found.rubric_id).version)
    values = {name: chosen[name] for name in COLUMNS}
    values |= {"article_id": item.article_id, "rubric_id": found.rubric_id, "version": version}
    values |= {"scored_at": db.now(session)}
    statement = db.insert(session, Score).values(values)
    newer = {name: statement.excluded[name] for name in values if name not in ("article_id", "rubric_id")}
    session.execute(statement.on_conflict_do_update(index_elements=["article_id", "rubric_id"], set_=newer))


def save(session: Session, person: Person, trial_id: str, remark: str = "") -> Rubric:
    """Save the definition that a replay has tried out. Raises `TrialUnfinished`."""
    found = queries.trial(session, trial_id)
    if found.kind != REPLAY or found.definition is None or found.rubric_id is None or found.state != "done":
        raise TrialUnfinished("only a replay that has ended can be saved")
    saved = service.edit(session, person, found.rubric_id, found.definition, remark or "after a replay")
    found.state = "saved"
    return saved


def stored(session: Session, trial: Trial, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is kept of these articles now, as plain data."""
    if trial.step == DESCRIBE:
        names = list(Described.__dataclass_fields__)
        found = analyses.descriptions(session, ids)
        return {article_id: {name: getattr(each, name) for name in names} for article_id, each in found.items()}
    scores = queries.scores(session, trial.rubric_id or "", ids)
    return {
        article_id: {name: getattr(each, name) for name in (*COLUMNS, "version")} for article_id, each in scores.items()
    }


def tidy(session: Session) -> int:
    """Forget trials that are older than 30 days. Returns how many."""
    old = sa.select(Trial.id).where(Trial.created_at < db.now(session) - timedelta(days=KEPT_DAYS)).limit(200)
    ids = session.scalars(old).all()
    session.execute(sa.delete(TrialItem).where(TrialItem.trial_id.in_(ids)))
    session.execute(sa.delete(Trial).where(Trial.id.in_(ids)))
    return len(ids)
