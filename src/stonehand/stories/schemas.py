"""Shapes of stories at the border."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from stonehand.stories.models import Story, StoryChange
from stonehand.stories.states import Role
from stonehand.stories.timeline import Placed, Step, why, why_changed


class StoryOut(BaseModel):
    """A story in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    title: str
    state: str
    article_count: int
    outlet_count: int
    first_at: datetime
    last_at: datetime
    rank: float
    is_sample: bool
    merged_into: str | None


class ChangeOut(BaseModel):
    """Articles that moved into a story or out of it, and why."""

    kind: str
    from_id: str
    to_id: str
    article_count: int
    said_by: str
    at: datetime
    why: str

    @classmethod
    def of(cls, change: StoryChange, story_id: str) -> ChangeOut:
        """The shape of one change, as told by one of its two stories."""
        own = {name: getattr(change, name) for name in cls.model_fields if name != "why"}
        return cls(**own, why=why_changed(change, story_id))


class PlacementOut(BaseModel):
    """An article's place in a story, and why it is there."""

    article_id: str
    role: str
    title: str
    outlet: str
    url: str
    reported_at: datetime
    dated: bool
    why: str

    @classmethod
    def of(cls, placed: Placed, role: Role) -> PlacementOut:
        """The shape of one placement, in its role."""
        own = {name: getattr(placed, name) for name in cls.model_fields if name not in ("role", "why")}
        return cls(**own, role=role, why=why(placed, role))


class StepOut(PlacementOut):
    """A text in a timeline: who ran it first, and who ran it later."""

    copies: list[PlacementOut]

    @classmethod
    def of_step(cls, step: Step) -> StepOut:
        """The shape of one step."""
        own = PlacementOut.of(step.report, step.role).model_dump() | {"why": why(step.judged, step.role)}
        return cls(**own, copies=[PlacementOut.of(each, Role.COPY) for each in step.copies])


class StoryDetail(StoryOut):
    """A story with its timeline, earliest first."""

    timeline: list[StepOut]

    @classmethod
    def of(cls, story: Story, steps: list[Step]) -> StoryDetail:
        """The shape of a story and its timeline."""
        own = StoryOut.model_validate(story).model_dump()
        return cls(**own, timeline=[StepOut.of_step(step) for step in steps])
