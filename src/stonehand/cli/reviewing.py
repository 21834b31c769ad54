"""More of `stonehand review`: undo, comments, decisions about many, the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from stonehand.accounts.permissions import Person
    from stonehand.db import Session


@click.command()
@click.argument("review_id", metavar="ID")
@as_option
@json_option
def undo(review_id: str, by: str | None, as_json: bool) -> None:
    """Take a decision back."""
    from stonehand.reviews import undoing
    from stonehand.reviews.schemas import ReviewOut

    def deed(session: Session, person: Person) -> dict[str, Any]:
        return ReviewOut.model_validate(undoing.undo(session, review_id, person)).model_dump(mode="json")

    facts = _as(by, deed)
    show(facts if as_json else f"Taken back. The review is {facts['state'].replace('_', ' ')}.", as_json)


@click.command()
@click.argument("review_id", metavar="ID")
@json_option
def comments(review_id: str, as_json: bool) -> None:
    """List what was remarked about a draft."""
    from stonehand.cli import preparation
    from stonehand.reviews import queries, remarks
    from stonehand.reviews.schemas import CommentOut

    with preparation.open_database().read() as session:
        found = remarks.of_draft(session, queries.review(session, review_id).draft_id)
        rows = [CommentOut.model_validate(each).model_dump(mode="json") for each in found]
    columns = ("id", "user_name", "must", "resolved_by", "sentence", "body")
    show(rows if as_json else [{name: row[name] for name in columns} for row in rows], as_json)


@click.command()
@click.argument("review_id", metavar="ID")
@click.argument("body")
@click.option("--sentence", default="", help="The words that it is about.")
@click.option("--must", is_flag=True, help="It must be dealt with before anybody approves.")
@click.option("--answers", help="The comment that it answers, by id.")
@as_option
@json_option
def comment(review_id: str, body: str, by: str | None, as_json: bool, **more: Any) -> None:
    """Remark something about a draft."""
    from stonehand.reviews import remarks
    from stonehand.reviews.schemas import CommentOut

    def deed(session: Session, person: Person) -> dict[str, Any]:
        made = remarks.add(session, person, review_id, body, **more)
        return CommentOut.model_validate(made).model_dump(mode="json")

    facts = _as(by, deed)
    show(facts if as_json else f"The comment {facts['id']} is there.", as_json)


@click.command()
@click.argument("comment_id", metavar="COMMENT")
@click.option("--reopen", is_flag=True, help="Say that it is not dealt with after all.")
@as_option
@json_option
def resolve(comment_id: str, reopen: bool, by: str | None, as_json: bool) -> None:
    """Say that a comment is dealt with."""
    from stonehand.reviews import remarks
    from stonehand.reviews.schemas import CommentOut

    def deed(session: Session, person: Person) -> dict[str, Any]:
        found = remarks.resolve(session, person, comment_id, not reopen)
        return CommentOut.model_validate(found).model_dump(mode="json")

    facts = _as(by, deed)
    show(facts if as_json else ("It is open again." if reopen else "It is dealt with."), as_json)


def _as(by: str | None, deed: Callable[[Session, Person], dict[str, Any]]) -> dict[str, Any]:
    from stonehand.cli import acting, preparation

    with preparation.open_pipeline().transaction() as session:
        return deed(session, acting.person(session, by))


@click.command()
@click.argument("verb", type=click.Choice(["approve", "request_changes", "reject"]))
@click.option("--language", default="", help="Only texts in this language.")
@click.option("--agent", default="", help="Only drafts of this agent.")
@click.option("--story", default="", help="Only drafts of this story.")
@click.option("--warnings", type=click.Choice(["some", "none", "unsupported"]), help="Only those with or without.")
@click.option("--sample", type=click.Choice(["only", "none"]), help="Only the sample newsroom's, or none of them.")
@click.option("--older", type=int, default=0, help="Only what waits for so many hours.")
@click.option("--note", default="", help="What to change, or why.")
@click.option("--channel", "names", multiple=True, help="Where they go; may be left out if there is one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
@json_option
def bulk(verb: str, by: str | None, as_json: bool, yes: bool, note: str, names: tuple[str, ...], **given: Any) -> None:
    """Decide about all open reviews that the options find. Texts with sentences without a source are left alone."""
    from stonehand.cli import acting, preparation, publishing
    from stonehand.reviews import bulk as deciding
    from stonehand.reviews.filters import Filter
    from stonehand.reviews.schemas import BulkOut

    database = preparation.open_pipeline()
    wish = Filter(**{name: value for name, value in given.items() if value})
    with database.transaction() as session:
        person, count = acting.person(session, by), deciding.count(session, wish)
        chosen = tuple(publishing.find_channel(session, name).id for name in names)
    if not yes:
        click.confirm(f"{verb.replace('_', ' ')}: {count} reviews?", abort=True)
    with database.transaction() as session:
        made = deciding.ask(session, person, wish, deciding.Decision(verb, note, chosen))
        bulk_id, is_job = made.id, made.job_id is not None
    if not is_job:
        deciding.run(database, bulk_id, person)
    with database.read() as session:
        facts = BulkOut.model_validate(deciding.bulk(session, bulk_id)).model_dump(mode="json")
    show(facts if as_json else _told(facts), as_json)


def _told(facts: dict[str, Any]) -> str:
    lines = [f"{facts['decided']} of {facts['total']} decided, {len(facts['skipped'])} left alone; {facts['state']}."]
    lines += [f"  {each['title']}: {each['reason']}" for each in facts["skipped"]]
    return "\n".join([*lines, f"Take all of it back with: stonehand review bulk-undo {facts['id']}"])


@click.command(name="bulk-undo")
@click.argument("bulk_id", metavar="ID")
@as_option
@json_option
def bulk_undo(bulk_id: str, by: str | None, as_json: bool) -> None:
    """Take a decision about many back, as far as it has not taken effect."""
    from stonehand.cli import acting, preparation
    from stonehand.reviews import bulk as deciding

    database = preparation.open_pipeline()
    with database.read() as session:
        person = acting.person(session, by)
    taken, late = deciding.undo(database, bulk_id, person)
    facts = {"taken_back": taken, "too_late": late}
    show(facts if as_json else f"Taken back: {taken}; too late: {late}.", as_json)


@click.command()
@click.argument("review_id", metavar="ID")
@json_option
def trail(review_id: str, as_json: bool) -> None:
    """Show who did what to a draft, the newest first."""
    from stonehand.accounts import queries as accounts
    from stonehand.cli import preparation
    from stonehand.publications import queries as publications
    from stonehand.reviews import queries

    with preparation.open_database().read() as session:
        draft_id = queries.review(session, review_id).draft_id
        ids = [draft_id, *(each.id for each in queries.of_draft(session, draft_id))]
        ids += [each.id for each in publications.of_draft(session, draft_id)]
        rows = [
            {"at": f"{each.at:%Y-%m-%d %H:%M:%S}", "who": each.actor_name, "verb": each.verb, "what": each.object_kind}
            for each in accounts.audit_of(session, ids)
        ]
    show(rows, as_json)


COMMANDS = (undo, comments, comment, resolve, bulk, bulk_undo, trail)
