"""Rubrics: what they say, scoring, calibration, trying out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show
from stonehand.errors import Rejected

if TYPE_CHECKING:
    from stonehand.rubrics.models import Rubric

COLUMNS = ("slug", "name", "version", "is_preset", "is_automatic")
FILE = click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)


class FileUnreadable(Rejected):
    """A file does not hold what is wanted."""


@click.group()
def rubric() -> None:
    """Judge texts by rubrics: named criteria, weights and thresholds, as data."""


@rubric.command("list")
@json_option
def list_rubrics(as_json: bool) -> None:
    """List every rubric."""
    from stonehand.cli import preparation
    from stonehand.rubrics import queries, service

    with preparation.open_database().transaction() as session:
        service.install_presets(session)
        rows = [_facts(each) for each in queries.rubrics(session)]
    show(rows if as_json else [{name: row[name] for name in COLUMNS} for row in rows], as_json)


def _facts(each: Rubric) -> dict[str, Any]:
    names = ("id", "slug", "name", "description", "version", "is_preset", "is_automatic", "updated_at")
    return {name: getattr(each, name) for name in names}


@rubric.command("show")
@click.argument("key", metavar="RUBRIC")
@click.option("--version", "number", type=click.IntRange(1), help="What it said in this version.")
@json_option
def show_rubric(key: str, number: int | None, as_json: bool) -> None:
    """Show what a rubric says, its versions, and how its scores are spread."""
    from dataclasses import asdict

    from stonehand.cli import preparation
    from stonehand.rubrics import queries, service

    with preparation.open_database().transaction() as session:
        service.install_presets(session)
        found = queries.rubric(session, key)
        said = queries.version(session, found.id, number or found.version).definition
        learnt = queries.calibration(session, found.id)
        versions = [each.number for each in queries.versions(session, found.id)]
        tallies = [asdict(each) for each in queries.tallies(session, found.id)]
        facts = _facts(found) | {"versions": versions, "calibration": learnt.report if learnt else None}
    if as_json:
        show(facts | {"definition": said, "tallies": tallies}, as_json)
        return
    show({name: value for name, value in facts.items() if value not in (None, "", False)}, as_json)
    click.echo()
    show(
        [{"criterion": each["name"], "weight": each["weight"], "by": each["measure"]} for each in said["criteria"]],
        as_json,
    )
    if tallies:
        click.echo()
        show(tallies, as_json)


@rubric.command()
@click.argument("name")
@click.argument("file", type=FILE)
@click.option("--description", default="", help="What it is for.")
@as_option
@json_option
def create(name: str, file: Path, description: str, by: str | None, as_json: bool) -> None:
    """Make a rubric called NAME from a JSON FILE (- is standard input); begin with what `rubric show --json` prints."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import service

    said = _definition(file)
    with preparation.open_database().transaction() as session:
        made = service.create(session, acting.administrator(session, by), name, description, said)
        facts = _facts(made)
    show(facts, as_json)


@rubric.command()
@click.argument("key", metavar="RUBRIC")
@click.argument("file", type=FILE)
@click.option("--note", default="", help="What changed.")
@as_option
@json_option
def edit(key: str, file: Path, note: str, by: str | None, as_json: bool) -> None:
    """Save a new version of a rubric from a JSON FILE."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import service

    said = _definition(file)
    with preparation.open_database().transaction() as session:
        facts = _facts(service.edit(session, acting.administrator(session, by), key, said, note))
    show(facts, as_json)


def _definition(file: Path) -> dict[str, Any]:
    """A definition, alone or inside what `show --json` prints."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        found = json.loads(text)
    except (ValueError, OSError) as error:
        raise FileUnreadable(
            f"{file} is no JSON: {error}; see what `stonehand rubric show RUBRIC --json` prints"
        ) from None
    if not isinstance(found, dict):
        raise FileUnreadable(f"{file} must hold a JSON object, the rubric's definition")
    inner: dict[str, Any] = found["definition"] if isinstance(found.get("definition"), dict) else found
    return inner


@rubric.command()
@click.argument("key", metavar="RUBRIC")
@click.argument("name")
@as_option
@json_option
def clone(key: str, name: str, by: str | None, as_json: bool) -> None:
    """Copy a rubric under another NAME."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import service

    with preparation.open_database().transaction() as session:
        service.install_presets(session)
        facts = _facts(service.clone(session, acting.administrator(session, by), key, name))
    show(facts, as_json)


@rubric.command()
@click.argument("key", metavar="RUBRIC")
@click.option("--on/--off", default=True, help="Whether every new article is scored by it.")
@as_option
@json_option
def automatic(key: str, on: bool, by: str | None, as_json: bool) -> None:
    """Score every new article by a rubric, or no longer."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import queries, service

    with preparation.open_database().transaction() as session:
        service.install_presets(session)
        found = queries.rubric(session, key)
        person = acting.administrator(session, by)
        facts = _facts(service.describe(session, person, key, found.name, found.description, on))
    show(facts, as_json)


@rubric.command()
@click.argument("key", metavar="RUBRIC")
@as_option
@json_option
def remove(key: str, by: str | None, as_json: bool) -> None:
    """Remove a rubric of one's own, with its scores and judgements."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import service

    with preparation.open_database().transaction() as session:
        facts = {"removed": service.remove(session, acting.administrator(session, by), key).slug}
    show(facts, as_json)


@rubric.command()
@click.argument("key", metavar="RUBRIC")
@click.argument("article_ids", nargs=-1, required=True, metavar="ARTICLE...")
@click.option("--offline", is_flag=True, help="Ask no language model.")
@click.option("--job", is_flag=True, help="Ask a worker to do it instead of doing it here.")
@as_option
@json_option
def score(key: str, article_ids: tuple[str, ...], offline: bool, job: bool, by: str | None, as_json: bool) -> None:
    """Score articles by a rubric, and say why."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import asking

    database, way = preparation.open_pipeline(), "offline" if offline else "best"
    if job:
        with database.transaction() as session:
            job_id = asking.score(session, acting.administrator(session, by), [key], article_ids, way)
        show({"job_id": job_id}, as_json)
        return
    rows = _score_here(database, key, list(dict.fromkeys(article_ids)), way)
    if as_json:
        show(rows, as_json)
        return
    for row in rows:
        show({name: row[name] for name in ("article_id", "label", "score", "confidence", "method", "note")}, as_json)
        show(
            [{"criterion": part["name"], "value": part["value"], "because": part["reason"]} for part in row["parts"]],
            as_json,
        )
        click.echo()


def _score_here(database: Any, key: str, ids: list[str], way: Any) -> list[dict[str, Any]]:
    from stonehand.rubrics import judging, service
    from stonehand.rubrics.errors import ArticlesUnfit

    with database.transaction() as session:
        service.install_presets(session)
    with database.read() as session:
        known, subjects = judging.known(session, key), judging.subjects(session, ids)
    missing = [each for each in ids if each not in subjects]
    if missing:
        raise ArticlesUnfit(f"there is no article {missing[0]} with a text")
    judge = judging.Judge(known, way)
    found = {each: judge.score(subjects[each]) for each in ids}
    with database.transaction() as session:
        service.record(session, known.rubric, found)
    return [{"article_id": each, "rubric": known.rubric.slug} | found[each].as_dict() for each in ids]


@rubric.command()
@click.argument("key", metavar="RUBRIC")
@click.argument("article_id", metavar="ARTICLE")
@click.argument("said", metavar="LABEL|SCORE")
@as_option
@json_option
def judge(key: str, article_id: str, said: str, by: str | None, as_json: bool) -> None:
    """Say what an article is by a rubric: a label of a choice, or a score from 0 to 100."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import service

    with preparation.open_pipeline().transaction() as session:
        service.install_presets(session)
        _, definition = service.definition(session, key)
        label, score = (said, None) if definition.kind == "choice" else ("", _number(said))
        found = service.judge(session, acting.administrator(session, by), key, article_id, label, score)
        facts = {"article_id": article_id, "label": found.label, "score": found.score, "said_by": found.said_by}
    show(facts, as_json)


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


@rubric.command()
@click.argument("key", metavar="RUBRIC")
@click.option("--forget", is_flag=True, help="Forget what was learnt; the judgements stay.")
@as_option
@json_option
def calibrate(key: str, forget: bool, by: str | None, as_json: bool) -> None:
    """Ask a worker to learn from what people said of articles."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import asking, service

    with preparation.open_pipeline().transaction() as session:
        person = acting.administrator(session, by)
        if forget:
            service.drop_calibration(session, person, key)
        facts: dict[str, Any] = {"forgotten": key} if forget else {"job_id": asking.calibrate(session, person, key)}
    show(facts, as_json)


@rubric.command()
@click.argument("key", metavar="RUBRIC")
@click.argument("file", type=FILE)
@as_option
@json_option
def replay(key: str, file: Path, by: str | None, as_json: bool) -> None:
    """Ask a worker to try a definition out on the last 30 days, beside what the rubric says now; nothing is saved."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import service, trials

    said = _definition(file)
    with preparation.open_pipeline().transaction() as session:
        service.install_presets(session)
        facts = _trial(trials.ask_replay(session, acting.administrator(session, by), key, said))
    show(facts, as_json)


@rubric.command()
@click.argument("article_ids", nargs=-1, required=True, metavar="ARTICLE...")
@click.option("--rubric", "key", metavar="RUBRIC", help="Score them again by it; without it, they are described again.")
@as_option
@json_option
def rerun(article_ids: tuple[str, ...], key: str | None, by: str | None, as_json: bool) -> None:
    """Ask a worker to run a step again for articles; keep one of old and new with `rubric keep`."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import trials

    step = trials.SCORE if key else trials.DESCRIBE
    with preparation.open_pipeline().transaction() as session:
        facts = _trial(trials.ask_rerun(session, acting.administrator(session, by), article_ids, step, key))
    show(facts, as_json)


@rubric.command("trial")
@click.argument("trial_id", metavar="ID")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
def show_trial(trial_id: str, limit: int, as_json: bool) -> None:
    """Show what came of a replay or a rerun: old and new, those that differ first."""
    from stonehand.cli import preparation
    from stonehand.rubrics import queries

    with preparation.open_database().read() as session:
        facts = _trial(queries.trial(session, trial_id))
        items: list[dict[str, Any]] = [
            {"article_id": item.article_id, "title": title, "old": item.old, "new": item.new, "differs": item.differs}
            | {"kept": item.kept, "error": item.error}
            for item, title in queries.trial_items(session, trial_id, limit)
        ]
    if as_json:
        show(facts | {"items": items}, as_json)
        return
    show(facts, as_json)
    click.echo()
    show([each | {"old": _said(each["old"]), "new": _said(each["new"])} for each in items], as_json)


def _said(found: dict[str, Any] | None) -> str:
    if not found:
        return "-"
    return f"{found['label']} {found['score']:.0f}".strip() if "score" in found else str(found.get("category", ""))


def _trial(found: Any) -> dict[str, Any]:
    names = ("id", "kind", "step", "state", "total", "differing", "report", "error")
    return {name: getattr(found, name) for name in names}


@rubric.command()
@click.argument("trial_id", metavar="ID")
@click.argument("which", type=click.Choice(["old", "new"]))
@click.argument("article_ids", nargs=-1, metavar="[ARTICLE...]")
@as_option
@json_option
def keep(trial_id: str, which: str, article_ids: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Keep the old or the new of a rerun, for some articles or for all."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import trials

    with preparation.open_pipeline().transaction() as session:
        count = trials.keep(session, acting.administrator(session, by), trial_id, which, article_ids)
    show({"kept": which, "articles": count}, as_json)


@rubric.command("save")
@click.argument("trial_id", metavar="ID")
@as_option
@json_option
def save_replay(trial_id: str, by: str | None, as_json: bool) -> None:
    """Save the definition that a replay has tried out."""
    from stonehand.cli import acting, preparation
    from stonehand.rubrics import trials

    with preparation.open_database().transaction() as session:
        facts = _facts(trials.save(session, acting.administrator(session, by), trial_id))
    show(facts, as_json)
