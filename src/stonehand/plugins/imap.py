"""A folder of a mailbox, by IMAP: each letter in it is taken in once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from stonehand.hookspecs import Register, hookimpl
from stonehand.http_client import mailbox
from stonehand.http_client.mailbox import Account, Session
from stonehand.sources.interfaces import (
    LARGEST_LETTER,
    AddressMalformed,
    Asked,
    Collected,
    Fetch,
    Packed,
    Reading,
    pack_letter,
)

MOST_LETTERS = 50  # of one look
BYTES = 8 * 1024 * 1024  # of one look, which are stored in one short transaction
SPARE = 30.0  # seconds before the session is cut, at which a look ends
PORTS = {"tls": 993, "starttls": 143}
NO_CONTROL = r"^[^\x00-\x1f\x7f]+$"


class Options(BaseModel):
    """Whose mailbox, and which folder."""

    model_config = ConfigDict(extra="forbid")

    user: str = Field(min_length=1, max_length=200, pattern=NO_CONTROL, description="who signs in")
    folder: str = Field(default="INBOX", max_length=200, pattern=NO_CONTROL, description="which folder is read")
    security: Literal["tls", "starttls"] = Field(default="tls", description="tls (port 993) or starttls (port 143)")
    since_days: int = Field(default=30, ge=0, le=36_500, description="how old a letter may be at first; 0: any age")
    mark_seen: bool = Field(default=False, description="mark as read what was taken in")


class Mailbox:
    """Letters of a folder, from where the last look stopped: `UIDVALIDITY.UID`, kept as the source's etag."""

    kind = "imap"
    title = "mailbox"
    polled = True
    patient = True
    options = Options
    secret_name = "password"  # noqa: S105  what it is called

    def secret_address(self, url: str, options: Mapping[str, Any]) -> str:
        wanted = Options.model_validate(dict(options))
        host, port = _place(url, wanted.security)
        return f"imap:{host}:{port}:{wanted.security}:{wanted.user}"

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        options = Options.model_validate(dict(asked.options))
        host, port = _place(asked.url, options.security)
        account = Account(host, port, options.user, asked.secret or "", options.security, options.folder)
        taken = _uids(asked.modified) if options.mark_seen else []
        with mailbox.opened(account, writable=bool(taken)) as session:
            validity, last = _position(asked.etag)
            known = validity == session.folder.validity
            if taken and known:
                session.mark_seen(taken)
            waiting = session.uids_after(last) if known else session.uids_since(_oldest(asked, options))
            return _collected(session, waiting, options, last if known else 0)


def _collected(session: Session, waiting: Sequence[int], options: Options, last: int) -> Collected:
    """The oldest of those that wait, as many as fit into one look, and where it stopped."""
    letters, seen = _letters(session, waiting[:MOST_LETTERS])
    left = len(waiting) - len(seen)
    stopped = max([last, *seen] if left else [last, *seen, session.folder.next_uid - 1])
    more = "letter is" if left == 1 else "letters are"
    warnings = (f"{left:,} {more} still to be taken in",) if left else ()
    return Collected(
        Reading("mailbox", title=f"{options.folder} of {options.user}", warnings=warnings),
        etag=f"{session.folder.validity}.{stopped}",
        modified=",".join(map(str, seen)) if options.mark_seen else None,
        letters=tuple(letters),
        left=left,
    )


def _letters(session: Session, uids: Sequence[int]) -> tuple[list[Packed], list[int]]:
    """Letters, and the UIDs that are done: also those of letters that are gone by now."""
    sizes = session.sizes(uids) if uids else {}
    letters, seen, total = list[Packed](), list[int](), 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if seen and (total + min(size, LARGEST_LETTER) > BYTES or session.seconds_left < SPARE):
            break
        raw = session.letter(uid) if size <= LARGEST_LETTER else session.header(uid)
        if raw is not None:
            letters.append(pack_letter(raw, _too_large(size, uid)))
            total += len(raw)
        seen.append(uid)
    return letters, seen


def _too_large(size: int, uid: int) -> str | None:
    if size <= LARGEST_LETTER:
        return None
    return f"the letter has {size:,} bytes, more than {LARGEST_LETTER:,}; it stays in the mailbox (UID {uid})"


def _position(etag: str | None) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)\.(\d+)", etag or "")
    return (int(found[1]), int(found[2])) if found else (-1, 0)


def _uids(text: str | None) -> list[int]:
    return [int(uid) for uid in (text or "").split(",") if uid.isdigit()]


def _oldest(asked: Asked, options: Options) -> datetime | None:
    """The day from which on letters are taken when nothing is known of the folder, or it numbers them anew."""
    if not options.since_days:
        return None
    day = datetime.now(UTC) - timedelta(days=options.since_days)
    return min(day, asked.since - timedelta(days=1)) if asked.since else day


def _place(url: str, security: str) -> tuple[str, int]:
    """Host and port of `imap.example.org`, `imaps://imap.example.org:993` and the like. Raises `AddressMalformed`."""
    parts, port = urlsplit(""), 0
    with suppress(ValueError):
        parts = urlsplit(url if "://" in url else f"imap://{url}")
        port = parts.port or PORTS[security]
    host = parts.hostname or ""
    if not host or not port or parts.scheme not in ("imap", "imaps") or parts.path.strip("/") or "@" in parts.netloc:
        raise AddressMalformed(f"{url[:200]!r} is no mail server; write it as imap.example.org or imap.example.org:993")
    return host, port


@hookimpl
def register_sources(register: Register) -> None:
    register(Mailbox())
