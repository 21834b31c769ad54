"""The first stage: look at the site as each login, and make a comment of each new article, login and prompt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import config, db
from stonehand.comments import optouts, queries, stages
from stonehand.comments.models import Comment, CommentProcess, FoundArticle
from stonehand.comments.states import CommentState, ProcessState, Stage
from stonehand.db import Session
from stonehand.platforms import queries as platforms
from stonehand.platforms.interfaces import Card, Filters, Listing
from stonehand.platforms.models import Platform

SHORTEST, LONGEST = 30, 600  # seconds between two looks
ENDED = (CommentState.FAILED, CommentState.SKIPPED, CommentState.REJECTED, CommentState.DELETED)
"""Comments that will not stand under their article."""


@dataclass(frozen=True)
class Visitor:
    """A login to look as."""

    id: str
    name: str


@dataclass(frozen=True)
class Plan:
    """One look: as whom, and for what."""

    process_id: str
    platform_id: str
    filters: Filters
    visitors: Sequence[Visitor]


@dataclass(frozen=True)
class Seen:
    """What one login sees. `shown_as` is what the site calls it."""

    visitor: Visitor
    shown_as: str
    listing: Listing


@dataclass(frozen=True)
class Found:
    """How many comments are to be written that were not known, and how many an article has no room for."""

    new: int = 0
    left_out: int = 0


def plan(session: Session, process_id: str) -> Plan | None:
    """What to look for; None if the process does not run any more."""
    process = session.get(CommentProcess, process_id)
    if process is None or process.state != ProcessState.RUNNING:
        return None
    filters = Filters(process.tab, process.category, process.task, process.search, most=process.most_articles)
    visitors = [Visitor(each.id, each.username) for each in queries.logins_of(session, process_id)]
    return Plan(process_id, process.platform_id, filters, visitors)


def record(session: Session, looked: Plan, seen: Seen) -> Found | None:
    """Keep what one login sees, and ask for its preparation. None if the process does not run any more."""
    process = queries.held(session, looked.process_id)
    if process is None or process.state != ProcessState.RUNNING:
        return None
    outs, platform = optouts.keys(session, looked.platform_id), platforms.platform(session, looked.platform_id)
    wanted = [each for each in seen.listing.cards if _is_wanted(each, seen, outs)]
    ids = _articles(session, platform.id, wanted)
    rows, left_out = _missing(session, process, platform, seen.visitor, [ids[each.id] for each in wanted])
    new = _insert(session, rows)
    if new:
        process.last_activity_at = db.now(session)
        stages.ask(session, process, Stage.PREPARATION)
    return Found(new, left_out)


def _is_wanted(card: Card, seen: Seen, outs: set[str]) -> bool:
    """What others have published, and what nobody has opted out of."""
    own = {optouts.key(name) for name in (seen.visitor.name, seen.shown_as) if name}
    is_public = card.state in ("", "published")
    return is_public and optouts.key(card.author) not in own and not optouts.why(outs, card.author)


def _articles(session: Session, platform_id: str, cards: Sequence[Card]) -> dict[str, str]:
    """Our ids of these articles, by the site's; new ones are kept."""
    if not cards:
        return {}
    moment = db.now(session)
    rows = [
        {"id": db.new_id(), "platform_id": platform_id, "remote_id": card.id, "url": card.url, "title": card.title,
         "author": card.author, "published_at": card.published_at, "found_at": moment}
        for card in {each.id: each for each in cards}.values()
    ]  # fmt: skip
    known = db.insert(session, FoundArticle).values(rows)
    session.execute(known.on_conflict_do_nothing(index_elements=["platform_id", "remote_id"]))
    wish = sa.select(FoundArticle.remote_id, FoundArticle.id).where(
        FoundArticle.platform_id == platform_id, FoundArticle.remote_id.in_([card.id for card in cards])
    )
    return dict(session.execute(wish).all())


def _missing(
    session: Session, process: CommentProcess, platform: Platform, visitor: Visitor, article_ids: Sequence[str]
) -> tuple[list[dict[str, Any]], int]:
    """The comments that there are none of yet, as far as each article has room for them; and how many it has not."""
    prompts, moment = queries.prompts_of(session, process.id), db.now(session)
    mine = sa.select(Comment.article_id, Comment.prompt_key).where(
        Comment.process_id == process.id, Comment.login_id == visitor.id, Comment.article_id.in_(article_ids)
    )
    known = {(row[0], row[1]) for row in session.execute(mine)}
    taken, rows, left_out = _taken(session, article_ids), [], 0
    for article_id in dict.fromkeys(article_ids):
        for prompt in prompts:
            if (article_id, prompt) in known:
                continue
            if taken[article_id] >= platform.most_per_article:
                left_out += 1
                continue
            taken[article_id] += 1
            rows.append(_row(process, visitor, article_id, prompt, moment))
    return rows, left_out


def _taken(session: Session, article_ids: Sequence[str]) -> Counter[str]:
    """How many comments of ours each article has, or will have."""
    grouped = (
        sa.select(Comment.article_id, sa.func.count())
        .where(Comment.article_id.in_(article_ids), Comment.state.not_in(ENDED))
        .group_by(Comment.article_id)
    )
    return Counter(dict(session.execute(grouped).all()))


def _row(process: CommentProcess, visitor: Visitor, article_id: str, prompt: str, moment: datetime) -> dict[str, Any]:
    return {
        "id": db.new_id(), "process_id": process.id, "article_id": article_id, "login_id": visitor.id,
        "login_name": visitor.name, "prompt_key": prompt, "state": CommentState.DISCOVERED,
        "is_hidden": process.is_hidden, "warnings": [], "notes": {}, "created_at": moment, "updated_at": moment,
    }  # fmt: skip


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    if not rows:
        return 0
    keys = ["process_id", "article_id", "login_id", "prompt_key"]
    made = db.insert(session, Comment).values(rows).on_conflict_do_nothing(index_elements=keys).returning(Comment.id)
    return len(session.scalars(made).all())


def conclude(session: Session, process_id: str, new: int, troubles: Mapping[str, str]) -> None:
    """Say when to look next. A look that failed for a login never counts as having found nothing."""
    process = queries.held(session, process_id)
    if process is None or process.state != ProcessState.RUNNING:
        return
    process.looks += 1
    process.trouble = "; ".join(f"{name}: {words}" for name, words in troubles.items())[:2000]
    if troubles:
        process.trouble_streak += 1
        _next(session, process, process.trouble_streak)
        return
    process.trouble_streak = 0
    process.empty_streak = 0 if new else process.empty_streak + 1
    process.empty_looks += 0 if new else 1
    _next(session, process, process.empty_streak)
    if process.looks_once:
        process.next_look_at = None


def _next(session: Session, process: CommentProcess, streak: int) -> None:
    process.next_look_at = db.now(session) + timedelta(seconds=pause(streak))


def pause(streak: int) -> float:
    """Seconds until the next look after n in vain: min(max(usual, 30) x 2^(n-1), 600), never less than the usual."""
    usual = max(config.settings().comment_look_seconds, SHORTEST)
    return usual if streak < 1 else max(usual, min(usual * 2.0 ** min(streak - 1, 10), LONGEST))
