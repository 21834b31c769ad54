"""The whole trip in one table: when this happens, that job starts.

Announcing an event that no row knows raises, so that no process can lose a step by not loading it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import configure_mappers

from stonehand import config, http_client, jobs, tracing
from stonehand.analysis.events import ArticleAnalysed
from stonehand.articles.events import ArticleExtracted, PageStored
from stonehand.db import Session
from stonehand.drafts.events import DraftCommissioned, DraftWritten
from stonehand.jobs import declaration
from stonehand.jobs.clock import schedules
from stonehand.publications.events import ChangeDue, PieceChanged, PiecePublished, PublicationDue
from stonehand.reading.events import DigestChosen
from stonehand.reviews.events import ChangesRequested, ReviewApproved, ReviewRejected
from stonehand.rubrics.events import PhaseJudged
from stonehand.sources.events import EntryChanged, EntryFound, SourceAdded
from stonehand.stories.events import StoryGrown
from stonehand.trends.events import TrendTurned

NOTHING = ""  # a fact that is worth knowing, after which no job starts

TRIP = [
    (SourceAdded, "sources.poll"),
    (EntryFound, "articles.fetch"),
    (EntryChanged, "articles.fetch"),
    (PageStored, "articles.extract"),
    (ArticleExtracted, "analysis.analyse"),
    (ArticleAnalysed, "stories.place"),
    (PhaseJudged, "reading.follow_rubric"),
    (StoryGrown, NOTHING),
    (TrendTurned, NOTHING),
    (DigestChosen, "drafts.commission_digest"),
    (DraftCommissioned, "drafts.write"),
    (DraftWritten, "reviews.open"),
    (ChangesRequested, NOTHING),
    (ReviewRejected, NOTHING),
    (ReviewApproved, "publications.prepare"),
    (ReviewApproved, "mailings.address"),
    (PublicationDue, "publications.publish"),
    (PiecePublished, NOTHING),
    (ChangeDue, "publications.change"),
    (PieceChanged, NOTHING),
]

# What comes every minute comes together: seven short jobs at once wake a machine at rest once, not seven times.
SCHEDULES = [
    schedules.every("sources.poll_due", queue="sources", seconds=60),
    schedules.every("drafts.commission_top", queue="generation", seconds=30),
    schedules.every("publications.find_due", queue="publishing", seconds=30),
    schedules.every("publications.tidy", queue="publishing", seconds=3600),
    schedules.every("publications.look_at_sources", queue="publishing", seconds=600, jitter=60),
    schedules.every("accounts.forget_expired", queue="maintenance", seconds=300, jitter=60),
    schedules.cron("accounts.forget_ended", queue="maintenance", expression="40 3 * * *", jitter=60),
    schedules.every("platforms.forget_expired", queue="maintenance", seconds=300, jitter=60),
    schedules.cron("platforms.archive_sessions", queue="maintenance", expression="45 3 * * *", jitter=60),
    schedules.every("sources.check_health", queue="sources", seconds=900, jitter=60),
    schedules.every("jobs.sample", queue="maintenance", seconds=60),
    schedules.every("agents.process_schedules", queue="control", seconds=300, jitter=60),
    schedules.every("alerts.watch", queue="maintenance", seconds=60),
    schedules.cron("reading.update_all", queue="recommendations", expression="0 2 * * *", jitter=60),
    schedules.cron("reading.daily_digest", queue="generation", expression="0 5 * * *", jitter=60),
    schedules.cron("reading.weekly_digest", queue="generation", expression="15 5 * * MON", jitter=60),
    schedules.cron("reading.tidy", queue="maintenance", expression="0 */6 * * *", jitter=60),
    schedules.cron("backups.make", queue="maintenance", expression="30 2 * * *", jitter=60),
    schedules.cron("retention.results", queue="maintenance", expression="10 * * * *", jitter=60),
    schedules.cron("retention.pages", queue="maintenance", expression="20 3 * * *", jitter=60),
    schedules.cron("retention.letters", queue="maintenance", expression="30 3 * * *", jitter=60),
    schedules.cron("retention.curations", queue="maintenance", expression="50 3 * * *", jitter=60),
    schedules.cron("retention.upkeep", queue="maintenance", expression="45 4 * * *", jitter=60),
    schedules.cron("retention.archive", queue="maintenance", expression="0 4 * * SUN", jitter=60),
    schedules.every("stories.regroup", queue="stories", seconds=1800, jitter=60),
    schedules.cron("trends.process_pending", queue="stories", expression="*/30 * * * *", jitter=60),
    schedules.every("trends.update", queue="stories", seconds=1200, jitter=60),
    schedules.every("vectors.refresh", queue="maintenance", seconds=300, jitter=60),
    schedules.every("library.index", queue="maintenance", seconds=3600, jitter=60),
    schedules.every("analysis.describe_due", queue="analysis", seconds=60, priority=1),
    schedules.every("rubrics.score_new", queue="analysis", seconds=300, priority=1, jitter=60),
    schedules.cron("rubrics.train", queue="analysis", expression="35 4 * * *", priority=1, jitter=60),
    schedules.cron("analysis.train_labels", queue="analysis", expression="20 4 * * *", priority=1, jitter=60),
    schedules.cron("reports.daily", queue="analytics", expression="0 3 * * *", jitter=60),
    schedules.cron("reports.weekly", queue="analytics", expression="5 3 * * MON", jitter=60),
    schedules.cron("rehearsals.tidy", queue="maintenance", expression="55 3 * * *", jitter=60),
    schedules.cron("jobs.forget_old", queue="maintenance", expression="10 3 * * *", jitter=60),
]

ASKED_BY_PEOPLE = (
    "sources",
    "articles",
    "reading",
    "curation",
    "platforms",
    "drafts",
    "comments",
    "rehearsals",
    "reviews",
    "publications",
    "agents",
    "reports",
)
READING = ("analysis", "rubrics", "vectors", "library", "stories", "trends")
ROOMS = ("jobs", "accounts", *ASKED_BY_PEOPLE, *READING, "mailings", "backups", "retention", "alerts")


def install() -> None:
    """Join the rooms in this process. Every process that announces or asks for anything must do this first.

    It loads the tasks that people's deeds ask for now, since loading one later would keep a transaction waiting.
    """
    tracing.start()
    _load(ASKED_BY_PEOPLE)
    configure_mappers()  # now, not inside the first transaction
    jobs.follow(TRIP)
    host, _, port = config.settings().sample_address.rpartition(":")
    if host:
        http_client.allow_address(host, int(port))


def install_worker() -> None:
    """Join the rooms and load every task, as a worker must before it claims anything."""
    _load(ROOMS)
    install()


def _load(rooms: Iterable[str]) -> None:
    for room in rooms:
        declaration.load(room)


def planned() -> list[schedules.Planned]:
    """What the table above says, and the settings."""
    seconds = config.settings().health_interval_seconds
    health = schedules.every("jobs.check_health", queue="control", seconds=seconds, jitter=min(60, seconds // 2))
    return [*SCHEDULES, health, *_of_comments()]


def _of_comments() -> list[schedules.Planned]:
    look, check = config.settings().comment_look_seconds, config.settings().comment_check_seconds
    return [
        schedules.every("comments.tick", queue="control", seconds=look),
        schedules.every("comments.check_timeouts", queue="control", seconds=check),
    ]


def install_schedules(session: Session) -> None:
    """Make the database's schedules say what is planned, but for those that people made or edited."""
    schedules.install(session, planned())
