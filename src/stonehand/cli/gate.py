"""The gate: stop everything, let it go on, say who approves, and the policies that approve without a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option, named
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.db import Session
    from stonehand.reviews.models import ApprovalPolicy

POLICY = ("channel", "state", "daily_cap", "used", "expires_at", "reason")
STATES = {
    "decides": "is on",
    "off": "is off",
    "expired": "is on, but has expired",
    "rests": "is on, but rests, since more people than one must look",
}


@click.command(name="stop-everything")
@click.option("--reason", default="", help="Why; everybody sees it.")
@named("publish")
@json_option
def stop_everything(reason: str, as_json: bool) -> None:
    """Let nothing leave this machine from now on, over all workers."""
    from stonehand.brakes import service
    from stonehand.brakes.schemas import StopOut
    from stonehand.cli import acting, preparation

    with preparation.open_database().transaction() as session:
        stop = service.stop_everything(session, acting.operator(), reason)
    facts = {"stopped": True, **StopOut.model_validate(stop).model_dump(mode="json")}
    show(facts if as_json else f"{stop.words}. Let it go on with: stonehand resume-everything", as_json)


@click.command(name="resume-everything")
@click.option("--reason", default="", help="Why, for the audit log.")
@named("publish")
@json_option
def resume_everything(reason: str, as_json: bool) -> None:
    """Let everything go on. What waited goes out now."""
    from stonehand.brakes import service
    from stonehand.cli import acting, preparation
    from stonehand.jobs.broker import engine

    database = preparation.open_database()
    engine.connect()
    with database.transaction() as session:
        gone = service.resume_everything(session, acting.operator(), reason)
    words = "Everything goes on." if gone else "Nothing was stopped."
    show({"stopped": False, "changed": gone} if as_json else words, as_json)


@click.group()
def policy() -> None:
    """See and write what may go out without a person."""


@policy.command("list")
@json_option
def list_policies(as_json: bool) -> None:
    """List every policy."""
    from stonehand.cli import preparation
    from stonehand.reviews import policies

    with preparation.open_database().read() as session:
        rows = [_facts(session, each) | {"channel": channel.name} for each, channel in policies.policies(session)]
    show(rows if as_json else [{name: row[name] for name in POLICY} for row in rows], as_json)


def _facts(session: Session, found: ApprovalPolicy) -> dict[str, Any]:
    from stonehand.channels import queries as channels
    from stonehand.reviews import policies
    from stonehand.reviews.schemas import PolicyOut

    channel = channels.channel(session, found.channel_id)
    return PolicyOut.of(found, policies.standing(session, found, channel)).model_dump(mode="json")


@policy.command()
@click.argument("channel")
@click.option("--reason", required=True, help="Why these may go out without a person.")
@click.option("--cap", type=int, required=True, help="How many a day at most.")
@click.option("--days", type=click.IntRange(1, 366), required=True, help="For how many days it holds.")
@click.option(
    "--support",
    type=click.Choice(["verbatim", "supported"]),
    default="verbatim",
    show_default=True,
    help="What each sentence must be.",
)
@click.option("--source", "sources", multiple=True, help="Only texts from this source, by id; may be given again.")
@click.option("--agent", "agents", multiple=True, help="Only drafts of this agent, by id; may be given again.")
@click.option("--max-words", type=int, default=600, show_default=True, help="How long a text may be.")
@as_option
@json_option
def write(channel: str, by: str | None, as_json: bool, days: int, **given: Any) -> None:
    """Write a channel's policy. A new one is switched off."""
    from datetime import timedelta

    from stonehand import db
    from stonehand.cli import acting, preparation, publishing
    from stonehand.reviews import policies
    from stonehand.reviews.policies import PolicyTerms

    with preparation.open_database().transaction() as session:
        until = db.now(session) + timedelta(days=days)
        lists = tuple(given["sources"]), tuple(given["agents"])
        terms = PolicyTerms(given["reason"], given["cap"], until, given["support"], *lists, given["max_words"])
        found = publishing.find_channel(session, channel)
        facts = _facts(session, policies.put(session, acting.person(session, by), found.id, terms))
    show(facts if as_json else f"The policy of {found.name} is written. It {STATES[facts['state']]}.", as_json)


@policy.command("on")
@click.argument("channel")
@as_option
@json_option
def switch_on(channel: str, by: str | None, as_json: bool) -> None:
    """Let a channel's policy decide."""
    _switch(channel, by, as_json, True)


@policy.command("off")
@click.argument("channel")
@as_option
@json_option
def switch_off(channel: str, by: str | None, as_json: bool) -> None:
    """Have a person approve again."""
    _switch(channel, by, as_json, False)


def _switch(channel: str, by: str | None, as_json: bool, is_on: bool) -> None:
    from stonehand.cli import acting, preparation, publishing
    from stonehand.reviews import policies

    with preparation.open_database().transaction() as session:
        found = publishing.find_channel(session, channel)
        facts = _facts(session, policies.switch(session, acting.person(session, by), found.id, is_on))
    show(facts if as_json else f"The policy of {found.name} is {_on(is_on)}.", as_json)


def _on(is_on: bool) -> str:
    return "on" if is_on else "off"


@policy.command()
@click.argument("channel")
@click.argument("rule", type=click.Choice(["one", "another", "two"]))
@as_option
@json_option
def eyes(channel: str, rule: str, by: str | None, as_json: bool) -> None:
    """Say who must approve for CHANNEL: one person, another than the text's writer, or two."""
    from stonehand.channels import looking
    from stonehand.cli import acting, preparation, publishing

    with preparation.open_database().transaction() as session:
        found = publishing.find_channel(session, channel)
        looking.set_eyes(session, acting.person(session, by), found.id, rule)
    show({"channel": found.name, "eyes": rule} if as_json else f"{found.name}: {rule}.", as_json)
