"""What a status says, cut to what a server takes, and whether a status that a server shows says the same. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from stonehand.channels import heads
from stonehand.channels.interfaces import ConfigUnfit, Piece
from stonehand.plugins.folder_pages import clean

_TAGS: Mapping[str, str] = {"model": "#AIgenerated", "offline": "#AutomatedNews"}
_ADDRESS = re.compile(r"https?://\S+")
_MENTION = re.compile(r"@(?=\w)")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]")
_QUIET = "@\u200b"  # an @ that calls nobody
_SAMPLE = "Sample: this text and its sources are invented."


@dataclass(frozen=True)
class Room:
    """What a server takes: characters in all, and how many an address counts, however long it is."""

    characters: int = 500
    address: int = 23


def status(piece: Piece, link_base: str, room: Room) -> str:
    """Title, excerpt, link and label. The excerpt is cut first, then the title; the label never.

    Raises `ConfigUnfit` if not even the label and the link fit.
    """
    link = _link(piece, link_base)
    tag = _TAGS.get(piece.generator.partition(":")[0], "")
    end = [part for part in (link, _SAMPLE if piece.is_sample else "", _plain(piece.label), tag) if part]
    left = room.characters - counted("\n\n".join(["", *end]), room)
    if left < 20:
        raise ConfigUnfit(
            f"a status of {room.characters} characters has no room for the label and a title; shorten the label"
        )
    title = _cut(_plain(piece.title), left)
    excerpt = _cut(_plain(piece.excerpt), left - len(title) - 2)
    return "\n\n".join(part for part in (title, excerpt, *end) if part)


def _link(piece: Piece, base: str) -> str:
    if base:
        return base.replace("{slug}", piece.slug) if "{slug}" in base else f"{base.rstrip('/')}/{piece.slug}/"
    return next((each.url for each in piece.references if heads.is_web(each.url)), "")


def _plain(text: str) -> str:
    """One line that calls nobody and makes no further links of its own."""
    return _MENTION.sub(_QUIET, _ADDRESS.sub(lambda found: found[0].partition("://")[2], " ".join(clean(text).split())))


def _cut(text: str, room: int) -> str:
    """As many whole words as there is room for."""
    if len(text) <= room:
        return text
    if room < 12:
        return ""
    words = text[: room - 1]
    return (words.rpartition(" ")[0] or words).rstrip(" ,;:-–") + "…"


def counted(text: str, room: Room) -> int:
    """How many characters a server counts."""
    return len(_ADDRESS.sub("x" * room.address, text))


def essence(text: str) -> str:
    """What of a status survives every server's way to show it: its letters, without addresses and spaces."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", _ADDRESS.sub("", text)))


def shown(content: str) -> str:
    """The essence of a status as a server shows it, in HTML."""
    reader = _Reader()
    reader.feed(content)
    reader.close()
    return essence("".join(reader.found))


class _Reader(HTMLParser):
    """Text without that of links, unless they are mentions or hashtags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Words on two lines are two words."""
        if tag == "a":
            classes = (dict(attrs).get("class") or "").split()
            self._in_link = not {"mention", "hashtag"} & set(classes)
        elif tag in ("br", "p"):
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """A link ends."""
        if tag == "a":
            self._in_link = False

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._in_link:
            self.found.append(data)
