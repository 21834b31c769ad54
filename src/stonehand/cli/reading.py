"""Reading: what a reader should see next, what they did and said, and digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.accounts.permissions import Person
    from stonehand.db import Session

LIMIT = click.IntRange(1, 100)
DEEDS = ("view", "progress", "read", "like", "save", "share", "dismiss", "rate")
KINDS = ("article", "because", "outlet", "story", "topic")
PERIODS = ("daily", "weekly")


@click.group()
def reading() -> None:
    """See what a reader should read next, and why; keep what they do and say."""


def _person(session: Session, by: str | None) -> Person:
    from stonehand.cli import acting

    return acting.person(session, by)


@reading.command("show")
@click.option("--limit", type=LIMIT, default=20, show_default=True)
@as_option
@json_option
def show_list(limit: int, by: str | None, as_json: bool) -> None:
    """Show a reader's recommendations, and why each is there."""
    from stonehand.cli import preparation
    from stonehand.reading import queries

    with preparation.open_database().read() as session:
        found, made_at = queries.recommended(session, _person(session, by).id, limit)
    rows = [
        {"article_id": each.article_id, "title": each.title, "outlet": each.outlet, "score": each.score}
        | {"kind": each.kind, "reason": each.because, "less": each.less}
        for each in found
    ]
    if as_json:
        show({"items": rows, "made_at": made_at}, as_json)
        return
    if made_at is None:
        click.echo("Nothing was computed for this reader yet; ask for it with: stonehand reading update")
    show([{name: row[name] for name in ("article_id", "title", "outlet", "reason")} for row in rows], as_json)


@reading.command("update")
@click.option("--all", "everybody", is_flag=True, help="Of all readers, as every night.")
@as_option
@json_option
def update(everybody: bool, by: str | None, as_json: bool) -> None:
    """Make recommendations anew, as a job."""
    from stonehand import jobs
    from stonehand.cli import preparation

    with preparation.open_pipeline().transaction() as session:
        if everybody:
            job_id = jobs.enqueue(session, "reading.update_all", {}, unique_key="reading.update_all")
        else:
            who = _person(session, by).id
            job_id = jobs.enqueue(session, "reading.update", {"user_id": who}, unique_key=f"reading.update:{who}:now")
    plain = f"Job {job_id} does it." if job_id else "A job that does it waits already."
    show({"job_id": job_id} if as_json else plain, as_json)


@reading.command("popular")
@click.option("--limit", type=LIMIT, default=20, show_default=True)
@json_option
def popular(limit: int, as_json: bool) -> None:
    """List what many read in the last 30 days."""
    _ranked("popular", limit, as_json)


@reading.command("trending")
@click.option("--limit", type=LIMIT, default=20, show_default=True)
@json_option
def trending(limit: int, as_json: bool) -> None:
    """List what is read more than the week before would lead one to expect."""
    _ranked("trending", limit, as_json)


def _ranked(name: str, limit: int, as_json: bool) -> None:
    from stonehand.articles import queries as articles
    from stonehand.cli import preparation
    from stonehand.reading import popularity_queries

    with preparation.open_database().read() as session:
        found = getattr(popularity_queries, name)(session, limit)
        titles = articles.articles(session, [id_ for id_, _ in found])
    rows = [{"article_id": id_, "title": titles[id_].title, "score": score} for id_, score in found if id_ in titles]
    show(rows, as_json)


@reading.command("related")
@click.argument("article_id", metavar="ID")
@click.option("--limit", type=LIMIT, default=10, show_default=True)
@json_option
def related(article_id: str, limit: int, as_json: bool) -> None:
    """List what belongs to an article: of its story, close in meaning, or read by the same readers."""
    from stonehand.articles import queries as articles
    from stonehand.cli import preparation
    from stonehand.reading import queries

    with preparation.open_database().read() as session:
        found = queries.related(session, article_id, limit)
        titles = articles.articles(session, [id_ for id_, _, _ in found])
    show([{"article_id": id_, "title": titles[id_].title, "why": kind} for id_, kind, _ in found], as_json)


@reading.command("did")
@click.argument("article_id", metavar="ID")
@click.argument("deed", type=click.Choice(DEEDS))
@click.option("--value", type=click.IntRange(0, 5), help="A rating of 1 to 5; 0 takes a like, save or dismissal back.")
@click.option("--event", default="", help="An id of your own; the same one counts once.")
@as_option
@json_option
def did(article_id: str, deed: str, value: int | None, event: str, by: str | None, as_json: bool) -> None:
    """Keep what a reader did with an article."""
    from stonehand.articles import queries as articles
    from stonehand.cli import preparation
    from stonehand.db import new_id
    from stonehand.reading import service
    from stonehand.reading.counting import Event
    from stonehand.reading.states import Deed

    with preparation.open_pipeline().transaction() as session:
        articles.article(session, article_id)
        one = Event(event or new_id(), article_id, Deed(deed), value)
        counted, _, _ = service.record(session, _person(session, by), [one])
    plain = "Kept." if counted else "It was kept before."
    show({"counted": counted} if as_json else plain, as_json)


@reading.command("progress")
@as_option
@json_option
def progress(by: str | None, as_json: bool) -> None:
    """Show what a reader has read, in numbers."""
    from stonehand.cli import preparation
    from stonehand.reading import queries

    with preparation.open_database().read() as session:
        show(queries.progress(session, _person(session, by).id), as_json)


@reading.command("profile")
@click.option("--topic", "topics", multiple=True, help="A topic to follow; several make the whole list.")
@click.option("--language", "languages", multiple=True, help="A language that is read; several make the whole list.")
@click.option("--digest", type=click.Choice((*PERIODS, "none")), help="Whether a digest comes by mail.")
@as_option
@json_option
def profile(
    topics: tuple[str, ...], languages: tuple[str, ...], digest: str | None, by: str | None, as_json: bool
) -> None:
    """Show a reader's profile, or change what is named."""
    from stonehand.cli import preparation
    from stonehand.reading import queries, service

    wanted = "" if digest == "none" else digest
    with preparation.open_pipeline().transaction() as session:
        person = _person(session, by)
        if topics or languages or digest:
            service.tell(session, person, topics or None, languages or None, wanted)
        found = queries.profile(session, person.id)
        facts = {name: getattr(found, name) for name in ("topics", "languages", "digest")} if found else {}
    show(facts or {"topics": [], "languages": [], "digest": ""}, as_json)


@reading.command("less")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.argument("value", required=False)
@click.option("--remove", is_flag=True, help="Take the wish back.")
@as_option
@json_option
def less(kind: str | None, value: str | None, remove: bool, by: str | None, as_json: bool) -> None:
    """List of what a reader wants less, or want less of VALUE: an outlet, a topic, an article's or story's id."""
    from stonehand.cli import preparation
    from stonehand.reading import service
    from stonehand.reading.states import Less

    if bool(kind) != bool(value):
        raise click.UsageError("name both a KIND and a VALUE, or neither to list them")
    with preparation.open_pipeline().transaction() as session:
        person = _person(session, by)
        if kind and value:
            deed: Any = service.want_again if remove else service.want_less
            deed(session, person, Less(kind), value)
        found = [{name: getattr(each, name) for name in ("kind", "value", "words")} for each in _less(session, person)]
    show(found, as_json)


def _less(session: Session, person: Person) -> Any:
    from stonehand.reading import queries

    session.flush()
    return queries.less(session, person.id)


@reading.command("assess")
@click.option("--scores", nargs=3, type=int, metavar="BE DO HAVE", help="Scores from elsewhere, 0 to 100 each.")
@click.option("--answer", "answers", nargs=2, multiple=True, metavar="QUESTION 0-4", help="Answer a question.")
@as_option
@json_option
def assess(scores: tuple[int, int, int] | None, answers: Any, by: str | None, as_json: bool) -> None:
    """Show a reader's scores and levels, or keep new ones. Without an assessment, the questions are listed."""
    from stonehand.cli import preparation
    from stonehand.reading import levels, queries, service
    from stonehand.reading.states import Phase

    with preparation.open_pipeline().transaction() as session:
        person = _person(session, by)
        if scores:
            service.set_scores(session, person, *scores)
        elif answers:
            service.assess(session, person, {key: int(value) if value.isdigit() else -1 for key, value in answers})
        found = queries.scores(session, person.id)
    if found is None:
        show(
            [{"question": each.key, "phase": each.phase.value, "words": each.words} for each in levels.QUESTIONS],
            as_json,
        )
        return
    told = {phase.value: {"score": found.of(phase), "level": levels.level(found.of(phase)).value} for phase in Phase}
    show(told | {"readiness": levels.level(found.mean).value}, as_json)


@reading.command("level")
@click.argument("article_id", metavar="ID")
@click.argument("phase", type=click.Choice(("BE", "DO", "HAVE"), case_sensitive=False))
@click.argument("difficulty", type=click.Choice(("Beginner", "Intermediate", "Advanced"), case_sensitive=False))
@as_option
@json_option
def level(article_id: str, phase: str, difficulty: str, by: str | None, as_json: bool) -> None:
    """Say of which phase and difficulty an article is, for everybody."""
    from stonehand.cli import acting, preparation
    from stonehand.reading import levelling
    from stonehand.reading.schemas import LevelOut
    from stonehand.reading.states import Difficulty, Phase

    with preparation.open_database().transaction() as session:
        person = acting.administrator(session, by)
        found = levelling.set_level(session, person, article_id, Phase(phase.upper()), Difficulty(difficulty.title()))
        show(LevelOut.model_validate(found), as_json)


@reading.command("unlevel")
@click.argument("article_id", metavar="ID")
@as_option
@json_option
def unlevel(article_id: str, by: str | None, as_json: bool) -> None:
    """Take back what a person said of an article's level: what the rubric Be-Do-Have says holds again."""
    from stonehand.cli import acting, preparation
    from stonehand.reading import levelling

    with preparation.open_database().transaction() as session:
        found = levelling.clear_level(session, acting.administrator(session, by), article_id)
        level = {"phase": found.phase, "difficulty": found.difficulty} if found else {"phase": None, "difficulty": None}
        show({"article_id": article_id, **level, "origin": found.origin if found else None}, as_json)


@reading.command("export")
@as_option
def export(by: str | None) -> None:
    """Print everything that is kept of a reader, one JSON object a line."""
    import json

    from stonehand.cli import preparation
    from stonehand.mailings.models import DigestMail
    from stonehand.reading import exporting

    database = preparation.open_database()
    with database.read() as session:
        person = _person(session, by)
    for row in exporting.export(database.read, person.id, [DigestMail]):
        click.echo(json.dumps(row, ensure_ascii=False, default=str))


@reading.command("forget")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
@json_option
def forget(yes: bool, by: str | None, as_json: bool) -> None:
    """Forget what a reader did and said, for good."""
    from stonehand.accounts import service as accounts
    from stonehand.cli import acting, preparation
    from stonehand.retention import erasing

    database = preparation.open_database()
    with database.read() as session:
        person = _person(session, by)
    if not yes:
        click.confirm(f"Forget everything that {person.name} did and said as a reader?", abort=True)
    with database.transaction() as session:
        rows = erasing.reader(session, person.id)
        accounts.record(session, acting.operator(), "forgot", "reader", person.id, {"rows": rows})
    show({"rows": rows} if as_json else f"{rows} rows are gone.", as_json)
