"""Every setting. The only reader of the environment."""

from __future__ import annotations

import os
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from stonehand import values
from stonehand.errors import Rejected

PREFIX = "STONEHAND_"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
DATABASES = ("sqlite:///", "postgres://", "postgresql://", "postgresql+psycopg://")
NEVER_ALLOWED = (ip_network("169.254.0.0/16"), ip_network("fd00:ec2::/32"))
Network = IPv4Network | IPv6Network


class SettingUnusable(Rejected):
    """A setting is unknown or has a value that cannot be used."""


def _also(name: str, *old: str) -> AliasChoices:
    """Our own name for a setting, and those that older installations give it: the same word unless said otherwise."""
    return AliasChoices(f"{PREFIX}{name}", *(old or (name,)))


class Settings(BaseSettings):
    """What an operator can choose, by `STONEHAND_<NAME>` or by an old name where one is given."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, populate_by_name=True, extra="ignore", frozen=True)

    data_dir: Path = Field(default_factory=lambda: Path("var").absolute())
    database_url: SecretStr = Field(default=SecretStr(""), validation_alias=_also("DATABASE_URL"))
    broker_url: SecretStr = Field(
        default=SecretStr(""), validation_alias=_also("BROKER_URL", "CELERY_BROKER_URL", "REDIS_URL")
    )
    postgres_host: str = Field(default="", validation_alias=_also("POSTGRES_HOST"))
    postgres_port: int = Field(default=5432, ge=1, le=65535, validation_alias=_also("POSTGRES_PORT"))
    postgres_db: str = Field(default="", validation_alias=_also("POSTGRES_DB"))
    postgres_user: str = Field(default="", validation_alias=_also("POSTGRES_USER"))
    postgres_password: SecretStr = Field(default=SecretStr(""), validation_alias=_also("POSTGRES_PASSWORD"))

    broker_master_name: str = "mymaster"
    """What Redis Sentinel calls the group of servers, if the broker or the result backend is `sentinel://`."""
    sentinel_password: SecretStr = SecretStr("")
    """Of the sentinels themselves; that of Redis stands in the address."""
    result_backend: SecretStr = Field(
        default=SecretStr(""), validation_alias=_also("RESULT_BACKEND", "CELERY_RESULT_BACKEND")
    )
    celery_client_role: str = Field(default="editor", pattern="^(viewer|editor|publisher|admin)$")
    """What a Celery client may do that names no user."""

    vault_keys: SecretStr = SecretStr("")
    """Fernet keys, newest first, separated by commas; empty keeps one in the data directory."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = ""
    """The address people use, if a proxy stands before us; also makes cookies `Secure` when it is https."""

    concurrency: int = Field(
        default=2, ge=1, le=64, validation_alias=_also("CONCURRENCY", "CELERY_WORKER_CONCURRENCY", "CELERY_CONCURRENCY")
    )
    queue_concurrency: Annotated[dict[str, int], NoDecode] = Field(default_factory=dict)
    """How many attempts may run at once in a queue, over all workers: `generation=2,publishing=1`."""
    always_eager: bool = Field(default=False, validation_alias=_also("ALWAYS_EAGER", "CELERY_ALWAYS_EAGER"))
    """Run jobs at once, in the process that asks for them, after its commit: for tests."""
    health_interval_seconds: int = Field(
        default=300, ge=5, validation_alias=_also("HEALTH_INTERVAL_SECONDS", "PROCESS_HEALTH_CHECK_INTERVAL_SECONDS")
    )
    log_level: str = Field(default="INFO", validation_alias=_also("LOG_LEVEL", "CELERY_LOG_LEVEL"))
    log_format: str = Field(default="text", pattern="^(text|json)$")
    lease_seconds: float = Field(default=30.0, ge=1)
    """How long a job stays with a worker that has stopped saying it is alive."""

    worker_max_tasks_per_child: int = Field(default=1000, ge=1, validation_alias=_also("WORKER_MAX_TASKS_PER_CHILD"))
    worker_max_memory_mb: int = Field(default=2048, ge=200)
    """What a process of a worker may hold for itself; with more it is replaced after its present slice of work."""
    sample: bool = True
    """Load the sample newsroom when the database is empty and no URL was given."""

    sample_address: str = ""
    """Where the sample newsroom listens, as 127.0.0.1:port. `stonehand start` sets it for its parts."""

    allow_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    timezone: str = "UTC"
    """On whose clocks times are shown, and what a time means that names no zone."""

    contact: str = ""
    """An address or page that our user agent names, so that a site's owner can reach you."""

    host_interval_seconds: float = Field(default=1.0, ge=0)
    fetch_concurrency: int = Field(default=32, ge=1, le=200)
    fetch_timeout_seconds: float = Field(default=30.0, ge=1, le=600)
    """For one address, with everything that it is sent on to."""
    robots_hours: int = Field(default=24, ge=1, le=24)
    """How long a site's robots.txt counts before it is asked for again."""
    poll_interval_seconds: int = Field(
        default=1800, ge=30, validation_alias=_also("POLL_INTERVAL_SECONDS", "ARTICLE_DISCOVERY_INTERVAL_SECONDS")
    )

    comment_look_seconds: int = Field(
        default=60, ge=5, validation_alias=_also("COMMENT_LOOK_SECONDS", "ARTICLE_DISCOVERY_INTERVAL_SECONDS")
    )
    """How often processes that comment on platforms look for new articles, and for what was left behind."""
    comment_check_seconds: int = Field(
        default=30, ge=5, validation_alias=_also("COMMENT_CHECK_SECONDS", "PROCESS_HEALTH_CHECK_INTERVAL_SECONDS")
    )
    """How often it is looked whether one of them has run for too long."""

    unknown_task_seconds: float = Field(default=3600.0, ge=1)
    """How long a job waits for a worker that knows its task, before it is a dead letter."""

    ambiguity_seconds: float = Field(default=900.0, ge=0)
    """How long to ask a channel or a platform whether something arrived, before a person must."""

    review_eyes: str = Field(default="one", pattern="^(one|another|two)$")
    """Who must approve what goes out, on every channel at least: one person, another than its writer, or two."""

    drafts_waiting: int = Field(default=5, ge=0)
    """How many drafts the desk writes ahead of the reviewers; 0 writes none by itself."""

    comment_prefix: str = Field(
        default="", max_length=300, validation_alias=_also("COMMENT_PREFIX", "AI_COMMENT_PREFIX")
    )
    """What a comment begins with where its platform says nothing else; empty takes the language's own words."""
    comment_min_length: int = Field(default=50, ge=1, le=5000, validation_alias=_also("COMMENT_MIN_LENGTH"))
    """Characters that a comment has at least, beside what it begins with."""

    digests: str = Field(default="", pattern="^((daily|weekly)(,(daily|weekly))?)?$")
    """Digests that are drafted even if no reader asked for one by mail: `daily,weekly`."""
    digest_email_from: str = ""
    """Who sends digests; the sender of alerts if it is empty."""
    reading_days: int = Field(default=365, ge=1)
    """How long each thing that a reader did is kept. What was counted of it stays."""

    llm_base_url: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = ""
    llm_input_price: float = Field(default=0.0, ge=0)
    """Price of a million input tokens, in the budget's currency."""
    llm_output_price: float = Field(default=0.0, ge=0)
    llm_daily_budget: float = Field(default=1.0, ge=0)

    backup_dir: str = ""
    """Where the daily backup goes; empty makes none by itself."""
    backup_keep: int = Field(default=7, ge=1, le=1000)
    postgres_tools: str = ""
    """The folder of `pg_dump` and `pg_restore`, if they are not found by themselves."""

    metrics: str = Field(default="loopback", pattern="^(loopback|token|off)$")

    otel_endpoint: str = Field(default="", validation_alias=_also("OTEL_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"))
    """Where traces go; without it none are made."""

    mail_in_secret: SecretStr = SecretStr("")
    """By which mail services show that they may hand letters in; at least 16 characters. Without it none may."""

    alert_email_to: str = ""
    alert_email_from: str = ""
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: str = Field(default="starttls", pattern="^(starttls|tls|none)$")
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    alert_webhook_url: SecretStr = SecretStr("")
    alert_webhook_secret: SecretStr = SecretStr("")
    alert_ntfy_url: SecretStr = SecretStr("")
    alert_ntfy_token: SecretStr = SecretStr("")
    alert_queue_depth: int = Field(default=1000, ge=0)
    alert_oldest_seconds: int = Field(default=900, ge=0)
    alert_dead_letters: int = Field(default=10, ge=0)
    alert_needs_reconcile: int = Field(default=1, ge=0)
    alert_channel_stopped: bool = True
    alert_no_worker_seconds: int = Field(default=120, ge=0)
    alert_schedule_late_seconds: int = Field(default=600, ge=0)
    alert_disk_free_mb: int = Field(default=500, ge=0)
    alert_backup_hours: int = Field(default=26, ge=0)
    alert_viral_trends: int = Field(default=10, ge=0)
    alert_key_missing: int = Field(default=1, ge=0)
    alert_policy_expired: int = Field(default=1, ge=0)
    alert_model_refused: int = Field(default=1, ge=0)
    alert_login_refused: int = Field(default=1, ge=0)
    alert_budget_spent: int = Field(default=1, ge=0)
    alert_cited_sources: int = Field(default=1, ge=0)
    alert_sources: int = Field(default=10, ge=0)

    result_expires: int = Field(
        default=24 * 3600, ge=60, validation_alias=_also("RESULT_EXPIRES", "RESULT_EXPIRES", "CELERY_RESULT_EXPIRES")
    )
    """Seconds that the results of jobs are kept."""
    job_history_days: int = Field(default=30, ge=1)
    dead_letter_days: int = Field(default=90, ge=1)
    page_days: int = Field(default=30, ge=1)
    letter_days: int = Field(default=90, ge=1)
    curation_days: int = Field(default=180, ge=1)
    archive_days: int = Field(default=90, ge=1)

    qdrant_url: str = Field(default="", validation_alias=_also("QDRANT_URL"))
    """A Qdrant server that keeps the vectors, too; without it this machine's own index does."""
    qdrant_api_key: SecretStr = Field(default=SecretStr(""), validation_alias=_also("QDRANT_API_KEY"))
    qdrant_collection: str = Field(
        default="stonehand", pattern="^[A-Za-z0-9_-]{1,60}$", validation_alias=_also("QDRANT_COLLECTION")
    )

    diversify_results: bool = Field(default=True, validation_alias=_also("DIVERSIFY_RESULTS"))
    domain_cap: int = Field(default=2, ge=1, validation_alias=_also("DOMAIN_CAP"))
    dup_sim_threshold: float = Field(default=0.97, ge=0, le=1, validation_alias=_also("DUP_SIM_THRESHOLD"))
    use_embedding_clustering: bool = Field(default=True, validation_alias=_also("USE_EMBEDDING_CLUSTERING"))
    cluster_cap: int = Field(default=3, ge=1, validation_alias=_also("CLUSTER_CAP"))
    clustering_threshold: float = Field(default=0.75, ge=0, le=1, validation_alias=_also("CLUSTERING_THRESHOLD"))

    flower_host: str = Field(default="127.0.0.1", validation_alias=_also("FLOWER_HOST"))
    flower_port: int = Field(default=5555, ge=1, le=65535, validation_alias=_also("FLOWER_PORT"))
    flower_db: str = Field(default="", validation_alias=_also("FLOWER_DB"))
    flower_basic_auth: SecretStr = Field(default=SecretStr(""), validation_alias=_also("FLOWER_BASIC_AUTH"))
    """`name:password`, several with commas; without it Flower listens on this machine only."""

    strict_transactions: bool = False
    """Raise when a transaction lasts over 500 ms or waits for the network. Tests switch it on."""

    @field_validator("allow_networks", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        words = value.replace(",", " ").split() if isinstance(value, str) else value
        networks = tuple(ip_network(word) for word in words)
        for network in networks:
            if any(network.version == never.version and network.overlaps(never) for never in NEVER_ALLOWED):
                raise ValueError(f"{network} reaches cloud metadata addresses and can never be allowed")
        return networks

    @field_validator("timezone")
    @classmethod
    def _zone_known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is not a time zone; write one such as Europe/Zurich, America/New_York or UTC")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in LOG_LEVELS:
            raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
        return value.upper()

    @field_validator("database_url")
    @classmethod
    def _database_known(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith(DATABASES):
            raise ValueError(
                f"must start with postgresql:// or sqlite:///; leave it empty for a file in {PREFIX}DATA_DIR"
            )
        return value

    @field_validator("broker_url", "result_backend")
    @classmethod
    def _is_address(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and "://" not in text:
            raise ValueError("must be an address such as redis://127.0.0.1:6379/0; leave it empty to go without")
        if text.startswith("rpc://"):
            raise ValueError("rpc:// keeps answers where only one process can read them; use redis://host:6379/1")
        return SecretStr(";".join(values.checked_tls(each) for each in text.split(";")))

    @field_validator("qdrant_url")
    @classmethod
    def _is_web(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must be an address such as http://127.0.0.1:6333; leave it empty to go without")
        return value

    @field_validator("queue_concurrency", mode="before")
    @classmethod
    def _counts(cls, value: Any) -> Any:
        return values.pairs(value) if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _model_has_name(self) -> Self:
        if self.llm_base_url and not self.llm_model:
            raise ValueError(f"{PREFIX}LLM_BASE_URL is set, so {PREFIX}LLM_MODEL must name a model")
        return self

    @model_validator(mode="after")
    def _postgres_whole(self) -> Self:
        named = {"POSTGRES_HOST": self.postgres_host, "POSTGRES_DB": self.postgres_db}
        if any(named.values()) and not self.database_url.get_secret_value():
            wanted = {"POSTGRES_DB": self.postgres_db, "POSTGRES_USER": self.postgres_user}
            missing = [name for name, value in wanted.items() if not value]
            if missing:
                raise ValueError(f"PostgreSQL is described in part: set {' and '.join(missing)} too, or DATABASE_URL")
        return self

    def _postgres(self) -> str:
        if not self.postgres_db:
            return ""
        password = self.postgres_password.get_secret_value()
        login = quote(self.postgres_user, safe="") + (f":{quote(password, safe='')}" if password else "")
        host = self.postgres_host or "localhost"
        return f"postgresql://{login}@{host}:{self.postgres_port}/{quote(self.postgres_db, safe='')}"

    @property
    def zone(self) -> ZoneInfo:
        """On whose clocks times are shown."""
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database."""
        url = self.database_url.get_secret_value() or self._postgres()
        if not url:
            return f"sqlite:///{self.data_dir / 'stonehand.db'}"
        for plain in ("postgres://", "postgresql://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url.removeprefix(plain)
        return url

    @property
    def broker(self) -> str:
        """Broker URL; `filesystem://` means the spool in the data directory."""
        return self.broker_url.get_secret_value() or "filesystem://"


def known_names() -> set[str]:
    """Every name of the environment that is a setting, old ones among them."""
    names = {PREFIX + name.upper() for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            names.update(str(choice) for choice in field.validation_alias.choices)
    return names


def _complain_of_unknown(environ: dict[str, str]) -> None:
    from difflib import get_close_matches  # noqa: PLC0415  only when something is wrong

    known = known_names()
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and not name.startswith(f"{PREFIX}TEST_"):
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; `stonehand settings` lists all of them"
            raise SettingUnusable(f"{name} is not a setting of Stonehand{hint}")


def _as_given(name: str) -> str:
    """The name that the operator used, of those that a setting may have."""
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices) and name in field.validation_alias.choices:
            return next((str(choice) for choice in field.validation_alias.choices if choice in os.environ), name)
    return name if name.isupper() else PREFIX + name.upper()


def load() -> Settings:
    """Read the environment. Raises `SettingUnusable`, naming the setting and never its value."""
    _complain_of_unknown(dict(os.environ))
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        shown = _as_given(str(first["loc"][0])) if first["loc"] else "the settings"
        raise SettingUnusable(f"{shown}: {first['msg'].removeprefix('Value error, ')}") from None


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return load()


def environment(**more: str) -> dict[str, str]:
    """The environment for a program that we start, with `more` in it. What is empty is left out."""
    return {**os.environ, **{name: value for name, value in more.items() if value}}


def given() -> list[str]:
    """The names of the settings that were set, without their values."""
    return sorted(known_names() & set(os.environ))


def override(name: str, value: str) -> None:
    """Set one setting, by its field's name, for this process and those that it starts."""
    os.environ[PREFIX + name.upper()] = value
    settings.cache_clear()
