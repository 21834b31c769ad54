"""Made-up views of models, budgets and what they cost."""

from __future__ import annotations

from datetime import date

from stonehand.web import charts
from stonehand.web.pages.models import (
    BUDGET_FIELDS,
    EDITED,
    FIELDS,
    BudgetRow,
    ModelForm,
    ModelRow,
    ModelsView,
    Option,
    Subjects,
    UsageRow,
    UsageTable,
    UsageView,
)
from stonehand.web.pages.parts import BLANK, Badge, Field, Tab
from tests.web.samples import back

MODELS = ModelsView(
    models=(
        ModelRow(
            "m1",
            "House model",
            "Ollama",
            "llama3.3",
            "http://127.0.0.1:11434/v1",
            Badge("Asked first", "good"),
            "costs nothing",
            "",
            "2 at once",
            "1 204 calls in 7 days, 11 without a usable answer, 4.2 s on average",
            can_change=True,
        ),
        ModelRow(
            "m2",
            "Careful one",
            "Anthropic",
            "claude-sonnet-5",
            "https://api.anthropic.com",
            Badge("Key refused", "bad"),
            "3 in, 15 out",
            "by the built-in table",
            "60 a minute, 4 at once",
            "not asked in 7 days",
            "the language model's server refused our key: https://api.anthropic.com/v1/messages may not be read (401)",
            back(minutes=12),
            can_change=True,
            up="m2,m1,m3",
        ),
        ModelRow(
            "m3",
            "Mira's",
            "OpenAI",
            "gpt-5-mini",
            "https://api.openai.com/v1",
            Badge("Switched off"),
            "0.25 in, 2 out",
            "",
            "",
            is_enabled=False,
            is_own=True,
            can_change=True,
            up="m1,m3,m2",
        ),
    ),
    budgets=(
        BudgetRow(
            "settings",
            "All together (from the settings)",
            "a day",
            "1",
            "0.3412",
            34,
            Badge("Fits", "good"),
            back(hours=-9),
        ),
        BudgetRow(
            "b1",
            "Agent 0190",
            "a month",
            "20, 2 000 000 tokens",
            "18.02",
            90,
            Badge("Nearly spent", "warn"),
            back(days=-12),
            True,
        ),
        BudgetRow("b2", "Each user", "a day", "0.5", "–", 0, Badge("Fits", "good"), back(hours=-9), True),
        BudgetRow(
            "b3",
            "User Mira Osei",
            "a day",
            "0.5",
            "0.4981",
            100,
            Badge("Spent: 3 calls turned away", "bad"),
            back(hours=-9),
            True,
        ),
    ),
    providers=(Option("openai", "OpenAI"), Option("anthropic", "Anthropic"), Option("ollama", "Ollama")),
    subjects=(
        Subjects("", (Option("all:", "all together"),)),
        Subjects("Agents", (Option("agent:", "each agent"), Option("agent:1", "Harbour desk"))),
    ),
    prices_of="2026-11-05",
    can_edit=True,
    can_admin=True,
)
WRONG = ModelsView(
    models=(),
    budgets=MODELS.budgets[:1],
    providers=MODELS.providers,
    subjects=MODELS.subjects,
    prices_of="2026-11-05",
    can_edit=True,
    can_admin=True,
    fields={**dict.fromkeys(FIELDS, BLANK), "name": Field("Mine"), "model": Field("gpt-9")},
    budget={**dict.fromkeys(BUDGET_FIELDS, BLANK), "amount": Field("much")},
    said="We do not know what gpt-9 costs, and without a price no budget holds.",
    said_of_budget="Amount: Input should be a valid number.",
)
FORM = ModelForm(
    "m2",
    "Careful one",
    "Anthropic",
    {
        **dict.fromkeys((*EDITED, "key"), BLANK),
        "name": Field("Careful one"),
        "model": Field("claude-sonnet-5"),
        "base_url": Field("https://api.anthropic.com"),
        "per_minute": Field("60"),
        "timeout_seconds": Field("60"),
        "month_budget": Field("20"),
    },
    has_key=True,
    can_admin=True,
    said="The key was entered for another host; enter it again for this one.",
)
DAYS = [f"2026-05-{day:02}" for day in range(1, 31)]
USAGE = UsageView(
    since=date(2026, 5, 1),
    until=date(2026, 5, 30),
    windows=(Tab("7 days", "/usage?days=7"), Tab("30 days", "/usage?days=30", active=True)),
    cost="12.4031",
    calls=1841,
    failed=23,
    tokens=4_812_093,
    curve=charts.line(DAYS, [(day * 7) % 11 / 10 for day in range(30)]),
    tables=(
        UsageTable(
            "model",
            "By model",
            (
                UsageRow("claude-sonnet-5", "11.02", 611, 12, 2_012_000, "2.4 s", 100),
                UsageRow("llama3.3", "0", 1230, 11, 2_800_093, "6.1 s", 0),
            ),
        ),
        UsageTable("purpose", "By purpose", (UsageRow("drafts.write", "10.1", 300, 3, 1_500_000, "", 100),)),
        UsageTable("agent", "By agent", (UsageRow("no agent", "12.4031", 1841, 23, 4_812_093, "3.9 s", 100),)),
    ),
)
NOTHING = UsageView(date(2026, 5, 1), date(2026, 5, 30), USAGE.windows, "0", 0, 0, 0, None, ())
