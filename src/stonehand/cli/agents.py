"""Agents: making and changing them, what they would do next, letting them write, and their history."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.agents.schemas import AgentOut

LENGTHS = ("short", "medium", "long", "very_long")
QUOTA = "Such as posts_per_day=3 or money_per_month=2; several times. NAME= alone lifts it."
MISSED = ("once", "skip", "all")
SHORT = ("name", "state", "schedule_words", "next", "last", "posts", "money", "id")
LISTS = {"sources": "source_ids", "keywords": "keywords", "excluded": "excluded_keywords", "channels": "channel_ids"}
RUN = ("began_at", "words", "state", "topic", "model", "tokens", "money", "note", "draft_id")


@click.group()
def agents() -> None:
    """Let agents write: by the clock, about topics, stories, feed items, curations and digests."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What an agent can be told; what is not given stays as it is."""
    given: list[Any] = [
        click.option("--brief", help="What it should write about, in words."),
        click.option("--expertise", help="What it knows."),
        click.option("--persona", help="Who it is."),
        click.option("--tone", help="How it sounds."),
        click.option("--length", type=click.Choice(LENGTHS), help="About 500, 1000, 2000 or 3000 words."),
        click.option("--language", help="In which it writes, such as en."),
        click.option("--source", "sources", multiple=True, metavar="ID", help="A source it may use; several times."),
        click.option("--keyword", "keywords", multiple=True, metavar="WORD", help="Several times."),
        click.option("--exclude", "excluded", multiple=True, metavar="WORD", help="Never about this; several times."),
        click.option("--channel", "channels", multiple=True, metavar="ID", help="Where it usually goes."),
        click.option("--prompt", "prompt_id", metavar="PROMPT", help="It writes by this one: a name, slug or id."),
        click.option("--model", "model_id", metavar="MODEL", help="It asks this one first: a name or an id."),
        click.option("--writes-of", type=click.Choice(("topics", "items")), help="The best topic, or each feed item."),
        click.option("--cron", "schedule_cron", metavar="EXPRESSION", help='"0 9 * * MON-FRI"; "" never by itself.'),
        click.option("--timezone", metavar="ZONE", help="Such as Europe/Zurich; the newsroom's own if not given."),
        click.option("--missed", type=click.Choice(MISSED), help="Due times that nobody could fire."),
        click.option("--quota", "quotas", multiple=True, metavar="NAME=NUMBER", help=QUOTA),
    ]  # fmt: skip
    for option in reversed(given):
        command = option(command)
    return command


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as the API would be told it."""
    told = {LISTS.get(name, name): value for name, value in options.items() if value is not None and value != ()}
    for name in LISTS.values():
        if name in told:
            told[name] = [each for each in told[name] if each]
    if "quotas" in told:
        told["quotas"] = dict(_quota(each) for each in told["quotas"])
    return told


def _quota(text: str) -> tuple[str, float | None]:
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number) if number.strip() else None
    except ValueError:
        raise click.BadParameter(f"{text!r} is no quota with a number; write it like posts_per_day=3") from None


def _checked(shape: str, told: dict[str, Any]) -> Any:
    """The same, with types that fit. What does not is said in one line."""
    from pydantic import ValidationError

    from stonehand.agents import schemas

    try:
        return getattr(schemas, shape).model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise click.UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _show(found: AgentOut, as_json: bool) -> None:
    row = found.model_dump(mode="json")
    if not as_json:
        runs = [each["local"] for each in row.pop("next_runs")]
        row |= {"next_runs": ", ".join(runs) or None, "last_run": _last(row)}
    show(row, as_json)


def _last(row: dict[str, Any]) -> str | None:
    last = row["last_run"]
    return f"{last['state']}: {last['topic'] or last['note']}" if last else None


@agents.command("list")
@json_option
def list_agents(as_json: bool) -> None:
    """List every agent: when it writes next, what it did last, what it has used this month."""
    from stonehand.agents import queries
    from stonehand.agents.schemas import AgentOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        rows = [each.model_dump(mode="json") for each in AgentOut.of_all(session, queries.agents(session))]
    for row in rows:
        row |= {"next": row["next_runs"][0]["local"] if row["next_runs"] else None, "last": _last(row)}
        row |= {name: row["used_this_month"][name] for name in ("posts", "money")}
    show(rows if as_json else [{name: row[name] for name in SHORT} for row in rows], as_json)


@agents.command("show")
@click.argument("agent")
@json_option
def show_one(agent: str, as_json: bool) -> None:
    """Show one agent, by its name or id."""
    from stonehand.agents import queries
    from stonehand.agents.schemas import AgentOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        found = AgentOut.of(session, queries.agent(session, agent))
    _show(found, as_json)


@agents.command()
@click.argument("name")
@_options
@as_option
@json_option
def add(name: str, by: str | None, as_json: bool, **options: Any) -> None:
    """Make an agent."""
    from stonehand.agents import service
    from stonehand.agents.schemas import AgentOut
    from stonehand.cli import acting, preparation

    wanted = _checked("AgentIn", {"name": name, **_given(options)})
    with preparation.open_database().transaction() as session:
        made = service.create(session, acting.person(session, by), wanted.wish(), wanted.wanted())
        found = AgentOut.of(session, made)
    _show(found, as_json)


@agents.command()
@click.argument("agent")
@click.option("--name", help="A new name.")
@_options
@as_option
@json_option
def edit(agent: str, by: str | None, as_json: bool, **options: Any) -> None:
    """Change an agent; what is not given stays. A list that is given replaces the one before."""
    from stonehand.agents import queries, quotas, service, timing
    from stonehand.agents.schemas import AgentOut
    from stonehand.cli import acting, preparation

    wanted = _checked("AgentChange", _given(options))
    with preparation.open_database().transaction() as session:
        found = queries.agent(session, agent)
        when = wanted.when(timing.when(timing.schedule(session, found)))
        changes = wanted.changes(quotas.of(found))
        service.change(session, acting.person(session, by), found.id, changes, when)
        session.flush()
        told = AgentOut.of(session, found)
    _show(told, as_json)


@agents.command()
@click.argument("agent")
@click.option("--topic", default="", help="What to write about.")
@click.option("--keyword", default="", help="What people search for to find it.")
@click.option("--story", "story_id", default="", metavar="ID", help="Write about this story.")
@click.option("--entry", "entry_id", default="", metavar="ID", help="Write about this feed item.")
@click.option("--curation", "curation_id", default="", metavar="ID", help="Write about what was curated.")
@click.option("--digest", "digest_id", default="", metavar="ID", help="Write about this digest.")
@as_option
@json_option
def run(agent: str, by: str | None, as_json: bool, **about: str) -> None:
    """Let an agent write now: by itself, or about what is named. `stonehand agents history` says what came of it."""
    from stonehand.agents import service
    from stonehand.cli import acting, preparation

    with preparation.open_database().transaction() as session:
        person = acting.person(session, by)
        if any(about.values()):
            job_id = service.write_about(session, person, agent, about)
        else:
            job_id = service.run_now(session, person, agent)
    show({"job_id": job_id, "detail": "asked for; a worker does it"}, as_json)


@agents.command()
@click.argument("agent")
@click.option("--why", default="", help="For whoever wonders.")
@as_option
@json_option
def pause(agent: str, why: str, by: str | None, as_json: bool) -> None:
    """Let an agent and its schedule rest."""
    from stonehand.agents import service
    from stonehand.agents.schemas import AgentOut
    from stonehand.cli import acting, preparation

    with preparation.open_database().transaction() as session:
        found = AgentOut.of(session, service.pause(session, acting.person(session, by), agent, why))
    _show(found, as_json)


@agents.command()
@click.argument("agent")
@as_option
@json_option
def resume(agent: str, by: str | None, as_json: bool) -> None:
    """Let an agent work again, from its next due time on."""
    from stonehand.agents import service
    from stonehand.agents.schemas import AgentOut
    from stonehand.cli import acting, preparation

    with preparation.open_database().transaction() as session:
        found = AgentOut.of(session, service.resume(session, acting.person(session, by), agent))
    _show(found, as_json)


@agents.command("next")
@click.argument("agent")
@json_option
def next_one(agent: str, as_json: bool) -> None:
    """Say what an agent would write about now, and why not about something else."""
    from stonehand.agents import planning, queries
    from stonehand.agents.schemas import PlanOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        found = PlanOut.of(planning.plan(session, queries.agent(session, agent))).model_dump(mode="json")
    if as_json:
        show(found, as_json)
        return
    for words in found["blocks"]:
        click.echo(f"It would do nothing: {words}.")
    rows = [{**each, "why_not": "would write this"} for each in found["would_write"]] + found["others"]
    show([{name: each[name] for name in ("score", "title", "why_not")} for each in rows], as_json)


@agents.command()
@click.argument("agent")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
def history(agent: str, limit: int, as_json: bool) -> None:
    """List the runs of an agent, newest first, with what each cost."""
    from stonehand.agents import queries
    from stonehand.agents.schemas import RunOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        found = queries.runs(session, queries.known(session, agent).id, limit)
        rows = [RunOut.of(each).model_dump(mode="json") for each in found]
    show(rows if as_json else [{name: row[name] for name in RUN} for row in rows], as_json)


@agents.command()
@click.argument("agent")
@as_option
def remove(agent: str, by: str | None) -> None:
    """Take an agent and its schedule away; its drafts and its history stay."""
    from stonehand.agents import service
    from stonehand.cli import acting, preparation

    with preparation.open_database().transaction() as session:
        gone = service.remove(session, acting.person(session, by), agent)
    click.echo(f"{gone.name} is gone; its drafts and its history stay. It was {gone.id}.")
