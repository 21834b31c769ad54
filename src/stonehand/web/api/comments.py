"""Comments: what was written, what was decided about it, what was sent and what the site shows of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.comments import deciding, exporting, hiding, phrases, queries, replacing, stages
from stonehand.comments.errors import CommentMoved
from stonehand.comments.models import Comment
from stonehand.comments.queries import Row
from stonehand.comments.schemas import ArticleOut, CommentFilter, CommentOut, Decided, Replaced
from stonehand.comments.states import CommentState, Stage
from stonehand.db import Session
from stonehand.errors import StonehandError
from stonehand.web.api.contract import ById, Wish, problems
from stonehand.web.api.processes import Limit, Offset, Part
from stonehand.web.deps import Editor, Publisher, Reader

router = APIRouter(prefix="/comments", tags=["comments"])
SOON, SELDOM = 0.2, 1.0  # seconds between two looks at a comment that is being sent, at first and later
UNDER_WAY = (CommentState.APPROVED, CommentState.POSTING)
Ids = Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=queries.MOST)]
Note = Annotated[str, Field(default="", max_length=500)]
Id = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="In titles, authors and texts.")]
States = Annotated[list[CommentState], Query(default_factory=list, description="One or several; all if left out.")]
ExportForm = Annotated[Literal["csv", "jsonl"], Query(description="For a spreadsheet, or one JSON object a line.")]
EXPORT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}, "application/jsonl": {}}}}
Wait = Annotated[float, Query(ge=0, le=25, description="Seconds to wait for the site.")]


class NotToBeSent(StonehandError):
    """The comment cannot be sent: it was sent already, or there is nothing to send yet."""

    status = 400


class NotTaken(StonehandError):
    """The site did not take the comment."""

    status = 502


class CommentDetail(CommentOut):
    """A comment with the article that it is about."""

    article: ArticleOut

    @classmethod
    def of_row(cls, row: Row) -> CommentDetail:
        """Both together."""
        told = CommentOut.model_validate(row.comment).model_dump()
        return cls(**told, article=ArticleOut.model_validate(row.article))


class Many(Wish):
    """Which comments. Those that have changed since `as_of` are left alone."""

    ids: Ids
    as_of: AwareDatetime | None = None


class Verdict(Many):
    """A decision about them, and why."""

    note: Note


class Change(Wish):
    """Another text, as HTML or with a paragraph a line. The disclosure is put in front by itself."""

    html: str = Field(max_length=20_000)


class Replacing(Many):
    """A text to replace in what readers see of them, and by what; `preview` changes nothing."""

    find: str = Field(min_length=1, max_length=phrases.LONGEST)
    by: str = Field(default="", max_length=phrases.LONGEST)
    match_case: bool = True
    preview: bool = False


class Arrival(Wish):
    """What somebody has seen at the site, and the site's own number of the comment."""

    arrived: bool
    remote_id: str = Field(default="", max_length=200)


def _wish(
    state: States,
    process_id: Id = "",
    platform_id: Id = "",
    article_id: Id = "",
    login_id: Id = "",
    search: Text = "",
) -> CommentFilter:
    return CommentFilter(
        process_id=process_id,
        platform_id=platform_id,
        article_id=article_id,
        login_id=login_id,
        states=state,
        search=search,
    )


Which = Annotated[CommentFilter, Depends(_wish)]


@router.get("", summary="Comments, what changed last first")
def listing(person: Reader, wish: Which, limit: Limit = 50, offset: Offset = 0) -> Part[CommentDetail]:
    """With their articles. Those that were taken off are only given if `state=deleted` asks for them."""
    with db.database().read() as session:
        found, total = queries.comments(session, wish, limit, offset)
        return Part(items=[CommentDetail.of_row(each) for each in found], total=total, limit=limit, offset=offset)


@router.get("/export", response_class=StreamingResponse, responses=EXPORT, summary="Export comments")
def export(person: Reader, wish: Which, form: ExportForm = "jsonl") -> StreamingResponse:
    """All that fit, with their articles, oldest first, under the same filters as the list."""
    return exported(wish, form)


def exported(wish: CommentFilter, form: str) -> StreamingResponse:
    """The answer that writes comments as they are read."""
    media_type, ending, _, _ = exporting.FORMS[form]
    headers = {"Content-Disposition": f'attachment; filename="stonehand-comments.{ending}"'}
    return StreamingResponse(exporting.written(db.database().read, wish, form), media_type=media_type, headers=headers)


@router.post("/approve", summary="Let comments go out")
def approve(wish: Verdict, person: Publisher) -> Decided:
    """Exactly these texts, each as soon as it can; `refused` says why not, by the ids of those that were not."""
    with db.database().transaction() as session:
        before = _as_of(session, wish)
        made = deciding.approve(session, person, list(before), wish.note)
        _check_unchanged(session, before)
        return made


@router.post("/reject", summary="Do not send comments")
def reject(wish: Verdict, person: Editor) -> Decided:
    """None that has begun to be sent."""
    with db.database().transaction() as session:
        return deciding.reject(session, person, list(_as_of(session, wish)), wish.note)


@router.post("/retry", summary="Try comments again that failed or were skipped")
def retry(wish: Many, person: Editor) -> Decided:
    """Each from the stage in which it came to its end."""
    with db.database().transaction() as session:
        return deciding.retry(session, person, list(_as_of(session, wish)))


@router.post("/replace", summary="Replace a text in many comments")
def replace(wish: Replacing, person: Editor) -> Replaced:
    """Each is checked as if a person had typed it; what does not fit is left as it was, and `refused` says why.

    This takes approvals back. Those that have changed since `as_of` are left alone.
    """
    phrase = phrases.read(wish.find, wish.by, wish.match_case)
    with db.database().transaction() as session:
        deed = replacing.look if wish.preview else replacing.replace
        return deed(session, person, list(_as_of(session, wish)), phrase)


def _as_of(session: Session, wish: Many) -> dict[str, str]:
    """The texts of those that are as they were; what is unknown stays among them, to be refused."""
    known = {each: session.get(Comment, each) for each in wish.ids}
    moment: datetime | None = wish.as_of
    late = {key for key, each in known.items() if each is not None and moment is not None and each.updated_at > moment}
    return {key: each.html if each else "" for key, each in known.items() if key not in late}


def _check_unchanged(session: Session, before: dict[str, str]) -> None:
    """Now that they are held: what is decided about is what was looked at."""
    for key, html in before.items():
        found = session.get(Comment, key)
        if found is not None and found.html != html:
            raise CommentMoved(f"comment {key} has just been changed; look at it again")


@router.get("/{comment_id}", responses=problems(404), summary="One comment")
def one(comment_id: ById, person: Reader) -> CommentDetail:
    """With its article, the site's own number of it and what was read back."""
    with db.database().read() as session:
        return CommentDetail.of_row(queries.row(session, comment_id))


@router.patch("/{comment_id}", responses=problems(404, 409), summary="Give a comment another text")
def edit(comment_id: ById, wish: Change, person: Editor) -> CommentDetail:
    """This takes an approval back. 409 once it has begun to be sent."""
    with db.database().transaction() as session:
        deciding.edit(session, person, comment_id, wish.html)
        return CommentDetail.of_row(queries.row(session, comment_id))


@router.delete("/{comment_id}", status_code=204, responses=problems(404, 409), summary="Take a comment off the board")
def remove(comment_id: ById, person: Editor) -> None:
    """The same article, login and prompt are not taken up again. 409 if it may stand at the site."""
    with db.database().transaction() as session:
        queries.comment(session, comment_id)
        _insist(deciding.remove(session, person, [comment_id]))


def _insist(made: Decided) -> None:
    for key, why in made.refused.items():
        raise CommentMoved(f"not done for comment {key}: {why}")


@router.post("/{comment_id}/settle", responses=problems(404, 409), summary="Say whether a comment is there")
def settle(comment_id: ById, wish: Arrival, person: Publisher) -> CommentDetail:
    """Of one that may have arrived: it is kept as sent, or it is sent again."""
    with db.database().transaction() as session:
        deciding.settle(session, person, comment_id, wish.arrived, wish.remote_id)
        return CommentDetail.of_row(queries.row(session, comment_id))


@router.post("/{comment_id}/hide", status_code=202, responses=problems(404, 409), summary="Hide a sent comment")
def hide(comment_id: ById, person: Publisher) -> CommentDetail:
    """A job asks the site to show it to the author of the article only; `is_hidden` says that it has, `error` why not.

    409 if it does not stand there, or is hidden already.
    """
    with db.database().transaction() as session:
        hiding.ask(session, person, comment_id)
        return CommentDetail.of_row(queries.row(session, comment_id))


@router.post("/{comment_id}/post", responses=problems(400, 404, 409, 502), summary="Approve and send one comment")
async def post(comment_id: ById, person: Publisher, response: Response, wait: Wait = 10) -> CommentDetail:
    """200 once the site shows it, 202 if it is still on its way, 502 if the site did not take it.

    400 if it was sent before or there is nothing to send, 409 if it is being sent. Asked twice, it is sent once.
    """
    await run_in_threadpool(_let_go, comment_id, person)
    found = await _settled(comment_id, wait)
    if found.state in (CommentState.FAILED, CommentState.NEEDS_RECONCILE):
        raise NotTaken(f"comment {comment_id}: {found.error or 'the site does not show it'}")
    response.status_code = 200 if found.state == CommentState.POSTED else 202
    return found


async def _settled(comment_id: str, wait: float) -> CommentDetail:
    """The comment once it is no longer under way, or after so many seconds. Between two looks it takes no thread."""
    until, step = time.monotonic() + wait, SOON
    while (found := await run_in_threadpool(_now, comment_id)).state in UNDER_WAY:
        rest = until - time.monotonic()
        if rest <= 0:
            break
        await asyncio.sleep(min(step, rest))
        step = min(step * 1.5, SELDOM)
    return found


def _now(comment_id: str) -> CommentDetail:
    with db.database().read() as session:
        return CommentDetail.of_row(queries.row(session, comment_id))


def _let_go(comment_id: str, person: Person) -> None:
    with db.database().transaction() as session:
        found = queries.comment(session, comment_id)
        if found.state in (CommentState.POSTING, CommentState.NEEDS_RECONCILE):
            raise CommentMoved(f"comment {comment_id} is being sent, or nobody knows yet whether it has arrived")
        if found.state == CommentState.APPROVED:
            stages.ask_each(session, found.process_id, Stage.POSTING, [comment_id])
            return
        if found.state != CommentState.GENERATED:
            raise NotToBeSent(f"comment {comment_id} is {found.state}; only one that is generated can be sent")
        for why in _refusals(deciding.approve(session, person, [comment_id])):
            raise NotToBeSent(f"comment {comment_id} is not sent: {why}")


def _refusals(made: Decided) -> Sequence[str]:
    return list(made.refused.values())
