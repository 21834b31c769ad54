"""From the rooms to the pages of publications."""

from __future__ import annotations

from stonehand.accounts.permissions import Person
from stonehand.articles import differences, versions
from stonehand.articles import queries as articles
from stonehand.articles.differences import Part
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.jobs import queries as jobs
from stonehand.publications import changes, queries, telling, watching
from stonehand.publications.models import CitedPage, Publication, PublicationChange
from stonehand.publications.states import ChangeState, PublicationState
from stonehand.web.pages.channel_reading import STATES, openable, path
from stonehand.web.pages.parts import Badge, Link, Pager, Tab
from stonehand.web.pages.publications import (
    Change,
    CitedSource,
    PublicationRow,
    PublicationsView,
    PublicationView,
)

LIMIT = 50
AROUND = 160  # characters that are shown before and after a change
CHANGES = {
    ChangeState.WAITING: Badge("Waits", "busy"),
    ChangeState.DOING: Badge("On its way", "busy"),
    ChangeState.DONE: Badge("Done", "good"),
    ChangeState.FAILED: Badge("Failed", "bad"),
    ChangeState.NEEDS_RECONCILE: Badge("Needs a look", "bad"),
    ChangeState.REPLACED: Badge("Overtaken by a later one"),
}
KINDS = {"correction": "Correction", "retraction": "Retraction"}
TROUBLES = {"": Badge("Stands as cited", "good"), "changed": Badge("Changed", "bad"), "gone": Badge("Gone", "bad")}
ALARMS = {"changed": "a source has changed", "gone": "a source is gone"}


def index(session: Session, state: PublicationState | None, before: str | None) -> PublicationsView:
    """Publications, newest first, perhaps in one state."""
    rows = queries.newest(session, LIMIT + 1, before, state)
    alarms = _alarms(session)
    counted, watched = queries.counts(session), watching.counts(session)
    shown = rows[:LIMIT]
    older = f"/publications?before={shown[-1].id}{f'&show={state}' if state else ''}" if len(rows) > LIMIT else ""
    return PublicationsView(
        tuple(_row(session, each, alarms.get(each.id, "")) for each in shown),
        (Tab("All", "/publications", None, state is None), *_tabs(counted, state)),
        watched["watched"],
        watched["in_trouble"],
        Pager(older=older),
    )


def _tabs(counted: dict[str, int], chosen: PublicationState | None) -> list[Tab]:
    return [
        Tab(badge.words, f"/publications?show={state}", counted[state], state == chosen)
        for state, badge in STATES.items()
        if counted.get(state) or state == chosen
    ]


def _alarms(session: Session) -> dict[str, str]:
    found: dict[str, str] = {}
    for page, article in watching.troubled(session):
        for publication in watching.shown(session, article.id):
            found[publication.id] = ALARMS[page.trouble]
    return found


def _row(session: Session, each: Publication, alarm: str) -> PublicationRow:
    badge, at = STATES[PublicationState(each.state)], each.retracted_at or each.published_at or each.due_at
    href, note = openable(each.url), each.error or each.retraction or telling.waits_for(session, each)
    return PublicationRow(each.id, each.title, each.channel_name, badge, at, href, note, alarm, each.is_sample)


def one(session: Session, publication_id: str, person: Person) -> PublicationView:
    """One publication. Raises `PublicationNotFound`."""
    found = queries.publication(session, publication_id)
    revision = drafts.revision(session, found.revision_id)
    draft = drafts.draft(session, found.draft_id)
    is_shown = found.state == PublicationState.PUBLISHED
    job = jobs.newest_as(session, f"publications.publish:{found.id}")
    return PublicationView(
        id=found.id,
        title=found.title,
        channel=found.channel_name,
        badge=STATES[PublicationState(found.state)],
        label=revision.label,
        href=openable(found.url),
        path=path(found.url),
        review=Link("The review that let it out", f"/review/{found.review_id}"),
        post=Link("The post", f"/posts/{found.draft_id}"),
        due_at=found.due_at,
        published_at=found.published_at,
        corrected_at=found.corrected_at,
        retraction=found.retraction,
        attempts=found.attempts,
        error=found.error or "",
        waits_for=telling.waits_for(session, found),
        job=Link("Its job, with every try", f"/jobs/{job}") if job else None,
        changes=tuple(_change(each, person) for each in changes.of_publications(session, [found.id])),
        sources=_sources(session, found, person),
        markdown=revision.markdown,
        can_correct=is_shown and draft.state == "published" and person.may("edit"),
        can_retract=found.state in (PublicationState.PUBLISHED, PublicationState.SCHEDULED) and person.may("publish"),
        is_sample=found.is_sample,
    )


def _change(each: PublicationChange, person: Person) -> Change:
    may = person.may("publish")
    in_doubt, has_failed = each.state == ChangeState.NEEDS_RECONCILE, each.state == ChangeState.FAILED
    return Change(
        each.id,
        KINDS[each.kind],
        CHANGES[ChangeState(each.state)],
        each.asked_by,
        each.ended_at or each.created_at,
        each.reason,
        each.error or "",
        may and has_failed,
        may and (in_doubt or has_failed),
        may and in_doubt,
    )


def _sources(session: Session, found: Publication, person: Person) -> tuple[CitedSource, ...]:
    rows = watching.of_publication(session, found)
    troubled = {page.article_id for page, _ in watching.troubled(session)}
    return tuple(_source(session, found, page, article, troubled, person) for page, article in rows)


def _source(
    session: Session, found: Publication, page: CitedPage, article: Article, troubled: set[str], person: Person
) -> CitedSource:
    gone = watching.vanished(session, article.id).get(found.id, []) if page.trouble == watching.CHANGED else []
    return CitedSource(
        Link(article.title or article.url, f"/articles/{article.id}"),
        Link("What changed", f"/articles/{article.id}/changes" if article.version > 1 else ""),
        TROUBLES[page.trouble],
        page.due_at,
        tuple(gone),
        article.id if article.id in troubled and person.may("edit") else "",
        _changed(session, found, article),
    )


def _changed(session: Session, found: Publication, article: Article) -> tuple[Part, ...]:
    """What has changed in a cited text since the piece was written; nothing if it is as it was."""
    written_at = drafts.revision(session, found.revision_id).created_at
    then = versions.texts_as_of(session, [article.id], written_at).get(article.id)
    now = articles.texts(session, [article.id]).get(article.id)
    if then is None or now is None or then.text == now.text:
        return ()
    return tuple(differences.shortened(differences.differences(then.text, now.text), AROUND))
