"""Structured logs that carry the ids of what is being done, and never a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections import deque
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import structlog
from pydantic import SecretStr

from stonehand import config

SECRET_KEYS = re.compile(r"pass(word|wd)?|secret|token|api_?key|authorization|cookie|credential", re.IGNORECASE)
SECRET_VALUES = re.compile(
    r"(?i)(bearer\s+|basic\s+|sk-|shd_)[\w.\-+/=]{8,}"  # tokens by their looks
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user:password@ in addresses
)
MASK = "[hidden]"
SHORTEST = 8  # characters of a secret that is looked for in texts; a shorter one would hide words
MOST = 1000  # secrets that are looked for


class _Known:
    """The secrets that this process has held in its hands: they are masked wherever they appear."""

    def __init__(self) -> None:
        self._secrets: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Look for this secret from now on, also as it is written in addresses."""
        fresh = {form for form in (secret, quote(secret, safe="")) if len(secret) >= SHORTEST} - self._secrets.keys()
        if fresh and len(self._secrets) < MOST:
            self._secrets.update(dict.fromkeys(fresh))
            self._pattern = None

    def mask(self, text: str) -> str:
        """The text without them."""
        if self._pattern is None and self._secrets:
            self._pattern = self._compiled()
        return self._pattern.sub(MASK, text) if self._pattern else text

    def _compiled(self) -> re.Pattern[str]:
        """Made when something is to be said: with many secrets it takes longer than most jobs."""
        longest_first = sorted(self._secrets, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)))


_known = _Known()


def hide(secret: str) -> None:
    """Never show this text, wherever it may come up: in a message, an error, a result."""
    _known.add(secret)


def hide_settings(settings: config.Settings) -> None:
    """Hide the secrets among the settings, and the passwords inside their addresses."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr) and value.get_secret_value():
            _hide_setting(value.get_secret_value(), is_whole_secret=name.startswith("alert_"))


def _hide_setting(text: str, is_whole_secret: bool) -> None:
    if "://" in text and not is_whole_secret:
        with suppress(ValueError):
            hide(unquote(urlsplit(text).password or ""))
        return
    for part in text.replace(",", " ").split():
        hide(part)
    hide(text)


def redact(value: Any, key: str = "") -> Any:
    """The same value with every secret masked: those we know, and others by the names of keys and by their looks."""
    if SECRET_KEYS.search(key) and value not in (None, "") and not isinstance(value, (bool, int, float)):
        return MASK
    if isinstance(value, str):
        return SECRET_VALUES.sub(MASK, _known.mask(value))
    if isinstance(value, dict):
        return {name: redact(item, str(name)) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(item) for item in value]
    return value


def _redactor(_logger: Any, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: redact(item, name) for name, item in record.items()}


Line = dict[str, Any]
_tail: ContextVar[deque[Line] | None] = ContextVar("tail", default=None)


def _keeper(_logger: Any, method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    tail = _tail.get()
    if tail is not None and method != "debug":
        tail.append({name: value for name, value in record.items() if isinstance(value, (str, int, float, type(None)))})
    return record


@contextmanager
def kept(most: int) -> Iterator[deque[Line]]:
    """Keep the last lines, without secrets, that are logged inside."""
    tail: deque[Line] = deque(maxlen=most)
    token = _tail.set(tail)
    try:
        yield tail
    finally:
        _tail.reset(token)


def configure(level: str = "INFO", form: str = "text") -> None:
    """Send every log of this process to standard error, as text or as JSON lines, without the settings' secrets."""
    hide_settings(config.settings())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redactor,
        _keeper,
    ]
    last: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # The embedded broker has no host, and kombu would warn of it at every connection.
    logging.getLogger("kombu.connection").setLevel(logging.ERROR)
    for chatty in ("celery", "kombu", "httpcore2", "trafilatura", "htmldate", "py3langid"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def logger(name: str) -> Any:
    """A logger named for its module."""
    return structlog.stdlib.get_logger(name)


@contextmanager
def bound(**ids: str | int | None) -> Iterator[None]:
    """Add these ids to every line that is logged inside."""
    with structlog.contextvars.bound_contextvars(**{k: v for k, v in ids.items() if v is not None}):
        yield


def bound_id(name: str) -> str | None:
    """The id that `bound` has added here under this name, such as `job`."""
    found = structlog.contextvars.get_contextvars().get(name)
    return None if found is None else str(found)


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Let a library's logger say only what is wrong, inside."""
    chatty = logging.getLogger(name)
    before = chatty.level
    chatty.setLevel(logging.WARNING)
    try:
        yield
    finally:
        chatty.setLevel(before)
