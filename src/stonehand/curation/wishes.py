"""What somebody wants curated, checked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stonehand.curation.diversity import Rules
from stonehand.curation.errors import CurationUnfit
from stonehand.curation.states import Kind
from stonehand.curation.weights import Weights

MOST_URLS = 1000
LONGEST_URL = 2048
SHORTEST_TOPIC, LONGEST_TOPIC = 2, 200
MOST_CHOSEN = 1000
LIMIT, SHORTEST_LIMIT, LONGEST_LIMIT = 300, 5, 6 * 3600  # seconds


@dataclass(frozen=True)
class Wish:
    """A topic, a list of addresses, or both; then the topic is what the addresses are judged by."""

    topic: str = ""
    urls: Sequence[str] = ()
    within: str = ""
    with_sources: bool = False
    weights: Weights = field(default_factory=Weights)
    weights_name: str = "standard"
    rules: Rules = field(default_factory=Rules)
    limit_seconds: int = LIMIT

    @property
    def kind(self) -> Kind:
        """What it begins with."""
        return Kind.BATCH if self.urls else Kind.TOPIC


def check(wish: Wish) -> Wish:
    """The wish, without blanks around its words and with each address once. Raises `CurationUnfit`."""
    topic, urls = " ".join(wish.topic.split()), list(dict.fromkeys(url.strip() for url in wish.urls if url.strip()))
    if not topic and not urls:
        raise CurationUnfit("there is nothing to curate; give a topic or some addresses")
    if topic and not SHORTEST_TOPIC <= len(topic) <= LONGEST_TOPIC:
        raise CurationUnfit(f"a topic has {SHORTEST_TOPIC} to {LONGEST_TOPIC} characters, not {len(topic)}")
    if "\0" in topic or not any(letter.isalnum() for letter in topic or "x"):
        raise CurationUnfit("the topic holds no word; write what it is about")
    if len(urls) > MOST_URLS:
        raise CurationUnfit(f"give at most {MOST_URLS} addresses at once, not {len(urls)}; split the list")
    if not SHORTEST_LIMIT <= wish.limit_seconds <= LONGEST_LIMIT:
        raise CurationUnfit(f"the time limit is {SHORTEST_LIMIT} to {LONGEST_LIMIT} seconds, not {wish.limit_seconds}")
    _check_rules(wish.rules)
    return replace(wish, topic=topic, urls=urls, within=wish.within.strip())


def _check_rules(rules: Rules) -> None:
    if rules.most is None or not 1 <= rules.most <= MOST_CHOSEN:
        raise CurationUnfit(f"choose 1 to {MOST_CHOSEN} articles, not {rules.most}")
    for name in ("domain_cap", "cluster_cap"):
        if getattr(rules, name) < 1:
            raise CurationUnfit(f"{name} is {getattr(rules, name)}; it must be 1 or more")
    for name in ("duplicate", "cluster"):
        if not 0 <= getattr(rules, name) <= 1:
            raise CurationUnfit(f"the threshold {name} is {getattr(rules, name)}; it must be from 0 to 1")


def wrong_with(url: str) -> str:
    """What is wrong with an address, so that it is not asked for; empty if nothing is."""
    if len(url) > LONGEST_URL:
        return f"the address is longer than {LONGEST_URL} characters"
    if not url.lower().startswith(("http://", "https://")) or any(letter.isspace() for letter in url):
        return "this is no http or https address"
    return ""
