"""What Celery clients send: calls of tasks by their old names, which become jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stonehand import log
from stonehand.errors import StonehandError, Unavailable
from stonehand.jobs.broker import answers

AGAIN = 5.0  # seconds until a call is heard again that could not be written down


@dataclass(frozen=True)
class Message:
    """A call by a Celery client. `user_id` is whom it names, in a header or an argument of that name."""

    id: str
    name: str
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    user_id: str | None
    queue: str
    priority: int | None


Deed = Callable[[Message], None]


def hear(app: Any, names: Iterable[str], deed: Deed) -> None:
    """Let the workers of a Celery application do this for every message that calls a task by one of these names.

    A message is done with once it has become a job; one that cannot become a job is answered, and never repeated.
    """
    for name in names:
        app.task(name=name, bind=True, ignore_result=True, acks_late=True, max_retries=None)(_listener(name, deed))


def _listener(name: str, deed: Deed) -> Callable[..., None]:
    def listen(task: Any, *args: Any, **kwargs: Any) -> None:
        message = _message(name, task.request, args, kwargs)
        try:
            deed(message)
        except Unavailable as error:
            raise task.retry(exc=error, countdown=error.retry_after or AGAIN) from error
        except StonehandError as error:
            log.logger(__name__).warning("a Celery client was refused", task=name, id=message.id, error=str(error))
            answers.refuse(message.id, str(error))

    return listen


def _message(name: str, request: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Message:
    headers, delivery = request.headers or {}, request.delivery_info or {}
    user_id = headers.get("user_id") or request.get("user_id") or kwargs.pop("user_id", None)
    priority = delivery.get("priority")
    return Message(
        id=str(request.id),
        name=name,
        args=args,
        kwargs=kwargs,
        user_id=str(user_id) if user_id else None,
        queue=str(delivery.get("routing_key") or ""),
        priority=priority if isinstance(priority, int) else None,
    )
