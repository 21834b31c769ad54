"""What older installations call things: their queues and tasks, and what those take and answer. Pure.

A room that does what an old task did adds a row to `TASKS`. A row's function has the old signature and gives the
arguments of our task.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError, validate_call

from stonehand.errors import Rejected

MOST_URLS = 100
Args = dict[str, Any]

QUEUES = {
    "celery": "default",
    "collection": "sources",
    "discovery": "sources",
    "preparation": "fetch",
    "article_processing": "fetch",
    "email_processing": "email",
    "ai_classification": "analysis",
    "analyze": "analysis",
    "processing": "analysis",
    "posting": "publishing",
    "cleanup": "maintenance",
    "sessions": "maintenance",
    "scheduler": "control",
    "timeouts": "control",
}
NO_QUEUES = {
    "dead_letter": "dead letters are a state of jobs and no queue; see them with: stonehand job dead",
    "monitoring": "it was never a queue; what it named is done on sources, fetch, generation and publishing",
    "comments": "it was never a queue; what it named is done on generation and publishing",
}


class CallUnfit(Rejected):
    """A task was called with arguments that it does not take."""


def former_names(queue: str) -> list[str]:
    """What a queue was called before."""
    return [old for old, new in QUEUES.items() if new == queue]


# ── what the old tasks took ──


def _is_url(url: str) -> str:
    if not url.lower().startswith(("http://", "https://")) or any(letter.isspace() for letter in url):
        raise ValueError(f"{url[:200]!r} is no http or https address")
    return url


Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9._-]+$")]
Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_is_url)]
Urls = Annotated[list[Url], Field(min_length=1, max_length=MOST_URLS)]
Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Query = Topic | Literal[""]
Numbered = Annotated[Id, BeforeValidator(lambda given: str(given) if isinstance(given, int) else given)]
"""The library counted its articles; here such a number is the id of none, which is said article by article."""
Numbers = Annotated[list[Numbered], Field(min_length=1, max_length=MOST_URLS)]
Days = Annotated[int, Field(ge=1, le=3650)]
KINDS = {"rss": "feed", "google_news": "query"}


def _nothing() -> Args:
    return {}


def _source(source_id: Id) -> Args:
    return {"source_id": source_id}


def _feed(source_id: Id, auto_generate: bool = False) -> Args:
    return {"source_id": source_id} | ({"auto_generate": "yes"} if auto_generate else {})


def _piece(
    agent_id: Id,
    topic: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)],
    keyword: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = "",
) -> Args:
    return {"agent_id": agent_id, "topic": topic, "keyword": keyword}


def _plugin(plugin_name: Word) -> Args:
    return {"kind": KINDS.get(plugin_name, plugin_name)}


Items = Annotated[list[Id], Field(max_length=10_000)]


def _limited(limit: Annotated[int, Field(ge=1, le=10_000)] = 1000) -> Args:
    return {"limit": str(limit)}


def _hours(hours: Annotated[int, Field(ge=1, le=24 * 365)] = 24) -> Args:
    return {"hours": str(hours)}


def _items(item_ids: Items | None = None, limit: Annotated[int, Field(ge=1, le=10_000)] = 100) -> Args:
    return {"article_ids": " ".join(item_ids or ()), "limit": str(limit)}


def _sample(sample_size: Annotated[int, Field(ge=1, le=200)] = 10) -> Args:
    return {"sample_size": str(sample_size)}


def _high_frequency() -> Args:
    return {"within": "900"}


def _new_articles(article_urls: Urls) -> Args:
    return {"urls": "\n".join(article_urls)}


def _validated(data: Mapping[str, Any]) -> Args:
    return _checked("urls", _urls, (), data)


def _urls(urls: Urls) -> Args:
    return {"urls": "\n".join(urls)}


def _letter(email_data: Mapping[str, Any]) -> Args:
    try:
        return {"mail": json.dumps(dict(email_data))}
    except (TypeError, ValueError) as error:
        raise CallUnfit(f"email_data must be what JSON can hold: {error}") from None


def _process(process_id: Id) -> Args:
    return {"process_id": process_id}


def _process_or_all(process_id: Id | None = None) -> Args:
    return {"process_id": process_id} if process_id else {}


def _article(article_id: Id) -> Args:
    return {"article_id": article_id}


def _articles(article_ids: Numbers) -> Args:
    return {"article_ids": " ".join(article_ids)}


def _reader(user_id: Id, limit: Annotated[int, Field(ge=1, le=100)] = 20) -> Args:
    return {"user_id": user_id, "limit": str(limit)}


def _post(post_id: Id, publisher_id: Id) -> Args:
    return {"draft_id": post_id, "channel_id": publisher_id}


def _days(days: Days | None = None) -> Args:
    return {} if days is None else {"days": str(days)}


def _days_old(days_old: Days | None = None) -> Args:
    return _days(days_old)


def _batch(
    urls: Urls, query: Query = "", config: Mapping[str, Any] | None = None, apply_diversity: bool | None = None
) -> Args:
    return {"urls": "\n".join(urls), "topic": query, "max_articles": "1000"} | _curated(config, apply_diversity)


def _single(url: Url, query: Query = "", config: Mapping[str, Any] | None = None) -> Args:
    return {"urls": url, "topic": query} | _curated(config, None)


def _topic(
    topic: Topic, max_articles: Annotated[int, Field(ge=1, le=1000)] = 20, apply_diversity: bool | None = None
) -> Args:
    return {"topic": topic, "max_articles": str(max_articles)} | _curated(None, apply_diversity)


def _curated(config: Mapping[str, Any] | None, diversity: bool | None) -> Args:
    """`config` holds weights, under that word or as `recency_weight`; the rest of it are settings now."""
    given = config or {}
    weights = given.get("weights", {name: each for name, each in given.items() if name.endswith("_weight")})
    if not isinstance(weights, Mapping):
        raise CallUnfit("config must hold weights as an object of names and numbers")
    numbers = {name.removesuffix("_weight"): each for name, each in weights.items() if isinstance(each, (int, float))}
    chosen = {"weights": json.dumps(numbers)} if numbers else {}
    asked = {} if diversity is None else {"diversity": "yes" if diversity else "no"}
    return asked | chosen


def _cards(result: Args) -> Any:
    return {name: result[name] for name in ("results", "processed_urls", "failed_urls", "errors") if name in result}


def _figures(result: Args) -> Any:
    return {name: value for name, value in result.items() if name != "article_id"}


def _card(result: Args) -> Any:
    found = result.get("results") or []
    failed = next(iter((result.get("errors") or {}).values()), None)
    return found[0] if found else {"error": failed or "nothing was found"}


def _post_made(result: Args) -> Any:
    """What came of a post that an agent was asked for."""
    told = ("success", "post_id", "title", "word_count", "status", "error")
    return {name: result[name] for name in told if name in result}


# ── the table ──


def _whole(result: Args) -> Any:
    return result


@dataclass(frozen=True)
class Former:
    """An old name of a task of ours. `modules` are where it lived, for clients that call it by its whole name."""

    name: str
    task: str
    takes: Callable[..., Args] = _nothing
    modules: Sequence[str] = ()
    answers: Callable[[Args], Any] = _whole
    """From our result to what the old task returned."""
    generating: str = ""
    """The task instead, where the caller wants posts written of what is found."""

    @property
    def names(self) -> list[str]:
        """By which it can be called."""
        return [self.name, *(f"{module}.{self.name}" for module in self.modules)]

    def task_for(self, args: Args) -> str:
        """The name of our task, for arguments that are ours already."""
        return self.generating if self.generating and "auto_generate" in args else self.task

    def arguments(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Args:
        """The arguments of our task. Raises `CallUnfit`."""
        return _checked(self.name, self.takes, args, kwargs)


def _checked(name: str, takes: Callable[..., Args], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Args:
    try:
        return validate_call(takes)(*args, **kwargs)
    except ValidationError as error:
        wrong = [f"{_place(takes, each['loc'])}: {each['msg']}" for each in error.errors(include_url=False)]
        raise CallUnfit(f"{name} cannot take these arguments: {'; '.join(wrong[:5])}") from None


def _place(takes: Callable[..., Args], where: tuple[int | str, ...]) -> str:
    """`article_urls.0` for the first part of the first argument."""
    names = list(signature(takes).parameters)
    first = names[where[0]] if isinstance(where[0], int) and where[0] < len(names) else where[0]
    return ".".join(map(str, (first, *where[1:])))


POSTS, PUBLISHING, FEEDS, UPKEEP = (
    f"app.tasks.{each}_tasks" for each in ("post", "publishing", "source", "maintenance")
)
COLLECTION, PROCESSING, CLOCKWORK = (f"trend_agent.tasks.{each}" for each in ("collection", "processing", "scheduler"))
LIBRARY, CURATOR = "backend.celery_app", "curator.core.tasks"

TASKS = [
    Former("health_check", "jobs.check_health", modules=[UPKEEP]),
    Former("health_check_task", "jobs.check_health", modules=[CLOCKWORK]),
    Former("monitor_celery_queue_task", "jobs.watch_queues", modules=[CLOCKWORK]),
    Former("cleanup_expired_sessions", "platforms.forget_expired", modules=["session_manager"]),
    Former("cleanup_old_session_records", "platforms.archive_sessions", modules=["session_manager"]),
    Former("backup_database_task", "backups.make", modules=[CLOCKWORK]),
    Former("cleanup_old_results", "retention.results", modules=[UPKEEP]),
    Former("cleanup_old_data_task", "retention.pages", _days, [CLOCKWORK]),
    Former("cleanup_old_articles", "retention.archive", _days_old, [LIBRARY, "backend.tasks.cleanup"]),
    Former("trigger_monitoring_pipeline", "comments.trigger", _process_or_all, ["scheduler"]),
    Former("check_process_timeouts", "comments.check_timeouts", modules=["timeout_enforcer"]),
    Former("discover_articles", "comments.discover", _process, ["article_discovery"]),
    Former("prepare_content_of_articles", "comments.prepare", _process, ["article_preparation"]),
    Former("generate_comments_for_articles", "comments.generate", _process, ["comment_generation"]),
    Former("post_comments_for_articles", "comments.post", _process, ["comment_posting"]),
    Former("generate_comment", "comments.generate", _process, ["comment_generation"]),
    Former("post_comments", "comments.post", _process, ["comment_posting"]),
    Former("monitor_rss_feed", "sources.poll", _feed, [FEEDS], generating="agents.monitor"),
    Former("monitor_all_rss_feeds", "sources.poll_all", modules=[FEEDS]),
    Former("test_source_connection", "sources.test", _source, [FEEDS]),
    Former("collect_from_plugin_task", "sources.poll_all", _plugin, [COLLECTION]),
    Former("collect_all_plugins_task", "sources.poll_all", modules=[COLLECTION]),
    Former("collect_high_frequency_task", "sources.poll_all", _high_frequency, [COLLECTION]),
    Former("collect_and_process_task", "trends.collect_and_process", _plugin, [COLLECTION]),
    Former("process_pending_items_task", "trends.process_pending", _limited, [PROCESSING]),
    Former("reprocess_trends_task", "trends.update", _hours, [PROCESSING]),
    Former("generate_embeddings_task", "vectors.embed", _items, [PROCESSING]),
    Former("test_pipeline_task", "trends.try_out", _sample, [PROCESSING]),
    Former("test_plugin_task", "sources.test", _plugin, [COLLECTION]),
    Former("update_plugin_health_task", "sources.check_health", modules=[CLOCKWORK]),
    Former(
        "process_new_articles",
        "analysis.process_pages",
        _new_articles,
        [LIBRARY, "backend.tasks.article_processing"],
        lambda result: result["articles"],
    ),
    Former(
        "process_email_articles",
        "sources.take_letter",
        _letter,
        [LIBRARY, "backend.tasks.email_processing"],
        lambda result: result["articles"],
    ),
    Former("process_articles_validated", "analysis.process_pages", _validated, [LIBRARY]),
    Former(
        "classify_article_batch",
        "rubrics.classify",
        _articles,
        [LIBRARY, "backend.tasks.ai_classification"],
        lambda result: result["articles"],
    ),
    Former("reprocess_article", "articles.extract", _article, [LIBRARY, "backend.tasks.article_processing"]),
    Former("process_article_with_retry", "articles.extract", _article, [LIBRARY]),
    Former("update_user_recommendations", "reading.update", _reader, [LIBRARY, "backend.tasks.recommendations"]),
    Former("update_all_user_recommendations", "reading.update_all", modules=[LIBRARY, "backend.tasks.recommendations"]),
    Former("cleanup_expired_cache", "reading.tidy", modules=[LIBRARY, "backend.tasks.cleanup"]),
    Former("batch_analyze_task", "curation.analyse", _batch, [CURATOR], answers=_cards),
    Former("analyze_single_task", "curation.analyse", _single, [CURATOR], answers=_card),
    Former("batch_analysis", "curation.analyse", _batch, answers=_cards),
    Former("single_analysis", "curation.analyse", _single, answers=_card),
    Former("topic_curation", "curation.analyse", _topic, answers=_cards),
    Former("update_article_analytics", "reports.article", _article, [LIBRARY, "backend.tasks.analytics"], _figures),
    Former("generate_daily_analytics_report", "reports.daily", modules=[LIBRARY, "backend.tasks.analytics"]),
    Former("generate_analytics_task", "reports.daily", modules=[CLOCKWORK]),
    Former("generate_post_for_agent", "agents.write", _piece, [POSTS], _post_made),
    Former("process_agent_schedules", "agents.process_schedules", modules=[POSTS]),
    Former("publish_post", "publications.send", _post, [PUBLISHING]),
    Former("publish_scheduled_posts", "publications.find_due", modules=[PUBLISHING]),
    Former("retry_failed_publications", "publications.retry_failed", modules=[PUBLISHING]),
]
_BY_NAME = {name: former for former in TASKS for name in former.names}


def find(name: str) -> Former | None:
    """The row of an old name, short or with its module; None if it is none."""
    return _BY_NAME.get(name)
