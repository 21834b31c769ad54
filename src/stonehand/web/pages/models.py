"""Models and budgets: which language models are asked, in which order, and what they may cost; and what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from stonehand.web.charts import Line
from stonehand.web.pages.parts import BLANK, Badge, Field, Tab

FIELDS = ("name", "provider", "model", "base_url", "key", "input_price", "output_price", "per_minute", "at_once")
BUDGETS_OF_MODEL = ("day_budget", "month_budget")
EDITED = (
    *("name", "model", "base_url", "input_price", "output_price", "per_minute", "at_once", "timeout_seconds", "room"),
    *BUDGETS_OF_MODEL,
)
BUDGET_FIELDS = ("whose", "period", "amount", "tokens")


@dataclass(frozen=True)
class ModelRow:
    """A model in its place. `price` and `limits` are in words; `tried` is what came of trying it out just now."""

    id: str
    name: str
    provider: str
    model: str
    where: str
    badge: Badge
    price: str
    price_note: str
    limits: str
    health: str = ""
    """How it did in the last days: `41 calls, 2 failed, 1.3 s on average`."""
    trouble: str = ""
    trouble_at: datetime | None = None
    is_enabled: bool = True
    is_own: bool = False
    is_of_settings: bool = False
    can_change: bool = False
    up: str = ""
    """The ids in their order if this one moved up, separated by commas."""


@dataclass(frozen=True)
class BudgetRow:
    """A budget, how much of it is gone in words and as a width of 0 to 100, and when it starts anew."""

    id: str
    whose: str
    period: str
    most: str
    spent: str
    width: int
    badge: Badge
    ends_at: datetime
    can_remove: bool = False


@dataclass(frozen=True)
class Option:
    """What can be chosen in a form."""

    value: str
    words: str


@dataclass(frozen=True)
class Subjects:
    """Whose a budget can be, under one heading."""

    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class ModelForm:
    """The form in which a model is changed."""

    id: str
    name: str
    provider: str
    fields: Mapping[str, Field]
    has_key: bool = False
    is_own: bool = False
    is_of_settings: bool = False
    can_admin: bool = False
    said: str = ""


@dataclass(frozen=True)
class ModelsView:
    """The page of models and budgets, with what was typed into its forms and what is wrong with it."""

    models: tuple[ModelRow, ...]
    budgets: tuple[BudgetRow, ...]
    providers: tuple[Option, ...]
    subjects: tuple[Subjects, ...]
    prices_of: str
    can_edit: bool = False
    can_admin: bool = False
    fields: Mapping[str, Field] = field(default_factory=lambda: dict.fromkeys(FIELDS, BLANK))
    budget: Mapping[str, Field] = field(default_factory=lambda: dict.fromkeys(BUDGET_FIELDS, BLANK))
    said: str = ""
    """What is wrong with the form of models."""
    said_of_budget: str = ""


@dataclass(frozen=True)
class UsageRow:
    """What calls of one kind cost; `width` of 0 to 100 is drawn."""

    name: str
    cost: str
    calls: int
    failed: int
    tokens: int
    seconds: str
    width: float


@dataclass(frozen=True)
class UsageTable:
    """Costs by one side, such as by model."""

    key: str
    title: str
    rows: tuple[UsageRow, ...]


@dataclass(frozen=True)
class UsageView:
    """What language models have cost in some days, by each of its sides."""

    since: date
    until: date
    windows: tuple[Tab, ...]
    cost: str
    calls: int
    failed: int
    tokens: int
    curve: Line | None
    tables: tuple[UsageTable, ...]
