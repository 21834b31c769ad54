"""Prompts: the library, previews, replays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.prompts.queries import Listed

FILE = click.File("r", encoding="utf-8")
MILLION = 1_000_000
COLUMNS = ("slug", "name", "purpose", "version", "is_builtin", "is_default")


@click.group()
def prompts() -> None:
    """Prompts for language models: templates with versions, tried before they are used."""


def _facts(found: Listed) -> dict[str, Any]:
    from stonehand.prompts.schemas import PromptOut

    return PromptOut.of(found).model_dump()


@prompts.command("list")
@click.option("--purpose", default="", help="Only of this purpose: write, rewrite, headline, digest.")
@click.option("--retired", is_flag=True, help="With those that are no longer offered.")
@json_option
def list_prompts(purpose: str, retired: bool, as_json: bool) -> None:
    """List every prompt."""
    from stonehand.cli import preparation
    from stonehand.prompts import queries

    with preparation.open_database().read() as session:
        rows = [_facts(each) for each in queries.prompts(session, purpose, retired)]
    show(rows if as_json else [{name: row[name] for name in COLUMNS} for row in rows], as_json)


@prompts.command("show")
@click.argument("key", metavar="PROMPT")
@json_option
def show_prompt(key: str, as_json: bool) -> None:
    """Show a prompt (news-piece), or one of its versions (our-style@2)."""
    from stonehand.cli import preparation
    from stonehand.prompts import queries

    with preparation.open_database().read() as session:
        text = queries.prompt(session, key)
        facts = _facts(queries.listed(session, text.id)) | {"version": text.version, "template": text.template}
        facts["versions"] = [each.number for each in queries.versions(session, text.id)]
    if as_json:
        show(facts, as_json)
        return
    show({name: value for name, value in facts.items() if value not in (None, "", False) and name != "template"}, False)
    click.echo(f"\n{text.template}")


@prompts.command()
@click.argument("name")
@click.argument("file", type=FILE)
@click.option("--purpose", default="write", show_default=True, help="write, rewrite, headline or digest.")
@click.option("--description", default="", help="What it is for.")
@as_option
@json_option
def add(name: str, file: Any, purpose: str, description: str, by: str | None, as_json: bool) -> None:
    """Make a prompt called NAME from a template in FILE (- is standard input)."""
    from stonehand.cli import acting, preparation
    from stonehand.prompts import queries, service

    wish = service.Wish(name, purpose, file.read(), description)
    with preparation.open_database().transaction() as session:
        made = service.create(session, acting.administrator(session, by), wish)
        facts = _facts(queries.listed(session, made.id))
    show(facts, as_json)


@prompts.command()
@click.argument("key", metavar="PROMPT")
@click.argument("name")
@as_option
@json_option
def copy(key: str, name: str, by: str | None, as_json: bool) -> None:
    """Copy a prompt under another NAME, to edit the copy."""
    from stonehand.cli import acting, preparation
    from stonehand.prompts import queries, service

    with preparation.open_database().transaction() as session:
        made = service.copy(session, acting.administrator(session, by), key, name)
        facts = _facts(queries.listed(session, made.id))
    show(facts, as_json)


@prompts.command()
@click.argument("key", metavar="PROMPT")
@click.argument("file", type=FILE)
@click.option("--note", default="", help="What changed.")
@as_option
@json_option
def edit(key: str, file: Any, note: str, by: str | None, as_json: bool) -> None:
    """Save the next version of a prompt from a template in FILE."""
    from stonehand.cli import acting, preparation
    from stonehand.prompts import queries, service

    with preparation.open_database().transaction() as session:
        service.edit(session, acting.administrator(session, by), key, file.read(), note)
        facts = _facts(queries.listed(session, key))
    show(facts, as_json)


@prompts.command()
@click.argument("key", metavar="PROMPT")
@as_option
@json_option
def use(key: str, by: str | None, as_json: bool) -> None:
    """Use a prompt for its purpose where nobody names another."""
    from stonehand.cli import acting, preparation
    from stonehand.prompts import queries, service

    with preparation.open_database().transaction() as session:
        chosen = service.choose(session, acting.administrator(session, by), key)
        facts = _facts(queries.listed(session, chosen.id))
    show(facts, as_json)


@prompts.command()
@click.argument("key", metavar="PROMPT")
@as_option
@json_option
def retire(key: str, by: str | None, as_json: bool) -> None:
    """Offer a prompt no longer; what was written by it stays."""
    from stonehand.cli import acting, preparation
    from stonehand.prompts import queries, service

    with preparation.open_database().transaction() as session:
        gone = service.retire(session, acting.administrator(session, by), key)
        facts = _facts(queries.listed(session, gone.id))
    show(facts, as_json)


@prompts.command()
@click.argument("key", metavar="PROMPT")
@click.option("--story", default="", metavar="ID", help="On a story.")
@click.option("--article", default="", metavar="ID", help="On an article.")
@click.option("--draft", default="", metavar="ID", help="On a draft.")
@click.option("--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A template not saved yet.")
@json_option
def preview(key: str, story: str, article: str, draft: str, file: Path | None, as_json: bool) -> None:
    """Show what exactly would be sent, how many tokens that is, and what it may cost at most. Nothing is sent."""
    from dataclasses import asdict

    from stonehand.cli import preparation
    from stonehand.prompts import queries
    from stonehand.rehearsals import previewing
    from stonehand.rehearsals.subjects import Subject

    with preparation.open_database().read() as session:
        prompt = queries.prompt(session, key)
        if file is not None:
            prompt = previewing.typed(prompt, file.read_text(encoding="utf-8"))
        found = previewing.preview(session, prompt, Subject(story, article, draft))
    costs = asdict(found.estimate) | {"can_ask": found.can_ask, "title": found.title}
    if as_json:
        show(costs | {"messages": [asdict(each) for each in found.messages]}, as_json)
        return
    show(costs, as_json)
    for message in found.messages:
        click.echo(f"\n=== {message.role} ===\n{message.text}")


@prompts.command()
@click.argument("key", metavar="PROMPT")
@click.option("--against", default="", metavar="PROMPT", help="Beside this one; else beside the texts as they were.")
@click.option("--stories", default=10, show_default=True, type=click.IntRange(1, 50), help="How many at most.")
@click.option("--cap", default=1.0, show_default=True, type=click.FloatRange(0), help="What it may cost at most.")
@as_option
@json_option
def replay(key: str, against: str, stories: int, cap: float, by: str | None, as_json: bool) -> None:
    """Replay a prompt over the stories of the last 30 days, as a job; no draft comes of it."""
    from stonehand.cli import acting, preparation
    from stonehand.prompts import queries
    from stonehand.rehearsals import service
    from stonehand.rehearsals.schemas import RehearsalOut

    caps = service.Caps(stories, round(cap * MILLION))
    with preparation.open_database().transaction() as session:
        person = acting.administrator(session, by)
        made = service.ask_replay(session, person, queries.prompt(session, key), against, caps)
        facts = RehearsalOut.model_validate(made).model_dump()
    show(facts, as_json)


@prompts.command()
@click.argument("rehearsal_id", metavar="ID")
@json_option
def result(rehearsal_id: str, as_json: bool) -> None:
    """Show what came of a replay: old beside new."""
    from stonehand.cli import preparation
    from stonehand.rehearsals import queries
    from stonehand.rehearsals.schemas import RehearsalItemOut, RehearsalOut

    with preparation.open_database().read() as session:
        facts = RehearsalOut.model_validate(queries.rehearsal(session, rehearsal_id)).model_dump()
        items = [RehearsalItemOut.model_validate(each).model_dump() for each in queries.items(session, rehearsal_id)]
    show(facts | {"items": items} if as_json else facts, as_json)
    if not as_json and items:
        click.echo()
        show([_beside(each) for each in items], as_json)


def _beside(item: dict[str, Any]) -> dict[str, Any]:
    old, new = item["old"] or {}, item["new"] or {}
    row: dict[str, Any] = {"story": item["title"][:50]}
    for name in ("words", "supported", "cost_micro"):
        row |= {f"{name} old": old.get(name), f"{name} new": new.get(name)}
    return row | {"error": item["error"]}
