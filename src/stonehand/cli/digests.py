"""Digests: making them, and where their letters are."""

from __future__ import annotations

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

COLUMNS = ("id", "period", "issue", "title", "created_at")


@click.group()
def digest() -> None:
    """Make digests, and see what became of them."""


@digest.command("list")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True)
@json_option
def list_digests(limit: int, as_json: bool) -> None:
    """List digests, the newest first."""
    from stonehand.cli import preparation
    from stonehand.reading import queries
    from stonehand.reading.schemas import DigestOut

    with preparation.open_database().read() as session:
        rows = [DigestOut.model_validate(each).model_dump(mode="json") for each in queries.digests(session, limit)]
    show(rows if as_json else [{name: row[name] for name in COLUMNS} for row in rows], as_json)


@digest.command("make")
@click.argument("period", type=click.Choice(("daily", "weekly")))
@as_option
@json_option
def make(period: str, by: str | None, as_json: bool) -> None:
    """Choose the stories of a digest; it is drafted, and waits on the review desk."""
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting, preparation
    from stonehand.reading import digests
    from stonehand.reading.schemas import DigestOut
    from stonehand.reading.states import Period

    with preparation.open_pipeline().transaction() as session:
        person = acting.administrator(session, by)
        found = digests.choose(session, Period(period))
        accounts.record(session, person, "made", "digest", found.id, {"period": period, "issue": found.issue})
        told = DigestOut.model_validate(found)
    plain = f"“{told.title}” tells {len(told.sections)} stories; it will wait on the review desk."
    show(told if as_json else plain, as_json)


@digest.command("mails")
@click.argument("digest_id", metavar="ID")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@json_option
def mails(digest_id: str, limit: int, as_json: bool) -> None:
    """List the letters of a digest."""
    from stonehand.cli import preparation
    from stonehand.mailings import queries
    from stonehand.reading import queries as reading

    with preparation.open_database().read() as session:
        reading.digest(session, digest_id)
        rows = [
            {name: getattr(each, name) for name in ("user_id", "state", "error", "updated_at")}
            for each in queries.mails(session, digest_id, limit)
        ]
    show(rows, as_json)


@digest.command("resend")
@click.argument("digest_id", metavar="ID")
@click.argument("user_id", metavar="USER")
@as_option
@json_option
def resend(digest_id: str, user_id: str, by: str | None, as_json: bool) -> None:
    """Send a letter again that failed, or that a reader says they do not have."""
    from stonehand.cli import acting, preparation
    from stonehand.mailings import service

    with preparation.open_pipeline().transaction() as session:
        service.send_again(session, acting.person(session, by), digest_id, user_id)
    show({"digest_id": digest_id, "user_id": user_id} if as_json else "It is sent again.", as_json)
