"""Leave to fetch pages: what the robots.txt of their sites say, asked for where it is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from stonehand.articles import fetching
from stonehand.articles.fetching import Outcome, Wanted
from stonehand.articles.service import Arrival, Same
from stonehand.errors import StonehandError, Unavailable
from stonehand.http_client import hurry
from stonehand.jobs import Batch
from stonehand.limits.errors import NotYet
from stonehand.sources import turns
from stonehand.sources.robots import answers, asking, keeping
from stonehand.sources.robots.answers import Answer
from stonehand.sources.robots.errors import RobotsForbid
from stonehand.sources.robots.models import Robots
from stonehand.sources.robots.rules import Decision, place_of


class Unmet(Unavailable):
    """Nobody has asked this site yet what it lets us fetch, and others are not to wait until it answers."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place} has to be asked for first")


@dataclass(frozen=True)
class Lore:
    """What is known of the robots.txt of some sites, by its address; or why nothing is."""

    known: Mapping[str, Robots]
    unknown: Mapping[str, StonehandError]

    def judge(self, entry: Wanted, url: str) -> Decision | StonehandError:
        """That a page of an entry may be fetched; or the error of one that may not, or not now."""
        place = place_of(url)
        if place in self.unknown:
            return self.unknown[place]
        found = self.known[place]
        decision = keeping.judge(found, url)
        if entry.overruled:
            decision = decision.overruled(entry.overruled["by"], entry.overruled["reason"])
        return asking.refused(decision, (found.expires_at - found.checked_at).total_seconds()) or decision


@dataclass(frozen=True)
class Allowed:
    """Which pages may be fetched, and why; when; and which not, for what reason. All by the ids of their entries."""

    lore: Lore
    decisions: Mapping[str, Decision | None]
    waits: Mapping[str, float]
    refused: Mapping[str, StonehandError]


def before(batch: Batch, entries: Mapping[str, Wanted], hurried: bool, meets: bool) -> Allowed:
    """Leave to fetch the pages of entries, and a turn at their hosts for those that may be fetched.

    Unless it `meets` sites that nobody has asked yet, pages of those come to `Unmet` if others can be fetched already.
    """
    lore = learn(batch, [each.url for each in entries.values() if each.url], hurried, meets)
    said = {key: lore.judge(each, each.url) if each.url else None for key, each in entries.items()}
    decisions = {key: each for key, each in said.items() if not isinstance(each, StonehandError)}
    with batch.write() as session:
        waits = turns.turns(session, [entries[key].url for key in decisions])
    refused = {key: each for key, each in said.items() if isinstance(each, StonehandError)}
    return Allowed(lore, decisions, dict(zip(decisions, waits, strict=True)), refused)


def after(
    batch: Batch, entries: Mapping[str, Wanted], allowed: Allowed, came: Mapping[str, Outcome], hurried: bool
) -> dict[str, Outcome]:
    """What came, with the decision that let it come. A page that we were sent on to needs leave of its own site."""
    elsewhere = {
        key: each.url
        for key, each in came.items()
        if isinstance(each, Arrival | Same) and entries[key].url and each.url != entries[key].url
    }
    lore = learn(batch, elsewhere.values(), hurried)
    found = dict[str, Outcome]()
    for key, each in came.items():
        decision = lore.judge(entries[key], elsewhere[key]) if key in elsewhere else allowed.decisions[key]
        found[key] = decision if isinstance(decision, StonehandError) else _with(each, decision)
    return found


def _with(came: Outcome, decision: Decision | None) -> Outcome:
    if isinstance(came, StonehandError) or decision is None:
        return came
    return replace(came, robots=decision.as_dict())


def from_content(entry: Wanted, error: StonehandError) -> Arrival:
    """A page made of what the feed carried, in place of one that did not come."""
    made = fetching.from_content(entry)
    return replace(made, robots=error.decision.as_dict()) if isinstance(error, RobotsForbid) else made


def learn(batch: Batch, urls: Iterable[str], hurried: bool, meets: bool = True) -> Lore:
    """What the sites of these addresses let us fetch. Asks those that are not known, in their turn."""
    places = {place_of(url) for url in urls}
    if not places:
        return Lore({}, {})
    with batch.read() as session:
        known, missing = keeping.known(session, places)
    if known and not meets:
        return Lore(known, {place: Unmet(place) for place in missing})
    # Where other pages could be fetched already, they do not wait long for sites that do not answer.
    longest = hurry.LEAST if known else hurry.MOST
    came = _ask(batch, sorted(missing), hurried, longest) if missing else {}
    answered = {place: said for place, said in came.items() if isinstance(said, Answer)}
    if answered:
        with batch.write() as session:
            known |= {place: keeping.keep(session, place, said) for place, said in answered.items()}
    return Lore(known, {place: said for place, said in came.items() if isinstance(said, StonehandError)})


def _ask(batch: Batch, places: list[str], hurried: bool, longest: float) -> dict[str, Answer | StonehandError]:
    with batch.write() as session:
        waits = dict(zip(places, turns.turns(session, places), strict=True))
    late = {place: wait for place, wait in waits.items() if wait > turns.PATIENCE}
    questions = {place: asking.question(place) for place in places if place not in late}
    came = {place: answers.read(place, reply) for place, reply in turns.ask(questions, waits, hurried, longest).items()}
    return came | {
        place: NotYet(f"waits {wait:.0f} s for its turn to ask for {place}", wait) for place, wait in late.items()
    }
