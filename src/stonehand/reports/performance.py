"""What came of articles: cited, chosen, kept, seen and read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from stonehand.articles.models import Article
from stonehand.curation.models import CurationItem
from stonehand.db import Session
from stonehand.drafts.models import Citation, Draft, Revision
from stonehand.library.models import Bookmark, Tag
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState
from stonehand.reports import counting, engagement
from stonehand.reports.periods import Period
from stonehand.reports.sections import Cell, Figure, Section, Table
from stonehand.stories.models import Placement, Story

SHOWN = 20
MOST = 5000  # articles that are looked at
Deeds = Mapping[str, Counter[str]]


def articles(session: Session, period: Period) -> Section:
    """Which articles did best in a period. A citation counts most, since it is what articles are here for."""
    deeds = _deeds(session, period)
    weight = {"cited": 10, "chosen": 3, "kept": 3, "read": 2, "seen": 1}
    total = {key: sum(weight[name] * count for name, count in each.items()) for key, each in deeds.items()}
    best = sorted(total, key=lambda key: (-total[key], key))[:SHOWN]
    titles = dict(session.execute(sa.select(Article.id, Article.title).where(Article.id.in_(best))).all())
    best = [key for key in best if key in titles]
    columns = ("article", "score", *weight)
    rows: list[tuple[Cell, ...]] = [
        (titles[key] or key, total[key], *(deeds[key][name] for name in weight)) for key in best
    ]
    sums = {name: sum(each[name] for each in deeds.values()) for name in weight}
    return Section(
        "performance",
        "Article performance",
        [Figure(name, f"times {name}", count) for name, count in sums.items()],
        [Table("best", "Which did best", columns, rows, "bars", [f"/articles/{key}" for key in best])],
        "A citation counts 10, being chosen by a curation or bookmarked 3, a reading to the end 2, a view 1.",
    )


def _deeds(session: Session, period: Period) -> Deeds:
    """What was done with each article, by its id."""
    since, until = period.ids
    within = (Revision.id >= since, Revision.id < until, Citation.article_id.is_not(None))
    cited = sa.select(Citation.article_id, sa.func.count(sa.distinct(Revision.draft_id)))
    chosen = sa.select(CurationItem.article_id, sa.func.count()).where(
        CurationItem.place.is_not(None), CurationItem.id >= since, CurationItem.id < until
    )
    kept = sa.select(Bookmark.article_id, sa.func.count()).where(
        Bookmark.created_at >= period.begins, Bookmark.created_at < period.ends
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, wish, column in (
        ("cited", cited.join(Revision, Revision.id == Citation.revision_id).where(*within), Citation.article_id),
        ("chosen", chosen, CurationItem.article_id),
        ("kept", kept, Bookmark.article_id),
    ):
        for article_id, count in session.execute(wish.group_by(column).order_by(sa.func.count().desc()).limit(MOST)):
            found[str(article_id)][name] += count
    for article_id, counts in counting.by_subject(session, "article", period, MOST).items():
        found[article_id].update({"seen": counts.get("views", 0), "read": counts.get("reads", 0)})
    for article_id, counts in engagement.of_room(session).by_article(session, period, MOST).items():
        found[article_id].update({"seen": counts.get("views", 0), "read": counts.get("reads", 0)})
    return found


def pieces(session: Session, period: Period) -> Section:
    """What went out, where, and how long it took from the wish to the readers."""
    here = (Publication.published_at >= period.begins, Publication.published_at < period.ends)
    wish = sa.select(Publication, Draft.created_at).outerjoin(Draft, Draft.id == Publication.draft_id)
    found = session.execute(wish.where(*here).order_by(Publication.published_at).limit(MOST)).all()
    channels = Counter(each.channel_name for each, _ in found)
    hours = sorted(
        (each.published_at - begun).total_seconds() / 3600 for each, begun in found if begun and each.published_at
    )
    failed = sa.select(sa.func.count()).select_from(Publication)
    bad = failed.where(Publication.state == PublicationState.FAILED, Publication.due_at < period.ends)
    counts = counting.by_subject(session, "publication", period, MOST)
    rows = [
        (each.title, counts.get(each.id, {}).get("views", 0), each.channel_name, each.url or "")
        for each, _ in found[-SHOWN:]
    ]
    return Section(
        "pieces",
        "Published pieces",
        [
            Figure("published", "published", len(found)),
            Figure("failed", "failed and waiting for a person", session.scalar(bad)),
            Figure("hours", "hours from commission to readers", round(hours[len(hours) // 2], 1) if hours else None),
            Figure("views", "views that channels reported", sum(each.get("views", 0) for each in counts.values())),
        ],
        [
            Table("channels", "Where", ("channel", "pieces"), channels.most_common(15), "bars"),
            Table("list", "Pieces", ("title", "views", "channel", "address"), rows),
        ],
    )


# ── one article ──


def one(session: Session, article_id: str) -> dict[str, Any]:
    """Everything that is known of what came of one article. A few queries by its id."""
    count = sa.func.count()
    drafts = sa.select(Revision.draft_id).distinct().join(Citation, Citation.revision_id == Revision.id)
    draft_ids = list(session.scalars(drafts.where(Citation.article_id == article_id).limit(1000)))
    out = sa.select(count).where(Publication.draft_id.in_(draft_ids), Publication.state == PublicationState.PUBLISHED)
    copies = sa.select(count).select_from(Article).where(Article.duplicate_of == article_id)
    chosen = sa.select(count, sa.func.min(CurationItem.place), sa.func.max(CurationItem.score)).where(
        CurationItem.article_id == article_id
    )
    looked, best, score = session.execute(chosen).one()
    story = sa.select(Story.id, Story.title, Story.outlet_count).join(Placement, Placement.story_id == Story.id)
    told = session.execute(story.where(Placement.article_id == article_id)).first()
    readers = engagement.of_room(session).of_article(session, article_id)
    return {
        "drafts": len(draft_ids),
        "published_pieces": session.scalar(out) or 0,
        "copies": session.scalar(copies) or 0,
        "bookmarks": session.scalar(sa.select(count).where(Bookmark.article_id == article_id)) or 0,
        "tags": session.scalar(sa.select(count).where(Tag.article_id == article_id)) or 0,
        "curations": looked,
        "best_place": best,
        "best_score": score,
        "story": {"id": told[0], "title": told[1], "outlets": told[2]} if told else None,
        **counting.sums(counting.of_subject(session, "article", article_id), readers),
    }
