"""Who wants no comments of ours: authors of a platform, or a whole site."""

from __future__ import annotations

from fastapi import APIRouter

from stonehand import db
from stonehand.comments import optouts
from stonehand.comments.errors import OptOutNotFound
from stonehand.comments.schemas import OptOutIn, OptOutOut
from stonehand.platforms import queries as platforms
from stonehand.web.api.contract import ById, Page, problems, whole
from stonehand.web.deps import Editor, Publisher, Reader

router = APIRouter(prefix="/platforms/{platform_id}/opt-outs", tags=["opt_outs"])


@router.get("", responses=problems(404), summary="Who wants no comments on a platform")
def listing(platform_id: ById, person: Reader) -> Page[OptOutOut]:
    """That of the whole site comes first; its author is empty."""
    with db.database().read() as session:
        platforms.platform(session, platform_id)
        return whole([OptOutOut.model_validate(each) for each in optouts.every(session, platform_id)])


@router.post("", status_code=201, responses=problems(404), summary="Write nothing for an author any more")
def add(platform_id: ById, wish: OptOutIn, person: Editor) -> OptOutOut:
    """Or, without one, for the whole site. What waits for them is skipped at once."""
    with db.database().transaction() as session:
        return OptOutOut.model_validate(optouts.add(session, person, platform_id, wish.author, wish.reason))


@router.delete("/{opt_out_id}", status_code=204, responses=problems(404), summary="Let comments be written again")
def remove(platform_id: ById, opt_out_id: ById, person: Publisher) -> None:
    """What was skipped stays so until somebody tries it again."""
    with db.database().transaction() as session:
        if opt_out_id not in {each.id for each in optouts.every(session, platform_id)}:
            raise OptOutNotFound(f"platform {platform_id} has no opt-out {opt_out_id}")
        optouts.remove(session, person, opt_out_id)
