"""When pieces go out: the calendar, choosing times, and what channels bear."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

COLUMNS = ("at", "kind", "id", "title", "channel_name", "state", "note")
zone_option = click.option("--zone", default="", help="The time zone whose clocks are meant; usually the newsroom's.")
at_option = click.option("--at", "at", required=True, help="Such as 2026-12-01T09:00, or 2026-12-01T09:00Z.")


@click.command()
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How far to look ahead.")
@click.option("--channel", help="Only of this channel.")
@zone_option
@json_option
def calendar(days: int, channel: str | None, zone: str, as_json: bool) -> None:
    """List what goes out when, and what each piece waits for."""
    from stonehand import db
    from stonehand.agents import diary as room
    from stonehand.cli import preparation
    from stonehand.cli.publishing import find_channel
    from stonehand.timing import cadences

    with preparation.open_database().read() as session:
        now = db.now(session)
        wanted = find_channel(session, channel).id if channel else ""
        zone = zone or cadences.usual_zone(session)
        found = room.entries(session, now - timedelta(hours=1), now + timedelta(days=days), wanted)
    show([_shown(asdict(each), zone, as_json) for each in found], as_json)


def _shown(entry: dict[str, Any], zone: str, as_json: bool) -> dict[str, Any]:
    from stonehand.jobs.clock.timetable import zone as place

    if as_json:
        return {**entry, "at": entry["at"].isoformat(), "due_at": entry["due_at"].isoformat()}
    return {**{name: entry[name] for name in COLUMNS}, "at": f"{entry['at'].astimezone(place(zone)):%Y-%m-%d %H:%M}"}


@click.group()
def publish() -> None:
    """Choose when pieces go out, and what channels bear."""


@publish.command()
@click.argument("draft_id", metavar="DRAFT")
@click.option("--channel", required=True, help="Where it should go, by name or id.")
@at_option
@zone_option
@as_option
@json_option
def schedule(draft_id: str, channel: str, at: str, zone: str, by: str | None, as_json: bool) -> None:
    """Let DRAFT go out at a time. Before somebody has approved it, that is a wish."""
    from stonehand.cli import acting, preparation
    from stonehand.cli.publishing import find_channel
    from stonehand.publications import scheduling
    from stonehand.timing import cadences, moments

    with preparation.open_database().transaction() as session:
        zone = zone or cadences.usual_zone(session)
        moment = moments.read(at, zone)
        person, found = acting.person(session, by), find_channel(session, channel)
        made = scheduling.schedule(session, person, draft_id, found.id, moment, zone)
    _told(made, zone, as_json)


@publish.command()
@click.argument("publication_id", metavar="ID")
@at_option
@zone_option
@as_option
@json_option
def move(publication_id: str, at: str, zone: str, by: str | None, as_json: bool) -> None:
    """Let the publication ID go out at another time."""
    from stonehand.cli import acting, preparation
    from stonehand.publications import scheduling
    from stonehand.timing import cadences, moments

    with preparation.open_database().transaction() as session:
        zone = zone or cadences.usual_zone(session)
        moment = moments.read(at, zone)
        made = scheduling.move(session, acting.person(session, by), publication_id, moment)
    _told(made, zone, as_json)


def _told(made: Any, zone: str, as_json: bool) -> None:
    from stonehand.timing import moments

    if as_json:
        show({**asdict(made), "due_at": made.due_at.isoformat()}, as_json)
        return
    when = moments.told(made.due_at, zone)
    words = f"It goes to {made.channel_name} at {when}" if made.publication_id else f"Wanted at {when}, once approved"
    click.echo(f"{words}; {made.note}." if made.note else f"{words}.")


@publish.command()
@click.argument("publication_id", metavar="ID")
@click.option("--reason", default="", help="Why it does not go out.")
@as_option
def cancel(publication_id: str, reason: str, by: str | None) -> None:
    """Take the publication ID off before it begins; a wish is named DRAFT/CHANNEL, as the calendar shows it."""
    from stonehand.cli import acting, preparation
    from stonehand.publications import scheduling

    draft_id, slash, channel_id = publication_id.partition("/")
    with preparation.open_database().transaction() as session:
        person = acting.person(session, by)
        if slash:
            scheduling.unschedule(session, person, draft_id, channel_id, reason)
        else:
            scheduling.cancel(session, person, publication_id, reason)
    click.echo("It is taken off. It can be scheduled again.")


@publish.command()
@click.argument("channel")
@click.option("--zone", help="The time zone whose clocks count.")
@click.option("--quiet", multiple=True, help="Such as 22:00-07:00, or '00:00-24:00 SAT,SUN'; may be given often.")
@click.option("--per-day", type=int, help="Most pieces a day; 0 is no limit.")
@click.option("--per-hour", type=int, help="Most pieces an hour; 0 is no limit.")
@click.option("--gap", type=int, help="Seconds between two pieces; 0 is no limit.")
@click.option("--clear", is_flag=True, help="It bears anything at any time again.")
@as_option
@json_option
def hours(channel: str, by: str | None, as_json: bool, clear: bool, **given: Any) -> None:
    """Say what CHANNEL bears, or only show it. What is left out stays as it is."""
    from stonehand.cli import acting, preparation
    from stonehand.cli.publishing import find_channel
    from stonehand.publications import bearing
    from stonehand.timing import cadences

    names = {"zone": "timezone", "gap": "gap_seconds"}
    wish = {names.get(name, name): value for name, value in given.items() if value not in (None, ())}
    with preparation.open_database().transaction() as session:
        found = find_channel(session, channel)
        limits = cadences.limits_of(session, found.id)
        if wish or clear:
            kept = asdict(limits) | {"quiet": [each.words() for each in limits.quiet]}
            limits = bearing.keep(session, acting.person(session, by), found.id, wish if clear else kept | wish)
    told = {"channel": found.name, **asdict(limits), "quiet": [each.words() for each in limits.quiet]}
    show(told if as_json else f"{found.name}: {limits.words() or 'anything at any time'}", as_json)
