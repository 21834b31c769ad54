"""The audit log: who did what to which thing. For administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from stonehand import db
from stonehand.accounts import queries
from stonehand.accounts.schemas import AuditOut
from stonehand.web.api.contract import ID, Before, Limit, Page, page
from stonehand.web.deps import Admin

router = APIRouter(prefix="/audit", tags=["audit"])
Kind = Annotated[str | None, Query(pattern=ID, description="source, draft, review, user, ...")]
Object = Annotated[str | None, Query(pattern=ID, description="The id of one thing.")]


@router.get("", summary="Who did what, newest first")
def listing(
    person: Admin, before: Before = None, limit: Limit = 50, kind: Kind = None, object_id: Object = None
) -> Page[AuditOut]:
    """Perhaps to one kind of thing, or to one thing only. Nobody can change this list."""
    with db.database().read() as session:
        rows = queries.audit(session, limit + 1, before, kind, object_id)
        return page(rows, limit, AuditOut.model_validate)
