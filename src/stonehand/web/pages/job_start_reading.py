"""The tasks that a person may start by hand, and the form of one."""

from __future__ import annotations

from collections.abc import Mapping

from stonehand import pipeline
from stonehand.accounts.permissions import Person
from stonehand.jobs import declaration
from stonehand.jobs.declaration import Task
from stonehand.jobs.desk import parameters
from stonehand.web.pages.job_page_reading import arguments
from stonehand.web.pages.jobs import NewJobView, TaskRow


def form(person: Person, name: str, given: Mapping[str, str] | None = None, error: str = "") -> NewJobView:
    """The form of a task, or the tasks to choose from. Opens no transaction, since it may load rooms."""
    for room in pipeline.ROOMS:
        declaration.load(room)
    tasks = [declaration.find(each) for each in declaration.known()]
    mine = tuple(_row(task) for task in tasks if _may(person, task))
    if not name:
        return NewJobView(mine)
    task = declaration.find(name)
    if not _may(person, task):
        raise parameters.forbidden(task)
    rest = parameters.explained(task).partition("\n")[2].strip()
    return NewJobView(mine, _row(task), rest, arguments(name, [], given), error)


def _may(person: Person, task: Task) -> bool:
    needed = parameters.permission(task)
    return needed is not None and person.may(needed)


def _row(task: Task) -> TaskRow:
    takes = " ".join(f"{each.name}=" for each in parameters.of(task) or ())
    return TaskRow(task.name, parameters.explained(task).partition("\n")[0], task.queue, takes)
