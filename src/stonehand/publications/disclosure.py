"""Nothing goes out without the sentence that says how it was written: the one place where that is checked."""

from __future__ import annotations

from stonehand.channels.disclosure import has_label
from stonehand.channels.interfaces import ChannelKind, Piece, ShowsPiece, Target
from stonehand.publications.errors import LabelMissing


def checked(piece: Piece) -> Piece:
    """The piece itself. Raises `LabelMissing` if it does not say how it was written, to people and to machines."""
    if not piece.label.strip():
        raise LabelMissing(f"{piece.title!r} has no label that says how it was written; edit it and approve it again")
    if not piece.generator.strip():
        raise LabelMissing(f"{piece.title!r} does not say to machines what wrote it; edit it and approve it again")
    return piece


def check_shown(kind: ChannelKind, piece: Piece, target: Target) -> None:
    """Raise `LabelMissing` if what the channel would show leaves the label out. Kinds that cannot say are trusted."""
    if not isinstance(kind, ShowsPiece):
        return
    for part, text in kind.shown(piece, target).items():
        if not has_label(text, piece.label):
            raise LabelMissing(
                f"the {part} that the channel kind {kind.kind!r} would show leaves out the label; nothing was sent"
            )
