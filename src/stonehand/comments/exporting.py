"""Comments with their articles and what became of them, as CSV or JSON Lines: a few at a time, so that memory stays as
it is.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa

from stonehand.comments import paragraphs, queries
from stonehand.comments.models import Comment, CommentProcess, FoundArticle
from stonehand.comments.schemas import CommentFilter
from stonehand.db import Session

TOGETHER = 100  # comments that are in memory at once
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes what begins so for a formula
Opened = Callable[[], AbstractContextManager[Session]]
Line = dict[str, Any]
OF_COMMENT = (
    *("id", "process_id", "state", "login_name", "prompt_label", "html", "language", "is_hidden", "warnings"),
    *("reasoning", "writer", "model", "cost_micro", "input_tokens", "output_tokens", "approved_by", "approved_at"),
    *("decision_note", "failed_at_stage", "error", "remote_id", "remote_url", "remote_text", "is_pending_there"),
    *("posted_at", "created_at", "updated_at"),
)
OF_ARTICLE = ("remote_id", "title", "author", "url", "category", "task", "published_at", "text")
COLUMNS = ("process", *OF_COMMENT, "text", *(f"article_{name}" for name in OF_ARTICLE))


def lines(opened: Opened, wish: CommentFilter) -> Iterator[Line]:
    """Every comment that fits, oldest first, by the names in `COLUMNS`. `text` is its words, a paragraph a line.

    Each part is read in a session of its own, which `opened` opens.
    """
    last = ""
    while True:
        with opened() as session:
            part = [_line(*row) for row in session.execute(_part(wish, last))]
        yield from part
        if len(part) < TOGETHER:
            return
        last = part[-1]["id"]


def _part(wish: CommentFilter, last: str) -> sa.Select[str, Comment, FoundArticle]:
    return (
        sa.select(CommentProcess.name, Comment, FoundArticle)
        .join(FoundArticle, FoundArticle.id == Comment.article_id)
        .join(CommentProcess, CommentProcess.id == Comment.process_id)
        .where(queries.fits(wish), Comment.id > last)
        .order_by(Comment.id)
        .limit(TOGETHER)
    )


def _line(process: str, comment: Comment, article: FoundArticle) -> Line:
    said = [paragraphs.words(each) for each in paragraphs.read(comment.html)] if comment.html else []
    told = {name: getattr(comment, name) for name in OF_COMMENT}
    about = {f"article_{name}": getattr(article, name) for name in OF_ARTICLE}
    return {"process": process, **told, "text": "\n".join(said), **about}


def json_line(line: Line) -> str:
    """One line of JSON."""
    return json.dumps(line, ensure_ascii=False, default=str) + "\n"


def csv_line(line: Line) -> str:
    """One line for a spreadsheet (RFC 4180). No cell can become a formula."""
    return _row([_cell(line[name]) for name in COLUMNS])


def _row(cells: Sequence[object]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, list):
        return "; ".join(str(each.get("text", each)) if isinstance(each, dict) else str(each) for each in value)
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


FORMS: dict[str, tuple[str, str, str, Callable[[Line], str]]] = {
    "csv": ("text/csv; charset=utf-8", "csv", _row(COLUMNS), csv_line),
    "jsonl": ("application/jsonl", "jsonl", "", json_line),
}
"""Media type, file ending, what stands above, and how one is written, by the name of the form."""


def written(opened: Opened, wish: CommentFilter, form: str) -> Iterator[str]:
    """The whole file in pieces."""
    _, _, head, write = FORMS[form]
    if head:
        yield head
    yield from map(write, lines(opened, wish))
