"""The prompt and the model that an agent writes with: named by id or by name, and fit for it."""

from __future__ import annotations

from stonehand.agents.errors import AgentUnfit
from stonehand.db import Session
from stonehand.llm import configured
from stonehand.llm.configured import Candidate
from stonehand.prompts import purposes
from stonehand.prompts import queries as prompts
from stonehand.prompts.errors import PromptNotFound
from stonehand.prompts.queries import Listed


def offered_prompts(session: Session) -> list[Listed]:
    """Those by which a piece can be written."""
    return prompts.prompts(session, purposes.WRITE)


def offered_models(session: Session) -> list[Candidate]:
    """Those that serve everybody, in the order in which they are asked."""
    return [each for each in configured.every(session) if not each.owner_id]


def prompt(session: Session, wanted: str) -> str:
    """The id of the prompt of this id, slug or name, perhaps with a version: `our-style@2`. Raises `AgentUnfit`."""
    if not wanted:
        return ""
    key, at, version = wanted.partition("@")
    named = next((each.text.id for each in prompts.prompts(session, retired=True) if each.text.name == key), key)
    try:
        found = prompts.prompt(session, f"{named}{at}{version}")
    except PromptNotFound as error:
        known = ", ".join(each.text.slug for each in offered_prompts(session))
        raise AgentUnfit(f"{error}; an agent can write by {known}") from error
    if found.purpose != purposes.WRITE:
        task = purposes.purpose(found.purpose).title.lower()
        raise AgentUnfit(f"the prompt “{found.name}” is there to {task}, not to write a piece; choose another")
    if prompts.listed(session, found.id).retired_at is not None:
        raise AgentUnfit(f"the prompt “{found.name}” is retired; choose another, or bring it back first")
    return f"{found.id}{at}{version}"


def model(session: Session, wanted: str) -> str:
    """The id of the model of this id or name. Raises `AgentUnfit`."""
    if not wanted:
        return ""
    every = sorted(configured.every(session), key=lambda each: bool(each.owner_id))  # names are each owner's own
    found = next((each for each in every if wanted in (each.id, each.name)), None)
    if found is None:
        known = ", ".join(each.name for each in offered_models(session)) or "none, as none is configured"
        raise AgentUnfit(f"there is no model {wanted[:80]!r}; an agent can write with {known}")
    if found.owner_id:
        raise AgentUnfit(f"the model {found.name!r} serves only the one who added it; choose one that serves everybody")
    if not found.is_enabled:
        raise AgentUnfit(f"the model {found.name!r} is switched off; switch it on first, or choose another")
    return found.id


def prompt_name(session: Session, prompt_id: str) -> str:
    """What an agent's prompt is called, with the version if it names one; its id if it is gone."""
    try:
        found = prompts.prompt(session, prompt_id)
    except PromptNotFound:
        return f"{prompt_id}, which is gone" if prompt_id else ""
    return f"{found.name}, version {found.version}" if "@" in prompt_id else found.name


def model_name(session: Session, model_id: str) -> str:
    """What an agent's model is called; its id if it is gone."""
    gone = f"{model_id}, which is gone" if model_id else ""
    return configured.names_of(session, [model_id]).get(model_id, gone)
