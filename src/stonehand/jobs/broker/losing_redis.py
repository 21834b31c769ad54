"""A worker that loses Redis lives on.

kombu 5.7 puts unanswered messages back when it drops a connection that broke. By then it has forgotten the server's
address, and the AttributeError ends the worker. Redis keeps such messages anyway, and restores them by itself later.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kombu.transport import redis


class QoS(redis.QoS):
    """Puts back what can be put back."""

    def restore_unacked_once(self, stderr: Any = None) -> None:
        with suppress(AttributeError):
            super().restore_unacked_once(stderr)


def install() -> None:
    """Let every Redis channel of this process do so."""
    redis.Channel.QoS = QoS
