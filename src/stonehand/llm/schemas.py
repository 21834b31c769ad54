"""Shapes of models, budgets and costs at the border. A key goes in and never comes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from stonehand.llm.budgets import Standing
from stonehand.llm.configured import Candidate
from stonehand.llm.queries import Spent
from stonehand.llm.service import LONGEST_NAME
from stonehand.llm.trying import Tried

Price = Annotated[float, Field(ge=0, le=1_000_000)]
Scope = Literal["all", "agent", "source", "user", "model"]
Span = Literal["day", "month"]
Id = Annotated[str, Field(max_length=36, pattern=r"^[A-Za-z0-9._-]*$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    base_url: str | None = Field(default=None, max_length=500)
    """Where the server is; the provider's own address if it is left out."""
    key: SecretStr | None = Field(default=None, max_length=4000)
    input_price: Price | None = None
    """Of a million tokens, in the currency of the budgets; with neither price, the built-in table counts."""
    output_price: Price | None = None
    per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None
    at_once: Annotated[int, Field(ge=1, le=1000)] | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] | None = None
    room: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """Tokens that it may think beside its answer."""
    is_enabled: bool | None = None


class ModelIn(_Model):
    """A new model."""

    name: str = Field(max_length=LONGEST_NAME)
    provider: str = Field(max_length=20)
    model: str = Field(max_length=200)
    is_own: bool = False
    """Whether it serves only the one who adds it."""


class ModelChange(_Model):
    """What to change of a model; what is left out stays."""

    name: str | None = Field(default=None, max_length=LONGEST_NAME)
    model: str | None = Field(default=None, max_length=200)
    is_own: bool | None = None
    """Whether it serves only the one who has it, or, if it served everybody, the one who says so."""


def said(wish: ModelIn | ModelChange) -> dict[str, object]:
    """What was really sent, the key as text."""
    given = wish.model_dump(exclude_unset=True)
    key = given.get("key")
    return {**given, "key": key.get_secret_value()} if isinstance(key, SecretStr) else given


class ModelOut(BaseModel):
    """A configured model, without its key. `trouble` says why its key was refused."""

    model_config = ConfigDict(protected_namespaces=())

    id: str
    name: str
    provider: str
    base_url: str
    model: str
    has_key: bool
    owner_id: str
    position: int
    is_enabled: bool
    input_price: float
    output_price: float
    price_is_own: bool
    per_minute: int | None
    at_once: int | None
    timeout_seconds: int
    room: int
    trouble: str
    trouble_at: datetime | None

    @classmethod
    def of(cls, each: Candidate) -> ModelOut:
        """As people see it."""
        return cls(
            id=each.id,
            name=each.name,
            provider=each.provider.name,
            base_url=each.base_url,
            model=each.model,
            has_key=bool(each.sealed),
            owner_id=each.owner_id,
            position=each.position,
            is_enabled=each.is_enabled,
            input_price=each.prices.input,
            output_price=each.prices.output,
            price_is_own=each.has_own_prices,
            per_minute=each.per_minute,
            at_once=each.at_once,
            timeout_seconds=round(each.timeout),
            room=each.room,
            trouble=each.refused_words,
            trouble_at=each.refused_at,
        )


class OrderIn(BaseModel):
    """The ids of models, the first to be asked first."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Id] = Field(max_length=200)


class ProviderOut(BaseModel):
    """A provider that we know, and where it usually is."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: str
    base_url: str
    needs_key: bool
    is_free: bool


class PriceOut(BaseModel):
    """What a well-known model costs, in US dollars for a million tokens."""

    model: str
    input: float
    output: float
    as_of: str


class TriedOut(BaseModel):
    """What came of trying a model out. `cost` is in the currency of the budgets.

    It may have `answered` and still not be well: `trouble` is a sentence that says why.
    """

    is_well: bool
    answered: bool
    milliseconds: int
    model: str
    cost: float
    input_tokens: int | None
    output_tokens: int | None
    trouble: str

    @classmethod
    def of(cls, tried: Tried) -> TriedOut:
        """As people see it."""
        return cls(
            is_well=tried.is_well,
            answered=tried.answered,
            milliseconds=tried.milliseconds,
            model=tried.model,
            cost=tried.cost_micro / 1e6,
            input_tokens=tried.input_tokens,
            output_tokens=tried.output_tokens,
            trouble=tried.trouble,
        )


class BudgetIn(BaseModel):
    """What may be spent. An empty `subject_id` means all together, or each agent, source, user or model."""

    model_config = ConfigDict(extra="forbid")

    scope: Scope = "all"
    subject_id: Id = ""
    period: Span = "day"
    amount: Annotated[float, Field(ge=0, le=1e9)] | None = None
    tokens: Annotated[int, Field(ge=0, le=10**12)] | None = None


class BudgetOut(BaseModel):
    """A budget and what is gone of it. `turned_away` counts the calls that it did not cover in this day or month."""

    id: str
    scope: str
    subject_id: str
    period: str
    begins: str
    ends_at: datetime
    amount: float | None
    tokens: int | None
    spent: float
    spent_tokens: int
    turned_away: int
    changed_by: str

    @classmethod
    def of(cls, each: Standing) -> BudgetOut:
        """As people see it."""
        return cls(
            id=each.id,
            scope=each.span.scope,
            subject_id=each.span.subject_id,
            period=each.span.period,
            begins=each.span.begins,
            ends_at=each.span.ends,
            amount=None if each.limit.micro is None else each.limit.micro / 1e6,
            tokens=each.limit.tokens,
            spent=(each.spent.micro or 0) / 1e6,
            spent_tokens=each.spent.tokens or 0,
            turned_away=each.turned_away,
            changed_by=each.changed_by,
        )


class SpentOut(BaseModel):
    """What calls of one kind cost, and how many milliseconds one took on average.

    `key` is a day, a model, a purpose or an id; `name` what it is called.
    """

    key: str
    name: str
    calls: int
    failed: int
    cost: float
    input_tokens: int
    output_tokens: int
    took_ms: int | None = None

    @classmethod
    def of(cls, spent: Spent, name: str = "") -> SpentOut:
        """As people see it."""
        return cls(
            key=spent.key,
            name=name or spent.key,
            calls=spent.calls,
            failed=spent.failed,
            cost=spent.cost_micro / 1e6,
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            took_ms=spent.took_ms,
        )
