"""Approving on the command line: the operator of the machine decides, and the audit log says so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from stonehand import db
from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.channels import queries as channels
from stonehand.channels import service as channel_service
from stonehand.channels.errors import ChannelNotFound
from stonehand.errors import StonehandError
from stonehand.reviews import queries, service

OPERATOR = Person("", "", "operator (stonehand run --approve-to)", "operator", frozenset(PERMISSIONS))
DEFAULT_FOLDER = "folder"


def ensure_folder_channel() -> None:
    """The channel that every newsroom starts with: a folder of Markdown and HTML in the data directory."""
    checked = channel_service.check("folder", DEFAULT_FOLDER, {})
    with db.database().transaction() as session:
        channel_service.ensure(session, checked)


def channel_for(wanted: str) -> str:
    """The id of the channel of this name, or of a new folder channel if it is a path. Raises `ChannelNotFound`."""
    with db.database().read() as session:
        try:
            return channels.channel_by_name(session, wanted).id
        except ChannelNotFound:
            if "/" not in wanted:
                raise
    path = str(Path(wanted).expanduser().absolute())
    checked = channel_service.check("folder", path.strip("/").replace("/", " "), {"folder": path})
    with db.database().transaction() as session:
        return channel_service.ensure(session, checked).id


def approve_open(channel_id: str) -> list[dict[str, Any]]:
    """Approve every open review for one channel, at once. Returns what could not be approved, with the reason."""
    with db.database().read() as session:
        waiting = [review.id for review, *_ in queries.queue(session, limit=1000)]
    refused = []
    for review_id in waiting:
        try:
            with db.database().transaction() as session:
                service.approve(session, review_id, OPERATOR, [channel_id], time_to_undo=timedelta(0))
        except StonehandError as error:
            refused.append({"review": review_id, "reason": str(error)})
    return refused
