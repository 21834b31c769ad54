"""Comment processes: making and changing them, starting and stopping, and how far they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.accounts.permissions import Person
    from stonehand.comments.models import CommentProcess
    from stonehand.db import Session

SHORT = ("name", "state", "platform", "looks", "next_look_at", "trouble", "id")
NAMES = {"max_minutes": "max_duration_minutes", "hidden": "is_hidden", "once": "looks_once", "model": "model_id"}


@click.group()
def process() -> None:
    """Let processes look for articles on a platform, and write comments that somebody approves."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a process can be told; what is not given stays as it is."""
    given: list[Any] = [
        click.option("--login", "logins", multiple=True, metavar="USERNAME", help="Who comments; several times."),
        click.option("--prompt", "prompts", multiple=True, metavar="PROMPT", help="It writes by this; several times."),
        click.option("--description", help="What it is for."),
        click.option("--model", metavar="ID", help="The model that it asks first."),
        click.option("--tab", help="Only articles of this tab of the site."),
        click.option("--category", help="Only of this category, as the site's addresses call it."),
        click.option("--task", help="Only of this task, as the site's addresses call it."),
        click.option("--search", help="Only with these words in the title."),
        click.option("--most-articles", type=int, help="Of one look, for each login."),
        click.option("--max-minutes", type=int, help="How long it runs before it stops by itself."),
        click.option("--once/--again", "once", default=None, help="Look once only, or again and again."),
        click.option("--hidden/--shown", "hidden", default=None, help="Shown to the author only, or to all."),
        click.option("--generate-only/--auto", "generate_only", default=None, help="Wait for a person, or not."),
        click.option("--auto-reason", help="Why nobody needs to look."),
        click.option("--auto-per-day", type=int, help="How many go without a person in 24 hours."),
        click.option("--auto-until", metavar="TIME", help="Until when, such as 2027-01-31T00:00:00Z."),
    ]  # fmt: skip
    for option in reversed(given):
        command = option(command)
    return command


def _told(session: Session, platform_id: str, options: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as the API would be told it."""
    from stonehand.platforms import queries as platforms

    logins, prompts = options.pop("logins"), options.pop("prompts")
    told = {NAMES.get(name, name): value for name, value in options.items() if value is not None}
    if logins:
        told["login_ids"] = [platforms.login_called(session, platform_id, each).id for each in logins]
    return told | ({"prompt_ids": list(prompts)} if prompts else {})


def checked(shape: str, told: dict[str, Any]) -> Any:
    """The same, with types that fit. What does not is said in one line."""
    from pydantic import ValidationError

    from stonehand.comments import schemas

    try:
        return getattr(schemas, shape).model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise click.UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def found(session: Session, wanted: str) -> CommentProcess:
    """A process by its id, or by its name if only one has it."""
    from stonehand.comments import queries

    named = [each for each in queries.processes(session, limit=queries.MOST)[0] if each.name == wanted]
    if len(named) > 1:
        raise click.UsageError(f"{len(named)} processes are called {wanted!r}; name one by its id")
    return named[0] if named else queries.process(session, wanted)


def _facts(session: Session, each: CommentProcess) -> dict[str, Any]:
    from stonehand.comments import queries
    from stonehand.comments.schemas import ProcessOut
    from stonehand.platforms import queries as platforms

    told = {name: getattr(each, name) for name in ProcessOut.model_fields if hasattr(each, name)}
    logins = [login.id for login in queries.logins_of(session, each.id)]
    row = ProcessOut(**told, login_ids=logins, prompt_ids=queries.prompts_of(session, each.id)).model_dump(mode="json")
    return row | {"platform": platforms.platform(session, each.platform_id).name}


@process.command("list")
@json_option
def list_processes(as_json: bool) -> None:
    """List every process, the newest first."""
    from stonehand.cli import preparation
    from stonehand.comments import queries

    with preparation.open_database().read() as session:
        rows = [_facts(session, each) for each in queries.processes(session, limit=queries.MOST)[0]]
    show(rows if as_json else [{name: row[name] for name in SHORT} for row in rows], as_json)


@process.command("show")
@click.argument("wanted", metavar="PROCESS")
@json_option
def show_process(wanted: str, as_json: bool) -> None:
    """Show what a process is told, and how far it is."""
    from stonehand.cli import preparation
    from stonehand.comments import queries

    with preparation.open_database().read() as session:
        here = found(session, wanted)
        row, status = _facts(session, here), queries.status(session, here.id)
    if as_json:
        show(row | {"pipeline": status.model_dump(mode="json")}, as_json)
        return
    show(row, as_json)
    click.echo()
    show([each.model_dump(mode="json") for each in status.stages], as_json)


@process.command("status")
@click.argument("wanted", metavar="PROCESS")
@json_option
def status_of(wanted: str, as_json: bool) -> None:
    """Count its comments by stage and by state."""
    from stonehand.cli import preparation
    from stonehand.comments import queries

    with preparation.open_database().read() as session:
        status = queries.status(session, found(session, wanted).id)
    show(status if as_json else {"state": status.state, "total": status.total, **status.counts}, as_json)


@process.command()
@click.option("--name", required=True, help="How it is called.")
@click.option("--platform", "platform_name", required=True, help="The platform, by its name.")
@_options
@as_option
@json_option
def add(name: str, platform_name: str, by: str | None, as_json: bool, **options: Any) -> None:
    """Make a process. It does nothing before it is started."""
    from stonehand.comments import service
    from stonehand.platforms import queries as platforms

    def deed(session: Session, person: Person) -> dict[str, Any]:
        platform = platforms.platform_called(session, platform_name)
        told = _told(session, platform.id, options) | {"name": name, "platform_id": platform.id}
        return _facts(session, service.create(session, person, checked("ProcessIn", told)))

    row = acted(by, deed)
    show(row if as_json else f"The process {row['name']} is there. Start it: stonehand process start", as_json)


@process.command()
@click.argument("wanted", metavar="PROCESS")
@click.option("--name", help="How it is to be called.")
@_options
@as_option
@json_option
def change(wanted: str, name: str | None, by: str | None, as_json: bool, **options: Any) -> None:
    """Change a process that is not at work."""
    from stonehand.comments import service

    def deed(session: Session, person: Person) -> dict[str, Any]:
        here = found(session, wanted)
        told = _told(session, here.platform_id, options) | ({"name": name} if name else {})
        return _facts(session, service.update(session, person, here.id, checked("ProcessChange", told)))

    row = acted(by, deed)
    show(row if as_json else f"The process {row['name']} is changed.", as_json)


def acted(by: str | None, deed: Callable[[Session, Person], dict[str, Any]]) -> dict[str, Any]:
    """Do it in somebody's name, in one transaction."""
    from stonehand.cli import acting, preparation

    with preparation.open_database().transaction() as session:
        return deed(session, acting.person(session, by))


def _steer(verb: str, wanted: str, by: str | None, as_json: bool, words: str) -> None:
    from stonehand.comments import service

    def deed(session: Session, person: Person) -> dict[str, Any]:
        return _facts(session, getattr(service, verb)(session, person, found(session, wanted).id))

    row = acted(by, deed)
    show(row if as_json else words.format(row["name"]), as_json)


@process.command()
@click.argument("wanted", metavar="PROCESS")
@as_option
@json_option
def start(wanted: str, by: str | None, as_json: bool) -> None:
    """Start a process, or let it go on where it stopped."""
    _steer("start", wanted, by, as_json, "{} is at work.")


@process.command()
@click.argument("wanted", metavar="PROCESS")
@as_option
@json_option
def stop(wanted: str, by: str | None, as_json: bool) -> None:
    """Stop a process. Nothing is lost; what a person has approved is sent all the same."""
    _steer("stop", wanted, by, as_json, "{} stops.")


@process.command()
@click.argument("wanted", metavar="PROCESS")
@as_option
@json_option
def clone(wanted: str, by: str | None, as_json: bool) -> None:
    """Copy a process with its settings."""
    _steer("clone", wanted, by, as_json, "{} is there.")


@process.command()
@click.argument("wanted", metavar="PROCESS")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
def remove(wanted: str, yes: bool, by: str | None) -> None:
    """Delete a process. Its comments stay on record."""
    from stonehand.comments import service

    if not yes:
        click.confirm(f"Delete the process {wanted}?", abort=True)

    def deed(session: Session, person: Person) -> dict[str, Any]:
        service.delete(session, person, found(session, wanted).id)
        return {}

    acted(by, deed)
    click.echo(f"The process {wanted} is gone; its comments stay on record.")


@process.command()
@click.argument("wanted", metavar="PROCESS")
@as_option
@json_option
def post(wanted: str, by: str | None, as_json: bool) -> None:
    """Send what is approved, also of a process that is stopped."""
    from stonehand.comments import service

    row = acted(by, lambda session, person: {"job_id": service.post_all(session, person, found(session, wanted).id)})
    show(row if as_json else f"It is being sent: stonehand job show {row['job_id']}", as_json)
