"""From the room of jobs to the list of jobs, and to deeds for all that a filter finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.jobs import queries
from stonehand.jobs.declaration import QUEUES
from stonehand.jobs.desk import bulk, filters
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.states import DEAD, UNFINISHED, State
from stonehand.jobs.worker import presence
from stonehand.web.job_filter import Narrowing
from stonehand.web.pages.job_rows import STATES, counted, rows
from stonehand.web.pages.jobs import BulkView, Choice, JobsView, Narrowed
from stonehand.web.pages.parts import Pager, Tab
from stonehand.web.pages.queue_reading import queues
from stonehand.web.words import clock, plural

LIMIT = 50
ANYTHING = Narrowing()
MOST = 1000  # a count beyond it is not counted on
SHOWN: dict[str, tuple[str, Sequence[State]]] = {
    "unfinished": ("Unfinished", UNFINISHED),
    "dead": ("Dead letters", DEAD),
    "completed": ("Done", (State.COMPLETED,)),
    "cancelled": ("Cancelled", (State.CANCELLED,)),
    "all": ("All", ()),
}
SINGLE = {state.value: STATES[state].words for state in State if state.value not in SHOWN and state != State.PAUSED}
COUNTED = ("unfinished", "dead")
VERBS = {
    "cancel": ("Cancel", "Yes, cancel {}"),
    "retry": ("Run again", "Yes, run {} again"),
    "prioritise": ("Change priority", "Change the priority of {}"),
    "resolve": ("Resolve", "Resolve {}"),
}


@dataclass(frozen=True)
class Wish:
    """Which jobs to list: a key of `SHOWN` or a single state, what narrows it, and those older than `before`."""

    show: str = "unfinished"
    narrowing: Narrowing = ANYTHING
    before: str = ""

    def filter(self) -> Filter:
        """As the room of jobs knows it."""
        states = SHOWN[self.show][1] if self.show in SHOWN else (State(self.show),)
        return self.narrowing.filter(tuple(states))

    def fields(self) -> dict[str, str]:
        """What stands in the address."""
        plain = {each.name: getattr(self.narrowing, each.name) for each in fields(self.narrowing)}
        times = {name: plain[name].isoformat() for name in ("since", "until") if plain[name]}
        said = {"show": self.show} if self.show != "unfinished" else {}
        return said | {name: value for name, value in {**plain, **times}.items() if value}

    def href(self, path: str = "/jobs", **changes: str) -> str:
        """The address of the list, changed; a change starts anew from the newest."""
        wanted = {name: value for name, value in {**self.fields(), **changes}.items() if value}
        if wanted.get("show") == "unfinished":
            del wanted["show"]
        return f"{path}?{urlencode(wanted)}" if wanted else path

    def narrowed(self) -> Narrowed:
        """What stands in the filter's fields."""
        texts = {each.name: self.fields().get(each.name, "") for each in fields(self.narrowing)}
        times = {name: texts[name][:16] for name in ("since", "until")}
        return Narrowed(**{**texts, **times, "show": self.show, "bulk": self.href("/jobs/bulk")})


def index(session: Session, person: Person, wish: Wish) -> JobsView:
    """The queues, and one part of the list of jobs."""
    found = filters.part(session, wish.filter(), wish.before, LIMIT)
    older = wish.href(before=found.next) if found.next else ""
    return JobsView(
        queues=queues(session),
        jobs=rows(session, found.jobs),
        tabs=_tabs(session, wish),
        narrowed=wish.narrowed(),
        pager=Pager(wish.href() if wish.before else "", older),
        cut=bool(found.next) and len(found.jobs) < LIMIT,
        can_edit=person.may("edit"),
        queue_names=QUEUES,
        tasks=tuple(sorted({task for worker in presence.alive(session) for task in worker.tasks})),
        states=tuple(SINGLE.items()),
    )


def _tabs(session: Session, wish: Wish) -> tuple[Tab, ...]:
    shown = {key: words for key, (words, _) in SHOWN.items()}
    if wish.show not in shown:
        shown[wish.show] = SINGLE[wish.show]
    return tuple(
        Tab(words, wish.href(show=key), _count(session, key), key == wish.show, key) for key, words in shown.items()
    )


def _count(session: Session, key: str) -> int | None:
    return queries.count_up_to(session, SHOWN[key][1], MOST) if key in COUNTED else None


def deeds(session: Session, wish: Wish) -> BulkView:
    """To how many jobs each deed would be done, before it is done."""
    edge = replace(wish.filter(), last=filters.newest(session))
    counts = filters.counts(session, edge)
    hidden = {**wish.fields(), "show": wish.show, "last": edge.last}
    return BulkView(
        facts=_facts(wish),
        counts=counted(counts),
        choices=tuple(choice for verb in VERBS if (choice := _choice(edge, counts, verb)).count),
        hidden=tuple(hidden.items()),
        back=wish.href(),
        total=sum(counts.values()),
    )


def _choice(edge: Filter, counts: dict[State, int], verb: str) -> Choice:
    words, sure = VERBS[verb]
    number = sum(counts.get(state, 0) for state in bulk.meant(edge, verb).states)
    return Choice(verb, words, number, sure.format(plural(number, "job")))


def _facts(wish: Wish) -> tuple[tuple[str, str], ...]:
    narrowing = wish.narrowing
    state = SHOWN[wish.show][0] if wish.show in SHOWN else SINGLE[wish.show]
    said = {
        **{"State": state, "Task": narrowing.task, "Queue": narrowing.queue, "Text in the error": narrowing.text},
        **{"Owner": narrowing.owner, "Chain or group": narrowing.flow, "Asked for by job": narrowing.parent},
        **{"Asked for by": narrowing.asked_by, "Group of dead letters": narrowing.fingerprint},
        "Asked for since": clock(narrowing.since) if narrowing.since else "",
        "Asked for before": clock(narrowing.until) if narrowing.until else "",
    }
    return tuple((name, words) for name, words in said.items() if words)
