"""`stonehand comment replace`: one text replaced in many comments, after a look at what would become of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show
from stonehand.cli.processes import acted, checked, found

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stonehand.accounts.permissions import Person
    from stonehand.comments.phrases import Phrase
    from stonehand.db import Session

STATES = (
    *("discovered", "prepared", "generated", "approved", "posting", "posted", "failed", "needs_reconcile"),
    *("skipped", "rejected", "deleted"),
)
COLUMNS = ("id", "title", "count", "was_approved", "refused")


@click.command()
@click.argument("find")
@click.argument("text")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--process", help="If no ids are given: in those of this process, by name or id.")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only in this state; several times.")
@click.option("--search", default="", help="Words of the title, the author or the text.")
@click.option("--ignore-case", is_flag=True, help="Also where it has other capitals.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
@json_option
def replace(find: str, text: str, by: str | None, as_json: bool, dry_run: bool, yes: bool, **which: Any) -> None:
    """Replace FIND by TEXT in many comments. Each is checked as if typed; what does not fit stays as it was.

    This takes approvals back.
    """
    from stonehand.comments import phrases, replacing

    phrase = phrases.read(find, text, not which["ignore_case"])
    ids: list[str] = []
    told = acted(by, lambda session, person: _done(session, person, _ids(session, ids, which), phrase, replacing.look))
    if not dry_run and told["done"]:
        if not yes:
            _tell(told, "would be replaced")
            click.confirm(f"Replace it in {told['done']} comments?", abort=True, err=True)
        told = acted(by, lambda session, person: _done(session, person, ids, phrase, replacing.replace))
    if as_json:
        show(told, as_json)
    else:
        _tell(told, "would be replaced" if dry_run else "replaced")


def _ids(session: Session, ids: list[str], which: dict[str, Any]) -> list[str]:
    """Those that are named, or that the options find; noted in `ids`, so that the deed is about what was looked at."""
    from stonehand.comments import queries

    ids += which["ids"]
    if not ids:
        if not which["process"]:
            raise click.UsageError("name comments by their ids, or a process")
        wish = {"process_id": found(session, which["process"]).id, "states": list(which["states"])}
        rows, total = queries.comments(
            session, checked("CommentFilter", wish | {"search": which["search"]}), queries.MOST
        )
        ids += [each.comment.id for each in rows]
        if total > len(ids):
            click.echo(f"Only the {len(ids)} that changed last, of {total}; narrow it, or repeat it.", err=True)
    return ids


def _done(
    session: Session, person: Person, ids: Sequence[str], phrase: Phrase, deed: Callable[..., Any]
) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(deed(session, person, list(ids), phrase))


def _tell(told: dict[str, Any], verb: str) -> None:
    if told["items"]:
        show([{name: each[name] for name in COLUMNS} for each in told["items"]], False)
    others = f"; {told['without']} do not say so" if told["without"] else ""
    click.echo(f"{verb.capitalize()} in {told['done']}, refused for {len(told['refused'])}{others}.")
    if told["approvals"]:
        click.echo(f"That takes {told['approvals']} approvals back.")
