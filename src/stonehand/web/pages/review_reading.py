"""From the rooms to what the review desk shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from stonehand.accounts import queries as accounts
from stonehand.accounts.permissions import Person
from stonehand.agents import destinations
from stonehand.agents import queries as agents
from stonehand.articles import queries as articles
from stonehand.articles import versions
from stonehand.channels import queries as channels
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Draft, Revision
from stonehand.drafts.states import DraftState
from stonehand.publications import queries as publications
from stonehand.publications.states import PublicationState
from stonehand.reviews import bulk, queries
from stonehand.reviews.errors import DecisionUnfit
from stonehand.reviews.filters import EVERY, Filter
from stonehand.reviews.models import Review, ReviewState
from stonehand.stories.models import Story
from stonehand.timing import cadences, moments, wishes
from stonehand.web.pages import bench, review_beside
from stonehand.web.pages.channel_reading import STATES as PUBLICATIONS
from stonehand.web.pages.channel_reading import place
from stonehand.web.pages.parts import BLANK, Badge, Field, Link, Tab
from stonehand.web.pages.reviews import (
    ChannelChoice,
    Editing,
    Going,
    Narrowed,
    QueueItem,
    QueueView,
    Remark,
    ReviewView,
)

LIMIT = 50
SHOWN = (
    (ReviewState.OPEN, "Waiting"),
    (ReviewState.APPROVED, "Approved"),
    (ReviewState.CHANGES_REQUESTED, "Sent back"),
    (ReviewState.REJECTED, "Rejected"),
)
BADGES = {
    ReviewState.OPEN: Badge("Waits for a decision", "warn"),
    ReviewState.CHANGES_REQUESTED: Badge("Changes asked for", "busy"),
    ReviewState.REJECTED: Badge("Rejected"),
    ReviewState.SUPERSEDED: Badge("Replaced by a newer revision"),
}
WAITS_FOR_OTHERS = Badge("Waits for another person", "busy")
WRITERS = {"offline": "Selected, word for word", "person": "Edited by a person"}


@dataclass(frozen=True)
class Sent:
    """What somebody sent that could not be done as it was, to be shown again with the reason."""

    refusal: str = ""
    reason: Field = BLANK
    channels: frozenset[str] | None = None
    editing: Editing | None = field(default=None)
    due: str = ""
    zone: str = ""


NOTHING_SENT = Sent()


def queue(session: Session, state: ReviewState, person: Person, wish: Filter = EVERY) -> QueueView:
    """The reviews in one state that the filter finds, with what a person needs to choose among them."""
    wrong, wish = _usable(wish)
    is_open = state == ReviewState.OPEN
    rows = queries.queue(session, state, LIMIT, wish, person.id if is_open else "")
    others = queries.queue(session, state, LIMIT, wish, person.id, is_theirs=False) if is_open else []
    footings = drafts.footings(session, [revision.id for _, _, revision in (*rows, *others)])
    cited = {article_id for footing in footings.values() for article_id in footing.article_ids}
    outlets = articles.outlets(session, cited)

    def items(found: Sequence[tuple[Review, Draft, Revision]]) -> tuple[QueueItem, ...]:
        return tuple(_item(*row, footings.get(row[2].id, drafts.NO_FOOTING), outlets) for row in found)

    return QueueView(
        items=items(rows),
        others=tuple(replace(each, badge=WAITS_FOR_OTHERS) for each in items(others)),
        tabs=_tabs(session, state, person),
        narrowed=_narrowed(session, wish),
        channels=_choices(session, destinations.only(session)),
        languages=queries.languages(session),
        is_open=is_open,
        can_publish=is_open and person.may("publish"),
        can_edit=is_open and person.may("edit"),
        wrong=wrong,
    )


def _usable(wish: Filter) -> tuple[str, Filter]:
    try:
        return "", wish.check()
    except DecisionUnfit as error:
        return f"{str(error)[:1].upper()}{str(error)[1:]}.", EVERY


def _narrowed(session: Session, wish: Filter) -> Narrowed:
    stored = wish.stored()
    return Narrowed(**stored, count=bulk.count(session, wish), query=urlencode(stored))


def _tabs(session: Session, state: ReviewState, person: Person) -> tuple[Tab, ...]:
    return tuple(
        Tab(
            words,
            "/review" if each == ReviewState.OPEN else f"/review?show={each}",
            queries.waiting(session, person.id) if each == ReviewState.OPEN else None,
            each == state,
        )
        for each, words in SHOWN
    )


def _item(
    review: Review, draft: Draft, revision: Revision, footing: drafts.Footing, outlets: dict[str, str]
) -> QueueItem:
    return QueueItem(
        review.id,
        revision.title,
        revision.excerpt,
        badge(review),
        written_by(revision),
        footing.sentences,
        footing.unsupported,
        len({outlets[id_] for id_ in footing.article_ids if id_ in outlets}),
        review.decided_at or review.opened_at,
        draft.is_sample,
        bool(review.correction),
    )


def badge(review: Review) -> Badge:
    """Where a review stands."""
    if review.state == ReviewState.APPROVED:
        return Badge("Approved", "good") if review.released_at else Badge("Approved, goes out soon", "busy")
    return BADGES[ReviewState(review.state)]


def written_by(revision: Revision) -> str:
    """Who or what wrote a revision, in words."""
    return WRITERS.get(revision.writer) or f"Written by {revision.model or 'a model'}"


def review(session: Session, review_id: str, person: Person, sent: Sent = NOTHING_SENT) -> ReviewView:
    """One review; `sent` is what could not be done. Raises `ReviewNotFound`."""
    found = queries.review(session, review_id)
    draft, revision = drafts.draft(session, found.draft_id), drafts.revision(session, found.revision_id)
    citations = drafts.citations(session, revision.id)
    cited = [one.article_id for one in citations if one.article_id]
    texts = versions.texts_as_of(session, cited, revision.created_at)
    is_open, usual = found.state == ReviewState.OPEN, destinations.usual(session, found, draft)
    is_mine = draft.current_revision_id == revision.id
    is_back = is_mine and draft.state == DraftState.CHANGES_REQUESTED
    is_kept = is_mine and draft.state == DraftState.CORRECTING
    editing = sent.editing or Editing(revision.title, revision.markdown, revision.id)
    return ReviewView(
        id=found.id,
        title=revision.title,
        label=revision.label,
        badge=badge(found),
        written_by=written_by(revision),
        written_at=revision.created_at,
        revision=revision.number,
        sentences=bench.sentences(revision.markdown, revision.language, citations, texts),
        channels=_choices(session, usual if sent.channels is None else sent.channels),
        can_publish=is_open and person.may("publish"),
        can_edit=(is_open or is_back or is_kept) and person.may("edit"),
        can_rewrite=is_back and person.may("edit"),
        story=_subject(session, draft),
        cost=f"cost {revision.cost_micro / 1e6:.4f}" if revision.cost_micro else "",
        warnings=tuple(one["text"] for one in revision.warnings if one["kind"] != "unsupported"),
        remarks=_remarks(session, found.draft_id),
        next_href=next_href(session, found.id, "", person.id),
        position=_position(session, found),
        editing=editing,
        reason=sent.reason,
        refusal=sent.refusal,
        pieces=_pieces(session, found.draft_id),
        beside=review_beside.beside(session, found, person),
        going=_going(session, found, sent),
        picture=(revision.image_url, revision.image_alt),
        heads=_heads(revision),
        is_sample=draft.is_sample,
    )


def next_href(session: Session, review_id: str, otherwise: str, reader_id: str = "") -> str:
    """Address of the open review to read after this one, or `otherwise`."""
    following = queries.following(session, review_id, reader_id)
    return f"/review/{following}" if following else otherwise


def _choices(session: Session, chosen: frozenset[str]) -> tuple[ChannelChoice, ...]:
    return tuple(
        ChannelChoice(each.id, each.name, place(each), each.id in chosen) for each in channels.enabled(session)
    )


def _going(session: Session, found: Review, sent: Sent) -> Going:
    names = {each.id: each.name for each in channels.channels(session)}
    wished = wishes.of_draft(session, found.draft_id)
    words = (f"{names.get(each.channel_id, '')}: {moments.told(each.due_at, each.timezone)}" for each in wished)
    return Going(sent.due, sent.zone or cadences.usual_zone(session), tuple(words))


HEADS = {
    "excerpt": "Excerpt",
    "slug": "Address",
    "meta_title": "Title for search engines",
    "meta_description": "Description",
    "keywords": "Keywords",
    "categories": "Categories",
}


def _heads(revision: Revision) -> tuple[tuple[str, str], ...]:
    """What stands beside the text and is approved with it, as far as there is any."""
    said = ((words, getattr(revision, name)) for name, words in HEADS.items())
    return tuple((words, ", ".join(each) if isinstance(each, list) else each) for words, each in said if each)


def _subject(session: Session, draft: Draft) -> Link | None:
    if draft.digest_id:
        return Link("A digest", "/for-you/digests")
    if draft.agent_id and not draft.story_id:
        return Link(f"By {agents.ever(session, draft.agent_id).name}", f"/agents/{draft.agent_id}")
    story = session.get(Story, draft.story_id)
    return Link(story.title, f"/stories/{story.id}") if story else None


def _position(session: Session, found: Review) -> str:
    if found.state != ReviewState.OPEN:
        return ""
    number, total = queries.place(session, found.id)
    return f"{number} of {total}" if total > 1 else ""


def _remarks(session: Session, draft_id: str) -> tuple[Remark, ...]:
    decided = [each for each in queries.of_draft(session, draft_id) if each.decided_at]
    names = accounts.names(session, {each.decided_by for each in decided if each.decided_by})
    return tuple(
        Remark(names.get(each.decided_by or "", "Somebody"), each.decided_at, each.note, badge(each))
        for each in decided
        if each.decided_at
    )


def _pieces(session: Session, draft_id: str) -> tuple[tuple[Link, Badge], ...]:
    return tuple(
        (Link(each.channel_name, f"/publications/{each.id}"), PUBLICATIONS[PublicationState(each.state)])
        for each in publications.of_draft(session, draft_id)
    )
