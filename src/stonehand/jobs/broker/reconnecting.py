"""A broker that was away is found again soon. kombu waits longer and longer between its tries, up to half a minute."""

from __future__ import annotations

from typing import Any

from kombu.connection import Connection

SOON = 2.0  # seconds between two tries, at most
ONE_MORE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""For what is sent over a connection that was not used for a while: it may have died without telling us."""


class Impatient(Connection):
    """Tries again soon, however long the broker has been away."""

    def _ensure_connection(self, *args: Any, **options: Any) -> Any:
        waits = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": SOON}
        capped = {name: min(options.get(name, most), most) for name, most in waits.items()}
        return super()._ensure_connection(*args, **{**options, **capped})  # type: ignore[no-untyped-call]
