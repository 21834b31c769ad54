"""What the page of a rehearsal shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stonehand.db import Session
from stonehand.rehearsals import queries
from stonehand.rehearsals.models import Rehearsal, RehearsalItem
from stonehand.web.pages.parts import Badge, Link, Meter
from stonehand.web.pages.prompts import BesideView, RehearsalLine, RehearsalView, TextView
from stonehand.web.words import plural

STATES = {
    "waiting": Badge("Waits", "busy"),
    "running": Badge("Runs", "busy"),
    "done": Badge("Done", "good"),
    "capped": Badge("Stopped at its cap", "warn"),
    "failed": Badge("Failed", "bad"),
}
TITLES = {"try": "Tried", "replay": "Replayed"}
MEANS = (
    ("words", "words", "{:.0f}"),
    ("supported", "supported by sources", "{:.0%}"),
    ("longest_run", "longest copied run", "{:.0f} words"),
    ("warnings", "warnings", "{:.1f}"),
)


def rehearsal_line(found: Rehearsal) -> RehearsalLine:
    """A rehearsal in a list."""
    title = f"{TITLES[found.kind]} {found.prompt}"
    return RehearsalLine(
        Link(title, f"/prompts/rehearsals/{found.id}"), STATES[found.state], found.created_at, _words(found)
    )


def money(micro: int) -> str:
    """An amount in the budget's currency."""
    return f"{micro / 1_000_000:.4f}"


def _words(found: Rehearsal) -> str:
    cap = f" of at most {money(found.cap_micro)}" if found.kind == "replay" else ""
    count = f"{found.done} of {plural(found.total, 'story', 'stories')} written"
    others = "".join(f", {found.report[name]} {name}" for name in ("failed", "left") if found.report.get(name))
    return f"{count}{others}, cost {money(found.spent_micro)}{cap}, by {found.made_by}"


def view(session: Session, rehearsal_id: str) -> RehearsalView:
    """One rehearsal. Raises `RehearsalNotFound`."""
    found = queries.rehearsal(session, rehearsal_id)
    items = queries.items(session, rehearsal_id)
    is_running = found.state in ("waiting", "running")
    against = found.against or "as it was written"
    return RehearsalView(
        id=found.id,
        title=f"{TITLES[found.kind]}: {found.prompt}",
        prompt=Link(found.prompt, f"/prompts/{found.prompt_id}"),
        badge=STATES[found.state],
        words=_words(found),
        is_running=is_running,
        meter=Meter(found.done, found.total),
        columns=(against, found.prompt),
        means=_means(found.report),
        rows=tuple(_beside(each) for each in items if each.new or each.old or each.error),
        error=found.error,
    )


def _means(report: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    old, new = report.get("old", {}), report.get("new", {})
    if not new.get("texts"):
        return ()
    rows = [
        (words, _said(old.get(name), form), _said(new.get(name), form))
        for name, words, form in MEANS
        if new.get(name) is not None
    ]
    costs = (_said(old.get("cost_micro"), ""), _said(new.get("cost_micro"), ""))
    return (*rows, ("cost of all", *costs))


def _said(value: Any, form: str) -> str:
    if value is None:
        return "–"
    return form.format(value) if form else money(int(value))


def _beside(item: RehearsalItem) -> BesideView:
    href = f"/stories/{item.story_id}" if item.story_id else f"/articles/{item.article_id}" if item.article_id else ""
    link = Link(item.title, href or f"/review/{item.draft_id}")
    return BesideView(link, _text(item.old), _text(item.new), item.error)


def _text(told: Mapping[str, Any] | None) -> TextView | None:
    if told is None:
        return None
    figures = [words.format(told[name]) for name, words in _FIGURES if told.get(name) is not None]
    cost = f"cost {money(int(told.get('cost_micro', 0)))}"
    rounds = ["asked twice"] if told.get("rounds", 1) > 1 else []
    text = "\n".join(told.get("titles", ())) or str(told.get("markdown", ""))
    return TextView(
        str(told.get("title", "")), ", ".join([*figures, cost, *rounds]), text, tuple(told.get("warnings", ()))
    )


_FIGURES = (("words", "{} words"), ("supported", "{:.0%} supported"), ("longest_run", "{} words copied in a row"))
