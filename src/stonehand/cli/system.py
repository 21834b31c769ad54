"""The whole: its settings, how it is, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic.fields import FieldInfo

    from stonehand.config import Settings
    from stonehand.db import Database
    from stonehand.doctor.findings import Finding
    from stonehand.jobs.models import Worker


@click.command()
@json_option
@click.pass_context
def settings(ctx: click.Context, as_json: bool) -> None:
    """List every setting: its names in the environment, its value, its default."""
    from stonehand import config

    problem: config.SettingUnusable | None = None
    try:
        found: Settings | None = config.load()
    except config.SettingUnusable as error:  # the list is what helps to mend it
        found, problem = None, error
    rows = [_setting(name, field, found) for name, field in config.Settings.model_fields.items()]
    columns = ("setting", "value", "default", "environment")
    show(rows if as_json else [{name: row[name] for name in columns} for row in rows], as_json)
    if problem:
        click.echo(f"stonehand: {problem}", err=True)
        ctx.exit(1)


def _setting(name: str, field: FieldInfo, found: Settings | None) -> dict[str, Any]:
    from pydantic import AliasChoices

    from stonehand.config import PREFIX

    alias = field.validation_alias
    names = [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [PREFIX + name.upper()]
    default = field.get_default(call_default_factory=True)
    value = _harmless(getattr(found, name)) if found else None
    return {"setting": name, "value": value, "default": _harmless(default), "environment": " ".join(names)}


def _harmless(value: Any) -> Any:
    """The value as it can be shown: secrets masked, also those inside addresses."""
    from pydantic import SecretStr

    from stonehand import log

    if isinstance(value, SecretStr):
        return log.MASK if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return log.redact(value) if isinstance(value, (str, int, float)) else str(value)


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Say at one glance how everything is, who works, and what waits for you."""
    from stonehand.cli import preparation
    from stonehand.jobs.broker import engine
    from stonehand.jobs.worker import presence

    database = preparation.open_database()
    counts = _counts(database)
    counts["database"] = database.engine.dialect.name
    counts["broker"] = engine.address()
    with database.read() as session:
        counts["alive"] = [_worker(each) for each in presence.alive(session)]
    if as_json:
        show(counts, as_json)
        return
    alive = counts.pop("alive")
    show({name.replace("_", " "): _in_words(value) for name, value in counts.items()}, as_json)
    if alive:
        click.echo()
        show(alive, as_json)


def _in_words(value: Any) -> Any:
    """Counts by their names as `open 3, late 1`, names with commas between them."""
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in value.items()) or None
    return (", ".join(value) or None) if isinstance(value, list) else value


def _worker(worker: Worker) -> dict[str, Any]:
    from stonehand.jobs.declaration import QUEUES

    serves = "every queue" if set(worker.queues) >= set(QUEUES) else ", ".join(worker.queues)
    return {"worker": worker.name, "concurrency": worker.concurrency, "serves": serves, "seen_at": worker.seen_at}


def _counts(database: Database) -> dict[str, Any]:
    from stonehand.articles import queries as articles
    from stonehand.drafts import queries as drafts
    from stonehand.jobs import queries as jobs
    from stonehand.jobs.worker import presence
    from stonehand.publications import queries as publications
    from stonehand.reviews import queries as reviews
    from stonehand.sources import queries as sources
    from stonehand.stories import queries as stories

    with database.read() as session:
        totals, known = articles.totals(session), sources.all_sources(session)
        states = {state: count for state, count in jobs.counts(session).items() if count}
        return {
            "sources": len(known),
            "articles": totals.articles,
            "duplicates": totals.duplicates,
            "stories": stories.count(session),
            "drafts": drafts.counts(session),
            "publications": {state: count for state, count in publications.counts(session).items() if count},
            "jobs": states,
            "workers": len(presence.alive(session)),
            "paused": [pause.target for pause in jobs.pauses(session)],
            "waiting_for_you": {
                "reviews": reviews.waiting(session),
                "dead_jobs": states.get("discarded", 0) + states.get("needs_reconcile", 0),
                "sources_in_trouble": len(sources.in_trouble(session)),
            },
        }


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Look for what is wrong, and say how to mend it. Exit code 1 if something is, 0 if there are only warnings."""
    from stonehand import config, log
    from stonehand.doctor.findings import Grade, worst

    log.configure("CRITICAL", config.settings().log_format)  # what is wrong is said below, once
    from stonehand.doctor import examination

    found = examination.examine()
    if as_json:
        show([_finding(each) for each in found], as_json)
    else:
        _print_findings(found)
    ctx.exit(1 if worst(found) is Grade.PROBLEM else 0)


def _finding(found: Finding) -> dict[str, Any]:
    is_ok = found.grade != "problem"
    return {"check": found.check, "grade": found.grade, "ok": is_ok, "sentence": found.sentence, "mend": found.mend}


def _print_findings(found: Sequence[Finding]) -> None:
    marks = {"ok": "ok     ", "warning": "warning", "problem": "WRONG  "}
    width = max(len(each.check) for each in found)
    for each in found:
        click.echo(f"{marks[each.grade]}  {each.check:<{width}}  {each.sentence}")
        if each.mend:
            click.echo(f"{'':7}  {'':<{width}}  -> {each.mend}")
