"""Which budgets a call counts against: of all together, of whoever it is for, and of the model, by day and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stonehand.llm.payers import Payer

CALLED = {"agent": "the agent's", "source": "the source's", "user": "the user's", "model": "the model's"}


@dataclass(frozen=True, order=True)
class Span:
    """A scope with its subject, for one day (`2026-05-03`) or month (`2026-05`), in UTC."""

    scope: str
    subject_id: str
    begins: str

    @property
    def period(self) -> str:
        """`day` or `month`."""
        return "month" if len(self.begins) == len("2026-05") else "day"

    @property
    def is_common_day(self) -> bool:
        """Whether it is the day of all together, which has a table of its own."""
        return self.scope == "all" and self.period == "day"

    @property
    def words(self) -> str:
        """`today's budget for language models`, `the agent's budget for language models of this month`."""
        if self.scope == "all":
            return f"{'today' if self.period == 'day' else 'this month'}'s budget for language models"
        return f"{CALLED[self.scope]} budget for language models {'today' if self.period == 'day' else 'this month'}"

    @property
    def ends(self) -> datetime:
        """When the next one begins."""
        if self.period == "day":
            return datetime.fromisoformat(self.begins).replace(tzinfo=UTC) + timedelta(days=1)
        first = datetime.fromisoformat(f"{self.begins}-01").replace(tzinfo=UTC)
        return (first + timedelta(days=32)).replace(day=1)


def of_call(day: str, payer: Payer, model_id: str) -> list[Span]:
    """Those of one call, in the one order in which everybody takes them, so that no two wait for each other."""
    subjects = {"all": "", "model": model_id}
    subjects |= {"agent": payer.agent_id, "source": payer.source_id, "user": payer.user_id}
    kept = {scope: subject for scope, subject in subjects.items() if subject or scope == "all"}
    return sorted(Span(scope, subject, begins) for scope, subject in kept.items() for begins in (day, day[:7]))


def now_of(moment: datetime, scope: str, subject_id: str, period: str) -> Span:
    """The present one of a budget."""
    day = moment.astimezone(UTC).date().isoformat()
    return Span(scope, subject_id, day if period == "day" else day[:7])
