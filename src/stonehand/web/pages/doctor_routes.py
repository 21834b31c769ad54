"""The page of the doctor: what is wrong, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from stonehand.doctor import examination
from stonehand.doctor.findings import Finding, Grade
from stonehand.web.deps import Admin
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class View:
    """The findings, apart by how bad they are."""

    problems: list[Finding]
    warnings: list[Finding]
    sound: list[Finding]


@router.get("/ops/doctor")
def index(request: Request, person: Admin) -> Response:
    """Look at everything now."""
    found = examination.examine(load_rooms=False)
    view = View(*([each for each in found if each.grade is grade] for grade in _ORDER))
    return show(request, person, "doctor/index.html", lambda _: view)


_ORDER = (Grade.PROBLEM, Grade.WARNING, Grade.OK)
