"""Who a call to a language model is for, so that its cost counts against the right budgets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Payer:
    """Whose budgets pay beside the common one; what is empty pays nothing."""

    agent_id: str = ""
    source_id: str = ""
    user_id: str = ""
    most_micro: int | None = None
    """What all calls of the present job may come to, in millionths; None leaves it to the budgets."""
    most_tokens: int | None = None


NOBODY = Payer()
