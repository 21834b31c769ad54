"""Means of what a rehearsal brought, so that two prompts can be set side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def summary(outcomes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Means of some outcomes, to be set beside others."""
    if not outcomes:
        return {"texts": 0}
    count = len(outcomes)
    found: dict[str, Any] = {"texts": count, "cost_micro": sum(each.get("cost_micro", 0) for each in outcomes)}
    for name in ("words", "supported", "longest_run"):
        told = [each[name] for each in outcomes if name in each]
        found[name] = round(sum(told) / len(told), 3) if told else None
    found["warnings"] = round(sum(len(each.get("warnings", ())) for each in outcomes) / count, 2)
    return found
