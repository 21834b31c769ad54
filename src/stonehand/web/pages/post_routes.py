"""Posts: the list, a new one, and the editor, where what is typed is kept, measured, shown and saved."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from stonehand import config, db
from stonehand.accounts.permissions import Person
from stonehand.drafts import queries as drafts
from stonehand.drafts.errors import RevisionOutdated, TextUnacceptable
from stonehand.drafts.pieces import Instructions, Wish
from stonehand.errors import Conflict, Rejected
from stonehand.posts import copies, previews, queries, service
from stonehand.posts.errors import CopyOvertaken
from stonehand.posts.previews import Sight
from stonehand.posts.queries import Wanted
from stonehand.posts.states import PostStatus
from stonehand.web import flash, rendering
from stonehand.web.api.contract import ID, ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import post_reading as reading
from stonehand.web.pages import version_reading
from stonehand.web.pages.chrome import chrome
from stonehand.web.pages.post_forms import Sent, SentNew
from stonehand.web.pages.post_reading import NOTHING_ASKED, Asked
from stonehand.web.pages.posts import NewPostView, Typed
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/posts", include_in_schema=False)
Number = Annotated[int | None, Query(ge=1, le=1_000_000)]
Ids = Annotated[list[Annotated[str, Query(pattern=ID)]], Query(default_factory=list, max_length=30)]
LANGUAGES = (
    ("", "that of its sources"),
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("it", "Italian"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
)


@router.get("")
def listing(
    request: Request,
    person: Reader,
    status: PostStatus | None = None,
    text: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    agent: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[str | None, Query(pattern=ID)] = None,
) -> Response:
    """Posts, perhaps only in one state, with some words, or of one agent."""
    wanted = Wanted((status,) if status else (), agent, text)
    return show(request, person, "posts/index.html", lambda session: reading.listing(session, person, wanted, before))


# ── a new one ──


@router.get("/new")
def new(request: Request, person: Editor, article: Ids) -> Response:
    """The form, perhaps with articles that were chosen elsewhere."""
    return _new(request, person, NewPostView(), article)


@router.post("/new/find")
def find(request: Request, person: Editor, sent: SentNew) -> Response:
    """Look for articles to write on."""
    view = NewPostView(sent.title, sent.keyword, sent.language, find=sent.find)
    return _new(request, person, view, sent.article)


@router.post("/new")
def begin(request: Request, person: Editor, sent: SentNew) -> Response:
    """Begin a post, and go to its editor."""
    instructions = Instructions(language=sent.language, keyword=sent.keyword.strip()[:60])
    try:
        with db.database().transaction() as session:
            wish = Wish(sent.title, person.id, tuple(sent.article), instructions)
            draft_id = service.begin(session, person, wish).id
    except TextUnacceptable as error:
        view = NewPostView(sent.title, sent.keyword, sent.language, find=sent.find, error=f"Not begun: {error}.")
        return _new(request, person, view, sent.article, error.status)
    return flash.redirect(f"/posts/{draft_id}", Flash("Begun. What you type is kept as you go.", "quiet"))


def _new(request: Request, person: Person, form: NewPostView, chosen: list[str], status: int = 200) -> Response:
    def look(session: db.Session) -> NewPostView:
        found, trouble = reading.search(session, form.find, chosen, person.id)
        listed = reading.candidates(session, chosen)
        return NewPostView(
            form.title, form.keyword, form.language, LANGUAGES, form.find, listed, found, form.error, trouble
        )

    return show(request, person, "posts/new.html", look, status)


# ── the editor ──


@router.get("/{post_id}")
def editor(request: Request, post_id: ById, person: Reader) -> Response:
    """One post: what this person typed and did not save, else its present version."""
    return _page(request, post_id, person)


@router.post("/{post_id}/measure")
def measure(request: Request, post_id: ById, person: Editor, sent: Sent) -> Response:
    """The text as it stands in the form, measured against its sources; saved nowhere."""
    return _page(request, post_id, person, Asked(sent.typed()))


@router.post("/{post_id}/copy")
def keep(request: Request, post_id: ById, person: Editor, sent: Sent) -> Response:
    """Keep what was typed. A script is answered in JSON: whether it was kept, and whether somebody has saved."""
    try:
        told, status = _kept(post_id, person, sent.typed()), 200
    except (CopyOvertaken, Rejected) as error:
        told, status = {"words": f"Not kept: {error}.", "tone": "bad"}, error.status
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(told, status)
    return flash.redirect(f"/posts/{post_id}", Flash(str(told["words"]), "quiet" if status == 200 else "bad"))


def _kept(post_id: str, person: Person, typed: Typed) -> dict[str, Any]:
    with db.database().transaction() as session:
        row = copies.keep(session, post_id, person.id, reading.worded(typed), typed.expected, typed.number)
        number, at = row.number, row.kept_at
        outdated = (drafts.draft(session, post_id).current_revision_id or "") != typed.expected
    words = f"Kept for you at {at.astimezone(config.settings().zone):%H:%M:%S %Z}, not saved yet."
    if outdated:
        words = "Kept for you, but somebody has saved another version meanwhile. Reload to see both."
    return {"number": number, "words": words, "tone": "bad" if outdated else "good", "outdated": outdated}


@router.post("/{post_id}/discard")
def discard(post_id: ById, person: Editor) -> Response:
    """Forget what was typed and not saved."""
    with db.database().transaction() as session:
        gone = copies.discard(session, post_id, person.id)
    said = "Discarded. This is the version that was saved." if gone else "There was nothing unsaved."
    return flash.redirect(f"/posts/{post_id}", Flash(said, "quiet"))


@router.post("/{post_id}/save")
def save(request: Request, post_id: ById, person: Editor, sent: Sent) -> Response:
    """Keep the text as the next version. What cannot be kept is shown again, with the reason."""
    typed = sent.typed()
    try:
        with db.database().transaction() as session:
            made = service.save(session, person, post_id, reading.worded(typed), typed.expected, hand_in=sent.hand_in)
    except RevisionOutdated:
        return _outdated(request, post_id, person, typed)
    except (Rejected, Conflict) as error:
        return _page(request, post_id, person, Asked(typed, f"Not saved: {error}."), error.status)
    said = "Handed in: it waits at the review desk." if sent.hand_in else "Saved. It stays with you."
    if made == typed.expected and not sent.hand_in:
        said = "Nothing was changed."
    return flash.redirect(f"/posts/{post_id}", Flash(said))


def _outdated(request: Request, post_id: str, person: Person, typed: Typed) -> Response:
    """Somebody has saved meanwhile: their text beside this one, which is kept, too."""
    with db.database().transaction() as session:
        found = copies.copy(session, post_id, person.id)
        number = found.number if found else 0
        copies.keep(session, post_id, person.id, reading.worded(typed), typed.expected, number)
        number += 1
    shown = Asked(_numbered(typed, number), "Not saved yet.")
    return _page(request, post_id, person, shown, 409)


def _numbered(typed: Typed, number: int) -> Typed:
    return Typed(**{**vars(typed), "number": number})


@router.get("/{post_id}/preview")
def preview(
    request: Request,
    post_id: ById,
    person: Reader,
    channel: Annotated[str, Query(max_length=64)] = "",
    scheme: Annotated[str, Query(max_length=10)] = "light",
) -> Response:
    """The post as its target would show it: what this person typed, else the present version."""
    with db.database().read() as session:
        typed, _ = reading.typed(session, queries.post(session, post_id), person)
        seen = previews.sight(session, post_id, reading.worded(typed), channel)
    return _framed(request, seen, scheme)


@router.post("/{post_id}/preview")
def preview_typed(request: Request, post_id: ById, person: Editor, sent: Sent) -> Response:
    """The same of what stands in the form."""
    with db.database().read() as session:
        seen = previews.sight(session, post_id, reading.worded(sent.typed()), sent.channel)
    return _framed(request, seen, sent.scheme)


def _framed(request: Request, seen: Sight, scheme: str) -> HTMLResponse:
    """A page that may say anything: it runs nothing, loads nothing, and only our own pages frame it."""
    request.state.is_strange = True
    page = previews.page(seen)
    chosen = "dark" if scheme == "dark" else "light"
    style = f"<style>:root{{color-scheme:only {chosen}!important}}</style></head>"
    return HTMLResponse(page.replace("</head>", style, 1))


@router.post("/{post_id}/regenerate")
def regenerate(request: Request, post_id: ById, person: Editor, sent: Sent) -> Response:
    """Have it written again, with a note."""
    try:
        with db.database().transaction() as session:
            service.regenerate(session, person, post_id, sent.note)
    except Conflict as error:
        return _page(request, post_id, person, Asked(refusal=f"Not asked for: {error}."), error.status)
    said = "It is being written again with your note in mind; the versions so far stay."
    return flash.redirect(f"/posts/{post_id}", Flash(said, "quiet"))


@router.post("/{post_id}/withdraw")
def withdraw(request: Request, post_id: ById, person: Editor, sent: Sent) -> Response:
    """Decide that it will not go out."""
    try:
        with db.database().transaction() as session:
            service.withdraw(session, person, post_id, sent.note)
    except Conflict as error:
        return _page(request, post_id, person, Asked(refusal=f"Not withdrawn: {error}."), error.status)
    return flash.redirect(f"/posts/{post_id}", Flash("Withdrawn. It will not go out.", "quiet"))


# ── versions ──


@router.get("/{post_id}/versions")
def versions(request: Request, post_id: ById, person: Reader, older: Number = None, newer: Number = None) -> Response:
    """Every version, where each comes from, and what changed between two."""
    return show(
        request,
        person,
        "posts/versions.html",
        lambda session: version_reading.page(session, post_id, person, older, newer),
    )


@router.post("/{post_id}/restore/{number}")
def restore(post_id: ById, number: int, person: Editor, sent: Sent) -> Response:
    """Make an earlier version the next one."""
    try:
        with db.database().transaction() as session:
            service.restore(session, person, post_id, max(1, min(number, 1_000_000)), sent.expected)
    except (Conflict, TextUnacceptable) as error:
        return flash.redirect(f"/posts/{post_id}/versions", Flash(f"Not restored: {error}.", "bad"))
    return flash.redirect(f"/posts/{post_id}", Flash(f"Version {number} is the newest again; the others stay."))


def _page(request: Request, post_id: str, person: Person, asked: Asked = NOTHING_ASKED, status: int = 200) -> Response:
    with db.database().read() as session:
        known, frame = reading.known(session, post_id, person, asked), chrome(session, person)
    return rendering.page(request, "posts/editor.html", reading.view(known, person, asked), frame, status)
