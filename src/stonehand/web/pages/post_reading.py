"""From the rooms to the list of posts and to what the editor shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from stonehand.accounts import queries as accounts
from stonehand.accounts.permissions import Person
from stonehand.articles import differences
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.drafts import gathering, metrics, revising, shorthand, wording
from stonehand.drafts.pieces import Brief, slug
from stonehand.drafts.states import WRITABLE
from stonehand.drafts.wording import Heads, Wording
from stonehand.errors import Rejected
from stonehand.library import searching
from stonehand.posts import copies, measuring, previews, proposals, queries, telling
from stonehand.posts.proposals import Proposal
from stonehand.posts.queries import Post, Wanted
from stonehand.posts.states import Deed, PostStatus
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState
from stonehand.reviews import queries as reviews
from stonehand.web.pages import post_metrics
from stonehand.web.pages.channel_reading import STATES as PUBLICATIONS
from stonehand.web.pages.channel_reading import openable
from stonehand.web.pages.parts import Badge, Link, Pager, Tab
from stonehand.web.pages.posts import Candidate, Choice, Conflict, EditorView, Panel, PostLine, PostsView, SentTo, Typed
from stonehand.web.words import plural

SHOWN = 30  # posts on a page
FOUND, MORE = 6, 12  # articles that are offered as sources
BADGES = {
    PostStatus.DRAFT: Badge("Draft", "busy"),
    PostStatus.IN_REVIEW: Badge("In review", "warn"),
    PostStatus.APPROVED: Badge("Approved", "good"),
    PostStatus.SCHEDULED: Badge("Scheduled", "busy"),
    PostStatus.PUBLISHING: Badge("Going out", "busy"),
    PostStatus.PUBLISHED: Badge("Published", "good"),
    PostStatus.CORRECTING: Badge("Being corrected", "warn"),
    PostStatus.RETRACTING: Badge("Being taken back", "busy"),
    PostStatus.FAILED: Badge("Failed", "bad"),
    PostStatus.NEEDS_RECONCILE: Badge("May be out; look", "bad"),
    PostStatus.REJECTED: Badge("Rejected"),
    PostStatus.RETRACTED: Badge("Retracted"),
}
WRITERS = {"offline": "Selected, word for word", "person": "Worded by a person"}


@dataclass(frozen=True)
class Asked:
    """What somebody sent to the editor that is to be shown again, and why."""

    typed: Typed | None = None
    error: str = ""
    refusal: str = ""


NOTHING_ASKED = Asked()


# ── the list ──


def listing(session: Session, person: Person, wanted: Wanted, before: str | None) -> PostsView:
    """Posts, the newest first."""
    found = queries.posts(session, wanted, SHOWN + 1, before)
    shown = found[:SHOWN]
    older = _href(wanted, shown[-1].id) if len(found) > SHOWN else ""
    names = accounts.names(session, {each.draft.created_by for each in shown})
    return PostsView(
        items=tuple(_line(each, names, person) for each in shown),
        tabs=_tabs(session, wanted),
        text=wanted.text,
        status=wanted.statuses[0] if wanted.statuses else "",
        agent=wanted.agent_id,
        pager=Pager(_href(wanted) if before else "", older),
        can_edit=person.may("edit"),
    )


def _line(post: Post, names: dict[str, str], person: Person) -> PostLine:
    draft, text = post.draft, post.revision
    facts = [names.get(draft.created_by, "The desk")]
    if text:
        facts += [f"version {text.number}", WRITERS.get(text.writer) or f"Written by {text.model or 'a model'}"]
    lead = text.excerpt if text else draft.note or "Nothing is written yet."
    title = text.title if text else draft.title
    return PostLine(
        draft.id,
        title,
        lead,
        BADGES[post.status],
        tuple(facts),
        draft.updated_at,
        _schedule(post, person),
        draft.is_sample,
    )


NOT_SCHEDULABLE = frozenset({PostStatus.REJECTED, PostStatus.RETRACTED, PostStatus.RETRACTING, PostStatus.PUBLISHED})
"""What is not to go out, or is out where it was to be."""


def _schedule(post: Post, person: Person) -> str:
    """Where one chooses when it goes out; empty for who may not, and where there is nothing to choose."""
    may = person.may("publish") and post.status not in NOT_SCHEDULABLE
    return f"/calendar?draft={post.id}#schedule" if may else ""


def _tabs(session: Session, wanted: Wanted) -> tuple[Tab, ...]:
    counts, chosen = queries.counts(session), wanted.statuses
    every = Tab("All", _href(replace(wanted, statuses=())), sum(counts.values()), not chosen)
    some = (
        Tab(badge.words, _href(replace(wanted, statuses=(each,))), counts.get(each, 0), chosen == (each,))
        for each, badge in BADGES.items()
        if counts.get(each) or chosen == (each,)
    )
    return (every, *some)


def _href(wanted: Wanted, before: str = "") -> str:
    asked = {"status": wanted.statuses[0] if wanted.statuses else "", "text": wanted.text, "agent": wanted.agent_id}
    told = urlencode({name: value for name, value in (asked | {"before": before}).items() if value})
    return f"/posts?{told}" if told else "/posts"


# ── the editor ──


def worded(typed: Typed) -> Wording:
    """What stands in the form."""
    heads = Heads(
        typed.slug,
        typed.excerpt,
        typed.meta_title,
        typed.meta_description,
        _listed(typed.keywords),
        typed.image_url,
        typed.image_alt,
        _listed(typed.categories),
    )
    return Wording(typed.title, typed.markdown, heads, typed.sources)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def typed(session: Session, post: Post, person: Person) -> tuple[Typed, datetime | None]:
    """What the editor begins with: this person's working copy, else the present version; and when it was kept."""
    kept = copies.copy(session, post.id, person.id)
    current = post.draft.current_revision_id or ""
    if kept is not None:
        made = _form(wording.of(kept), kept.revision_id, kept.number)
        return made, kept.kept_at
    return _form(_as_typed(session, post), current, 0), None


def _as_typed(session: Session, post: Post) -> Wording:
    """The present version as one would type it: citations short, and nothing that is made from title and text."""
    found = telling.present(post)
    if post.revision is None:
        return found
    return replace(
        wording.changed(post.revision, found.title, found.markdown, post.revision.language),
        markdown=_short(session, post),
    )


def _short(session: Session, post: Post) -> str:
    if post.revision is None:
        return ""
    about = measuring.brief(session, post.id)
    return shorthand.short(post.revision.markdown, about.sources, about.language)


def _form(found: Wording, expected: str, number: int) -> Typed:
    heads = found.heads
    return Typed(
        found.title,
        found.markdown,
        heads.slug,
        heads.excerpt,
        heads.meta_title,
        heads.meta_description,
        ", ".join(heads.keywords),
        found.sources,
        expected,
        number,
        image_url=heads.image_url,
        image_alt=heads.image_alt,
        categories=", ".join(heads.categories),
    )


@dataclass(frozen=True)
class Known:
    """What the database says of a post in the editor; the rest is measured without it."""

    post: Post
    typed: Typed
    about: Brief
    kept_at: datetime | None
    panel: Panel
    others: tuple[str, ...]
    places: tuple[previews.Place, ...]
    links: tuple[Link, ...]
    theirs: str
    proposals: tuple[Proposal, ...]


def known(session: Session, draft_id: str, person: Person, asked: Asked = NOTHING_ASKED) -> Known:
    """One look at the database. Raises `DraftNotFound`."""
    post = queries.post(session, draft_id)
    begun, kept_at = typed(session, post, person)
    form = asked.typed or begun
    about = measuring.brief(session, draft_id, form.sources)
    numbered = form.sources or tuple(source.article_id for source in about.sources)
    current = post.draft.current_revision_id or ""
    is_old = form.expected != current  # shown both, the next save is made from the newest
    return Known(
        post=post,
        typed=replace(form, sources=numbered, expected=current),
        about=about,
        kept_at=None if asked.typed else kept_at,
        panel=_candidates(session, post, numbered, form.find, person.id),
        others=_others(session, draft_id, person),
        places=tuple(previews.places(session)),
        links=_links(session, post),
        theirs=_short(session, post) if is_old else "",
        proposals=proposals.of_articles(session, numbered),
    )


def _others(session: Session, draft_id: str, person: Person) -> tuple[str, ...]:
    found = [each for each in copies.writers(session, draft_id) if each != person.id]
    names = accounts.names(session, set(found))
    return tuple(names.get(each, "Somebody") for each in found)


def _links(session: Session, post: Post) -> tuple[Link, ...]:
    found = [Link("Versions", f"/posts/{post.id}/versions")] if post.revision else []
    decided = reviews.of_drafts(session, [post.id])
    if post.id in decided:
        found.append(Link("Review desk", f"/review/{decided[post.id]}"))
    if post.draft.story_id:
        found.append(Link("Story", f"/stories/{post.draft.story_id}"))
    return tuple(found)


def _candidates(session: Session, post: Post, numbered: Collection[str], find: str, person_id: str) -> Panel:
    everything = gathering.brief(session, post.draft).sources
    more = [each for each in everything if each.article_id not in numbered][:MORE]
    offered = tuple(
        Candidate(each.article_id, each.title, each.outlet, f"/articles/{each.article_id}") for each in more
    )
    found, trouble = search(session, find, numbered, person_id)
    return Panel((), offered, found, trouble)


def search(session: Session, find: str, without: Collection[str], person_id: str) -> tuple[tuple[Candidate, ...], str]:
    """Articles of the library that fit these words, and what is wrong with them if they cannot be looked for."""
    if not find.strip():
        return (), ""
    try:
        ids = searching.search(session, find.strip()[:300], person_id).ids
    except Rejected as error:
        return (), f"{str(error)[:1].upper()}{str(error)[1:]}."
    wanted = [id_ for id_ in ids if id_ not in without][:FOUND]
    return candidates(session, wanted), "" if wanted else "Nothing in the library fits."


def candidates(session: Session, ids: Sequence[str]) -> tuple[Candidate, ...]:
    """These articles, in this order, as far as they are here."""
    found, outlets = articles.articles(session, ids), articles.outlets(session, ids)
    return tuple(
        Candidate(id_, found[id_].title or found[id_].url, outlets.get(id_, ""), f"/articles/{id_}")
        for id_ in ids
        if id_ in found
    )


def view(it: Known, person: Person, asked: Asked = NOTHING_ASKED) -> EditorView:
    """The editor's page. Measures the text, so no transaction should be open."""
    post, form, said = it.post, it.typed, worded(it.typed)
    found = measuring.measure(it.about, said)
    deeds = post.deeds if person.may("edit") else frozenset()
    before = post.revision.label if post.revision else ""
    return EditorView(
        id=post.id,
        badge=BADGES[post.status],
        facts=_facts(post),
        typed=form,
        panel=replace(it.panel, sources=post_metrics.sources(found, it.about.sources, form.sources)),
        metrics=post_metrics.view(found, form.markdown, it.about.sources),
        version=post.revision.number if post.revision else 0,
        label=revising.label(before, it.about.language) if Deed.EDIT in deeds or not before else before,
        slug=slug(form.title),
        excerpt=wording.excerpt(form.markdown, it.about.language) or "the first sentence",
        can_save=Deed.EDIT in deeds,
        can_keep=Deed.KEEP in deeds,
        can_regenerate=Deed.REGENERATE in deeds,
        can_withdraw=Deed.WITHDRAW in deeds and (post.draft.state != "approved" or person.may("publish")),
        error=asked.error,
        conflict=_conflict(it),
        kept_at=it.kept_at,
        others=it.others,
        places=tuple(Choice(each.id, each.name) for each in it.places),
        links=it.links,
        sent=_sent(post, person),
        proposals=it.proposals,
        schedule=_schedule(post, person),
        note=post.draft.note,
        is_wish=post.draft.state in WRITABLE,
        refusal=asked.refusal,
        is_sample=post.draft.is_sample,
    )


def _conflict(it: Known) -> Conflict | None:
    if not it.theirs or it.post.revision is None:
        return None
    words = (
        f"Version {it.post.revision.number} was saved while you wrote. Nothing is lost: your text is in the field, "
        "theirs is below. Take over what you want to keep of it, then save; theirs stays among the versions."
    )
    parts = differences.shortened(differences.differences(it.theirs, it.typed.markdown))
    return Conflict(words, it.theirs, tuple(parts))


def _facts(post: Post) -> tuple[str, ...]:
    text = post.revision
    if text is None:
        return ("nothing saved yet",)
    cost = (f"cost {text.cost_micro / 1e6:.4f}",) if text.cost_micro else ()
    writer = WRITERS.get(text.writer) or f"Written by {text.model or 'a model'}"
    return (writer, f"version {text.number}", plural(metrics.words(text.markdown), "word"), *cost)


def _sent(post: Post, person: Person) -> tuple[SentTo, ...]:
    return tuple(_sent_to(each, post, person) for each in post.publications)


def _sent_to(each: Publication, post: Post, person: Person) -> SentTo:
    is_shown = each.state == PublicationState.PUBLISHED
    return SentTo(
        Link(each.channel_name, f"/publications/{each.id}"),
        PUBLICATIONS[PublicationState(each.state)],
        each.retracted_at or each.published_at or each.due_at,
        openable(each.url),
        f"/publications/{each.id}#correct" if is_shown and Deed.CORRECT in post.deeds and person.may("edit") else "",
        f"/publications/{each.id}#retract" if is_shown and person.may("publish") else "",
    )
