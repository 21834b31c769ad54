"""Every setting. The only reader of the environment."""

from __future__ import annotations

import os
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from stonehand.errors import Rejected

PREFIX = "STONEHAND_"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
DATABASES = ("sqlite:///", "postgres://", "postgresql://", "postgresql+psycopg://")
NEVER_ALLOWED = (ip_network("169.254.0.0/16"), ip_network("fd00:ec2::/32"))
Network = IPv4Network | IPv6Network


class SettingUnusable(Rejected):
    """A setting is unknown or has a value that cannot be used."""


class Settings(BaseSettings):
    """What an operator can choose, by `STONEHAND_<NAME>` or by an old name where one is given."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, populate_by_name=True, extra="ignore", frozen=True)

    data_dir: Path = Field(default_factory=lambda: Path("var").absolute())
    database_url: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices(f"{PREFIX}DATABASE_URL", "DATABASE_URL")
    )
    broker_url: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=AliasChoices(f"{PREFIX}BROKER_URL", "CELERY_BROKER_URL", "REDIS_URL"),
    )
    vault_keys: SecretStr = SecretStr("")
    """Fernet keys, newest first, separated by commas; empty keeps one in the data directory."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = ""
    """The address people use, if a proxy stands before us; also makes cookies `Secure` when it is https."""

    concurrency: int = Field(
        default=2,
        ge=1,
        le=64,
        validation_alias=AliasChoices(f"{PREFIX}CONCURRENCY", "CELERY_WORKER_CONCURRENCY", "CELERY_CONCURRENCY"),
    )
    log_level: str = Field(default="INFO", validation_alias=AliasChoices(f"{PREFIX}LOG_LEVEL", "CELERY_LOG_LEVEL"))
    log_format: str = Field(default="text", pattern="^(text|json)$")
    lease_seconds: float = Field(default=30.0, ge=1)
    """How long a job stays with a worker that has stopped saying it is alive."""

    worker_max_tasks_per_child: int = Field(
        default=1000,
        ge=1,
        validation_alias=AliasChoices(f"{PREFIX}WORKER_MAX_TASKS_PER_CHILD", "WORKER_MAX_TASKS_PER_CHILD"),
    )
    sample: bool = True
    """Load the sample newsroom when the database is empty and no URL was given."""

    sample_address: str = ""
    """Where the sample newsroom listens, as 127.0.0.1:port. `stonehand start` sets it for its parts."""

    allow_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    contact: str = ""
    """An address or page that our user agent names, so that a site's owner can reach you."""

    host_interval_seconds: float = Field(default=1.0, ge=0)
    fetch_concurrency: int = Field(default=8, ge=1, le=64)
    fetch_timeout_seconds: float = Field(default=30.0, ge=1, le=600)
    """For one address, with everything that it is sent on to."""
    poll_interval_seconds: int = Field(
        default=1800,
        ge=30,
        validation_alias=AliasChoices(f"{PREFIX}POLL_INTERVAL_SECONDS", "ARTICLE_DISCOVERY_INTERVAL_SECONDS"),
    )

    drafts_waiting: int = Field(default=5, ge=0)
    """How many drafts the desk writes ahead of the reviewers; 0 writes none by itself."""

    llm_base_url: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = ""
    llm_input_price: float = Field(default=0.0, ge=0)
    """Price of a million input tokens, in the budget's currency."""
    llm_output_price: float = Field(default=0.0, ge=0)
    llm_daily_budget: float = Field(default=1.0, ge=0)

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

    @field_validator("broker_url")
    @classmethod
    def _broker_known(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and "://" not in value.get_secret_value():
            raise ValueError("must be an address such as redis://127.0.0.1:6379/0; leave it empty for the built-in one")
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _model_has_name(self) -> Self:
        if self.llm_base_url and not self.llm_model:
            raise ValueError(f"{PREFIX}LLM_BASE_URL is set, so {PREFIX}LLM_MODEL must name a model")
        return self

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database."""
        url = self.database_url.get_secret_value()
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


def override(name: str, value: str) -> None:
    """Set one setting, by its field's name, for this process and those that it starts."""
    os.environ[PREFIX + name.upper()] = value
    settings.cache_clear()
