"""Taking letters in: each is kept once, however often and by whatever way it comes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import brotli
import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.db import Session
from stonehand.sources.letters import guarding, mime
from stonehand.sources.letters.errors import LetterUnreadable, SignatureWrong
from stonehand.sources.letters.models import Letter, LetterProof, LetterState

QUALITY = 3
TOGETHER = 100  # letters of one job
REMEMBERED = timedelta(hours=1)  # longer than any signature is good for
READ = "sources.read_letters"


@dataclass(frozen=True)
class Packed:
    """A letter ready to be kept: looked at and compressed before the transaction begins."""

    identity: str
    body: bytes
    size: int
    message_id: str | None = None
    sender: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True)
class Kept:
    """A letter as it is here. If it is not new, it came before."""

    letter_id: str
    is_new: bool


def pack(raw: bytes) -> Packed:
    """Look at a letter and compress it. Raises `LetterUnreadable` for what may not be opened."""
    return _packed(raw, guarding.admit(raw))


def pack_anyway(raw: bytes, error: str | None = None) -> Packed:
    """The same for a letter of a mailbox, where nobody can be told: why it cannot be opened is kept with it."""
    try:
        return _packed(raw, guarding.admit(raw)) if error is None else _unfit(raw, error)
    except LetterUnreadable as refusal:
        return _unfit(raw, str(refusal))


def _unfit(raw: bytes, error: str) -> Packed:
    kept = raw[: guarding.LONGEST_HEAD]
    return _packed(raw, kept, error, kept)


def _packed(raw: bytes, letter: bytes, error: str | None = None, kept: bytes | None = None) -> Packed:
    told = mime.envelope(letter)
    body: bytes = brotli.compress(raw if kept is None else kept, quality=QUALITY)
    return Packed(
        _identity(letter, told.message_id),
        body,
        len(raw if kept is None else kept),
        told.message_id,
        told.sender,
        told.subject,
        told.sent_at,
        error,
    )


def _identity(letter: bytes, message_id: str | None) -> str:
    """Servers on its way add to a letter's header, so with a Message-ID only that and the content count."""
    content = guarding.body(letter).strip() if message_id else letter
    return hashlib.sha256(f"{message_id}\n".encode() + content.replace(b"\r\n", b"\n")).hexdigest()


def unpack(packed: bytes, size: int) -> bytes:
    """The raw letter; never more than the `size` it had when it was kept."""
    raw: bytes = brotli.Decompressor().process(packed, output_buffer_limit=max(size, 1))
    return raw[:size]


def keep(session: Session, source_id: str, packed: Iterable[Packed], way: str) -> list[Kept]:
    """Keep letters, each once, in their order."""
    moment = db.now(session)
    return [_keep(session, source_id, each, way, moment) for each in packed]


def _keep(session: Session, source_id: str, packed: Packed, way: str, moment: datetime) -> Kept:
    told = ("identity", "size", "message_id", "sender", "subject", "sent_at", "error")
    row = {name: getattr(packed, name) for name in told} | {
        "id": db.new_id(),
        "source_id": source_id,
        "packed": packed.body,
        "way": way,
        "received_at": moment,
        "state": LetterState.UNREADABLE if packed.error else LetterState.NEW,
        "tries": 0,
        "notes": [],
    }
    made = db.insert(session, Letter).values(row).on_conflict_do_nothing(index_elements=["identity"])
    letter_id = session.scalar(made.returning(Letter.id))
    if letter_id:
        return Kept(letter_id, True)
    return Kept(session.scalars(sa.select(Letter.id).where(Letter.identity == packed.identity)).one(), False)


def ask_to_read(session: Session, source_id: str, kept: Sequence[Kept]) -> str | None:
    """Ask for the new ones to be read. Returns the (first) job, or None if all were here before."""
    new = list(dict.fromkeys(each.letter_id for each in kept if each.is_new))
    portions = [" ".join(new[start : start + TOGETHER]) for start in range(0, len(new), TOGETHER)]
    asked = [jobs.enqueue(session, READ, {"letters": ids}, fair_key=f"source:{source_id}") for ids in portions]
    return asked[0] if asked else None


def prove(session: Session, proof: str, identity: str) -> None:
    """Remember that a signature was shown for this letter. Raises `SignatureWrong` if it was shown for another."""
    moment = db.now(session)
    session.execute(sa.delete(LetterProof).where(LetterProof.seen_at < moment - REMEMBERED))
    row = {"proof": proof, "identity": identity, "seen_at": moment}
    session.execute(db.insert(session, LetterProof).values(row).on_conflict_do_nothing())
    known = session.scalars(sa.select(LetterProof.identity).where(LetterProof.proof == proof)).one()
    if known != identity:
        raise SignatureWrong("this signature was used for another letter already; every delivery needs a fresh one")
