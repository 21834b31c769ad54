"""Publications as programs and pages are told of them: with the reason why one that is to go out does not go now."""

from __future__ import annotations

from stonehand.channels import service as channels
from stonehand.channels.errors import ChannelNotFound
from stonehand.db import Session
from stonehand.jobs import Snooze
from stonehand.limits import breakers
from stonehand.publications import service
from stonehand.publications.models import Publication
from stonehand.publications.schemas import PublicationOut
from stonehand.publications.states import PublicationState

ON_ITS_WAY = (PublicationState.SCHEDULED, PublicationState.PUBLISHING)


def out(session: Session, publication: Publication) -> PublicationOut:
    """The shape of one publication."""
    shape = PublicationOut.model_validate(publication)
    return shape.model_copy(update={"waits_for": waits_for(session, publication)})


def waits_for(session: Session, publication: Publication) -> str:
    """What its job would be told if it looked in this moment; empty if nothing holds the piece back."""
    if publication.state not in ON_ITS_WAY:
        return ""
    try:
        service.check_ready(session, publication.id)
    except (Snooze, ChannelNotFound) as error:
        return str(error)
    refused = breakers.refusals(session, [channels.breaker(publication.channel_id)])
    return "; ".join(str(each.calling_it(f"the channel {publication.channel_name}")) for each in refused.values())
