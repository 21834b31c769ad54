"""What is attached to a letter, as text: PDF, HTML and plain text. PDFs are read by a process with limits."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from html import escape
from typing import Any

from lxml import etree

from stonehand.sources import tag_guard
from stonehand.sources.cleaning import one_line, storable
from stonehand.sources.decoding import decode
from stonehand.sources.letters import pdf_text
from stonehand.sources.letters.errors import AttachmentUnreadable
from stonehand.sources.letters.mime import Attachment
from stonehand.sources.readings import LONGEST_CONTENT

PATIENCE = 30.0  # seconds for one PDF
FEWEST_LETTERS = 40
LARGEST_TEXT = 2 * 1024 * 1024  # bytes
UNSEEN = ("script", "style", "iframe", "object", "embed", "link", "meta", "base", "form")
HTML = {"text/html", "application/xhtml+xml"}


@dataclass(frozen=True)
class Text:
    """The text of an attachment, as HTML. `note` says what of it was left out."""

    title: str
    html: str
    note: str | None = None


def read(attached: Attachment) -> Text:
    """Its text, by what it is rather than by what it is called. Raises `AttachmentUnreadable` with the reason."""
    if attached.error:
        raise AttachmentUnreadable(attached.error)
    start = attached.body[:1024]
    ending = attached.name.rpartition(".")[2].lower()
    if b"%PDF-" in start:
        return _of_pdf(attached)
    if attached.media_type == "application/pdf" or ending == "pdf":
        raise AttachmentUnreadable("it is called a PDF, but is none")
    if attached.media_type in HTML or ending in ("html", "htm", "xhtml"):
        return _of_html(attached)
    if attached.media_type.startswith("text/") or ending in ("txt", "md"):
        return _of_plain(attached)
    raise AttachmentUnreadable(f"{attached.media_type} is neither PDF nor HTML nor text")


def _of_pdf(attached: Attachment) -> Text:
    found = extract_pdf(attached.body)
    if error := found.get("error"):
        raise AttachmentUnreadable(str(error))
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", storable(str(found["text"])))]
    if sum(map(len, paragraphs)) < FEWEST_LETTERS:
        raise AttachmentUnreadable("it holds no text, only pictures of pages perhaps")
    note = f"of {found['pages']} pages the first {found['read']} were read" if found["read"] < found["pages"] else None
    return Text(_title(str(found["title"]), attached), _paragraphs(paragraphs), note)


def extract_pdf(body: bytes, patience: float = PATIENCE) -> dict[str, Any]:
    """What the process says that reads a PDF under limits of time, memory and pages. It gets none of our settings."""
    command = [sys.executable, "-m", pdf_text.__name__]
    try:
        done = subprocess.run(  # noqa: S603  our own module, no shell
            command,
            input=body,
            capture_output=True,
            timeout=patience,
            check=False,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
    except subprocess.TimeoutExpired:
        return {"error": f"reading it takes longer than {patience:.0f} s"}
    if done.returncode:
        return {"error": f"reading it takes more than {pdf_text.SECONDS} s or {pdf_text.MEMORY // 1024 // 1024} MB"}
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"error": "it is broken"}
    return found


def _of_html(attached: Attachment) -> Text:
    text = _whole(attached)
    if tag_guard.overloaded(text):
        raise AttachmentUnreadable("one of its tags has so many attributes that it would take minutes to read")
    root: Any = etree.fromstring(storable(text).encode() or b" ", etree.HTMLParser(encoding="utf-8"))
    if root is None or not "".join(root.itertext()).strip():
        raise AttachmentUnreadable("it is empty")
    title = root.findtext(".//title") or root.findtext(".//h1") or ""
    etree.strip_elements(root, *UNSEEN, etree.Comment, with_tail=False)
    body = root.find("body")
    inside = etree.tostring(root if body is None else body, encoding="unicode", method="html")
    return Text(_title(title, attached), inside[:LONGEST_CONTENT])


def _of_plain(attached: Attachment) -> Text:
    if attached.body[:2048].count(0) > 4 and not attached.body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise AttachmentUnreadable("it is called a text, but is none")
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", storable(_whole(attached)).replace("\r\n", "\n"))]
    if not any(paragraphs):
        raise AttachmentUnreadable("it is empty")
    return Text(_title("", attached), _paragraphs(paragraphs))


def _whole(attached: Attachment) -> str:
    if len(attached.body) > LARGEST_TEXT:
        raise AttachmentUnreadable(f"it has {len(attached.body):,} bytes, more than {LARGEST_TEXT:,}")
    return decode(attached.body, attached.charset)


def _paragraphs(paragraphs: list[str]) -> str:
    return "\n".join(f"<p>{escape(part)}</p>" for part in paragraphs if part)[:LONGEST_CONTENT]


def _title(given: str, attached: Attachment) -> str:
    """The title that it has, or the name of its file."""
    told = one_line(given, 300)
    if told and not re.match(r"(untitled|microsoft word|unbenannt|document\d*$)", told, re.IGNORECASE):
        return told
    return one_line(re.sub(r"[_-]+", " ", attached.name.rpartition(".")[0] or attached.name), 300)
