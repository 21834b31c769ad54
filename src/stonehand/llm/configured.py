"""The models that can be asked, in their order: those that persons configured, and the one in the settings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from stonehand import config, db, vault
from stonehand.db import Session
from stonehand.limits import names, pacing
from stonehand.llm import known_prices
from stonehand.llm.dialects.shapes import Server
from stonehand.llm.errors import ModelNotFound
from stonehand.llm.models import ConfiguredModel
from stonehand.llm.prices import Prices
from stonehand.llm.providers import PROVIDERS, Provider

ENVIRONMENT = "environment"
FREE = Prices(0.0, 0.0)
IN_SETTINGS = "check STONEHAND_LLM_BASE_URL, STONEHAND_LLM_MODEL and STONEHAND_LLM_API_KEY"
ELSEWHERE = "check its address, its key and its name on the page Models"


@dataclass(frozen=True)
class Candidate:
    """A model that can be asked. `sealed` is its key as it is kept; of the one in the settings, the key itself."""

    id: str
    name: str
    provider: Provider
    base_url: str
    model: str
    sealed: str = field(repr=False)
    prices: Prices
    has_own_prices: bool = False
    owner_id: str = ""
    position: int = 0
    is_enabled: bool = True
    is_named_by_operator: bool = True
    per_minute: int | None = None
    at_once: int | None = None
    timeout: float = 60.0
    room: int = 0
    refused_at: datetime | None = None
    refused_words: str = ""

    @property
    def host(self) -> str:
        """The breaker and the pace of its server."""
        return names.provider(self.base_url)

    @property
    def slot(self) -> str:
        """The pace of this model alone."""
        return f"model:{self.id}"

    @property
    def print(self) -> str:
        """What tells it from the same with another key, address or name."""
        return fingerprint(self.base_url, self.model, self.sealed)

    def server(self, timeout: float) -> Server:
        """How to reach it. Raises `SecretUnreadable`."""
        is_ours = self.id == ENVIRONMENT
        key = self.sealed
        if key and not is_ours:
            key = vault.open_sealed(key, context(self.id, self.base_url))
        return Server(
            base_url=self.base_url,
            api_key=key,
            model=self.model,
            timeout=min(self.timeout, timeout),
            provider=self.provider.name,
            is_named_by_operator=self.is_named_by_operator,
            mend=IN_SETTINGS if is_ours else ELSEWHERE,
        )


def context(model_id: str, base_url: str) -> str:
    """What a key is sealed for: it opens for no other model, and for no other host."""
    return f"llm:{model_id}:{pacing.host_of(base_url)}"


def fingerprint(base_url: str, model: str, sealed: str) -> str:
    """Of an address, a model and a key, without giving the key away."""
    return hashlib.sha256("\n".join(("stonehand llm", base_url, model, sealed)).encode()).hexdigest()[:16]


def every(session: Session) -> list[Candidate]:
    """All, switched on or off, in the order in which they are asked."""
    rows = {row.id: row for row in session.scalars(sa.select(ConfiguredModel))}
    own = in_settings(rows.pop(ENVIRONMENT, None))
    found = [*([own] if own else []), *map(_of_row, rows.values())]
    return sorted(found, key=lambda each: (each.position, each.id != ENVIRONMENT, each.name.casefold()))


def get(session: Session, model_id: str) -> Candidate:
    """One of them. Raises `ModelNotFound`."""
    found = next((each for each in every(session) if each.id == model_id), None)
    if found is None:
        raise ModelNotFound(f"there is no language model {model_id}; see them all on the page Models")
    return found


def to_ask(session: Session, user_id: str, chosen: str) -> list[Candidate]:
    """Whom to ask for somebody: the chosen one, then the user's own, then those for everybody, each in its order."""
    able = [each for each in every(session) if each.is_enabled and each.owner_id in ("", user_id)]
    return sorted(able, key=lambda each: (each.id != chosen, not each.owner_id))


def first(session: Session, chosen: str = "") -> Candidate | None:
    """Who is asked first for nobody in particular; None if there is nobody to ask."""
    return next(iter(to_ask(session, "", chosen)), None)


def is_any(session: Session) -> bool:
    """Whether anybody has named a model that serves everybody, or only some."""
    return any(each.is_enabled for each in every(session))


def ensure_row(session: Session, model_id: str) -> None:
    """Make the row that keeps what a person adds to the model of the settings, if it is this one and has none."""
    if model_id == ENVIRONMENT:
        said = {"name": "settings", "provider": "compatible", "base_url": "", "model": "", "position": -1}
        row = db.insert(session, ConfiguredModel).values(id=ENVIRONMENT, created_at=db.now(session), **said)
        session.execute(row.on_conflict_do_nothing(index_elements=["id"]))


def in_settings(row: ConfiguredModel | None) -> Candidate | None:
    """The model of the settings, with what a person has added to it; None if the settings name none."""
    settings = config.settings()
    if not settings.llm_base_url:
        return None
    key = settings.llm_api_key.get_secret_value()
    provider = _provider_at(settings.llm_base_url)
    told = {"llm_input_price", "llm_output_price"} & settings.model_fields_set
    own = Prices(settings.llm_input_price, settings.llm_output_price)
    known = None if told else known_prices.of(settings.llm_model)
    is_same = row is not None and row.refused_key == fingerprint(settings.llm_base_url, settings.llm_model, key)
    return Candidate(
        id=ENVIRONMENT,
        name="settings",
        provider=provider,
        base_url=settings.llm_base_url,
        model=settings.llm_model,
        sealed=key,
        prices=known if known and not provider.is_free else own,
        has_own_prices=bool(told),
        position=row.position if row else -1,
        is_enabled=row.is_enabled if row else True,
        per_minute=row.per_minute if row else None,
        at_once=row.at_once if row else None,
        timeout=row.timeout_seconds if row else 60.0,
        room=row.room if row else 0,
        refused_at=row.refused_at if row and is_same else None,
        refused_words=(row.refused_words or "") if row and is_same else "",
    )


def _provider_at(base_url: str) -> Provider:
    """By the host, since the settings do not name one; who speaks another dialect there is configured on the page."""
    host = pacing.host_of(base_url)
    for each in PROVIDERS.values():
        if each.name not in ("anthropic", "google", "compatible") and pacing.host_of(each.base_url) == host:
            return each
    return PROVIDERS["compatible"]


def _of_row(row: ConfiguredModel) -> Candidate:
    sealed, is_same = row.secret or "", False
    if row.refused_at:
        is_same = row.refused_key == fingerprint(row.base_url, row.model, sealed)
    provider = PROVIDERS.get(row.provider, PROVIDERS["compatible"])
    return Candidate(
        id=row.id,
        name=row.name,
        provider=provider,
        base_url=row.base_url,
        model=row.model,
        sealed=sealed,
        prices=prices(provider, row.model, row.input_price, row.output_price) or FREE,
        has_own_prices=row.input_price is not None,
        owner_id=row.owner_id,
        position=row.position,
        is_enabled=row.is_enabled,
        is_named_by_operator=row.is_named_by_operator,
        per_minute=row.per_minute,
        at_once=row.at_once,
        timeout=float(row.timeout_seconds),
        room=row.room,
        refused_at=row.refused_at if is_same else None,
        refused_words=(row.refused_words or "") if is_same else "",
    )


def prices(provider: Provider, model: str, given: float | None, output: float | None) -> Prices | None:
    """What a model costs: as a person said, else nothing on our own machines, else by the built-in table."""
    if given is not None and output is not None:
        return Prices(given, output)
    return FREE if provider.is_free else known_prices.of(model)


def names_of(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """How models are called, by id; those that are gone are left out."""
    return {each.id: each.name for each in every(session) if each.id in set(ids)}
