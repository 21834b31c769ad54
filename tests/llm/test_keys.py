"""Keys of models: sealed, moved under a new key of the vault, and never in what people see."""

from __future__ import annotations

from stonehand import resealing, vault
from stonehand.db import Database
from stonehand.llm import configured
from stonehand.llm.models import ConfiguredModel
from stonehand.llm.schemas import ModelOut
from tests.llm.conftest import KEY, Add, ask


def test_a_key_is_brought_under_a_new_key_of_the_vault_and_still_opens(database: Database, add: Add) -> None:
    made = add("tiny")
    old = vault.fingerprints()[0]
    vault.put_in_front(vault.new_key())
    assert resealing.reseal(database) == 1
    with database.read() as session:
        row = session.get_one(ConfiguredModel, made.id)
    assert vault.sealed_by(row.secret or "") == vault.fingerprints()[0] != old
    vault.forget(old)
    assert ask().value.count == 3


def test_no_key_is_in_what_people_see(database: Database, add: Add) -> None:
    made = add("tiny")
    with database.read() as session:
        found = configured.get(session, made.id)
    assert KEY not in repr(found) + repr(found.server(1.0)) + ModelOut.of(found).model_dump_json()
    assert ModelOut.of(found).has_key
