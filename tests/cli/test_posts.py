"""Posts at the command line: written, changed, compared, measured, taken back."""

from __future__ import annotations

from pathlib import Path

from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.drafts.errors import DraftNotFound, RevisionOutdated, TextUnacceptable
from stonehand.posts.errors import DeedImpossible, VersionNotFound
from tests.cli.conftest import Cli
from tests.drafts.material import HARBOUR
from tests.web.pages import newsroom

TEXT = "The harbour bridge in Norwick will close for six weeks from Monday, the city council said. [1]"


def test_a_post_from_its_first_word_to_its_end(prepared: Database, admin: Person, cli: Cli, tmp_path: Path) -> None:
    with prepared.transaction() as session:
        article = newsroom.article(session, HARBOUR)
    file = tmp_path / "text.md"
    file.write_text(TEXT)
    made = cli("posts", "new", "Bridge closes", "--article", article, "--file", str(file), "--json").json
    assert (made["status"], made["version"], made["text"]["sources"][0]["number"]) == ("draft", 1, 1)
    post = made["id"]
    wish = ("--file", "-", "--keyword", "bridge", "--meta-title", "For engines", "--keep", "--json")
    second = cli("posts", "edit", post, *wish, stdin=f"{TEXT} It is old.").json
    assert (second["version"], second["text"]["keywords"], second["status"]) == (2, ["bridge"], "draft")
    shown = ("--image-url", "https://a.example/b.jpg", "--category", "Harbour", "--keep", "--json")
    assert isinstance(cli("posts", "edit", post, *shown).error, TextUnacceptable)
    third = cli("posts", "edit", post, *shown, "--image-alt", "A bridge").json["text"]
    assert (third["image_url"], third["categories"]) == ("https://a.example/b.jpg", ["Harbour"])
    assert cli("posts", "pictures", post, "--json").json == []
    cli("posts", "restore", post, "2")
    late = cli("posts", "edit", post, "--title", "Late", "--expected", made["revision_id"])
    assert isinstance(late.error, RevisionOutdated)
    assert "{+ It is old.+}" in cli("posts", "diff", post, "1", "2").out
    assert isinstance(cli("posts", "diff", post, "1", "9").error, VersionNotFound)
    assert [each["number"] for each in cli("posts", "versions", post, "--json").json] == [4, 3, 2, 1]
    assert cli("posts", "restore", post, "1", "--json").json["version"] == 5
    assert "Bridge closes" in cli("posts", "show", post).out
    assert [each["id"] for each in cli("posts", "list", "--status", "draft", "--text", "bridge", "--json").json] == [
        post
    ]
    assert cli("posts", "list", "--status", "nonsense").code == 2
    assert "withdrawn" in cli("posts", "withdraw", post, "--reason", "Wrong.").out
    assert isinstance(cli("posts", "regenerate", post).error, DeedImpossible)


def test_a_text_is_measured(prepared: Database, admin: Person, cli: Cli) -> None:
    with prepared.transaction() as session:
        article = newsroom.article(session, HARBOUR)
    post = cli("posts", "new", "Bridge closes", "--article", article, "--keyword", "bridge", "--json").json["id"]
    found = cli("posts", "metrics", post, "--file", "-", "--json", stdin=TEXT).json
    assert (found["word_count"], found["verbatim"], found["keyword"]) == (16, 1, "bridge")
    assert "Write 484 more words for 5 points." in cli("posts", "metrics", post, "--file", "-", stdin=TEXT).out
    assert "Nothing is written yet." in cli("posts", "show", post).out
    assert isinstance(cli("posts", "show", "nothing").error, DraftNotFound)
