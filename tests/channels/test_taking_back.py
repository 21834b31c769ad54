"""The folder corrects and takes back what it has shown; and what any channel shows holds the label."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stonehand.channels.disclosure import has_label
from stonehand.channels.interfaces import CanRetract, CanUpdate, Piece, ShowsPiece, Target
from stonehand.plugins import folder_feeds as feeds
from stonehand.plugins.folder import Folder, PieceGone
from stonehand.publications import disclosure
from stonehand.publications.errors import LabelMissing

from .conftest import KEY, Kept

channel = Folder()
LISTS = ("index.html", *feeds.FEEDS)


def test_a_correction_is_at_the_same_address_and_in_every_list(piece: Piece, target: Target) -> None:
    first = channel.deliver(piece, KEY, target, Kept())
    better = replace(
        piece,
        title="Bridge closes",
        markdown="> **Correction:** closed.\n\nClosed.",
        excerpt="Closed.",
        corrected_at=piece.at + timedelta(days=3),
    )
    for _ in range(2):
        assert channel.update(better, first, KEY, target, Kept()) == first
    page = (target.home / f"{first.remote_id}.html").read_text()
    assert "Bridge closes" in page
    assert "Correction:" in page
    assert piece.label in page
    assert '"dateModified": "2025-03-04' in page
    lists = {name: (target.home / name).read_text() for name in LISTS}
    for text in lists.values():
        assert "Bridge closes" in text
        assert "2025-03-04" in text, "when it was corrected"
    assert "corrected" in lists["index.html"]
    assert channel.verify(KEY, target) == first


def test_what_was_taken_back_leaves_only_that_it_was(piece: Piece, target: Target) -> None:
    first = channel.deliver(piece, KEY, target, Kept())
    for _ in range(2):
        channel.retract(first, KEY, target, "It was <made> up")
    page = (target.home / f"{first.remote_id}.html").read_text()
    assert "It was &lt;made&gt; up" in page
    assert "noindex" in page
    assert piece.title not in page
    assert not (target.home / f"{first.remote_id}.md").exists()
    for name in LISTS:
        assert piece.title not in (target.home / name).read_text()
    assert channel.verify(KEY, target) is None
    with pytest.raises(PieceGone):
        channel.deliver(piece, KEY, target, Kept())
    with pytest.raises(PieceGone):
        channel.update(piece, first, KEY, target, Kept())


def test_taking_back_what_is_not_there_is_no_error(piece: Piece, target: Target) -> None:
    first = channel.deliver(piece, KEY, target, Kept())
    other = "f" * len(KEY)
    channel.retract(first, other, target, "why")
    assert channel.verify(KEY, target) == first


def test_the_folder_says_what_it_can() -> None:
    assert isinstance(channel, CanUpdate)
    assert isinstance(channel, CanRetract)
    assert isinstance(channel, ShowsPiece)


def test_the_label_is_in_all_that_is_shown_for_people_and_machines(piece: Piece, target: Target) -> None:
    odd = replace(piece, label='Chosen by a <program> & "quoted"')
    disclosure.check_shown(channel, odd, target)
    page = channel.shown(odd, target)["page"]
    facts = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    assert facts["creditText"] == odd.label
    assert facts["digitalSourceType"] == "https://schema.org/AlgorithmicMediaDigitalSource"
    assert '<meta name="generator"' in page


@pytest.mark.parametrize(
    ("generator", "kind"),
    [("offline", "AlgorithmicMedia"), ("model: small", "TrainedAlgorithmicMedia"), ("person", "HumanEdits")],
)
def test_machines_are_told_how_it_was_made(piece: Piece, generator: str, kind: str) -> None:
    assert replace(piece, generator=generator).digital_source == f"https://schema.org/{kind}DigitalSource"


class Silent(Folder):
    """A kind that forgets the label in one of its texts."""

    def shown(self, piece: Piece, target: Target) -> dict[str, str]:
        return {**super().shown(piece, target), "mail": piece.markdown}


def test_a_kind_that_leaves_the_label_out_sends_nothing(piece: Piece, target: Target) -> None:
    with pytest.raises(LabelMissing, match="mail"):
        disclosure.check_shown(Silent(), piece, target)


@pytest.mark.parametrize("lacking", ["label", "generator"])
def test_a_piece_that_does_not_say_how_it_was_written_is_refused(piece: Piece, lacking: str) -> None:
    assert disclosure.checked(piece) is piece
    blank: dict[str, Any] = {lacking: " "}
    with pytest.raises(LabelMissing):
        disclosure.checked(replace(piece, **blank))


@pytest.mark.parametrize(
    "text",
    ["Made by A &amp; B.", "<p>Made  by\n<b>A</b> &amp; B.</p>", r"Made by A \& B\.", '{"l": "Made by A \\u0026 B."}'],
)
def test_the_label_is_found_however_it_is_escaped(text: str) -> None:
    assert has_label(text, "Made by A & B.")
    assert not has_label(text, "Made by C.")
    assert not has_label(text, "")
