"""What the page of a replay or a rerun shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stonehand.accounts.permissions import Person
from stonehand.analysis.description import differences
from stonehand.db import Session
from stonehand.rubrics import queries
from stonehand.rubrics.models import Rubric, Trial, TrialItem
from stonehand.web.pages.parts import Badge, Link, Meter
from stonehand.web.pages.rubrics import CompareLine, TrialLine, TrialView
from stonehand.web.words import plural

SHOWN = 60
STATES = {
    "waiting": Badge("Waits", "busy"),
    "running": Badge("Runs", "busy"),
    "done": Badge("Done", "good"),
    "saved": Badge("Saved", "good"),
    "failed": Badge("Failed", "bad"),
}
TITLES = {("replay", "score"): "Replay", ("rerun", "score"): "Scored again", ("rerun", "describe"): "Described again"}


def trial_line(found: Trial) -> TrialLine:
    """A trial in a list."""
    return TrialLine(
        Link(TITLES[found.kind, found.step], f"/rubrics/trials/{found.id}"),
        STATES[found.state],
        found.created_at,
        _words(found),
    )


def _words(found: Trial) -> str:
    if found.state in ("waiting", "running"):
        return f"{plural(found.total, 'article')}, by {found.made_by}"
    return f"{found.differing} of {plural(found.total, 'article')} differ, by {found.made_by}"


def view(session: Session, person: Person, trial_id: str) -> TrialView:
    """One replay or rerun. Raises `TrialNotFound`."""
    found = queries.trial(session, trial_id)
    rubric = session.get(Rubric, found.rubric_id) if found.rubric_id else None
    items = queries.trial_items(session, trial_id, SHOWN)
    is_running, can = found.state in ("waiting", "running"), person.may("edit")
    title = TITLES[found.kind, found.step]
    done = sum(item.new is not None for item, _ in items)
    return TrialView(
        id=found.id,
        title=f"{title}: {rubric.name}" if rubric else title,
        badge=STATES[found.state],
        words=_words(found),
        is_running=is_running,
        meter=Meter(min(done, found.total), found.total),
        shifts=_shifts(found.report),
        rows=tuple(_row(item, words) for item, words in items if not is_running or item.new is not None),
        can_save=can and found.kind == "replay" and found.state == "done",
        can_keep=can and found.kind == "rerun" and found.state in ("done", "saved"),
        rubric=Link(rubric.name, f"/rubrics/{rubric.slug}") if rubric else None,
        error=found.error,
        changed=_changed(session, found, rubric),
    )


def _shifts(report: Mapping[str, Any]) -> tuple[str, ...]:
    """How labels moved, in words."""
    labels = [f"{name or 'no label'}: {old} before, {new} now" for name, (old, new) in report.get("labels", {}).items()]
    moved = [f"scores move by {report['mean_shift']:+.1f} on average"] if report.get("mean_shift") else []
    changed = [f"{name.replace('_', ' ')} changes {count} times" for name, count in report.get("changed", {}).items()]
    return (*labels, *moved, *changed)


def _changed(session: Session, found: Trial, rubric: Rubric | None) -> tuple[str, ...]:
    """What the definition that is tried out says otherwise than the rubric does."""
    if rubric is None or found.definition is None:
        return ()
    said = queries.version(session, rubric.id, rubric.version).definition
    before = {each["name"]: each for each in said["criteria"]}
    after = {each["name"]: each for each in found.definition["criteria"]}
    lines = [f"{name} is new" for name in after if name not in before]
    lines += [f"{name} is gone" for name in before if name not in after]
    for name in (name for name in after if name in before):
        parts = [key for key, value in after[name].items() if before[name].get(key) != value]
        if "weight" in parts:
            lines.append(f"{name} weighs {after[name]['weight']:g}, not {before[name]['weight']:g}")
        lines += [f"{name}: another {key}" for key in parts if key != "weight"]
    lines += [
        f"other {key}" for key in found.definition if key != "criteria" and found.definition[key] != said.get(key)
    ]
    return tuple(lines)


def _row(item: TrialItem, title: str) -> CompareLine:
    return CompareLine(
        item.article_id,
        Link(title or item.article_id, f"/articles/{item.article_id}"),
        _said(item.old),
        _said(item.new),
        item.differs,
        _why(item.old, item.new),
        item.kept,
        item.error,
    )


def _said(found: Mapping[str, Any] | None) -> str:
    if not found:
        return "nothing"
    if "score" in found:
        return f"{found['label']} {found['score']:.0f}".strip()
    topics = ", ".join(each["name"] for each in found["topics"])
    return f"{found['category']}{f': {topics}' if topics else ''}"


def _why(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> tuple[str, ...]:
    """What moved, the most first."""
    if not old or not new:
        return ()
    if "score" not in new:
        return tuple(name.replace("_", " ") for name in differences(old, new))
    before = {part["name"]: part["value"] for part in old["parts"]}
    moved = [(part["value"] - before.get(part["name"], 0.0), part["name"]) for part in new["parts"]]
    large = sorted((each for each in moved if abs(each[0]) >= 1), key=lambda each: -abs(each[0]))
    return tuple(f"{name} {shift:+.0f}" for shift, name in large[:3])
