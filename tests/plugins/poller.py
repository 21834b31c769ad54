"""A worker that looks at mailboxes slowly and is there to be killed: `python -m tests.plugins.poller CERTIFICATE`."""

from __future__ import annotations

import ssl
import sys
import time

from stonehand import db, pipeline
from stonehand.http_client import mailbox
from stonehand.http_client.mailbox import Session
from stonehand.jobs import testing


def main() -> None:
    """Look until killed."""
    pipeline.install_worker()
    trusted = ssl.create_default_context(cafile=sys.argv[1])
    setattr(mailbox, "_context", lambda _: trusted)  # noqa: B010
    letter = Session.letter

    def slowly(self: Session, uid: int) -> bytes | None:
        print("taking", flush=True)
        time.sleep(0.05)
        return letter(self, uid)

    setattr(Session, "letter", slowly)  # noqa: B010
    testing.run_all(db.database(), queues=("sources",))


if __name__ == "__main__":
    main()
