"""Jobs of accounts: forgetting ways in that lead nowhere any more."""

from __future__ import annotations

from stonehand.accounts import forgetting, repeats
from stonehand.jobs import Attempt, task


@task("accounts.forget_expired", queue="maintenance", role="editor")
def forget_expired(attempt: Attempt) -> None:
    """Delete sessions that have expired, and answers that were kept for requests that are sent again."""
    with attempt.finish() as session:
        attempt.note(session, {"sessions": forgetting.sessions(session), "answers": repeats.prune(session)})


@task("accounts.forget_ended", queue="maintenance", role="admin")
def forget_ended(attempt: Attempt) -> None:
    """Delete tokens and setup links that ended long ago, and what was counted of attempts to sign in."""
    with attempt.finish() as session:
        attempt.note(session, forgetting.ended(session))
