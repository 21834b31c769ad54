"""Secret addresses: they let programs in as long as their owner may come in."""

from __future__ import annotations

import pytest

from stonehand.accounts import queries as accounts
from stonehand.accounts import service
from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.db import Database
from stonehand.timing import outward
from stonehand.timing.errors import AddressUnknown

OPERATOR = Person("", "", "operator", "operator", frozenset(PERMISSIONS))


def test_an_address_ends_with_the_account_of_its_owner(either_database: Database) -> None:
    with either_database.transaction() as session:
        service.new_user(session, "root@example.org", "Root", "admin", "x")
        owner = accounts.person(service.new_user(session, "eve@example.org", "Eve", "editor", "x"))
        made, secret = outward.make(session, owner, outward.CALENDAR)
        _, theirs = outward.make(session, OPERATOR, outward.PUBLISHED)
    with either_database.transaction() as session:
        assert outward.by_secret(session, secret).id == made.id
        service.deactivate(session, OPERATOR, owner.id)
    with either_database.transaction() as session:
        with pytest.raises(AddressUnknown, match="no longer"):
            outward.by_secret(session, secret)
        assert outward.by_secret(session, theirs).what == outward.PUBLISHED, "the operator has no account to lose"
        service.activate(session, OPERATOR, owner.id)
    with either_database.read() as session:
        assert outward.by_secret(session, secret).id == made.id
        with pytest.raises(AddressUnknown):
            outward.by_secret(session, "x" * 43)
