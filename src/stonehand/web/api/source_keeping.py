"""Sources: their kinds, trying one out, rules before they are saved, ways to read, proposals that mend."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from stonehand import db, registry
from stonehand.accounts import service as accounts
from stonehand.sources import kinds, looking, repairs, rules, service, trials
from stonehand.sources.interfaces import ReadsDocuments
from stonehand.sources.schemas import KindOut, PreviewOut, ReplayOut, Rules, SourceOut, WayOut, replayed
from stonehand.web.api.contract import ById, Page, Wish, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(tags=["sources"])


class RulesWish(Wish):
    """Rules that are not saved yet."""

    rules: Rules


class OptionsWish(Wish):
    """Options that are not saved yet."""

    options: dict[str, Any]


@router.get("/sources/kinds", summary="Kinds of source")
def all_kinds(person: Reader) -> Page[KindOut]:
    """With what each has to know beside an address, as a JSON schema."""
    return whole([KindOut.of(kinds.find(kind)) for kind in registry.names("source")])


@router.post("/sources/{source_id}/try", responses=problems(404), summary="Look at a source and keep nothing")
def try_out(source_id: ById, person: Editor) -> PreviewOut:
    """What a look would bring now: new, duplicate or filtered, each with the reason."""
    with db.database().read() as session:
        source = service.get(session, source_id)
    found = looking.try_again(source)
    with db.database().read() as session:
        return PreviewOut.of(session, found)


@router.post("/sources/{source_id}/rules/replay", responses=problems(404), summary="Try rules on the last 30 days")
def replay(source_id: ById, wish: RulesWish, person: Editor) -> ReplayOut:
    """What they would have kept and dropped, and what they treat otherwise than before. Nothing is saved."""
    followed = rules.read(each.model_dump(exclude_defaults=True) for each in wish.rules)
    with db.database().read() as session:
        service.get(session, source_id)
        return replayed(trials.replay(session, source_id, followed))


@router.get("/sources/{source_id}/ways", responses=problems(404), summary="Options that would read a source")
def ways(source_id: ById, person: Reader) -> Page[WayOut]:
    """Found in the document that was kept at the last look, for kinds whose options say how to read one."""
    with db.database().read() as session:
        source, document = service.get(session, source_id), service.kept_copy(session, source_id)
    kind = kinds.find(source.kind)
    return whole([WayOut.of(way) for way in kind.ways(document)] if isinstance(kind, ReadsDocuments) else [])


@router.post("/sources/{source_id}/ways/try", responses=problems(404), summary="Read the kept document otherwise")
def try_way(source_id: ById, wish: OptionsWish, person: Editor) -> PreviewOut:
    """What these options would read of the document that was kept at the last look. Nothing is asked or saved."""
    with db.database().read() as session:
        source, document = service.get(session, source_id), service.kept_copy(session, source_id)
    found = looking.read_otherwise(source, document, wish.options)
    with db.database().read() as session:
        return PreviewOut.of(session, found)


@router.post("/sources/{source_id}/proposal", responses=problems(404, 409), summary="Accept what is proposed")
def accept(source_id: ById, person: Editor) -> SourceOut:
    """Let a source be asked elsewhere or read otherwise, as proposed, or pause it, if it is gone."""
    with db.database().transaction() as session:
        source = service.get(session, source_id)
        proposal = source.proposed
        done = repairs.accept(session, source)
        accounts.record(session, person, "mended", "source", source_id, {"done": done, "proposal": proposal})
        return SourceOut.of(source, db.now(session))


@router.delete("/sources/{source_id}/proposal", responses=problems(404), summary="Set a proposal aside")
def dismiss(source_id: ById, person: Editor) -> SourceOut:
    """The source stays as it is."""
    with db.database().transaction() as session:
        source = service.get(session, source_id)
        repairs.set_aside(source)
        accounts.record(session, person, "set a proposal aside for", "source", source_id)
        return SourceOut.of(source, db.now(session))
