"""Changing how a source is kept: name, pace, tags, rules, options, secret, on or off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stonehand.db import Session
from stonehand.sources import kinds, repairs, rules, service, tags
from stonehand.sources.errors import SecretMissing
from stonehand.sources.interfaces import NeedsSecret
from stonehand.sources.models import Source
from stonehand.sources.schemas import SourceChange


def change(session: Session, source_id: str, wish: SourceChange) -> Source:
    """Change what is given; the rest stays. A new interval counts from the next look on.

    Raises `OptionsUnfit`, `RulesUnfit`, `SecretMissing`, `AddressTaken`, `SourceNotFound`.
    """
    source = service.get(session, source_id)
    source.title = wish.title or source.title
    source.interval_seconds = wish.interval_seconds or source.interval_seconds
    if wish.is_adaptive is not None:
        source.is_adaptive, source.pace_seconds = wish.is_adaptive, None
    if wish.tags is not None:
        source.tags = tags.tidy(wish.tags)
    if wish.rules is not None:
        source.rules = rules.write(rules.read(each.model_dump(exclude_defaults=True) for each in wish.rules))
    _ask_otherwise(session, source, wish)
    if wish.remove_secret:
        _remove_secret(session, source)
    if wish.enabled is not None and wish.enabled != source.enabled:
        (service.resume if wish.enabled else service.pause)(session, source_id)
    return source


def _remove_secret(session: Session, source: Source) -> None:
    """Without it, a source of a kind that needs one cannot be looked at, so it is paused."""
    source.secret = None
    if isinstance(kinds.find(source.kind), NeedsSecret) and source.enabled:
        service.pause(session, source.id)


def _ask_otherwise(session: Session, source: Source, wish: SourceChange) -> None:
    secret = wish.secret.get_secret_value() if wish.secret else None
    options = source.options if wish.options is None else kinds.checked(source.kind, wish.options)
    if secret:
        source.secret = kinds.sealed(source.id, source.kind, source.url, options, secret)
    elif options != source.options:
        _require_same_place(source, options)
    if options != source.options:
        repairs.point(session, source, source.url, options)


def _require_same_place(source: Source, options: Mapping[str, Any]) -> None:
    kind = kinds.find(source.kind)
    if not isinstance(kind, NeedsSecret) or not source.secret:
        return
    if kind.secret_address(source.url, options) != kind.secret_address(source.url, source.options):
        raise SecretMissing(f"with these options the {kind.secret_name} goes elsewhere; enter it again")
