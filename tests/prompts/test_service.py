"""The library of prompts: versions that never change, built-in ones that are only copied, which one is used."""

from __future__ import annotations

import pytest

from stonehand.accounts.permissions import Person, granted
from stonehand.db import Database
from stonehand.errors import StonehandError
from stonehand.prompts import library, queries, service
from stonehand.prompts.errors import (
    BuiltInKept,
    PromptInvalid,
    PromptNotFound,
    PromptRetired,
    PromptTaken,
    TemplateInvalid,
)
from stonehand.prompts.service import Wish

ADA = Person("u1", "ada@newsroom.example", "Ada", "editor", granted("editor"))
READER = Person("u2", "eve@newsroom.example", "Eve", "viewer", granted("viewer"))
OURS = Wish("Harbour style", "write", "Write in {{ language }}, like a sailor.")


def test_editing_makes_the_next_version_and_the_earlier_one_stays(either_database: Database) -> None:
    with either_database.transaction() as session:
        made = service.create(session, ADA, OURS)
        assert (made.slug, made.version) == ("harbour-style", 1)
        service.edit(session, ADA, "harbour-style", "Write in {{ language }}, like a pilot.", "calmer")
        assert service.edit(session, ADA, made.id, "Write in {{ language }}, like a pilot.").version == 2  # the same
        service.go_back(session, ADA, "harbour-style", 1)
    with either_database.read() as session:
        assert [each.number for each in queries.versions(session, "harbour-style")] == [3, 2, 1]
        assert queries.prompt(session, "harbour-style@1").template == OURS.template
        assert queries.prompt(session, "harbour-style@2").template.endswith("pilot.")
        assert queries.prompt(session, "harbour-style").version == 3
        assert queries.versions(session, "harbour-style")[1].note == "calmer"
        for missing in ("harbour-style@9", "harbour-style@x", "nobody", "news-piece@7"):
            with pytest.raises(PromptNotFound):
                queries.prompt(session, missing)


def test_a_built_in_prompt_is_copied_and_never_changed(database: Database) -> None:
    with database.transaction() as session:
        with pytest.raises(BuiltInKept, match="copy it"):
            service.edit(session, ADA, "news-piece", "Something else.")
        with pytest.raises(BuiltInKept):
            service.retire(session, ADA, "news-piece")
        copied = service.copy(session, ADA, "news-piece", "Our news")
        text = queries.prompt(session, copied.slug)
        assert text.template == library.builtins()["news-piece"].template
        assert (text.purpose, text.is_builtin) == ("write", False)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (Wish("News piece", "write", "Write."), PromptTaken),
        (Wish("!!", "write", "Write."), PromptInvalid),
        (Wish("A", "letter", "Write."), PromptInvalid),
        (Wish("A", "write", "{{ title }}"), TemplateInvalid),  # a title is a stranger's: it stands in a fence
        (Wish("A", "write", "{{ stories }}"), TemplateInvalid),
    ],
)
def test_what_cannot_be_made(database: Database, wish: Wish, error: type[StonehandError]) -> None:
    with database.transaction() as session, pytest.raises(error):
        service.create(session, ADA, wish)


def test_the_one_to_use_is_chosen_named_or_built_in(database: Database) -> None:
    with database.transaction() as session:
        assert queries.chosen(session, "write")[0].slug == "news-piece"
        made = service.create(session, ADA, OURS)
        assert queries.chosen(session, "write", made.id)[0].slug == made.slug
        assert queries.chosen(session, "rewrite", made.id)[0].slug == "rewrite-with-notes"
        service.choose(session, ADA, made.slug)
        assert queries.chosen(session, "write")[0].slug == made.slug
        assert queries.chosen(session, "write", "explainer")[0].slug == "explainer"
        assert [each.text.slug for each in queries.prompts(session, "write") if each.is_default] == [made.slug]
        service.retire(session, ADA, made.slug)
        assert queries.chosen(session, "write")[0].slug == "news-piece"
        used, why = queries.chosen(session, "write", made.id)
        assert used.slug == "news-piece"
        assert "retired" in why
        assert "no prompt 'gone'" in queries.chosen(session, "write", "gone")[1]
        with pytest.raises(PromptRetired):
            service.choose(session, ADA, made.slug)
        assert made.slug not in [each.text.slug for each in queries.prompts(session)]
        service.bring_back(session, ADA, made.slug)
        assert made.slug in [each.text.slug for each in queries.prompts(session)]


def test_only_who_may_edit_changes_prompts(database: Database) -> None:
    deeds = (
        lambda session: service.create(session, READER, OURS),
        lambda session: service.copy(session, READER, "news-piece", "Mine"),
        lambda session: service.choose(session, READER, "news-piece"),
    )
    for deed in deeds:
        with database.transaction() as session, pytest.raises(StonehandError, match="edit"):
            deed(session)
