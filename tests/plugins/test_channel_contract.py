"""What every kind of channel keeps, whatever it delivers to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stonehand.channels.interfaces import ChannelKind, ConfigUnfit, NeedsSecrets, Target
from stonehand.errors import StonehandError
from tests.channels.conftest import KEY, Kept, make_piece

Channel = tuple[ChannelKind, Target]


class LeaseIsLost(StonehandError):
    """Another worker has taken over."""


class Overtaken(Kept):
    """Notes of somebody who has been overtaken."""

    def remember(self, **_facts: object) -> None:
        raise LeaseIsLost("another worker delivers by now")


def test_nothing_is_there_before_it_was_delivered(kind_and_target: Channel) -> None:
    kind, target = kind_and_target
    kind.validate(target)
    assert kind.verify(KEY, target) is None


def test_a_key_is_delivered_once_however_often_it_comes(kind_and_target: Channel) -> None:
    kind, target = kind_and_target
    kind.validate(target)
    notes = Kept()
    first = kind.deliver(make_piece(), KEY, target, notes)
    later = replace(make_piece(), at=make_piece().at + timedelta(days=3))
    assert kind.deliver(later, KEY, target, notes) == first
    assert kind.deliver(later, KEY, target, Kept()) == first, "also for somebody whose notes are lost"
    assert kind.verify(KEY, target) == first
    assert first.url
    assert first.remote_id


def test_two_keys_are_two_pieces(kind_and_target: Channel) -> None:
    kind, target = kind_and_target
    kind.validate(target)
    one = kind.deliver(make_piece(), KEY, target, Kept())
    other = kind.deliver(make_piece(), KEY[::-1], target, Kept())
    assert one.url != other.url
    assert kind.verify(KEY, target) == one


def test_whoever_is_overtaken_shows_nothing(kind_and_target: Channel) -> None:
    kind, target = kind_and_target
    kind.validate(target)
    try:
        kind.deliver(make_piece(), KEY, target, Overtaken())
    except LeaseIsLost:
        assert kind.verify(KEY, target) is None
    done = kind.deliver(make_piece(), KEY, target, Kept())
    assert kind.verify(KEY, target) == done


def test_an_unknown_setting_is_refused(kind_and_target: Channel) -> None:
    kind, target = kind_and_target
    with pytest.raises(ConfigUnfit, match="has no setting 'colour'"):
        kind.validate(replace(target, config={**target.config, "colour": "red"}))


def test_secrets_are_not_among_what_is_kept(kind_and_target: Channel) -> None:
    kind, target = kind_and_target
    kept = kind.validate(target)
    for name in kind.secret_names if isinstance(kind, NeedsSecrets) else ():
        assert name not in kept
        assert target.secrets[name] not in str(kept)
        assert target.secrets[name] not in repr(target)
