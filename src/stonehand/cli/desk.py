"""Drafts and reviews: read what was written, and decide about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli import reviewing
from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stonehand.accounts.permissions import Person
    from stonehand.db import Session
    from stonehand.drafts.models import Citation, Revision
    from stonehand.reviews.models import Review

DRAFT = (
    "id",
    "title",
    "state",
    "story_id",
    "digest_id",
    "writer",
    "note",
    "is_sample",
    "created_by",
    "created_at",
    "updated_at",
)
DRAFT_COLUMNS = ("id", "title", "state", "writer", "updated_at")
REVISION = ("number", "title", "label", "language", "writer", "model", "notes", "warnings", "created_at", "markdown")
CITATION = ("sentence_start", "sentence_end", "kind", "quote", "article_id", "source_start", "source_end", "cosine")
REVIEW_COLUMNS = ("id", "title", "state", "opened_at", "draft_id")
MARKS = {"verbatim": "=", "supported": "~", "unsupported": "!"}


def _facts(row: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@click.group()
def draft() -> None:
    """Read drafts, and ask for one."""


@draft.command("list")
@click.option("--state", "states", multiple=True, help="Only drafts in this state; may be given several times.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_drafts(states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List drafts, the newest first."""
    from stonehand.cli import preparation
    from stonehand.drafts import queries
    from stonehand.drafts.states import DraftState

    known = {state.value: state for state in DraftState}
    for word in states:
        if word not in known:
            raise click.BadParameter(f"{word!r} is not a state; the states are {', '.join(known)}")
    with preparation.open_database().read() as session:
        found = queries.drafts(session, [known[word] for word in states] or None, limit)
    show([_facts(each, DRAFT if as_json else DRAFT_COLUMNS) for each in found], as_json)


@draft.command("show")
@click.argument("draft_id", metavar="ID")
@json_option
def show_draft(draft_id: str, as_json: bool) -> None:
    """Show a draft's text, and what each sentence stands on."""
    from stonehand.cli import preparation
    from stonehand.drafts import queries

    with preparation.open_database().read() as session:
        found = queries.draft(session, draft_id)
        revision, cited = _current(session, found.current_revision_id)
    if as_json:
        show(_facts(found, DRAFT) | _text_facts(revision, cited), as_json)
        return
    show({name: value for name, value in _facts(found, DRAFT).items() if value not in (None, "")}, as_json)
    _print_text(revision, cited)


def _current(session: Session, revision_id: str | None) -> tuple[Revision | None, Sequence[Citation]]:
    from stonehand.drafts import queries

    if revision_id is None:
        return None, []
    return queries.revision(session, revision_id), queries.citations(session, revision_id)


def _text_facts(revision: Revision | None, cited: Sequence[Citation]) -> dict[str, Any]:
    return {
        "revision": _facts(revision, REVISION) if revision else None,
        "citations": [_facts(each, CITATION) for each in cited],
    }


def _print_text(revision: Revision | None, cited: Sequence[Citation]) -> None:
    """The text, then its sentences with a mark each: = said so, ~ supported, ! nobody said it."""
    if revision is None:
        click.echo("\nNothing is written yet.")
        return
    click.echo(f"\n{revision.title}\n{revision.label}\n\n{revision.markdown.strip()}\n")
    click.echo("= word for word   ~ supported   ! no source says so")
    for each in cited:
        click.echo(f"{MARKS[each.kind]} {revision.markdown[each.sentence_start : each.sentence_end].strip()}")
        if each.article_id:
            click.echo(f"    article {each.article_id}, {each.source_start}-{each.source_end}: “{each.quote}”")
    for warning in revision.warnings:
        click.echo(f"Warning ({warning.get('kind')}): {warning.get('text')}")


@draft.command()
@click.argument("story_id")
@as_option
@json_option
def commission(story_id: str, by: str | None, as_json: bool) -> None:
    """Ask for a draft of a story."""
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting, preparation
    from stonehand.drafts import service

    with preparation.open_pipeline().transaction() as session:
        person = acting.person(session, by)
        person.require("edit")
        draft_id = service.commission(session, story_id, person.id)
        accounts.record(session, person, "commissioned", "draft", draft_id, {"story_id": story_id})
    show({"id": draft_id, "story_id": story_id} if as_json else f"Draft {draft_id} is commissioned.", as_json)


@click.group()
def review() -> None:
    """Read what waits for a person, and decide."""


@review.command("list")
@click.option("--state", default="open", show_default=True, help="open, approved, changes_requested, rejected ...")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_reviews(state: str, limit: int, as_json: bool) -> None:
    """List what waits for a decision, the longest waiting first."""
    from stonehand.cli import preparation
    from stonehand.drafts import queries as drafts
    from stonehand.reviews import queries
    from stonehand.reviews.models import ReviewState

    known = {each.value: each for each in ReviewState}
    if state not in known:
        raise click.BadParameter(f"{state!r} is not a state; the states are {', '.join(known)}")
    with preparation.open_database().read() as session:
        rows = [
            _review_facts(found) | {"title": text.title, "unsupported": drafts.unsupported(session, text.id)}
            for found, _, text in queries.queue(session, known[state], limit)
        ]
    columns = (*REVIEW_COLUMNS, "unsupported")
    show(rows if as_json else [{name: row[name] for name in columns} for row in rows], as_json)


def _review_facts(found: Review) -> dict[str, Any]:
    from stonehand.reviews.schemas import ReviewOut

    return ReviewOut.model_validate(found).model_dump(mode="json")


@review.command("show")
@click.argument("review_id", metavar="ID")
@json_option
def show_review(review_id: str, as_json: bool) -> None:
    """Show the text under review, every sentence with its source."""
    from stonehand.cli import preparation
    from stonehand.reviews import queries

    with preparation.open_database().read() as session:
        found = queries.review(session, review_id)
        revision, cited = _current(session, found.revision_id)
    facts = _review_facts(found)
    if as_json:
        show(facts | _text_facts(revision, cited), as_json)
        return
    show({name: value for name, value in facts.items() if value not in (None, "", [])}, as_json)
    _print_text(revision, cited)


@review.command()
@click.argument("review_id", metavar="ID")
@click.option(
    "--channel",
    "names",
    multiple=True,
    help="Where it goes, by name or id; if not given, where such pieces went before.",
)
@click.option("--accept-unsupported", is_flag=True, help="Let sentences out that no source supports.")
@click.option("--note", default="", help="Why.")
@click.option("--at", default="", help="When it goes out, such as 2026-12-01T09:00; now if not given.")
@click.option("--zone", default="", help="The time zone of --at; that of most channels if not given.")
@as_option
@json_option
def approve(
    review_id: str, names: tuple[str, ...], accept_unsupported: bool, by: str | None, as_json: bool, **more: str
) -> None:
    """Let exactly this text out, now or at a time."""
    from stonehand.agents import destinations
    from stonehand.cli import publishing
    from stonehand.publications import timed
    from stonehand.reviews import service, votes
    from stonehand.reviews.models import ReviewState
    from stonehand.timing import cadences, moments

    goes_out: list[str] = []
    needed: list[str] = []

    def deed(session: Session, person: Person) -> Review:
        named = [publishing.find_channel(session, name).id for name in names]
        chosen = destinations.chosen(session, review_id, named)
        decided = decide(session, person, chosen)
        if decided.state == ReviewState.OPEN:
            needed.append(votes.still_missing(session, decided, person.id))
        return decided

    def decide(session: Session, person: Person, chosen: Sequence[str] | None) -> Review:
        accepted: dict[str, Any] = {"accept_unsupported": accept_unsupported, "note": more["note"]}
        if not more["at"].strip():
            return service.approve(session, review_id, person, chosen, **accepted)
        zone = more["zone"] or cadences.usual_zone(session)
        moment = moments.read(more["at"], zone)
        goes_out.append(moments.told(moment, zone))
        return timed.approve(session, person, review_id, chosen, moment, zone, **accepted)

    _decide(deed, by, as_json, goes_out, needed)


@review.command()
@click.argument("review_id", metavar="ID")
@click.option("--note", required=True, help="What to change.")
@as_option
@json_option
def changes(review_id: str, note: str, by: str | None, as_json: bool) -> None:
    """Send a draft back with a note."""
    from stonehand.reviews import service

    _decide(lambda session, person: service.request_changes(session, review_id, person, note), by, as_json)


@review.command()
@click.argument("review_id", metavar="ID")
@click.option("--note", default="", help="Why.")
@as_option
@json_option
def reject(review_id: str, note: str, by: str | None, as_json: bool) -> None:
    """Decide that a draft will not go out."""
    from stonehand.reviews import service

    _decide(lambda session, person: service.reject(session, review_id, person, note), by, as_json)


def _told(moment: str) -> str:
    """A moment from JSON as people read it."""
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _decide(
    deed: Callable[[Session, Person], Review],
    by: str | None,
    as_json: bool,
    goes_out: Sequence[str] = (),
    needed: Sequence[str] = (),
) -> None:
    """Do it, and say what came of it.

    `goes_out` is when the piece goes out, if the deed has said a time, and `needed` whose approval is missing.
    """
    from stonehand.cli import acting, preparation

    with preparation.open_pipeline().transaction() as session:
        person = acting.person(session, by)
        facts = _review_facts(deed(session, person))
    when = f"; it takes effect at {_told(facts['due_at'])}" if facts["due_at"] else ""
    when = f"; it goes out at {goes_out[0]}" if when and goes_out else when
    words = f"{facts['state'].replace('_', ' ')}, by {person.name}{when}"
    if needed:
        words = f"still open. The approval by {person.name} counts; {needed[0]}"
    show(facts if as_json else f"Review {facts['id']}: {words}.", as_json)


for _command in reviewing.COMMANDS:
    review.add_command(_command)
