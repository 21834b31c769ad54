"""Posts: drafts as they are seen from outside. A person writes, compares, measures; reviews and publications decide."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.pieces import Instructions, Wish
from stonehand.posts import copies, measuring, proposals, queries, service, telling
from stonehand.posts.errors import VersionNotFound
from stonehand.posts.metric_schemas import MetricsOut
from stonehand.posts.queries import Wanted
from stonehand.posts.schemas import (
    CopyIn,
    CopyOut,
    DiffOut,
    NewPostIn,
    PictureOut,
    PostDetail,
    PostOut,
    PublicPostOut,
    RegenerateIn,
    RestoreIn,
    SaveIn,
    VersionOut,
    WordingIn,
)
from stonehand.posts.states import PostStatus
from stonehand.web.api.contract import Before, ById, Limit, Page, page, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/posts", tags=["posts"])
Statuses = Annotated[list[PostStatus], Query(default_factory=list, description="One or several; all if left out.")]
Agent = Annotated[str, Query(max_length=64, description="Only posts of this agent.")]
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Words of the title or the text.")]
Number = Annotated[int | None, Query(ge=1, le=1_000_000)]
Slug = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Only the post of this slug.")]


@router.get("", summary="Posts, newest first")
def listing(
    person: Reader, status: Statuses, agent: Agent = "", text: Text = "", before: Before = None, limit: Limit = 50
) -> Page[PostOut]:
    """Perhaps only those in some states, of an agent, with some words."""
    wanted = Wanted(tuple(status), agent, text)
    with db.database().read() as session:
        return page(queries.posts(session, wanted, limit + 1, before), limit, PostOut.of)


@router.get("/published", summary="Posts that can be seen, for a site that shows them")
def published(person: Reader, slug: Slug = "", before: Before = None, limit: Limit = 50) -> Page[PublicPostOut]:
    """Exactly the texts that were approved and delivered, the latest first; `next` is the id of a publication."""
    with db.database().read() as session:
        found = queries.published(session, limit + 1, before, slug or None)
    shown = found[:limit]
    items = [
        PublicPostOut(
            id=sent.draft_id,
            title=text.title,
            slug=text.slug,
            excerpt=text.excerpt,
            meta_title=text.meta_title,
            meta_description=text.meta_description,
            keywords=text.keywords,
            image_url=text.image_url,
            image_alt=text.image_alt,
            categories=text.categories,
            markdown=text.markdown,
            language=text.language,
            label=text.label,
            url=sent.url,
            published_at=sent.published_at,
        )
        for sent, text in shown
    ]
    return Page(items=items, next=shown[-1][0].id if len(found) > limit else None, limit=limit)


@router.post("", status_code=201, responses=problems(404, 409), summary="Write a post yourself")
def create(wish: NewPostIn, person: Editor) -> PostDetail:
    """On chosen articles, which are its numbered sources. It stays with you until it is handed in."""
    asked = Wish(
        wish.title,
        person.id,
        tuple(wish.article_ids),
        Instructions(language=wish.language, keyword=wish.keyword),
    )
    with db.database().transaction() as session:
        draft_id = service.begin(session, person, asked).id
        if wish.markdown.strip():
            worded = WordingIn(markdown=wish.markdown).over(telling.present(queries.post(session, draft_id)))
            service.save(session, person, draft_id, worded, "", hand_in=wish.hand_in)
    return _detail(draft_id)


@router.get("/{post_id}", responses=problems(404), summary="One post")
def one(post_id: ById, person: Reader) -> PostDetail:
    """Its present version, what its page says to machines, and where it went."""
    return _detail(post_id)


@router.patch("/{post_id}", responses=problems(404, 409), summary="Change a post")
def change(post_id: ById, wish: SaveIn, person: Editor) -> PostDetail:
    """As the next version, every sentence checked anew. 409 if somebody else has saved since the revision you saw.

    `hand_in` false keeps a post with its writers that was not handed in yet, or was sent back.
    """
    with db.database().transaction() as session:
        worded = wish.over(telling.present(queries.post(session, post_id)))
        service.save(session, person, post_id, worded, wish.expected_revision_id, hand_in=wish.hand_in)
    return _detail(post_id)


@router.delete("/{post_id}", responses=problems(404, 409), summary="Withdraw a post")
def withdraw(post_id: ById, person: Editor) -> PostOut:
    """So that it does not go out. 409 once it may be out somewhere: then it is retracted there."""
    with db.database().transaction() as session:
        service.withdraw(session, person, post_id)
    with db.database().read() as session:
        return PostOut.of(queries.post(session, post_id))


@router.get("/{post_id}/versions", responses=problems(404), summary="Every version of a post")
def versions(post_id: ById, person: Reader) -> Page[VersionOut]:
    """The newest first, each with its sources, writer, prompt, model, tokens and cost."""
    with db.database().read() as session:
        drafts.draft(session, post_id)
        return whole(telling.versions(session, drafts.revisions(session, post_id)))


@router.get("/{post_id}/versions/{number}", responses=problems(404), summary="One version of a post")
def version(post_id: ById, number: ById, person: Reader) -> VersionOut:
    """By its number."""
    if not number.isdecimal() or len(number) > 6:
        raise VersionNotFound(f"there is no version {number} of draft {post_id}; see its list of versions")
    with db.database().read() as session:
        return telling.versions(session, [queries.version(session, post_id, int(number))])[0]


@router.get("/{post_id}/diff", responses=problems(404), summary="What changed between two versions")
def diff(post_id: ById, person: Reader, older: Number = None, newer: Number = None) -> DiffOut:
    """Word by word. Left out, `newer` is the present version and `older` the one before it."""
    with db.database().read() as session:
        return telling.difference(session, post_id, older, newer)


@router.post("/{post_id}/restore", responses=problems(404, 409), summary="Make an earlier version the next one")
def restore(post_id: ById, wish: RestoreIn, person: Editor) -> PostDetail:
    """The versions between stay."""
    with db.database().transaction() as session:
        service.restore(session, person, post_id, wish.number, wish.expected_revision_id)
    return _detail(post_id)


@router.get("/{post_id}/pictures", responses=problems(404), summary="Pictures that a post could have")
def pictures(post_id: ById, person: Reader) -> Page[PictureOut]:
    """Those that its sources name for themselves, with outlet and licence. Choose one yourself; none is ever taken."""
    with db.database().read() as session:
        ids = [source.article_id for source in measuring.brief(session, post_id).sources]
        return whole([PictureOut.model_validate(each) for each in proposals.of_articles(session, ids)])


@router.get("/{post_id}/metrics", responses=problems(404), summary="The metrics of a post")
def metrics(post_id: ById, person: Reader) -> MetricsOut:
    """Of its present version."""
    return _measured(post_id, WordingIn())


@router.post("/{post_id}/metrics", responses=problems(404), summary="The metrics of a text that is not saved")
def measure(post_id: ById, wish: WordingIn, person: Editor) -> MetricsOut:
    """What is left out is taken from the present version. Nothing is kept."""
    return _measured(post_id, wish)


def _measured(post_id: str, wish: WordingIn) -> MetricsOut:
    with db.database().read() as session:
        worded = wish.over(telling.present(queries.post(session, post_id)))
        about = measuring.brief(session, post_id, worded.sources)
    return MetricsOut.of(measuring.measure(about, worded))


@router.post(
    "/{post_id}/regenerate", status_code=202, responses=problems(404, 409), summary="Have a post written again"
)
def regenerate(post_id: ById, wish: RegenerateIn, person: Editor) -> PostOut:
    """With a note of what should be different, which the writer is told."""
    with db.database().transaction() as session:
        service.regenerate(session, person, post_id, wish.note)
    with db.database().read() as session:
        return PostOut.of(queries.post(session, post_id))


@router.get("/{post_id}/working-copy", responses=problems(404), summary="What you have typed and not saved")
def working_copy(post_id: ById, person: Editor) -> CopyOut | None:
    """Null if there is none."""
    with db.database().read() as session:
        return _copy(session, post_id, person)


@router.put("/{post_id}/working-copy", responses=problems(404, 409), summary="Keep what you have typed")
def keep_copy(post_id: ById, wish: CopyIn, person: Editor) -> CopyOut | None:
    """It is yours alone, no version, and never goes out. 409 if another window of yours has kept a newer one."""
    with db.database().transaction() as session:
        worded = wish.over(telling.present(queries.post(session, post_id)))
        copies.keep(session, post_id, person.id, worded, wish.expected_revision_id, wish.number)
        return _copy(session, post_id, person)


@router.delete("/{post_id}/working-copy", responses=problems(404), summary="Forget what you have typed")
def discard_copy(post_id: ById, person: Editor) -> dict[str, bool]:
    """The present version is what you edit then."""
    with db.database().transaction() as session:
        drafts.draft(session, post_id)
        return {"discarded": copies.discard(session, post_id, person.id)}


def _copy(session: Session, post_id: str, person: Person) -> CopyOut | None:
    current = drafts.draft(session, post_id).current_revision_id
    found = copies.copy(session, post_id, person.id)
    return CopyOut.of(found, current) if found else None


def _detail(post_id: str) -> PostDetail:
    with db.database().read() as session:
        return telling.detail(session, queries.post(session, post_id))
