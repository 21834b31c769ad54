"""Verbs of configured models: add, edit, remove, order. A key goes in and never comes out again.

A model that serves everybody is an administrator's affair; an editor may add models of their own, which are asked for
them alone and whose address can be none inside our networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from stonehand import db, vault
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.limits import pacing
from stonehand.llm import configured, providers
from stonehand.llm.configured import ENVIRONMENT, Candidate
from stonehand.llm.errors import ModelNameTaken, ModelNotFound, ModelUnfit, PriceUnknown
from stonehand.llm.models import ConfiguredModel, LlmBudget
from stonehand.llm.providers import Provider

OF_SETTINGS = ("is_enabled", "per_minute", "at_once", "timeout_seconds", "room")
LONGEST_NAME = 100
USUAL_TIMEOUT = 60  # seconds


def changeable(session: Session, person: Person, model_id: str) -> Candidate:
    """A model that this person may change and try. Raises `ModelNotFound`, `PermissionMissing`."""
    found = visible(session, person, model_id)
    person.require("admin" if found.owner_id != person.id or not person.id else "edit")
    return found


def visible(session: Session, person: Person, model_id: str) -> Candidate:
    """A model that this person may see: one for everybody, or their own. Raises `ModelNotFound`."""
    found = configured.get(session, model_id)
    if found.owner_id and found.owner_id != person.id and not person.may("admin"):
        raise ModelNotFound(f"there is no language model {model_id}; see them all on the page Models")
    return found


def all_visible(session: Session, person: Person) -> list[Candidate]:
    """Those that this person may see, in the order in which they are asked."""
    return [each for each in configured.every(session) if each.owner_id in ("", person.id) or person.may("admin")]


def add(session: Session, person: Person, wish: Mapping[str, Any]) -> Candidate:
    """A new model, the last in the order.

    `wish` holds `name`, `provider`, `model` and may hold `base_url`, `key`, `is_own`, `input_price`, `output_price`,
    `per_minute`, `at_once`, `timeout_seconds`, `room`, `is_enabled`. Raises `ModelUnfit`, `PriceUnknown`,
    `ProviderUnknown`, `ModelNameTaken`, `PermissionMissing`.
    """
    is_own = bool(wish.get("is_own"))
    person.require("edit" if is_own else "admin")
    if is_own and not person.id:
        raise ModelUnfit("a model of one's own needs a user; say whose with --as, or leave it to everybody")
    provider = providers.provider(str(wish.get("provider") or ""))
    row = ConfiguredModel(
        id=db.new_id(),
        provider=provider.name,
        owner_id=person.id if is_own else "",
        position=(session.scalar(sa.select(sa.func.max(ConfiguredModel.position))) or 0) + 1,
        created_at=db.now(session),
        name="",
        base_url="",
        model="",
        room=provider.room,
    )
    given = {name: value for name, value in wish.items() if value is not None}
    _apply(row, person, provider, {"base_url": provider.base_url, **given})
    key = str(wish.get("key") or "").strip()
    if provider.needs_key and not key:
        raise ModelUnfit(f"{provider.title} wants a key; enter it")
    row.secret = _sealed(row, key)
    _insert(session, row)
    detail = {"name": row.name, "provider": row.provider, "model": row.model, "own": is_own}
    accounts.record(session, person, "added", "model", row.id, detail)
    return configured.get(session, row.id)


def _insert(session: Session, row: ConfiguredModel) -> None:
    taken = sa.select(ConfiguredModel.id).where(
        ConfiguredModel.name == row.name, ConfiguredModel.owner_id == row.owner_id, ConfiguredModel.id != row.id
    )
    if row.name == "settings" or session.scalar(taken) is not None:
        raise ModelNameTaken(f"another model is called {row.name!r}; choose another name")
    try:
        with session.begin_nested():
            session.add(row)
    except sa.exc.IntegrityError:
        raise ModelNameTaken(f"another model is called {row.name!r}; choose another name") from None


def _apply(row: ConfiguredModel, person: Person, provider: Provider, said: Mapping[str, Any]) -> None:
    """Write what was said into the row, checked."""
    _set_limits(row, said, provider.room)
    for name in ("input_price", "output_price"):
        if name in said:
            setattr(row, name, said[name])
    if "name" in said:
        row.name = _shown(str(said["name"]))
    if "model" in said:
        row.model = str(said["model"]).strip()
    if "base_url" in said and said["base_url"] != row.base_url:
        row.base_url = _address(str(said["base_url"]))
        row.is_named_by_operator = person.may("admin")
    if not row.name or not row.model:
        raise ModelUnfit("a model needs a name, and what its provider calls it")
    if (row.input_price is None) != (row.output_price is None):
        raise ModelUnfit("give both prices, of input and of output, or none")
    if configured.prices(provider, row.model, row.input_price, row.output_price) is None:
        raise PriceUnknown(
            f"we do not know what {row.model} costs, and without a price no budget holds; "
            "give the prices of a million tokens of input and of output, 0 if it costs nothing"
        )


def _set_limits(row: ConfiguredModel, said: Mapping[str, Any], room: int) -> None:
    """What holds of any model; null goes back to where it began."""
    usual = {"is_enabled": True, "per_minute": None, "at_once": None, "timeout_seconds": USUAL_TIMEOUT, "room": room}
    for name in usual.keys() & said.keys():
        setattr(row, name, usual[name] if said[name] is None else said[name])


def _shown(name: str) -> str:
    return "".join(letter for letter in " ".join(name.split()) if letter.isprintable())[:LONGEST_NAME]


def _address(text: str) -> str:
    """A base address. Raises `ModelUnfit`."""
    text = text.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or "@" in text or "?" in text or "#" in text or len(text) > 500:
        raise ModelUnfit(f"{text[:80]!r} is no base address; write it like https://api.example.com/v1, without a key")
    return text


def _sealed(row: ConfiguredModel, key: str) -> str | None:
    if len(key) > 4000 or not key.isascii() or not key.isprintable():
        raise ModelUnfit("this is no key; copy it again from where you got it")
    return vault.seal(key, configured.context(row.id, row.base_url)) if key else None


def edit(session: Session, person: Person, model_id: str, wish: Mapping[str, Any]) -> Candidate:
    """Change what `wish` names; a key that is not named stays, unless the address leads to another host.

    Raises `ModelNotFound`, `ModelUnfit`, `PriceUnknown`, `ModelNameTaken`, `PermissionMissing`.
    """
    old = changeable(session, person, model_id)
    configured.ensure_row(session, model_id)
    row = session.get_one(ConfiguredModel, model_id, populate_existing=True)
    if model_id == ENVIRONMENT:
        _edit_of_settings(row, wish)
    else:
        said = {**wish, "base_url": wish.get("base_url") or row.base_url}
        _apply(row, person, old.provider, said)
        row.secret = _key_after(row, old, wish.get("key"))
        row.owner_id = _owner_after(row, person, wish.get("is_own"))
        _insert(session, row)
    shown = {name: value for name, value in wish.items() if name != "key"}
    shown |= {"new_key": True} if wish.get("key") else {}
    accounts.record(session, person, "edited", "model", model_id, shown)
    session.flush()
    return configured.get(session, model_id)


def _owner_after(row: ConfiguredModel, person: Person, is_own: bool | None) -> str:
    """Whom it serves alone: as before unless that was said; only an administrator lets it serve everybody."""
    if is_own is None or is_own == bool(row.owner_id):
        return row.owner_id
    person.require("admin")
    if is_own and not person.id:
        raise ModelUnfit("a model of one's own needs a user; say whose with --as, or leave it to everybody")
    return person.id if is_own else ""


def _edit_of_settings(row: ConfiguredModel, wish: Mapping[str, Any]) -> None:
    stuck = sorted(set(wish) - set(OF_SETTINGS))
    if stuck:
        raise ModelUnfit(
            f"{', '.join(stuck)} of this model stand in the settings (STONEHAND_LLM_...); change them there"
        )
    _set_limits(row, wish, room=0)


def _key_after(row: ConfiguredModel, old: Candidate, key: str | None) -> str | None:
    moved = pacing.host_of(row.base_url) != pacing.host_of(old.base_url)
    if key is not None:
        if not key.strip() and old.provider.needs_key:
            raise ModelUnfit(f"{old.provider.title} wants a key; enter it")
        return _sealed(row, key.strip())
    if moved and row.secret:
        raise ModelUnfit("the key was entered for another host; enter it again for this one")
    return row.secret


def remove(session: Session, person: Person, model_id: str) -> None:
    """Forget a model, its key and its budgets. What it cost stays written. Raises `ModelNotFound`, `ModelUnfit`."""
    found = changeable(session, person, model_id)
    if model_id == ENVIRONMENT:
        raise ModelUnfit(
            "this model stands in the settings; remove STONEHAND_LLM_BASE_URL there, or switch it off here"
        )
    session.execute(sa.delete(ConfiguredModel).where(ConfiguredModel.id == model_id))
    session.execute(sa.delete(LlmBudget).where(LlmBudget.scope == "model", LlmBudget.subject_id == model_id))
    accounts.record(session, person, "removed", "model", model_id, {"name": found.name})


def order(session: Session, person: Person, ids: Sequence[str]) -> list[Candidate]:
    """Ask these first and in this order; the others follow as before. Raises `ModelNotFound`, `PermissionMissing`."""
    person.require("edit")
    present = all_visible(session, person)
    known = {each.id: each for each in present}
    for model_id in ids:
        changeable(session, person, model_id)
    wanted = [known[model_id] for model_id in dict.fromkeys(ids)]
    rest = [each for each in present if each not in wanted and _may_change(person, each)]
    for place, each in enumerate([*wanted, *rest]):
        configured.ensure_row(session, each.id)
        session.execute(sa.update(ConfiguredModel).where(ConfiguredModel.id == each.id).values(position=place))
    accounts.record(session, person, "ordered", "models", "", {"order": [each.name for each in wanted]})
    return all_visible(session, person)


def _may_change(person: Person, each: Candidate) -> bool:
    return person.may("admin") or bool(person.id and each.owner_id == person.id)
