"""Who a call to a language model is for, so that its cost counts against the right budgets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Payer:
    """Whose budgets pay beside the common one; what is empty pays nothing."""

    agent_id: str = ""
    source_id: str = ""
    user_id: str = ""


NOBODY = Payer()
