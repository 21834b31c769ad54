"""Articles and stories: what was read, and what belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option, named
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.articles.models import Article
    from stonehand.db import Session

ARTICLE = (
    *("id", "title", "url", "canonical_url", "source_id", "state", "author", "published_at", "published_precision"),
    *(
        "language_hint",
        "site",
        "licence",
        "origins",
        "robots",
        "word_count",
        "duplicate_of",
        "duplicate_evidence",
        "is_sample",
        "error",
        "fetched_at",
    ),
)
ARTICLE_COLUMNS = ("id", "title", "state", "published_at", "language", "word_count", "duplicate_of")


@click.group()
def article() -> None:
    """Read articles."""


@article.command("list")
@click.option("--source", "source_id", metavar="ID", help="Only articles of this source.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_articles(source_id: str | None, limit: int, as_json: bool) -> None:
    """List articles, the newest first."""
    from stonehand.articles import queries
    from stonehand.cli import preparation
    from stonehand.sources import service as sources

    with preparation.open_database().read() as session:
        if source_id:
            sources.get(session, source_id)
        found = queries.recent(session, limit, source_id=source_id)
        rows = _facts(session, found)
    show(rows if as_json else [{name: row[name] for name in ARTICLE_COLUMNS} for row in rows], as_json)


def _facts(session: Session, found: Sequence[Article]) -> list[dict[str, Any]]:
    """What is told of articles; the language is the one that was found out, or else the one that the page claims."""
    from stonehand.analysis import queries as analysis

    known = analysis.languages(session, [each.id for each in found])
    return [
        {name: getattr(each, name) for name in ARTICLE} | {"language": known.get(each.id) or each.language_hint}
        for each in found
    ]


def _told(session: Session, article_id: str) -> dict[str, Any]:
    """What was found out about an article, in short; `article describe` says all of it."""
    from stonehand.analysis import queries as analysis
    from stonehand.rubrics import queries as rubrics

    said = analysis.description(session, article_id)
    scores = {
        rubric.slug: f"{score.label} {score.score:.0f}" for score, rubric in rubrics.scores_of(session, article_id)
    }
    told = {} if said is None else {"category": said.category, "topics": [each["name"] for each in said.topics]}
    return told | ({"tone": said.tone} if said else {}) | ({"scores": scores} if scores else {})


@article.command("describe")
@click.argument("article_id", metavar="ID")
@json_option
def describe_article(article_id: str, as_json: bool) -> None:
    """Say what was found out about an article: category, topics, names, tone, readability, quality, summary."""
    from stonehand.analysis import queries as analysis
    from stonehand.analysis.errors import AnalysisNotFound
    from stonehand.analysis.schemas import DescriptionOut
    from stonehand.articles import queries
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        queries.article(session, article_id)
        found = analysis.description(session, article_id)
        if found is None:
            raise AnalysisNotFound(f"article {article_id} was not described yet; that comes within minutes")
        said = DescriptionOut.model_validate(found)
    if as_json:
        show(said, as_json)
        return
    show({"category": said.category, "topics": [each.name for each in said.topics]}, as_json)
    show({"tone": f"{said.sentiment.label} {said.sentiment.compound:+.2f}", "quality": said.quality.score}, as_json)
    show({"readability": f"{said.readability.ease:.0f} by {said.readability.formula}"}, as_json)
    show([{"kind": each.kind, "name": each.text, "count": each.count} for each in said.entities[:15]], as_json)
    click.echo("\n" + "\n".join(each.text for each in said.summary))


@article.command("show")
@click.argument("article_id", metavar="ID")
@json_option
def show_article(article_id: str, as_json: bool) -> None:
    """Show an article: its text, its copies, and why they count as copies."""
    from stonehand.articles import queries
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        found = queries.article(session, article_id)
        text = queries.texts(session, [article_id]).get(article_id)
        copies = queries.copies_of(session, article_id)
        facts = _facts(session, [found])[0] | {"outlet": queries.outlets(session, [article_id])[article_id]}
        facts |= _told(session, article_id)
    rows = [{"id": each.id, "url": each.url, "evidence": each.duplicate_evidence} for each in copies]
    if as_json:
        show(facts | {"copies": rows, "text": text.text if text else None}, as_json)
        return
    show({name: value for name, value in facts.items() if value not in (None, "", False)}, as_json)
    if rows:
        click.echo("\nCopies of it:")
        show(rows, as_json)
    click.echo(f"\n{text.text}" if text else "\nIt has no text.")


@article.command("versions")
@click.argument("article_id", metavar="ID")
@json_option
def list_versions(article_id: str, as_json: bool) -> None:
    """List the texts that an article has had, the newest first."""
    from stonehand.articles import versions
    from stonehand.articles.schemas import VersionOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        found = versions.listed(session, article_id)
    show([VersionOut.model_validate(each).model_dump(mode="json") for each in found], as_json)


@article.command("diff")
@click.argument("article_id", metavar="ID")
@click.option("--from", "older", type=click.IntRange(1), help="The older version; the one before the newer by default.")
@click.option("--to", "newer", type=click.IntRange(1), help="The newer version; the newest by default.")
@json_option
def diff(article_id: str, older: int | None, newer: int | None, as_json: bool) -> None:
    """Show what changed between two versions: [-what went-] and {+what came+}."""
    from stonehand.articles import versions
    from stonehand.articles.differences import differences, shortened
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        first, second = versions.pair(session, article_id, older, newer)
        parts = differences(versions.text(session, article_id, first), versions.text(session, article_id, second))
    if as_json:
        listed = [{"kind": part.kind, "text": part.text} for part in parts]
        show({"older": first, "newer": second, "parts": listed}, as_json)
        return
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    click.echo("".join(marks[part.kind].format(part.text) for part in shortened(parts)) or "Nothing changed.")


@article.command("refetch")
@click.argument("article_id", metavar="ID")
@named("edit")
@json_option
def refetch(article_id: str, as_json: bool) -> None:
    """Fetch an article's page again; a changed text becomes a new version."""
    from stonehand.accounts import service as accounts
    from stonehand.articles import rereading
    from stonehand.cli import acting, preparation

    with preparation.open_pipeline().transaction() as session:
        entry_id = rereading.refetch(session, article_id)
        if entry_id:
            accounts.record(session, acting.operator(), "refetched", "article", article_id)
    plain = "Its page is fetched again." if entry_id else "Its page is being fetched already."
    show({"article_id": article_id, "asked": bool(entry_id)} if as_json else plain, as_json)


@article.command("reprocess")
@click.option("--source", "source_id", metavar="ID", default="", help="Only articles of this source.")
@click.option("--state", default="", help="Only articles in this state: stored, extracted or unreadable.")
@click.option("--since", type=click.DateTime(), help="Only pages fetched since then (UTC).")
@named("edit")
@json_option
def reprocess(source_id: str, state: str, since: datetime | None, as_json: bool) -> None:
    """Read kept pages again, as jobs; a text that comes out otherwise becomes a new version."""
    from stonehand.accounts import service as accounts
    from stonehand.articles import rereading
    from stonehand.cli import acting, preparation

    selection = rereading.Selection(source_id, state, since.replace(tzinfo=UTC) if since else None)
    with preparation.open_pipeline().transaction() as session:
        job_id, count = rereading.ask(session, selection), rereading.count(session, selection)
        wish = {"source_id": source_id, "state": state, "since": since.isoformat() if since else ""}
        accounts.record(session, acting.operator(), "reprocessed", "articles", job_id, wish)
    plain = f"Job {job_id} has {count} {'page' if count == 1 else 'pages'} read again."
    show({"job_id": job_id, "articles": count} if as_json else plain, as_json)


@article.command("similar")
@click.argument("article_id", metavar="ID")
@json_option
def list_similar(article_id: str, as_json: bool) -> None:
    """List originals that could be the same text, the most alike first."""
    from stonehand.articles import verdicts
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        found = verdicts.similar(session, article_id)
        rows = [{"id": one.id, "title": one.title, "url": one.url} | evidence.as_dict() for one, evidence in found]
    columns = ("id", "title", "containment", "shared_shingles", "cosine")
    show(rows if as_json else [{name: row[name] for name in columns} for row in rows], as_json)


@article.command("split")
@click.argument("article_id", metavar="ID")
@named("edit")
@json_option
def split(article_id: str, as_json: bool) -> None:
    """Say that an article is no copy; it is remembered."""
    from stonehand.accounts import service as accounts
    from stonehand.articles import verdicts
    from stonehand.cli import acting, preparation

    with preparation.open_pipeline().transaction() as session:
        original_id = verdicts.split(session, article_id, acting.operator().name)
        accounts.record(session, acting.operator(), "split", "article", article_id, {"original_id": original_id})
    facts = {"article_id": article_id, "no_copy_of": original_id}
    show(facts if as_json else f"It is no copy of {original_id} any more.", as_json)


@article.command("merge")
@click.argument("article_id", metavar="ID")
@click.argument("original_id", metavar="ORIGINAL")
@named("edit")
@json_option
def merge(article_id: str, original_id: str, as_json: bool) -> None:
    """Say that an article is a copy of ORIGINAL; it is remembered."""
    from stonehand.accounts import service as accounts
    from stonehand.articles import verdicts
    from stonehand.cli import acting, preparation

    with preparation.open_pipeline().transaction() as session:
        found = verdicts.merge(session, article_id, original_id, acting.operator().name)
        accounts.record(session, acting.operator(), "merged", "article", article_id, {"original_id": found})
    show({"article_id": article_id, "copy_of": found} if as_json else f"It is a copy of {found} now.", as_json)


@click.group()
def story() -> None:
    """Read stories: articles about the same thing."""


@story.command("list")
@click.option("--state", help="Only stories in this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_stories(state: str | None, limit: int, as_json: bool) -> None:
    """List stories, the most prominent first."""
    from stonehand.cli import preparation
    from stonehand.stories import queries
    from stonehand.stories.schemas import StoryOut
    from stonehand.stories.states import StoryState

    known = [each.value for each in StoryState]
    if state and state not in known:
        raise click.BadParameter(f"{state!r} is not a state; the states are {', '.join(known)}")
    with preparation.open_database().read() as session:
        found = queries.top(session, limit, state=state)
        rows = [StoryOut.model_validate(each).model_dump(mode="json") for each in found]
    columns = ("id", "title", "state", "article_count", "outlet_count", "last_at")
    show(rows if as_json else [{name: row[name] for name in columns} for row in rows], as_json)


@story.command("show")
@click.argument("story_id", metavar="ID")
@json_option
def show_story(story_id: str, as_json: bool) -> None:
    """Show a story told in order, and why each article is in it."""
    from stonehand.cli import preparation
    from stonehand.stories import queries
    from stonehand.stories.schemas import StoryDetail

    with preparation.open_database().read() as session:
        found = StoryDetail.of(queries.story(session, story_id), queries.timeline(session, story_id))
    if as_json:
        show(found, as_json)
        return
    show(found.model_dump(mode="json", exclude={"timeline"}), as_json)
    for step in found.timeline:
        click.echo(f"\n{step.reported_at:%Y-%m-%d %H:%M}  {step.outlet}: {step.title}")
        click.echo(f"    {step.why}  {step.url}  ({step.article_id})")
        for copy in step.copies:
            click.echo(f"    Copy: {copy.outlet}  {copy.url}  ({copy.article_id})")


@story.command("split")
@click.argument("story_id", metavar="ID")
@click.argument("article_ids", metavar="ARTICLE...", nargs=-1, required=True)
@as_option
@json_option
def split_story(story_id: str, article_ids: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Say that these articles are another story; every later pass obeys."""
    from stonehand.cli import acting, preparation
    from stonehand.stories.passes import verdicts

    with preparation.open_pipeline().transaction() as session:
        made = verdicts.split(session, acting.administrator(session, by), story_id, article_ids)
    show({"story_id": made, "split_from": story_id} if as_json else f"They are story {made} now.", as_json)


@story.command("merge")
@click.argument("story_id", metavar="ID")
@click.argument("into_id", metavar="INTO")
@as_option
@json_option
def merge_story(story_id: str, into_id: str, by: str | None, as_json: bool) -> None:
    """Say that a story is part of the story INTO; every later pass obeys."""
    from stonehand.cli import acting, preparation
    from stonehand.stories.passes import verdicts

    with preparation.open_pipeline().transaction() as session:
        verdicts.merge(session, acting.administrator(session, by), story_id, into_id)
    show({"story_id": into_id, "merged": story_id} if as_json else f"It is part of story {into_id} now.", as_json)
