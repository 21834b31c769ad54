"""What well-known models cost, in US dollars for a million tokens. Providers change prices: a person's word goes first.

Where a price has steps (long questions, introductory offers), the table holds the highest of ordinary use, so that no
budget is broken by a step. A model whose price we could not verify is left out.
"""

from __future__ import annotations

import re

from stonehand.llm.prices import Prices

AS_OF = "2026-11-05"
PRICES = {
    "gpt-5.5": Prices(5.00, 30.00),
    "gpt-5.4": Prices(2.50, 15.00),
    "gpt-5.4-mini": Prices(0.75, 4.50),
    "gpt-5.2": Prices(1.75, 14.00),
    "gpt-5": Prices(1.25, 10.00),
    "gpt-5-mini": Prices(0.25, 2.00),
    "gpt-5-nano": Prices(0.05, 0.40),
    "gpt-4.1": Prices(2.00, 8.00),
    "gpt-4.1-mini": Prices(0.40, 1.60),
    "gpt-4.1-nano": Prices(0.10, 0.40),
    "gpt-4o": Prices(2.50, 10.00),
    "gpt-4o-mini": Prices(0.15, 0.60),
    "o4-mini": Prices(1.10, 4.40),
    "claude-fable-5-2": Prices(8.00, 40.00),
    "claude-fable-5-1": Prices(10.00, 50.00),
    "claude-opus-5-5": Prices(4.00, 20.00),
    "claude-opus-5": Prices(5.00, 25.00),
    "claude-opus-4-8": Prices(5.00, 25.00),
    "claude-opus-4-7": Prices(5.00, 25.00),
    "claude-opus-4-6": Prices(5.00, 25.00),
    "claude-opus-4-5": Prices(5.00, 25.00),
    "claude-opus-4-1": Prices(15.00, 75.00),
    "claude-sonnet-5-5": Prices(2.00, 10.00),
    "claude-sonnet-5": Prices(3.00, 15.00),
    "claude-sonnet-4-6": Prices(3.00, 15.00),
    "claude-sonnet-4-5": Prices(3.00, 15.00),
    "claude-haiku-4-5": Prices(1.00, 5.00),
    "gemini-3.8-flash": Prices(1.50, 7.50),
    "gemini-3.5-flash": Prices(1.50, 9.00),
    "gemini-3.5-flash-lite": Prices(0.30, 2.50),
    "gemini-3.1-pro-preview": Prices(4.00, 18.00),
    "gemini-3.1-flash-lite": Prices(0.25, 1.50),
    "gemini-3-flash-preview": Prices(0.50, 3.00),
    "gemini-2.5-pro": Prices(2.50, 15.00),
    "gemini-2.5-flash": Prices(0.30, 2.50),
    "gemini-2.5-flash-lite": Prices(0.10, 0.40),
    "mistral-large-4-0": Prices(0.68, 2.09),
    "mistral-medium": Prices(0.40, 2.00),
}
VARIANT = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2}|latest|\d{3})$")  # a dated or numbered edition of the same model


def of(model: str) -> Prices | None:
    """The price of a model, whatever its edition; None if we do not know it."""
    name = model.removeprefix("models/").lower()
    return PRICES.get(name) or PRICES.get(VARIANT.sub("", name))
