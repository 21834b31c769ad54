"""From the letters to what their pages show."""

from __future__ import annotations

from stonehand import config
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.sources import queries as sources
from stonehand.sources.letters import queries, service, signatures
from stonehand.sources.letters.models import Letter, LetterState
from stonehand.sources.letters.queries import Fate
from stonehand.web.pages.letters import ItemRow, LetterRow, LettersView, LetterView
from stonehand.web.pages.parts import Badge, Link, Pager, Tab

LIMIT = 50
BADGES = {
    LetterState.NEW: Badge("Waits to be read", "busy"),
    LetterState.READ: Badge("Read", "good"),
    LetterState.UNREADABLE: Badge("Unreadable", "bad"),
}
FATES = {
    "new": Badge("On its way", "busy"),
    "fetched": Badge("Article", "good"),
    "skipped": Badge("Known"),
    "failed": Badge("Failed", "bad"),
    "left": Badge("Left out"),
    "gone": Badge("Gone"),
}
TABS = {"": "All", LetterState.NEW: "Waiting", LetterState.UNREADABLE: "Unreadable"}
KINDS = {"link": "Page", "text": "The letter's own text", "attachment": "Attachment"}
WAYS = {"upload": "as a file", "webhook": "from a mail service", "imap": "from a mailbox", "task": "from a program"}


def index(session: Session, person: Person, state: str = "", before: str | None = None) -> LettersView:
    """One part of the letters, the newest first."""
    found, counts = queries.listing(session, LIMIT + 1, before, state), queries.counts(session)
    shown = found[:LIMIT]
    named = queries.named(session, [each.id for each in shown])
    older = _href(state, shown[-1].id) if len(found) > LIMIT else ""
    secret = config.settings().mail_in_secret.get_secret_value()
    return LettersView(
        letters=tuple(_row(each, named.get(each.id, 0)) for each in shown),
        tabs=tuple(_tab(each, counts, each == state) for each in TABS),
        pager=Pager(_href(state) if before else "", older),
        mailboxes=tuple(
            Link(each.title or each.url, f"/sources/{each.id}") for each in sources.of_kind(session, "imap")
        ),
        has_door=len(secret) >= signatures.SHORTEST,
        can_edit=person.may("edit"),
    )


def _tab(state: str, counts: dict[str, int], active: bool) -> Tab:
    count = counts.get(state, 0) if state else sum(counts.values())
    return Tab(TABS[state], _href(state), count, active)


def _href(state: str, before: str = "") -> str:
    query = [f"show={state}"] * bool(state) + [f"before={before}"] * bool(before)
    return "/sources/letters" + ("?" + "&".join(query) if query else "")


def _row(letter: Letter, named: int) -> LetterRow:
    return LetterRow(
        id=letter.id,
        subject=letter.subject or "Without a subject",
        sender=letter.sender or "an unknown sender",
        badge=BADGES[LetterState(letter.state)],
        received_at=letter.received_at,
        named=named,
        error=letter.error or "",
    )


def one(session: Session, person: Person, letter_id: str) -> LetterView:
    """One letter, and what became of all that it named."""
    letter, fates = service.get(session, letter_id), queries.fates(session, [letter_id])
    return LetterView(
        letter=_row(letter, len(fates)),
        way=WAYS.get(letter.way, letter.way),
        size=letter.size,
        items=tuple(map(_item, fates)),
        notes=tuple(letter.notes),
        sent_at=letter.sent_at,
        read_at=letter.read_at,
        can_edit=person.may("edit"),
        is_kept=queries.raw(session, letter_id) is not None,
    )


def _item(fate: Fate) -> ItemRow:
    return ItemRow(
        title=fate.title or fate.url or KINDS[fate.kind],
        kind=KINDS[fate.kind],
        url=fate.url or "",
        badge=FATES[fate.state],
        href=f"/articles/{fate.article_id}" if fate.article_id else "",
        why=fate.error or "",
        is_new=fate.is_new or not fate.entry_id,
    )
