"""Who must approve what goes to a channel."""

from __future__ import annotations

from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.channels import queries
from stonehand.channels.errors import EyesUnknown
from stonehand.channels.models import Channel
from stonehand.db import Session

EYES = ("one", "another", "two")


def set_eyes(session: Session, person: Person, channel_id: str, eyes: str) -> Channel:
    """Have one person approve what goes there, another than its writer, or two.

    Raises `PermissionMissing`, `ChannelNotFound`, `EyesUnknown`.
    """
    person.require("admin")
    if eyes not in EYES:
        raise EyesUnknown(f"{eyes!r} does not say who approves; choose one of {', '.join(EYES)}")
    channel = queries.channel(session, channel_id)
    channel.eyes = eyes
    accounts.record(
        session, person, "said who approves for", "channel", channel_id, {"name": channel.name, "eyes": eyes}
    )
    session.flush()
    return channel
