"""Addresses at which programs read the calendar, or what went out, without signing in: a secret lets them in."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand.accounts import secrets
from stonehand.accounts import service as accounts
from stonehand.accounts.models import User
from stonehand.accounts.permissions import Person
from stonehand.channels import queries as channels
from stonehand.db import Session, new_id, now
from stonehand.timing.errors import AddressUnknown
from stonehand.timing.models import OutwardFeed

CALENDAR, PUBLISHED = "calendar", "published"


def make(session: Session, person: Person, what: str, channel_id: str = "") -> tuple[OutwardFeed, str]:
    """A new address, and its secret, which nobody can look up later. Raises `ChannelNotFound`."""
    person.require("edit")
    if channel_id:
        channels.channel(session, channel_id)
    secret = secrets.new()
    facts = {"what": what, "channel_id": channel_id, "user_id": person.id, "created_at": now(session)}
    kept = {"secret_hash": secrets.digest(secret), "prefix": secrets.beginning(secret)}
    made = OutwardFeed(id=new_id(), **facts, **kept)
    session.add(made)
    accounts.record(session, person, "opened an address of", what, made.id, {"channel": channel_id})
    return made, secret


def of_person(session: Session, person: Person) -> Sequence[OutwardFeed]:
    """The addresses that somebody has opened; all of them for an administrator."""
    wish = sa.select(OutwardFeed).order_by(OutwardFeed.id)
    return session.scalars(wish if person.may("admin") else wish.where(OutwardFeed.user_id == person.id)).all()


def close(session: Session, person: Person, feed_id: str) -> None:
    """Let an address lead nowhere. Raises `AddressUnknown` for one of somebody else."""
    found = next((each for each in of_person(session, person) if each.id == feed_id), None)
    if found is None:
        raise AddressUnknown(f"there is no address {feed_id}, or it is somebody else's")
    accounts.record(session, person, "closed an address of", found.what, feed_id)
    session.delete(found)


def by_secret(session: Session, secret: str) -> OutwardFeed:
    """What an address leads to. Raises `AddressUnknown`, also once the account of its owner is switched off."""
    found = session.scalar(sa.select(OutwardFeed).where(OutwardFeed.secret_hash == secrets.digest(secret)))
    if found is None or not _is_held(session, found.user_id):
        raise AddressUnknown("this address leads nowhere, or no longer; open another one on the page Calendar")
    return found


def _is_held(session: Session, user_id: str) -> bool:
    """Whether its owner may still come in. The operator of the machine, who has no account, always may."""
    if not user_id:
        return True
    return bool(session.scalar(sa.select(User.is_active).where(User.id == user_id)))
