"""Language models, budgets, and what was spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

import click

from stonehand.cli.acting import as_option, named
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stonehand.accounts.permissions import Person
    from stonehand.db import Session
    from stonehand.llm.configured import Candidate
    from stonehand.llm.schemas import SpentOut

MODEL = ("id", "name", "provider", "model", "base_url", "is_enabled", "input_price", "output_price", "trouble")
BUDGET = ("id", "scope", "subject_id", "period", "amount", "tokens", "spent", "spent_tokens", "turned_away")
PROVIDERS = ("openai", "anthropic", "google", "mistral", "ollama", "vllm", "llamacpp", "compatible")
SCOPES, PERIODS = ("all", "agent", "source", "user", "model"), ("day", "month")
SUMMED = ("calls", "failed", "cost", "input_tokens", "output_tokens")
BY = ("day", "model", "configuration", "purpose", "agent", "source", "user", "outcome")


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What can be said of a model, new or old."""
    for option in reversed(
        (
            click.option("--model", help="What its provider calls the model."),
            click.option("--base-url", help="Where its server is, if not at the provider's own address."),
            click.option("--key-file", type=click.File(), help="Where the key is; - reads it from standard input."),
            click.option("--input-price", type=float, help="Of a million tokens, in the currency of the budgets."),
            click.option("--output-price", type=float, help="The same of what the model says."),
            click.option("--per-minute", type=click.IntRange(1), help="How often it may be asked, over all workers."),
            click.option("--at-once", type=click.IntRange(1), help="How many may ask it at a time, over all workers."),
            click.option("--timeout", "timeout_seconds", type=click.IntRange(1, 600), help="Seconds for one answer."),
            click.option("--room", type=click.IntRange(0), help="Tokens that it may think beside its answer."),
        )
    ):
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def models(context: click.Context, as_json: bool) -> None:
    """Say which language models are asked, and in which order."""
    if context.invoked_subcommand is None:
        context.invoke(list_models, as_json=as_json)


@models.command("list")
@named("read")
@json_option
def list_models(as_json: bool) -> None:
    """List every model in the order in which they are asked. No key is shown."""
    from stonehand.cli import acting, preparation
    from stonehand.llm import service
    from stonehand.llm.schemas import ModelOut

    with preparation.open_database().read() as session:
        found = [ModelOut.of(each).model_dump() for each in service.all_visible(session, acting.operator())]
    show(found if as_json else [{name: row[name] for name in MODEL} for row in found], as_json)


@models.command("add")
@click.argument("name")
@click.option("--provider", required=True, type=click.Choice(PROVIDERS), help="Whose model it is.")
@click.option("--own", "is_own", is_flag=True, help="It serves only the one who acts.")
@_options
@as_option
@json_option
def add_model(
    name: str, provider: str, is_own: bool, by: str | None, as_json: bool, key_file: TextIO | None, **said: Any
) -> None:
    """Add a model. Its key is asked for, unless a file is named or its provider wants none."""
    from stonehand.llm import providers, service

    wants = providers.provider(provider).needs_key
    key = key_file.read().strip() if key_file else click.prompt("Key", hide_input=True) if wants else None
    wish = {"name": name, "provider": provider, "is_own": is_own, "key": key, **_given(said)}
    _changed(by, as_json, lambda session, person: service.add(session, person, wish))


@models.command("edit")
@click.argument("which", metavar="MODEL")
@click.option("--name", help="How it is called from now on.")
@click.option("--on/--off", "is_enabled", default=None, help="Whether it is asked at all.")
@_options
@as_option
@json_option
def edit_model(which: str, by: str | None, as_json: bool, key_file: TextIO | None, **said: Any) -> None:
    """Change a model, by its name or id. A key that is not given stays, unless the address leads elsewhere."""
    from stonehand.llm import service

    wish = _given(said) | ({"key": key_file.read().strip()} if key_file else {})
    _changed(by, as_json, lambda session, person: service.edit(session, person, _id(session, person, which), wish))


def _given(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def _id(session: Session, person: Person, word: str) -> str:
    """The id of the model of this name or id."""
    from stonehand.llm import service

    known = service.all_visible(session, person)
    return next((each.id for each in known if word in (each.id, each.name)), word)


def _changed(by: str | None, as_json: bool, verb: Callable[[Session, Person], Candidate]) -> None:
    from stonehand.cli import acting, preparation
    from stonehand.llm.schemas import ModelOut

    with preparation.open_database().transaction() as session:
        made = ModelOut.of(verb(session, acting.administrator(session, by)))
    words = f"{made.name} ({made.provider}, {made.model}) is kept as {made.id}"
    price = f"a million tokens cost {made.input_price:g} in and {made.output_price:g} out"
    show(made if as_json else f"{words}; {price}. Try it out: stonehand models test {made.id}", as_json)


@models.command("remove")
@click.argument("which", metavar="MODEL")
@as_option
@json_option
def remove_model(which: str, by: str | None, as_json: bool) -> None:
    """Forget a model with its key. What it cost stays written."""
    from stonehand.cli import acting, preparation
    from stonehand.llm import service

    with preparation.open_database().transaction() as session:
        person = acting.administrator(session, by)
        gone = _id(session, person, which)
        service.remove(session, person, gone)
    show({"id": gone, "removed": True} if as_json else f"The model {which} is gone.", as_json)


@models.command("test")
@click.argument("which", metavar="MODEL")
@as_option
@json_option
def test_model(which: str, by: str | None, as_json: bool) -> None:
    """Ask a model a tiny question: whether it answers well, how fast, and at what cost. Exits with 1 if not."""
    from stonehand.cli import acting, preparation
    from stonehand.llm import trying
    from stonehand.llm.schemas import TriedOut

    with preparation.open_database().read() as session:
        person = acting.administrator(session, by)
        model_id = _id(session, person, which)
    tried = TriedOut.of(trying.attempt(person, model_id))
    words = f"{tried.model} answers after {tried.milliseconds} ms; that cost {tried.cost:g}."
    show(tried if as_json else words if tried.is_well else tried.trouble, as_json)
    if not tried.is_well:
        raise SystemExit(1)


@models.command("order")
@click.argument("which", metavar="MODEL...", nargs=-1, required=True)
@as_option
@json_option
def order_models(which: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Say which models are asked first; the others follow as before."""
    from stonehand.cli import acting, preparation
    from stonehand.llm import service
    from stonehand.llm.schemas import ModelOut

    with preparation.open_database().transaction() as session:
        person = acting.administrator(session, by)
        found = service.order(session, person, [_id(session, person, word) for word in which])
        rows = [ModelOut.of(each).model_dump() for each in found]
    show(rows if as_json else [{name: row[name] for name in MODEL} for row in rows], as_json)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def budgets(context: click.Context, as_json: bool) -> None:
    """Say how much language models may cost."""
    if context.invoked_subcommand is None:
        context.invoke(list_budgets, as_json=as_json)


@budgets.command("list")
@json_option
def list_budgets(as_json: bool) -> None:
    """List every budget and what is gone of it."""
    from stonehand.cli import preparation
    from stonehand.llm import budgets as known
    from stonehand.llm.schemas import BudgetOut

    with preparation.open_database().read() as session:
        found = [BudgetOut.of(each).model_dump() for each in known.standings(session)]
    show(found if as_json else [{name: row[name] for name in BUDGET} for row in found], as_json)


@budgets.command("set")
@click.option("--of", "scope", type=click.Choice(SCOPES), default="all", help="Of whom; all together if not given.")
@click.option("--id", "subject_id", default="", help="Of this one; of each of its kind if not given.")
@click.option("--per", "period", type=click.Choice(PERIODS), default="day", help="For a day or a month, in UTC.")
@click.option("--amount", type=float, help="Money, in the currency of the prices.")
@click.option("--tokens", type=click.IntRange(0), help="Tokens, of questions and answers together.")
@as_option
@json_option
def set_budget(
    scope: str, subject_id: str, period: str, amount: float | None, tokens: int | None, by: str | None, as_json: bool
) -> None:
    """Set how much may be spent. It counts at once, for all workers."""
    from stonehand.cli import acting, preparation
    from stonehand.llm import budgets as known

    with preparation.open_database().transaction() as session:
        made = known.put(session, acting.administrator(session, by), scope, subject_id, period, amount, tokens).id
    facts = {"id": made, "scope": scope, "subject_id": subject_id, "period": period, "amount": amount, "tokens": tokens}
    much = " and ".join([*([f"{amount:g}"] if amount is not None else []), *([f"{tokens} tokens"] if tokens else [])])
    whose = "all together" if scope == "all" else f"{scope} {subject_id}" if subject_id else f"each {scope}"
    show(facts if as_json else f"The budget of {whose} is {much or 0} a {period}.", as_json)


@budgets.command("remove")
@click.argument("budget_id", metavar="ID")
@as_option
@json_option
def remove_budget(budget_id: str, by: str | None, as_json: bool) -> None:
    """Take a budget away."""
    from stonehand.cli import acting, preparation
    from stonehand.llm import budgets as known

    with preparation.open_database().transaction() as session:
        known.remove(session, acting.administrator(session, by), budget_id)
    show({"id": budget_id, "removed": True} if as_json else "The budget is gone.", as_json)


@click.command()
@click.option("--by", "by", type=click.Choice(BY), default="day", help="What a line is about.")
@click.option("--days", type=click.IntRange(1, 366), default=30, help="How many days, up to today.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_option
def usage(by: str, days: int, as_csv: bool, as_json: bool) -> None:
    """Say what language models have cost."""
    from stonehand.cli import preparation
    from stonehand.reports import spending

    with preparation.open_database().read() as session:
        found = spending.lines(session, spending.window(None, None, days), spending.side(by))
    if as_csv:
        click.echo(spending.as_csv(found), nl=False)
        return
    show([each.model_dump() for each in found] if as_json else _usage_table(found) or _no_usage(days), as_json)


def _usage_table(found: Sequence[SpentOut]) -> list[dict[str, Any]]:
    """The lines on which anything was asked, and what they come to together; days on which nothing was are left out."""
    rows = [{**each.model_dump(), "key": each.name or each.key} for each in found if each.calls]
    sums = {name: sum(row[name] for row in rows) for name in SUMMED}
    together = [{"key": "together", **sums, "cost": round(sums["cost"], 6)}] if len(rows) > 1 else []
    return [{name: row.get(name) for name in ("key", *SUMMED, "took_ms")} for row in [*rows, *together]]


def _no_usage(days: int) -> str:
    return f"No language model was asked in the last {days} day{'s' * (days > 1)}."
