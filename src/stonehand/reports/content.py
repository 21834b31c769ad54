"""What was read in a period: how much, from whom, in which languages, and how good it is."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from stonehand.analysis.models import Analysis
from stonehand.articles.models import Article
from stonehand.articles.queries import ArticleText, texts
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.drafts.models import Citation, Draft, Revision
from stonehand.ids import first_id
from stonehand.nlp import quality, readability, sentiment
from stonehand.reports.periods import Period
from stonehand.reports.sections import Cell, Figure, Section, Table, ranked, share
from stonehand.reviews.models import Review, ReviewState

SAMPLE = 100  # originals whose text is read for their quality
CHARACTERS = 20_000  # of each
READ = Article.state == State.EXTRACTED


def _in(column: sa.ColumnElement[str] | sa.orm.InstrumentedAttribute[str], period: Period) -> sa.ColumnElement[bool]:
    since, until = period.ids
    return sa.and_(column >= since, column < until)


def articles(session: Session, period: Period) -> Section:
    """How many came, when, and from whom."""
    here, count = _in(Article.id, period), sa.func.count()
    columns = (
        count,
        count.filter(READ, Article.duplicate_of.is_(None)),
        count.filter(Article.duplicate_of.is_not(None)),
        count.filter(Article.state == State.UNREADABLE),
        sa.func.sum(Article.word_count).filter(READ, Article.duplicate_of.is_(None)),
    )
    total, originals, copies, unreadable, words = session.execute(sa.select(*columns).where(here)).one()
    outlet = sa.func.coalesce(Article.site, Article.host)
    outlets = sa.select(outlet, count).where(here, READ).group_by(outlet).order_by(count.desc(), outlet).limit(15)
    language = sa.select(Analysis.language, count).where(_in(Analysis.article_id, period)).group_by(Analysis.language)
    return Section(
        "articles",
        "Articles",
        [
            Figure("found", "pages fetched", total),
            Figure("originals", "originals read", originals),
            Figure("copies", "copies", copies),
            Figure("unreadable", "without an article", unreadable),
            Figure("words", "words an original", round(int(words or 0) / originals) if originals else None),
        ],
        [
            Table("course", "When they came", ("time", "articles"), _course(session, period), "line"),
            Table("outlets", "Who published most", ("outlet", "articles"), _rows(session, outlets), "bars"),
            Table("languages", "Languages", ("language", "articles"), ranked(dict(_rows(session, language))), "bars"),
        ],
    )


def _rows(session: Session, wish: sa.Select[str, int]) -> list[tuple[str, int]]:
    return [(str(name), number) for name, number in session.execute(wish)]


def _course(session: Session, period: Period) -> list[tuple[str, int]]:
    counted = sa.select(sa.func.count()).select_from(Article).where(READ)
    return [
        (name, session.scalar(counted.where(Article.id >= first_id(begins), Article.id < first_id(ends))) or 0)
        for name, begins, ends in period.parts()
    ]


# ── quality ──


@dataclass(frozen=True)
class Sample:
    """Originals of a period whose text is judged, with the language of each."""

    articles: Sequence[ArticleText]
    languages: dict[str, str]
    total: int
    unreadable: int
    copies: int


def sample(session: Session, period: Period) -> Sample:
    """The newest originals of a period, and how many pages were none."""
    here, count = _in(Article.id, period), sa.func.count()
    original = (here, READ, Article.duplicate_of.is_(None))
    ids = list(session.scalars(sa.select(Article.id).where(*original).order_by(Article.id.desc()).limit(SAMPLE)))
    spoken = sa.select(Analysis.article_id, Analysis.language).where(Analysis.article_id.in_(ids))
    bad, copied = count.filter(Article.state == State.UNREADABLE), count.filter(Article.duplicate_of.is_not(None))
    total, unreadable, copies = session.execute(sa.select(count, bad, copied).where(here)).one()
    languages: dict[str, str] = dict(session.execute(spoken).all())
    return Sample(list(texts(session, ids).values()), languages, total, unreadable, copies)


def judged(found: Sample) -> Section:
    """The quality of what was read, by the counts of `nlp.quality`. Opens no transaction: it takes seconds."""
    scores, eases, tones = [], [], []
    parts: Counter[str] = Counter()
    for each in found.articles:
        text, language = each.text[:CHARACTERS], found.languages.get(each.id, each.language or "en")
        seen = quality.read(each.title, text, language, tuple({"en", language}))
        scores.append(seen.score)
        parts.update({part.name: round(1000 * part.points / part.most) for part in seen.parts})
        eases.append(readability.read(text, language, hardest=0).ease)
        tones.append(sentiment.read(text, language).compound)
    count = len(scores)
    kept = sum(score >= quality.KEEP for score in scores)
    return Section(
        "quality",
        "Content quality",
        [
            Figure("score", "mean quality, 0 to 100", round(100 * statistics.fmean(scores), 1) if count else None),
            Figure("good", "with 60 or more", share(kept, count), "%"),
            Figure("ease", "median ease of reading", round(statistics.median(eases), 1) if count else None),
            Figure("tone", "mean tone, -1 to 1", round(statistics.fmean(tones), 2) if count else None),
            Figure("unreadable", "pages without an article", share(found.unreadable, found.total), "%"),
            Figure("copies", "copies", share(found.copies, found.total), "%"),
        ],
        [Table("parts", "What it is made of", ("part", "percent reached"), _parts(parts, count), "bars")],
        f"Judged by the newest {count} originals." if count else "Nothing was read.",
    )


def _parts(parts: Counter[str], count: int) -> list[tuple[str, float]]:
    return [(name, round(total / (10 * count), 1)) for name, total in parts.items()] if count else []


# ── writing ──


def writing(session: Session, period: Period) -> Section:
    """What was written of it, how well it is supported, and what people decided."""
    count = sa.func.count()
    revisions = sa.select(count, sa.func.sum(Revision.cost_micro)).where(_in(Revision.id, period))
    written, cost = session.execute(revisions).one()
    drafts = session.scalar(sa.select(count).select_from(Draft).where(_in(Draft.id, period)))
    kinds = sa.select(Citation.kind, count).join(Revision, Revision.id == Citation.revision_id)
    support = dict(_rows(session, kinds.where(_in(Revision.id, period)).group_by(Citation.kind)))
    decided = sa.select(Review.state, count).where(Review.decided_at >= period.begins, Review.decided_at < period.ends)
    decisions = dict(_rows(session, decided.group_by(Review.state)))
    approved, sentences = decisions.get(ReviewState.APPROVED, 0), sum(support.values())
    rows: list[Sequence[Cell]] = [(kind, support.get(kind, 0)) for kind in ("verbatim", "supported", "unsupported")]
    return Section(
        "writing",
        "Writing and deciding",
        [
            Figure("drafts", "drafts begun", drafts),
            Figure("revisions", "revisions written", written),
            Figure("unsupported", "sentences without a source", share(support.get("unsupported", 0), sentences), "%"),
            Figure("approved", "of all decisions approvals", share(approved, sum(decisions.values())), "%"),
            Figure("cost", "models cost", round(int(cost or 0) / 1e6, 4)),
        ],
        [
            Table("support", "What sentences rest on", ("support", "sentences"), rows, "bars"),
            Table("decisions", "Decisions", ("decision", "reviews"), ranked(decisions), "bars"),
        ],
    )
