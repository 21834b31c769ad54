"""From a robots.txt to a decision about one address (RFC 9309). Pure.

Protego reads the file and decides; the longest rule wins, and between equals the one that allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from protego import Protego

from stonehand.http_client import PRODUCT
from stonehand.sources.robots.models import Kind

LARGEST = 512_000  # characters that are read; RFC 9309 asks for 500 KiB at least
REMEMBERED = 128  # files whose rules stay in memory; of long ones only two
LONG = 50_000  # characters
LONGEST_DELAY = 3600.0  # seconds between two questions that a site may ask for
REFUSAL = "/robots.txt does not let us fetch it"
LONGEST_RULE = 200  # characters that are shown


class Outcome(StrEnum):
    """Whether a page may be fetched, and by whose word."""

    ALLOWED = "allowed"
    DISALLOWED = "disallowed"
    ABSENT = "absent"
    UNREACHABLE = "unreachable"
    OVERRULED = "overruled"


@dataclass(frozen=True)
class Decision:
    """Whether a page may be fetched. `rule` is the line that decided, if one did, and `group` whom it is for."""

    outcome: Outcome
    place: str
    rule: str = ""
    group: str = ""
    said: str = ""
    """Why there are no rules; or who fetches the page against them, and why."""

    @property
    def may_fetch(self) -> bool:
        """Whether the page may be fetched."""
        return self.outcome in (Outcome.ALLOWED, Outcome.ABSENT, Outcome.OVERRULED)

    def overruled(self, by: str, reason: str) -> Decision:
        """The same, for a source whose pages somebody wants nevertheless; a page that is allowed stays so."""
        if self.may_fetch:
            return self
        return Decision(Outcome.OVERRULED, self.place, self.rule, self.group, f"{by} wants it nevertheless: {reason}")

    def as_dict(self) -> dict[str, Any]:
        """As it is kept."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    def sentence(self) -> str:
        """In words."""
        line = f" (“{self.rule}” for {self.group})" if self.rule else ""
        match self.outcome:
            case Outcome.ALLOWED:
                return f"{self.place} allows it{line}" if self.rule else f"nothing in {self.place} forbids it"
            case Outcome.DISALLOWED:
                return f"{self.place} does not let us fetch it{line}"
            case Outcome.ABSENT:
                return f"the site has no robots.txt ({self.said})"
            case Outcome.UNREACHABLE:
                return f"{self.place} cannot be had ({self.said}), so nothing of the site is fetched for a while"
            case Outcome.OVERRULED:
                return f"{self.place} does not let us fetch it{line}, but {self.said}"


def of_dict(kept: Mapping[str, Any]) -> Decision:
    """A decision that was kept."""
    words = {name: str(kept.get(name, "")) for name in ("place", "rule", "group", "said")}
    return Decision(Outcome(kept["outcome"]), **words)


def place_of(url: str) -> str:
    """Where the robots.txt is that speaks of this address."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "http://malformed.invalid/robots.txt"  # asking for the page will say what is wrong
    scheme = parts.scheme.lower()
    named = f"[{host}]" if ":" in host else host[:253]
    usual = port is None or port == (443 if scheme == "https" else 80)
    return f"{scheme}://{named}{'' if usual else f':{port}'}/robots.txt"


def judge(kind: str, body: str, said: str, url: str) -> Decision:
    """Whether `url` may be fetched by what its site's robots.txt says, as `Robots` keeps it."""
    place = place_of(url)
    if kind != Kind.RULES:
        return Decision(Outcome.ABSENT if kind == Kind.ABSENT else Outcome.UNREACHABLE, place, said=said)
    parsed = _parsed(body)
    outcome = Outcome.ALLOWED if parsed.can_fetch(url, PRODUCT) else Outcome.DISALLOWED
    rule, group = _deciding(parsed, url)
    return Decision(outcome, place, rule[:LONGEST_RULE], group[:LONGEST_RULE])


def crawl_delay(kind: str, body: str) -> float:
    """Seconds that the site wants between two questions; 0 if it does not say."""
    said = _parsed(body).crawl_delay(PRODUCT) if kind == Kind.RULES else None
    return min(max(said or 0.0, 0.0), LONGEST_DELAY)


def _parsed(body: str) -> Protego:
    return _remembered_long(body) if len(body) > LONG else _remembered(body)


def _read(body: str) -> Protego:
    return Protego.parse(body[:LARGEST])


_remembered, _remembered_long = lru_cache(REMEMBERED)(_read), lru_cache(2)(_read)


def _deciding(parsed: Protego, url: str) -> tuple[str, str]:
    """The line that decides about `url`, and whom its group is for.

    Protego does not tell in public. What it decided stands anyway, should a later version keep its rules otherwise.
    """
    try:
        from protego._utils import _quote_path  # noqa: PLC0415  where it may be missing

        group = parsed._get_matching_rule_set(PRODUCT)
        path = _quote_path(url)
        deciding = next((rule for rule in group._rules if rule.value.match(path)), None) if group else None
        if group is None or deciding is None:
            return "", ""
        whom = "everybody" if group.user_agent == "*" else str(group.user_agent)
        return f"{deciding.field.capitalize()}: {unquote(deciding.value._pattern)}", whom
    except (AttributeError, ImportError):
        return "", ""
