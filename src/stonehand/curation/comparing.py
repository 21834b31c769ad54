"""The same articles under two sets of weights."""

from __future__ import annotations

from stonehand.curation import choosing, queries
from stonehand.curation.choosing import Judged
from stonehand.curation.diversity import Rules
from stonehand.curation.models import Curation
from stonehand.curation.weights import Weights, of_json
from stonehand.db import Session

Side = dict[str, Judged]


def sides(session: Session, found: Curation, a: str, b: str) -> tuple[tuple[str, str], tuple[Side, Side]]:
    """Both names, and what becomes of each item; an empty name is the curation's own. Raises `WeightsNotFound`."""
    (one, first), (two, second) = (_weights(session, found, name) for name in (a, b))
    rules = Rules(**found.rules)
    return (one, two), (choosing.judge(session, found, first, rules), choosing.judge(session, found, second, rules))


def _weights(session: Session, found: Curation, name: str) -> tuple[str, Weights]:
    return queries.weights(session, name) if name else (found.weights_name, of_json(found.weights))
