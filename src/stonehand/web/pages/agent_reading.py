"""From agents to what their pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from stonehand.accounts.permissions import Person
from stonehand.agents import planning, queries, quotas, timing, tools
from stonehand.agents.models import Agent, AgentRun
from stonehand.agents.planning import Choice
from stonehand.agents.quotas import Amount
from stonehand.agents.scoring import Part
from stonehand.agents.states import WORDS, AgentState, RunState, Why
from stonehand.agents.wishes import LENGTHS
from stonehand.db import Session, now
from stonehand.jobs.clock.schedule_schemas import words_of
from stonehand.jobs.clock.timetable import zone
from stonehand.jobs.models import Schedule
from stonehand.reviews import queries as reviews
from stonehand.sources import queries as sources
from stonehand.web.pages.agents import AgentRow, AgentsView, AgentView, PartView, RunLine, TopicView, Used
from stonehand.web.pages.parts import Badge, Link, Meter, Pager
from stonehand.web.pages.schedules import DueTime
from stonehand.web.words import number, plural

LIMIT = 20
MICRO = 1_000_000
STATES = {AgentState.ACTIVE: Badge("Active", "good"), AgentState.PAUSED: Badge("Paused", "warn")}
GONE = Badge("Removed")
RUNS = {
    RunState.WRITING: Badge("Writing", "busy"),
    RunState.WRITTEN: Badge("Written", "good"),
    RunState.ASKED: Badge("Asked for pieces", "good"),
    RunState.NOTHING: Badge("Nothing new"),
    RunState.REFUSED: Badge("Refused", "warn"),
    RunState.FAILED: Badge("Failed", "bad"),
}
PARTS = {"relevance": "Relevance", "freshness": "Freshness", "search": "Search potential"}
NAMES = {"posts": "post", "tokens": "token"}


def index(session: Session, person: Person) -> AgentsView:
    """All agents, by name."""
    found = queries.agents(session)
    return AgentsView(tuple(_rows(session, found)), person.may("edit"))


def _rows(session: Session, found: Sequence[Agent]) -> list[AgentRow]:
    moment, ids = now(session), [each.id for each in found]
    month = queries.usage(session, ids, moment.date().isoformat()[:7])
    last, timed = queries.last_runs(session, ids), queries.schedules(session, found)
    lines = dict(zip(last, _lines(session, list(last.values())), strict=True))
    return [_row(each, timed.get(each.id), moment, lines.get(each.id), month.get(each.id, Amount())) for each in found]


def _row(agent: Agent, timed: Schedule | None, moment: datetime, last: RunLine | None, month: Amount) -> AgentRow:
    state = AgentState(agent.state)
    note = agent.note
    if state == AgentState.ACTIVE and timed and not timed.is_enabled:
        note = "its schedule is switched off"
    return AgentRow(
        id=agent.id,
        name=agent.name,
        badge=STATES.get(state, GONE),
        note=note,
        when=words_of(timed) if timed else "never by itself",
        next_at=next(iter(timing.upcoming(timed, moment, 1)), None),
        last=last,
        used=_used(agent, month, "month"),
        is_sample=agent.is_sample,
    )


def _used(agent: Agent, amount: Amount, word: str) -> tuple[Used, ...]:
    limits = quotas.of(agent)
    return tuple(_one(name, getattr(amount, name), getattr(limits, f"{name}_per_{word}")) for name in quotas.PARTS)


def _one(name: str, value: int, limit: int | None) -> Used:
    if name == "micro":
        told = f"{money(value)} spent" if limit is None else f"{money(value)} of {money(limit)} spent"
    else:
        told = plural(value, NAMES[name]) if limit is None else f"{number(value)} of {plural(limit, NAMES[name])}"
    return Used(told, None if limit is None else Meter(min(value, limit), limit))


def money(micro: int) -> str:
    """An amount in the budget's currency."""
    value = micro / MICRO
    return f"{value:.2f}" if not value or value >= 0.01 else f"{value:.4f}"


def _lines(session: Session, runs: Sequence[AgentRun]) -> list[RunLine]:
    at_desk = reviews.of_drafts(session, [run.draft_id for run in runs if run.draft_id])
    return [_line(run, at_desk) for run in runs]


def _line(run: AgentRun, at_desk: Mapping[str, str]) -> RunLine:
    by = f", {run.model} by {run.prompt}" if run.model else ""
    spent = f"{money(run.cost_micro)}, {plural(run.tokens, 'token')}{by}" if run.tokens or run.cost_micro else "free"
    review = at_desk.get(run.draft_id or "")
    return RunLine(
        at=run.began_at,
        why=WORDS[Why(run.why)] + ("" if run.why == Why.SCHEDULE else f", {run.asked_by}"),
        badge=RUNS[RunState(run.state)],
        topic=run.topic,
        note=run.note,
        cost=spent if run.draft_id else "",
        draft=Link("Read it", f"/review/{review}") if review else None,
        job=f"/jobs/{run.job_id}",
    )


def one(session: Session, person: Person, agent_id: str, before: str | None = None) -> AgentView:
    """One agent, what it would do next, and a part of its history. Raises `AgentNotFound`."""
    agent, moment = queries.known(session, agent_id), now(session)
    timed, is_here = timing.schedule(session, agent), agent.state != AgentState.REMOVED
    found = queries.runs(session, agent.id, LIMIT + 1, before)
    plan = planning.plan(session, agent) if is_here and not before else planning.Plan((), (), ())
    days, total = queries.daily(session, agent.id, moment), queries.in_all(session, agent.id)
    day = moment.date().isoformat()
    spans = {"Today": (day, "day"), "This month": (day[:7], "month")}
    return AgentView(
        row=_rows(session, [agent])[0],
        facts=_facts(session, agent),
        schedule=f"/schedules/{timed.name}" if timed else "",
        upcoming=tuple(_due(at, timed.timezone) for at in timing.upcoming(timed, moment)) if timed else (),
        chosen=tuple(map(_topic, plan.chosen)),
        others=tuple(map(_topic, plan.others)),
        blocks=plan.blocks,
        looked_at=plan.looked_at,
        runs=tuple(_lines(session, found[:LIMIT])),
        used=tuple(
            (words, _used(agent, quotas.used(session, agent.id, period), word))
            for words, (period, word) in spans.items()
        ),
        costs=tuple(float(each.micro) for each in days),
        posts=tuple(float(each.posts) for each in days),
        in_all=f"{plural(total.posts, 'piece')}, {plural(total.tokens, 'token')}, {money(total.micro)} in all",
        can_edit=person.may("edit") and is_here,
        pager=Pager(
            f"/agents/{agent.id}" if before else "",
            f"/agents/{agent.id}?before={found[LIMIT - 1].id}" if len(found) > LIMIT else "",
        ),
    )


def _due(at: datetime, zone_name: str) -> DueTime:
    return DueTime(at, f"{at.astimezone(zone(zone_name)):%a %-d %b %Y, %H:%M %Z}", f"{at:%a %-d %b %Y, %H:%M UTC}")


def _topic(choice: Choice) -> TopicView:
    found = choice.candidate
    return TopicView(
        title=found.title,
        href=f"/stories/{found.story_id}" if found.story_id else f"/articles/{found.article_ids[0]}",
        score=round(100 * choice.score),
        keyword=found.keyword,
        articles=len(found.article_ids),
        parts=tuple(_part(name, part) for name, part in choice.parts.items()),
        why_not=choice.why_not,
    )


def _part(name: str, part: Part) -> PartView:
    return PartView(PARTS[name], round(100 * part.score), part.reason)


def _facts(session: Session, agent: Agent) -> tuple[tuple[str, str], ...]:
    named = {each.id: each.title or each.url for each in sources.by_ids(session, agent.source_ids)}
    gone = len(agent.source_ids) - len(named)
    allowed = ", ".join([*named.values(), *([plural(gone, "removed one")] if gone else [])]) or "all"
    facts = (
        ("Brief", agent.brief),
        ("Expertise", agent.expertise),
        ("Persona", agent.persona),
        ("Tone", agent.tone),
        ("Length", f"about {number(LENGTHS[agent.length])} words"),
        ("Language", agent.language),
        ("Sources", allowed),
        ("Keywords", ", ".join(agent.keywords)),
        ("Never about", ", ".join(agent.excluded)),
        ("Prompt", tools.prompt_name(session, agent.prompt_id)),
        ("Model", tools.model_name(session, agent.model_id)),
        ("Made by", agent.created_by),
    )
    return tuple((name, words) for name, words in facts if words)
