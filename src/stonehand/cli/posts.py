"""Posts: list and read them, write one, change it, compare and restore its versions, measure it, have it rewritten."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from stonehand.accounts.permissions import Person
    from stonehand.db import Session
    from stonehand.posts.metric_schemas import MetricsOut

SHORT = ("id", "status", "title", "version", "word_count", "updated_at")
VERSION = ("number", "title", "writer", "model", "prompt_version", "input_tokens", "output_tokens", "cost_micro")
MARKS = {"added": ("{+", "+}"), "removed": ("[-", "-]"), "same": ("", "")}
HEADS = ("slug", "excerpt", "meta_title", "meta_description", "image_url", "image_alt")


@click.group()
def posts() -> None:
    """Posts: drafts as they are seen from outside, each with one status."""


@posts.command("list")
@click.option("--status", "statuses", multiple=True, help="Only posts in this state; may be given several times.")
@click.option("--agent", default="", help="Only posts of this agent, by its id.")
@click.option("--text", default="", help="Only posts with these words in title or text.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_posts(statuses: tuple[str, ...], agent: str, text: str, limit: int, as_json: bool) -> None:
    """List posts, the newest first."""
    from stonehand.cli import preparation
    from stonehand.posts import queries
    from stonehand.posts.schemas import PostOut
    from stonehand.posts.states import PostStatus

    known = {state.value: state for state in PostStatus}
    for word in statuses:
        if word not in known:
            raise click.BadParameter(f"{word!r} is not a status; those are {', '.join(known)}")
    wanted = queries.Wanted(tuple(known[word] for word in statuses), agent, text)
    with preparation.open_database().read() as session:
        rows = [PostOut.of(each).model_dump(mode="json") for each in queries.posts(session, wanted, limit)]
    show(rows if as_json else [{name: row[name] for name in SHORT} for row in rows], as_json)


@posts.command("show")
@click.argument("post_id", metavar="ID")
@json_option
def show_post(post_id: str, as_json: bool) -> None:
    """Show a post with its present text, and where it went."""
    _show(post_id, as_json)


def _show(post_id: str, as_json: bool) -> None:
    from stonehand.cli import preparation
    from stonehand.posts import queries, telling

    with preparation.open_database().read() as session:
        found = telling.detail(session, queries.post(session, post_id)).model_dump(mode="json")
    if as_json:
        show(found, as_json)
        return
    plain = {name: value for name, value in found.items() if value not in (None, "", [], {}) and name != "text"}
    show({name: value for name, value in plain.items() if not isinstance(value, dict | list)}, as_json)
    text = found["text"]
    click.echo(f"\n{text['label']}\n\n{text['markdown'].strip()}" if text else "\nNothing is written yet.")


@posts.command()
@click.argument("title")
@click.option(
    "--article", "articles", multiple=True, metavar="ID", help="A source, by its id; several times, in order."
)
@click.option("--file", metavar="FILE", help="The text in Markdown; - reads it from the input.")
@click.option("--language", default="", help="Its language, such as de; that of its sources if not given.")
@click.option("--keyword", default="", help="The keyword that it is to be found by.")
@click.option("--hand-in", is_flag=True, help="Send it to the review desk at once.")
@as_option
@json_option
def new(title: str, articles: tuple[str, ...], file: str | None, by: str | None, as_json: bool, **more: Any) -> None:
    """Write a post yourself, on articles that you choose."""
    from stonehand.drafts.pieces import Instructions, Wish
    from stonehand.drafts.wording import Heads, Wording
    from stonehand.posts import service

    text = _read(file) if file else ""

    def deed(session: Session, person: Person) -> str:
        wishes = Instructions(language=more["language"], keyword=more["keyword"])
        draft_id = service.begin(session, person, Wish(title, person.id, articles, wishes)).id
        if text.strip():
            service.save(
                session, person, draft_id, Wording(title, text, Heads(), articles), "", hand_in=more["hand_in"]
            )
        return draft_id

    _show(_done(deed, by), as_json)


def _read(file: str) -> str:
    return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")


def _done(deed: Callable[[Session, Person], str], by: str | None) -> str:
    from stonehand.cli import acting, preparation

    with preparation.open_pipeline().transaction() as session:
        return deed(session, acting.person(session, by))


@posts.command()
@click.argument("post_id", metavar="ID")
@click.option("--file", metavar="FILE", help="The whole text in Markdown; - reads it from the input.")
@click.option("--title", help="Another title.")
@click.option("--slug", help="The last part of its address.")
@click.option("--excerpt", help="What it is about, in a sentence.")
@click.option("--meta-title", help="The title for search engines, at most 70 characters.")
@click.option("--meta-description", help="The description for search engines, at most 160 characters.")
@click.option("--keyword", "keywords", multiple=True, help="A keyword, the most important first; several times.")
@click.option("--image-url", help="The https address of its picture; empty removes it.")
@click.option("--image-alt", help="What the picture shows, for those who cannot see it.")
@click.option("--category", "categories", multiple=True, help="A category; several times.")
@click.option("--article", "sources", multiple=True, metavar="ID", help="A source, by its id; several times, in order.")
@click.option("--expected", help="The revision that you saw, by its id; the present one if not given.")
@click.option("--keep", is_flag=True, help="Keep it with its writers; do not hand it in.")
@as_option
@json_option
def edit(post_id: str, file: str | None, by: str | None, as_json: bool, **more: Any) -> None:
    """Save another wording as the next version. What is not given stays."""
    from stonehand.posts import queries, service, telling
    from stonehand.posts.schemas import WordingIn

    given = {name: more[name] for name in ("title", *HEADS) if more[name] is not None}
    given |= {name: list(more[name]) for name in ("keywords", "categories", "sources") if more[name]}
    given |= {"markdown": _read(file)} if file else {}

    def deed(session: Session, person: Person) -> str:
        post = queries.post(session, post_id)
        expected = post.draft.current_revision_id or "" if more["expected"] is None else more["expected"]
        worded = WordingIn(**given).over(telling.present(post))
        service.save(session, person, post_id, worded, expected, hand_in=not more["keep"])
        return post_id

    _show(_done(deed, by), as_json)


@posts.command()
@click.argument("post_id", metavar="ID")
@json_option
def versions(post_id: str, as_json: bool) -> None:
    """List the versions of a post, and where each comes from."""
    from stonehand.cli import preparation
    from stonehand.drafts import queries as drafts
    from stonehand.posts import telling

    with preparation.open_database().read() as session:
        drafts.draft(session, post_id)
        found = telling.versions(session, drafts.revisions(session, post_id))
    rows = [each.model_dump(mode="json") for each in found]
    show(rows if as_json else [{name: row[name] for name in (*VERSION, "created_at")} for row in rows], as_json)


@posts.command()
@click.argument("post_id", metavar="ID")
@click.argument("older", type=click.IntRange(1, 1_000_000))
@click.argument("newer", type=click.IntRange(1, 1_000_000))
@json_option
def diff(post_id: str, older: int, newer: int, as_json: bool) -> None:
    """Show what changed from one version to another: [-what went-]{+what came+}."""
    from stonehand.cli import preparation
    from stonehand.posts import telling

    with preparation.open_database().read() as session:
        found = telling.difference(session, post_id, older, newer)
    if as_json:
        show(found.model_dump(mode="json"), as_json)
        return
    for parts in (found.title, found.parts):
        marked = ("".join((MARKS[part["kind"]][0], part["text"], MARKS[part["kind"]][1])) for part in parts)
        click.echo("".join(marked))


@posts.command()
@click.argument("post_id", metavar="ID")
@click.argument("number", type=click.IntRange(1, 1_000_000))
@as_option
@json_option
def restore(post_id: str, number: int, by: str | None, as_json: bool) -> None:
    """Make an earlier version the next one."""
    from stonehand.drafts import queries as drafts
    from stonehand.posts import service

    def deed(session: Session, person: Person) -> str:
        present = drafts.draft(session, post_id).current_revision_id or ""
        service.restore(session, person, post_id, number, present)
        return post_id

    _show(_done(deed, by), as_json)


@posts.command()
@click.argument("post_id", metavar="ID")
@json_option
def pictures(post_id: str, as_json: bool) -> None:
    """List the pictures of a post's sources, with outlet and licence. Choose with: posts edit --image-url."""
    from stonehand.cli import preparation
    from stonehand.posts import measuring, proposals
    from stonehand.posts.schemas import PictureOut

    with preparation.open_database().read() as session:
        ids = [source.article_id for source in measuring.brief(session, post_id).sources]
        found = [PictureOut.model_validate(each).model_dump() for each in proposals.of_articles(session, ids)]
    show(found, as_json)


@posts.command()
@click.argument("post_id", metavar="ID")
@click.option("--file", metavar="FILE", help="Measure this text instead of the present version; - reads the input.")
@json_option
def metrics(post_id: str, file: str | None, as_json: bool) -> None:
    """Measure a post for readers, for search engines, and against its sources."""
    from stonehand.cli import preparation
    from stonehand.posts import measuring, queries, telling
    from stonehand.posts.metric_schemas import MetricsOut
    from stonehand.posts.schemas import WordingIn

    wish = WordingIn(markdown=_read(file)) if file else WordingIn()
    with preparation.open_database().read() as session:
        worded = wish.over(telling.present(queries.post(session, post_id)))
        about = measuring.brief(session, post_id, worded.sources)
    found = MetricsOut.of(measuring.measure(about, worded))
    if as_json:
        show(found.model_dump(mode="json"), as_json)
        return
    _print_metrics(found)


def _print_metrics(found: MetricsOut) -> None:
    facts = found.model_dump(mode="json")
    show({name: value for name, value in facts.items() if not isinstance(value, dict | list)}, False)
    click.echo("")
    rows = [
        {"part": part.name, "points": f"{part.points:g}/{part.most:g}", "gain": part.advice} for part in found.seo_parts
    ]
    show(rows, False)
    for warned in found.warnings:
        click.echo(f"Warning ({warned.kind}): {warned.text}")


@posts.command()
@click.argument("post_id", metavar="ID")
@click.option("--note", default="", help="What should be different.")
@as_option
@json_option
def regenerate(post_id: str, note: str, by: str | None, as_json: bool) -> None:
    """Have a post written again."""
    from stonehand.posts import service

    def deed(session: Session, person: Person) -> str:
        service.regenerate(session, person, post_id, note)
        return post_id

    done = _done(deed, by)
    show({"id": done} if as_json else f"Post {done} is being written again.", as_json)


@posts.command()
@click.argument("post_id", metavar="ID")
@click.option("--reason", default="", help="Why.")
@as_option
@json_option
def withdraw(post_id: str, reason: str, by: str | None, as_json: bool) -> None:
    """Decide that a post will not go out, while nothing has."""
    from stonehand.posts import service

    def deed(session: Session, person: Person) -> str:
        service.withdraw(session, person, post_id, reason)
        return post_id

    done = _done(deed, by)
    show({"id": done} if as_json else f"Post {done} is withdrawn.", as_json)
