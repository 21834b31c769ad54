"""The form of a process: what was typed, what it asks for, and what can be chosen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic import Field as PydanticField

from stonehand.agents import tools
from stonehand.comments import queries
from stonehand.comments.errors import ProcessUnfit
from stonehand.comments.models import CommentProcess
from stonehand.comments.schemas import ProcessChange, ProcessIn
from stonehand.db import Session
from stonehand.llm import configured
from stonehand.platforms import choices
from stonehand.platforms import queries as platforms
from stonehand.prompts import queries as prompts
from stonehand.web.pages.agents import Option
from stonehand.web.pages.comments import ProcessForm

PURPOSE = "comment"
Short = Annotated[str, PydanticField(max_length=2000, pattern=r"^[^\x00]*$")]
Many = Annotated[
    list[Annotated[str, PydanticField(max_length=100, pattern=r"^[^\x00]*$")]], PydanticField(max_length=100)
]
Shape = TypeVar("Shape", bound=BaseModel)
WORDS = (
    *("name", "description", "model_id", "tab", "category", "task", "search"),
    *("most_articles", "max_duration_minutes", "auto_reason", "auto_per_day"),
)
OFFERED = {"tab": "tabs", "category": "categories", "task": "tasks"}
CHECKS = ("generate_only", "looks_once", "is_hidden")
USUAL = {"most_articles": "20", "max_duration_minutes": "180", "auto_per_day": "0"}


class Typed(BaseModel):
    """The form as it was sent. A box that is not checked is not sent."""

    name: Short = ""
    description: Short = ""
    platform_id: Short = ""
    model_id: Short = ""
    tab: Short = ""
    category: Short = ""
    task: Short = ""
    search: Short = ""
    most_articles: Short = "20"
    max_duration_minutes: Short = "180"
    auto_reason: Short = ""
    auto_per_day: Short = "0"
    auto_until: Short = ""
    generate_only: Short = ""
    looks_once: Short = ""
    is_hidden: Short = ""
    login_ids: Many = PydanticField(default_factory=list)
    prompt_ids: Many = PydanticField(default_factory=list)

    def wish(self) -> ProcessIn:
        """A new process. Raises `ProcessUnfit`."""
        return self._told(ProcessIn, {"platform_id": self.platform_id})

    def change(self) -> ProcessChange:
        """All of it. Raises `ProcessUnfit`."""
        return self._told(ProcessChange, {})

    def _told(self, shape: type[Shape], more: dict[str, Any]) -> Shape:
        told = {name: getattr(self, name).strip() or USUAL.get(name, "") for name in WORDS}
        checked = {name: bool(getattr(self, name)) for name in CHECKS}
        chosen = {"login_ids": self.login_ids, "prompt_ids": self.prompt_ids, "auto_until": _end_of(self.auto_until)}
        try:
            return shape.model_validate({**told, **checked, **chosen, **more})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise ProcessUnfit(f"{str(first['loc'][0]).replace('_', ' ')}: {first['msg']}") from None


def _end_of(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise ProcessUnfit("say the last day without a person, such as 2027-01-31") from error


def blank(platform_id: str = "") -> Typed:
    """A new form, in which a person approves everything."""
    return Typed(platform_id=platform_id, generate_only="yes")


def of(session: Session, process: CommentProcess) -> Typed:
    """The form of a process as it is."""
    words = {name: str(getattr(process, name)) for name in WORDS}
    checks = {name: "yes" if getattr(process, name) else "" for name in CHECKS}
    until = (process.auto_until - timedelta(seconds=1)).date().isoformat() if process.auto_until else ""
    logins = [each.id for each in queries.logins_of(session, process.id)]
    prompt_ids = queries.prompts_of(session, process.id)
    told = {**words, **checks, "auto_until": until, "platform_id": process.platform_id}
    return Typed(**told, login_ids=logins, prompt_ids=prompt_ids)


def form(session: Session, typed: Typed, process: CommentProcess | None, error: str = "") -> ProcessForm:
    """The form, with what can be chosen."""
    known = {each.id: each.name for each in platforms.platforms(session)}
    here = f"/comments/processes/{process.id}" if process else "/comments"
    return ProcessForm(
        f"Change {process.name}" if process else "New process",
        f"{here}/edit" if process else "/comments/new",
        {name: getattr(typed, name) for name in (*WORDS, "auto_until")},
        frozenset(name for name in CHECKS if getattr(typed, name)),
        _options(known, [typed.platform_id]),
        _options(_logins(session, known, process), typed.login_ids),
        _options(_prompts(session, typed), typed.prompt_ids),
        _options(_models(session, process), [typed.model_id]),
        _offers(session, known, process),
        error,
        here,
        process is None,
    )


def _offers(session: Session, known: dict[str, str], process: CommentProcess | None) -> dict[str, tuple[Option, ...]]:
    """By field, what can be filtered by at the platform, or before one is chosen, at any."""
    found = choices.of_each(session, [process.platform_id] if process else list(known))
    where = {each: f", {known[each]}" if len(found) > 1 else "" for each in found}
    return {
        name: tuple(
            Option(each.id, f"{each.name}{where[platform_id]}")
            for platform_id, offered in found.items()
            for each in getattr(offered, kind)
        )
        for name, kind in OFFERED.items()
    }


def _logins(session: Session, known: dict[str, str], process: CommentProcess | None) -> dict[str, str]:
    if process:
        return {each.id: each.username for each in platforms.logins(session, process.platform_id)}
    return {each.id: f"{each.username} at {known[each.platform_id]}" for each in platforms.logins(session)}


def _prompts(session: Session, typed: Typed) -> dict[str, str]:
    offered = {each.text.id: each.text.name for each in prompts.prompts(session, PURPOSE)}
    gone = [key for key in typed.prompt_ids if key not in offered]
    return offered | {key: f"{tools.prompt_name(session, key)}, no longer offered" for key in gone}


def _models(session: Session, process: CommentProcess | None) -> dict[str, str]:
    owner = process.owner_id if process else ""
    able = [each for each in configured.every(session) if each.is_enabled and each.owner_id in ("", owner or "")]
    return {"": "in the usual order"} | {each.id: f"{each.name}, {each.model}" for each in able}


def _options(words: dict[str, str], chosen: Iterable[str]) -> tuple[Option, ...]:
    return tuple(Option(value, told, value in chosen) for value, told in words.items())
