"""What a task takes, and whether somebody may start it by hand."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stonehand.errors import Forbidden, Rejected
from stonehand.jobs import announcements
from stonehand.jobs.declaration import Task

PERMISSION = {"viewer": "read", "editor": "edit", "publisher": "publish", "admin": "admin"}
"""What a role can do that the one before it cannot."""


class ArgumentsUnfit(Rejected):
    """The task takes other arguments."""


class TaskForbidden(Forbidden):
    """This task is not for this person to start by hand."""


@dataclass(frozen=True)
class Parameter:
    """An argument of a task. `default` is None if it must be given."""

    name: str
    default: str | None = None

    @property
    def label(self) -> str:
        """`source_id` in words."""
        return self.name.replace("_", " ").removesuffix(" id").capitalize()


def of(task: Task) -> list[Parameter] | None:
    """What a task takes; None if only its body knows.

    The items of a batch hold what the event tells that the task follows.
    """
    if task.is_batch:
        told = announcements.fields_for(task.name)
        return None if told is None else [Parameter(name) for name in told]
    found = list(inspect.signature(task.body).parameters.values())[1:]
    return [Parameter(each.name, None if each.default is each.empty else str(each.default)) for each in found]


def explained(task: Task) -> str:
    """What it does, in the words of its docstring."""
    return inspect.getdoc(task.body) or ""


def fitting(task: Task, args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, if the task takes them. Raises `ArgumentsUnfit`."""
    wanted = of(task)
    if wanted is None:
        return dict(args)
    names, needed = {each.name for each in wanted}, {each.name for each in wanted if each.default is None}
    if not needed <= set(args) <= names:
        takes = ", ".join(each.name for each in wanted) or "no arguments"
        raise ArgumentsUnfit(f"{task.name} takes {takes}, not {', '.join(args) or 'none'}")
    return dict(args)


def permission(task: Task) -> str | None:
    """What a person needs to start it by hand; None if nobody may."""
    return PERMISSION.get(task.role or "")


def forbidden(task: Task) -> TaskForbidden:
    """Why it may not be started."""
    if task.role is None:
        return TaskForbidden(f"{task.name} is started by other work only, never by hand")
    return TaskForbidden(f"{task.name} can be started by a person with the role {task.role} or above")
