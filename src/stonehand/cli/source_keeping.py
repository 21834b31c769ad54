"""Trying sources out, and how they are kept: kinds, rules, options, proposals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import named
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.sources.recognition import Found

SHOWN = ("outcome", "title", "url", "reason")


class Option(click.ParamType[tuple[str, Any]]):
    """`NAME=VALUE`; the value is JSON if it reads as such, else a text."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Any]:
        if isinstance(value, tuple):
            return value
        name, equals, given = str(value).partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not NAME=VALUE", param, ctx)
        try:
            return name, json.loads(given)
        except ValueError:
            return name, given


kind_option = click.option("--kind", default="", help="The kind of source; see: stonehand source kinds")
options_option = click.option(
    "--option", "options", type=Option(), multiple=True, help="What its kind has to know; may be given several times."
)
rules_option = click.option(
    "--rule", "rules", multiple=True, metavar="RULE", help="Such as 'drop title: horoscope' or 'keep /tide|harbour/'."
)


def find(url: str, kind: str, options: tuple[tuple[str, Any], ...], secret: str | None = None) -> list[Found]:
    """What an address, or a kind with its options, means."""
    from stonehand.sources import intake

    if kind:
        return [intake.of_kind(kind, url, dict(options), secret or _asked_for(kind))]
    if options:
        raise click.UsageError("options belong to a kind; give --kind as well")
    return intake.identify(url, files=True)


def _asked_for(kind: str) -> str | None:
    """The secret of a kind that needs one, asked for so that it stands in no list of processes."""
    from stonehand.sources import kinds
    from stonehand.sources.interfaces import NeedsSecret

    found = kinds.find(kind)
    return (
        str(click.prompt(found.secret_name.capitalize(), hide_input=True)) if isinstance(found, NeedsSecret) else None
    )


@click.command("kinds")
@json_option
def kinds_verb(as_json: bool) -> None:
    """List the kinds of source, with what each has to know beside an address."""
    from stonehand import registry
    from stonehand.sources import kinds
    from stonehand.sources.schemas import KindOut

    found = [KindOut.of(kinds.find(kind)).model_dump() for kind in registry.names("source")]
    for each in [] if as_json else found:
        words = each["options"].get("properties", {})
        each["options"] = ", ".join(words)
    show(found, as_json)


@click.command("try")
@click.argument("url", default="")
@kind_option
@options_option
@rules_option
@click.option("--secret", help="Of a kind that needs one.")
@json_option
def try_url(
    url: str,
    kind: str,
    options: tuple[tuple[str, Any], ...],
    rules: tuple[str, ...],
    secret: str | None,
    as_json: bool,
) -> None:
    """Look at URL, or at a source by its ID, and say what would be new, duplicate or filtered. Nothing is saved."""
    from dataclasses import replace

    from stonehand.cli import preparation
    from stonehand.sources import looking, service
    from stonehand.sources import rules as ruling
    from stonehand.sources.recognition import Wanted
    from stonehand.sources.schemas import PreviewOut

    database, followed = preparation.open_pipeline(), ruling.write(ruling.from_lines("\n".join(rules)))
    if not url and not kind:
        raise click.UsageError("give a URL, the id of a source, or --kind")
    if _is_id(url) and not kind:
        with database.read() as session:
            source = service.get(session, url)
        found = [looking.try_again(source)]
    else:
        found = find(url, kind, options, secret)
    found = [replace(each, wanted=Wanted(rules=tuple(followed))) if followed else each for each in found]
    with database.read() as session:
        rows = [PreviewOut.of(session, each).model_dump(mode="json") for each in found]
    if as_json:
        show(rows, as_json)
        return
    for row in rows:
        _say(row)


def _is_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4 and "." not in text


def place(row: dict[str, Any]) -> str:
    """Where a source is; its title, if it is nowhere."""
    return str(row["url"] if "://" in row["url"] else row["title"])


def counted(row: dict[str, Any]) -> str:
    """What a preview has found: how much of it is new."""
    if row["is_listed"]:
        return "not looked at, since it stands in a list; try its own address"
    return f"{row['new']} new, {row['duplicates']} duplicate, {row['filtered']} filtered"


def _say(row: dict[str, Any]) -> None:
    click.echo(f"{place(row)}: {row['sentence']}; {counted(row)}")
    if row["options"]:
        click.echo(f"options: {json.dumps(row['options'], ensure_ascii=False)}")
    for warning in row["warnings"]:
        click.echo(f"but {warning}")
    if not row["is_listed"]:
        show([{name: each[name] for name in SHOWN} for each in row["entries"]], False)


@click.command("change")
@click.argument("source_id", metavar="ID")
@click.option("--title", help="Another name.")
@click.option("--every", "interval", type=click.IntRange(30, 604_800), help="Seconds between looks, at least.")
@click.option("--adaptive/--steady", "adaptive", default=None, help="Look less often while little comes, or not.")
@click.option("--tag", "tags", multiple=True, help="Instead of the tags it has; '' for none.")
@rules_option
@click.option("--no-rules", is_flag=True, help="Take its rules away.")
@options_option
@click.option("--secret", help="Another password or key.")
@click.option("--remove-secret", is_flag=True, help="Forget the password or key, and pause the source.")
@named("edit")
@json_option
def change(source_id: str, tags: tuple[str, ...], rules: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Change how a source is kept; what is not given stays. Try rules first: stonehand source replay."""
    from stonehand import db
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting, preparation
    from stonehand.sources import changing
    from stonehand.sources import rules as ruling
    from stonehand.sources.schemas import SourceChange, SourceOut

    wish: dict[str, Any] = {"title": given["title"], "interval_seconds": given["interval"]}
    wish |= {"is_adaptive": given["adaptive"], "secret": given["secret"], "remove_secret": given["remove_secret"]}
    wish |= {"tags": list(tags)} if tags else {}
    wish |= {"options": dict(given["options"])} if given["options"] else {}
    if rules or given["no_rules"]:
        wish["rules"] = ruling.write(ruling.from_lines("\n".join(rules)))
    changes = SourceChange.model_validate(wish)
    with preparation.open_pipeline().transaction() as session:
        source = changing.change(session, source_id, changes)
        told = changes.model_dump(mode="json", exclude_defaults=True, exclude={"secret"})
        accounts.record(session, acting.operator(), "changed", "source", source_id, told)
        row = SourceOut.of(source, db.now(session)).model_dump(mode="json")
    show(row if as_json else f"{row['title'] or row['url']}: {row['health']}", as_json)


@click.command("replay")
@click.argument("source_id", metavar="ID")
@rules_option
@json_option
def replay(source_id: str, rules: tuple[str, ...], as_json: bool) -> None:
    """Say what rules would have done with what a source named in the last 30 days. Nothing is saved."""
    from stonehand.cli import preparation
    from stonehand.sources import rules as ruling
    from stonehand.sources import service, trials
    from stonehand.sources.schemas import replayed

    followed = ruling.from_lines("\n".join(rules))
    with preparation.open_database().read() as session:
        service.get(session, source_id)
        found = replayed(trials.replay(session, source_id, followed)).model_dump(mode="json")
    if as_json:
        show(found, as_json)
        return
    click.echo(
        f"Of the last {found['days']} days: {found['kept']} kept, {found['dropped']} dropped. Otherwise than so far:"
    )
    show(found["changed"], as_json)


@click.command("ways")
@click.argument("source_id", metavar="ID")
@json_option
def ways(source_id: str, as_json: bool) -> None:
    """Propose options that would read the document that was kept at the last look."""
    from stonehand.cli import preparation
    from stonehand.sources import kinds, service
    from stonehand.sources.interfaces import ReadsDocuments
    from stonehand.sources.schemas import WayOut

    with preparation.open_database().read() as session:
        source, document = service.get(session, source_id), service.kept_copy(session, source_id)
    kind = kinds.find(source.kind)
    found = [WayOut.of(way).model_dump() for way in kind.ways(document)] if isinstance(kind, ReadsDocuments) else []
    show(found, as_json)


@click.command("mend")
@click.argument("source_id", metavar="ID")
@click.option("--dismiss", is_flag=True, help="Set the proposal aside instead.")
@named("edit")
@json_option
def mend(source_id: str, dismiss: bool, as_json: bool) -> None:
    """Do what is proposed for a source: follow it to a new address, read it otherwise, or pause what is gone."""
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting, preparation
    from stonehand.sources import repairs, service

    with preparation.open_pipeline().transaction() as session:
        source = service.get(session, source_id)
        done = "set aside" if dismiss else repairs.accept(session, source)
        if dismiss:
            repairs.set_aside(source)
        accounts.record(session, acting.operator(), "mended", "source", source_id, {"done": done})
    show({"source_id": source_id, "done": done} if as_json else f"{source.title or source.url}: {done}.", as_json)


@click.command("robots")
@click.argument("target", metavar="ID|URL")
@click.option("--overrule", metavar="REASON", help="Fetch the pages of source ID although robots.txt forbids it.")
@click.option("--heed", is_flag=True, help="Leave out again what robots.txt forbids.")
@click.option("--anew", is_flag=True, help="Ask the site, also if what it said still counts.")
@named("edit")
@json_option
def robots(target: str, overrule: str | None, heed: bool, anew: bool, as_json: bool) -> None:
    """Say what robots.txt lets us fetch at URL; or whether it is heeded for source ID, and change that."""
    from stonehand.cli import preparation
    from stonehand.sources.robots import asking
    from stonehand.sources.robots.schemas import RobotsOut

    if "://" not in target:
        _overrule(target, overrule, heed, as_json)
        return
    if overrule or heed:
        raise click.UsageError("give the ID of a source with --overrule or --heed; see: stonehand source list")
    preparation.open_database()
    said = RobotsOut.said(asking.consult(target, anew=anew)).model_dump(mode="json")
    show(said if as_json else f"{'Yes' if said['may_fetch'] else 'No'}: {said['sentence']}.", as_json)


def _overrule(source_id: str, reason: str | None, heed: bool, as_json: bool) -> None:
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting, preparation
    from stonehand.sources import service
    from stonehand.sources.robots import overruling

    person = acting.operator()
    with preparation.open_pipeline().transaction() as session:
        source = service.get(session, source_id)
        if heed and overruling.heed(source):
            accounts.record(session, person, "heeds robots.txt for", "source", source_id)
        elif reason is not None:
            count = overruling.overrule(session, source, reason, person.name)
            told = {"reason": reason, "fetched_now": count}
            accounts.record(session, person, "overruled robots.txt for", "source", source_id, told)
        said, name = source.robots_overruled, source.title or source.url
    words = f"overruled by {said['by']}: {said['reason']}" if said else "heeded"
    row = {"source_id": source_id, "robots_overruled": said}
    show(row if as_json else f"{name}: robots.txt is {words}.", as_json)


VERBS = (kinds_verb, try_url, change, replay, ways, mend, robots)
