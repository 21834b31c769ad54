"""What a site's answer to the question for its robots.txt means (RFC 9309, 2.3.1). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from stonehand.errors import Rejected, StonehandError, Unavailable
from stonehand.http_client import Reply, RequestRefused, StillSilent
from stonehand.http_client.errors import AddressForbidden, RedirectLoop
from stonehand.limits.errors import NotYet
from stonehand.sources.robots.models import Kind
from stonehand.sources.robots.rules import LARGEST

_HTML = re.compile(r"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)
SAID = 200  # characters


@dataclass(frozen=True)
class Answer:
    """What came: rules, the news that there are none, or nothing that we could use."""

    kind: Kind
    body: str = ""
    said: str = ""
    retry_after: float | None = None


def read(place: str, came: Reply | StonehandError) -> Answer | StonehandError:
    """What an answer means; the error itself if nothing was asked, or not to the end, or nothing may be asked there."""
    match came:
        case Reply():
            return _rules(came)
        case RequestRefused():
            return Answer(Kind.ABSENT, said=f"it answers {came.code}")
        case RedirectLoop():
            return Answer(Kind.ABSENT, said="it is sent on without an end")
        case Unavailable() if not isinstance(came, NotYet | StillSilent):
            return Answer(Kind.UNREACHABLE, said=str(came)[:SAID], retry_after=came.retry_after)
        case Rejected() if not _is_closed(
            place, came
        ):  # too large, broken, or it is sent on into a network that we do not enter
            return Answer(Kind.UNREACHABLE, said=str(came)[:SAID])
        case _:
            return came


def _is_closed(place: str, error: Rejected) -> bool:
    """Whether the site itself is in a network that we do not enter; its pages are refused like this file, then."""
    return isinstance(error, AddressForbidden) and error.host == urlsplit(place).hostname


def _rules(came: Reply) -> Answer:
    body = came.body.decode("utf-8-sig", "replace")[:LARGEST].replace("\x00", "")
    if _HTML.match(body):
        return Answer(Kind.ABSENT, said="a web page stands in its place")
    return Answer(Kind.RULES, body)
