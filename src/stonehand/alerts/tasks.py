"""Jobs of alerts."""

from __future__ import annotations

from typing import cast

from stonehand.alerts import service, telling, ways
from stonehand.alerts.messages import Event
from stonehand.jobs import Attempt, task


@task("alerts.watch", queue="maintenance", priority=8)
def watch(attempt: Attempt) -> None:
    """Find out what is wrong, and have people told."""
    with attempt.finish() as session:
        found = service.evaluate(session)
        attempt.note(session, {"alerts": [alert.key for alert in found][:20]})


@task("alerts.tell", queue="maintenance", retries=10)
def tell(attempt: Attempt, alert_id: str, event: str, way: str) -> None:
    """Send one message by one way."""
    with attempt.read() as session:
        message = telling.message(session, alert_id, cast(Event, event))
    ways.send(message, way)
    with attempt.finish() as session:
        attempt.note(session, {"sent": way})
