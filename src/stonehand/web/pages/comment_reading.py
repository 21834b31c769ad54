"""From a comment to its page: the article beside it, what can be decided, and what the site shows of it."""

from __future__ import annotations

import hashlib

from markupsafe import Markup

from stonehand.accounts.permissions import Person
from stonehand.comments import gate, paragraphs, queries, waiting
from stonehand.comments.models import Comment, CommentProcess, FoundArticle
from stonehand.comments.states import EDITABLE, CommentState, ProcessState
from stonehand.db import Session
from stonehand.platforms import queries as platforms
from stonehand.web.pages.agent_reading import money
from stonehand.web.pages.comments import ArticleBox, CommentView, Sent
from stonehand.web.pages.parts import Link
from stonehand.web.pages.process_reading import badge, prompt_name, sentence
from stonehand.web.words import clock, day, plural

AGAIN = {"preparation": "Read it again", "generation": "Write it again", "posting": "Send it again"}
DONE_WITH = (CommentState.REJECTED, CommentState.SKIPPED, CommentState.FAILED)
DECIDED = (CommentState.REJECTED, CommentState.DELETED)
AT_THE_SITE = (CommentState.POSTING, CommentState.POSTED, CommentState.NEEDS_RECONCILE)


def seen(comment: Comment) -> str:
    """A fingerprint of what a person looks at and decides about."""
    told = f"{comment.login_id}\n{comment.is_hidden}\n{comment.html}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def one(session: Session, person: Person, comment_id: str, error: str = "", typed: str | None = None) -> CommentView:
    """A comment beside its article. Raises `CommentNotFound`."""
    found = queries.row(session, comment_id)
    comment, article = found.comment, found.article
    state = CommentState(comment.state)
    disclosure = gate.disclosure(platforms.platform(session, article.platform_id), comment)
    is_editor, is_publisher = person.may("edit"), person.may("publish")
    return CommentView(
        comment.id,
        seen(comment),
        _process(session, comment),
        badge(state, comment.failed_at_stage),
        sentence(comment.error or comment.decision_note),
        _article(article),
        _shown(comment.html),
        disclosure,
        text(comment.html, disclosure) if typed is None else typed,
        _facts(session, comment),
        tuple(str(each.get("text", each)) if isinstance(each, dict) else str(each) for each in comment.warnings),
        comment.reasoning,
        _sent(comment, article),
        Link("Its latest job", f"/jobs/{comment.job_id}") if comment.job_id else None,
        can_edit=is_editor and state in EDITABLE and bool(comment.html),
        can_approve=is_publisher and state == CommentState.GENERATED,
        can_reject=is_editor and state not in (*AT_THE_SITE, *DECIDED),
        can_retry=_again(comment) if is_editor else "",
        can_settle=is_publisher and state == CommentState.NEEDS_RECONCILE,
        can_remove=is_editor and state in DONE_WITH,
        can_hide=is_publisher and state == CommentState.POSTED and bool(comment.remote_id) and not comment.is_hidden,
        next_id=waiting.following(session, comment),
        error=error,
    )


def _shown(html: str) -> Markup:
    """The comment as the site gets it, built anew from its letters, so that no markup is passed through."""
    built = paragraphs.written(paragraphs.read(html))  # nothing but p, strong, em and br
    return Markup(built)  # noqa: S704  # nosec B704


def _process(session: Session, comment: Comment) -> Link:
    process = session.get_one(CommentProcess, comment.process_id)
    if process.deleted_at:
        return Link(f"Of {process.name}, which is deleted", "/comments")
    return Link(process.name, f"/comments/processes/{process.id}")


def text(html: str, disclosure: str) -> str:
    """What stands after the disclosure, a paragraph a line, for changing it."""
    lines = [paragraphs.written([each]) for each in paragraphs.read(html) if paragraphs.words(each) != disclosure]
    return "\n\n".join(each.removeprefix("<p>").removesuffix("</p>") for each in lines)


def _again(comment: Comment) -> str:
    if comment.state == CommentState.FAILED:
        return AGAIN.get(comment.failed_at_stage, "Try it again")
    return "Take it up again" if comment.state == CommentState.SKIPPED else ""


def goes_on(session: Session, comment_id: str) -> str:
    """What becomes of a comment that is tried again."""
    comment = queries.comment(session, comment_id)
    if comment.state == CommentState.APPROVED:
        return "It is sent again, as it was approved."
    if comment.state == CommentState.GENERATED:
        return "It waits for an approval."
    if session.get_one(CommentProcess, comment.process_id).state == ProcessState.RUNNING:
        return "It is tried again."
    return "It is tried again as soon as its process is started."


def _article(article: FoundArticle) -> ArticleBox:
    facts = {
        "Category": article.category,
        "Task": article.task,
        "Published": day(article.published_at) if article.published_at else "",
        "Changed": day(article.edited_at) if article.edited_at else "",
    }
    told = tuple((name, words) for name, words in facts.items() if words)
    lines = tuple(line for line in article.text.splitlines() if line.strip())
    return ArticleBox(article.title, article.author, article.url, told, lines, article.read_at)


def _sent(comment: Comment, article: FoundArticle) -> Sent | None:
    if not comment.approved_by:
        return None
    when = f", {clock(comment.approved_at)}" if comment.approved_at else ""
    url = comment.remote_url or article.url
    return Sent(
        f"{comment.approved_by}{when}",
        comment.remote_text,
        comment.remote_id,
        url,
        comment.posted_at,
        comment.is_pending_there,
        comment.is_hidden,
    )


def _facts(session: Session, comment: Comment) -> tuple[tuple[str, str], ...]:
    by = comment.prompt_label or prompt_name(session, comment.prompt_key)
    writer = {"model": f"{comment.model or 'a model'}, by {by}", "person": "a person"}
    spent = plural(comment.input_tokens + comment.output_tokens, "token")
    facts = {
        "Comments as": comment.login_name + (", shown to the author only" if comment.is_hidden else ""),
        "Written by": writer.get(comment.writer, f"nobody yet; it will be by {by}"),
        "Language": comment.language,
        "Cost": f"{money(comment.cost_micro)}, {spent}" if comment.model else "",
        "Tries": str(comment.attempts) if comment.attempts > 1 else "",
        "Found": clock(comment.created_at),
    }
    return tuple((name, words) for name, words in facts.items() if words)
