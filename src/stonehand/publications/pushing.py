"""Asks a channel to correct or to take back what it has shown. Waits for the world: no transaction is open."""

from __future__ import annotations

from stonehand.channels import service as channels
from stonehand.channels.interfaces import CanRetract, CanUpdate, ChannelKind, Delivery, Notes
from stonehand.publications import disclosure
from stonehand.publications.changes import ChangeOrder
from stonehand.publications.errors import ChangeUnsupported


def push(order: ChangeOrder, notes: Notes) -> Delivery | None:
    """Where the corrected piece can be seen; None after a retraction. Raises `ChangeUnsupported`, and what it meets."""
    plugin = channels.plugin(order.kind)
    if order.piece is None:
        if not isinstance(plugin, CanRetract):
            raise _by_hand(plugin, "take back", order.delivery.url)
        plugin.retract(order.delivery, order.key, order.target, order.reason)
        return None
    if not isinstance(plugin, CanUpdate):
        raise _by_hand(plugin, "correct", order.delivery.url)
    disclosure.check_shown(plugin, order.piece, order.target)
    return plugin.update(order.piece, order.delivery, order.key, order.target, notes)


def _by_hand(plugin: ChannelKind, verb: str, url: str) -> ChangeUnsupported:
    where = f" at {url}" if url else ""
    return ChangeUnsupported(
        f"channels of the kind {plugin.kind!r} cannot {verb} what they have shown; do it by hand{where}, then say "
        "that it has happened"
    )
