"""The doctor: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from stonehand.doctor import examination, findings
from stonehand.doctor.findings import Grade
from stonehand.web.deps import Admin

router = APIRouter(tags=["doctor"])


class FindingOut(BaseModel):
    """One thing that was looked at; `mend` is the next step if it is not `ok`, often a command."""

    model_config = ConfigDict(from_attributes=True)

    check: str
    grade: Grade
    sentence: str
    mend: str


class Examination(BaseModel):
    """Everything that was looked at, and the grade of the worst of it."""

    grade: Grade
    findings: list[FindingOut]


@router.get("/doctor", summary="What is wrong, and how to mend it")
def examine(person: Admin) -> Examination:
    """Looks at database, broker, workers, scheduler and work. May take some seconds when the broker is silent."""
    found = examination.examine(load_rooms=False)
    shown = [FindingOut.model_validate(each) for each in found]
    return Examination(grade=findings.worst(found), findings=shown)
