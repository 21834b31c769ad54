"""What the pages of rubrics show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stonehand.accounts.permissions import Person
from stonehand.analysis import queries as analyses
from stonehand.db import Session
from stonehand.rubrics import calibration as learning
from stonehand.rubrics import queries
from stonehand.rubrics.models import Calibration, Rubric, Score
from stonehand.web.pages.insight import RubricChoice
from stonehand.web.pages.parts import Badge, Link, Meter
from stonehand.web.pages.rubrics import (
    CalibrationView,
    CriterionForm,
    RubricForm,
    RubricLine,
    RubricsView,
    RubricView,
    ScoredLine,
    TallyLine,
    VersionLine,
)
from stonehand.web.pages.trial_reading import trial_line
from stonehand.web.words import number, plural

SHOWN, MOST = 20, 1000
KINDS = {"choice": "It chooses the label that fits best.", "sum": "It is the weighted mean of its criteria."}


def index(session: Session, person: Person) -> RubricsView:
    """Every rubric."""
    found = queries.rubrics(session)
    waiting = analyses.waiting(session)
    return RubricsView(
        rows=tuple(_line(session, each) for each in found),
        trials=tuple(trial_line(each) for each in queries.trials(session, None, 10)),
        choices=tuple(RubricChoice(each.slug, each.name) for each in found),
        can_edit=person.may("edit"),
        waiting=f"{plural(waiting, 'article waits', 'articles wait')} to be described." if waiting else "",
    )


def _line(session: Session, rubric: Rubric) -> RubricLine:
    said = queries.version(session, rubric.id, rubric.version).definition
    names = [each["name"] for each in said["criteria"]]
    total = queries.count_scored(session, rubric.id, MOST)
    return RubricLine(
        rubric.name,
        f"/rubrics/{rubric.slug}",
        rubric.description,
        _badges(rubric),
        _criteria(said["kind"], names),
        f"{plural(total, 'article scored', 'articles scored')}{', or more' if total == MOST else ''}",
    )


def _criteria(kind: str, names: list[str]) -> str:
    verb = "chooses between" if kind == "choice" else "adds up"
    more = f" and {len(names) - 7} more" if len(names) > 7 else ""
    return f"{verb} {', '.join(names[:7])}{more}"


def _badges(rubric: Rubric) -> tuple[Badge, ...]:
    found = [Badge("Preset")] if rubric.is_preset else []
    return (*found, Badge("Automatic", "good")) if rubric.is_automatic else tuple(found)


def one(session: Session, person: Person, key: str, label: str = "") -> RubricView:
    """One rubric. Raises `RubricNotFound`."""
    rubric = queries.rubric(session, key)
    said = queries.version(session, rubric.id, rubric.version).definition
    tallies = queries.tallies(session, rubric.id)
    total = sum(each.articles for each in tallies)
    here = f"/rubrics/{rubric.slug}"
    return RubricView(
        slug=rubric.slug,
        name=rubric.name,
        description=rubric.description,
        kind="It chooses the label that fits best."
        if said["kind"] == "choice"
        else "It is the weighted mean of its criteria.",
        badges=_badges(rubric),
        version=rubric.version,
        is_automatic=rubric.is_automatic,
        is_preset=rubric.is_preset,
        facts=_facts(said),
        form=form(said),
        versions=tuple(
            VersionLine(
                each.number,
                each.created_at,
                each.made_by,
                each.note,
                "" if each.number == rubric.version else f"{here}/versions/{each.number}/restore",
            )
            for each in queries.versions(session, rubric.id)
        ),
        tallies=tuple(
            TallyLine(
                each.label or "no label",
                f"{here}?label={each.label}",
                Meter(each.articles, total, f"mean {each.mean:.0f}"),
                f"{each.mean:.0f}",
            )
            for each in tallies
        ),
        scored=tuple(_scored(score, title) for score, title in _latest(session, rubric.id, label)),
        trials=tuple(trial_line(each) for each in queries.trials(session, rubric.id, 10)),
        calibration=_calibration(session, rubric, said),
        label=label,
        can_edit=person.may("edit"),
    )


def _latest(session: Session, rubric_id: str, label: str) -> list[tuple[Score, str]]:
    return [(score, one.title or one.url) for score, one in queries.scored(session, rubric_id, SHOWN, label)]


def _scored(score: Score, title: str) -> ScoredLine:
    tone = "warn" if "a person should look" in score.note else "quiet"
    return ScoredLine(
        score.article_id,
        Link(title, f"/articles/{score.article_id}"),
        Badge(f"{score.label} {score.score:.0f}".strip(), "warn" if tone == "warn" else "quiet"),
        score.note,
    )


def _facts(said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Thresholds and gauges in words."""
    facts = []
    if said["bands"]:
        ordered = sorted(said["bands"], key=lambda each: each["from_score"])
        facts.append(("Bands", ", ".join(f"{each['name']} from {each['from_score']:g}" for each in ordered)))
    for gauge in said["gauges"]:
        ordered = sorted(gauge["bands"], key=lambda each: each["from_score"])
        bands = ", ".join(f"{each['name']} from {each['from_score']:g}" for each in ordered)
        facts.append((gauge["name"], bands or "0 to 100"))
    if said["kind"] == "choice":
        sure = said["confidence"]
        facts.append(("Sure", f"from {sure['high']:.0%}; below {sure['review']:.0%} a person should look"))
    if said["access"]:
        opened = ", ".join(f"{name} from {score:g}" for name, score in said["access"].items())
        facts.append(("Opens to readers", f"{opened} in the phase of the text"))
    return tuple(facts)


def form(said: Mapping[str, Any], note: str = "") -> RubricForm:
    """The form, filled with a definition."""
    profile = said["profile"]
    return RubricForm(
        criteria=tuple(_criterion(each) for each in said["criteria"]),
        bands="\n".join(f"{each['name']}: {each['from_score']:g}" for each in said["bands"]),
        is_sum=said["kind"] == "sum" or bool(said["bands"]),
        description=profile["description"],
        topic=profile["topic"],
        keywords=", ".join(profile["keywords"]),
        places=", ".join(profile["places"]),
        names=", ".join(profile["names"]),
        languages=", ".join(profile["languages"]),
        whole=json.dumps(said, ensure_ascii=False, indent=1),
        note=note,
    )


def _criterion(each: Mapping[str, Any]) -> CriterionForm:
    words = "\n".join(f"{language}: {', '.join(known)}" for language, known in each["keywords"].items())
    is_label = each["measure"] == "label"
    return CriterionForm(each["name"], f"{each['weight']:g}", each["description"], each["measure"], words, is_label)


def _calibration(session: Session, rubric: Rubric, said: Mapping[str, Any]) -> CalibrationView:
    judged = len(queries.judgements(session, rubric.id))
    need = max(0, learning.LEAST - judged)
    more = f"; {need} more are needed to learn from them" if need else ""
    learnt = queries.calibration(session, rubric.id)
    return CalibrationView(
        judged=f"{plural(judged, 'article is', 'articles are')} judged by people{more}.",
        learnt=_learnt(learnt) if learnt else "",
        at=learnt.made_at if learnt else None,
        is_outdated=bool(learnt and learnt.version != rubric.version),
    )


def _learnt(learnt: Calibration) -> str:
    report = learnt.report
    if "distance" in report:
        return (
            f"On articles it has not seen it is {report['distance']:.1f} points off people's scores;"
            f" the rubric by itself {report['before_distance']:.1f}, their mean {report['majority_distance']:.1f}."
        )
    return (
        f"On articles it has not seen it agrees with people on {report['accuracy']:.0%} (kappa {report['kappa']:.2f});"
        f" the rubric by itself on {report['before_accuracy']:.0%} (kappa {report['before_kappa']:.2f}),"
        f" always saying the commonest label on {report['majority_accuracy']:.0%}."
        f" {number(report['examples'])} articles."
    )
