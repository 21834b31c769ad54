"""A digest as a letter: plain words and harmless HTML, and how to end it in one step (RFC 8058). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

import nh3
from markdown_it import MarkdownIt

# fmt: off
TAGS = {"a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"}
# fmt: on
LONGEST_LINE = 998  # of a header (RFC 5322); a line that is folded inside of an address is no address any more
_markdown = MarkdownIt("commonmark", {"html": False})
_REFERENCE = re.compile(r"\[\[(\d+)\]\]\([^)\s]*\)")
_LINK = re.compile(r"(?<!\\)\[((?:\\.|[^\]\\])+)\]\(([^)\s]*)\)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True)
class Issue:
    """An approved digest. `label` says how it was written, and stands wherever the text goes."""

    id: str
    title: str
    markdown: str
    label: str
    language: str


@dataclass(frozen=True)
class Reader:
    """To whom it goes."""

    user_id: str
    email: str
    name: str


def write(issue: Issue, reader: Reader, sender: str, end: str, moment: datetime) -> EmailMessage:
    """The letter. `end` is the address at which a POST ends the digests.

    Its id depends on the issue and the reader alone: mail servers that see it twice can tell.
    """
    made = EmailMessage()
    made["From"], made["Subject"] = sender, _line(issue.title)
    made["To"] = formataddr((_line(reader.name), reader.email))
    made["Date"], made["Auto-Submitted"] = format_datetime(moment), "auto-generated"
    host = sender.rpartition("@")[2].strip(" >") or "localhost"
    made["Message-ID"] = f"<digest.{issue.id}.{reader.user_id}@{host}>"
    made["List-Unsubscribe"], made["List-Unsubscribe-Post"] = f"<{end}>", "List-Unsubscribe=One-Click"
    made["Precedence"] = "list"
    made.set_content(_plain(issue, end))
    made.add_alternative(_html(issue, end), subtype="html")
    made.policy = made.policy.clone(max_line_length=LONGEST_LINE)
    return made


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _plain(issue: Issue, end: str) -> str:
    text = _LINK.sub(r"\1 <\2>", _REFERENCE.sub(r"[\1]", issue.markdown))
    body = _ESCAPED.sub(r"\1", text)
    return f"{issue.title}\n\n{issue.label}\n\n{body.strip()}\n\n--\nYou asked for this digest. To end it: {end}\n"


def _html(issue: Issue, end: str) -> str:
    body = nh3.clean(
        _markdown.render(issue.markdown),
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )
    title, label = nh3.clean_text(issue.title), nh3.clean_text(issue.label)
    foot = f'<p><small>You asked for this digest. <a href="{nh3.clean_text(end)}">End it</a>.</small></p>'
    head = f'<html lang="{nh3.clean_text(issue.language)}"><body><h1>{title}</h1><p><em>{label}</em></p>'
    return f"<!doctype html>{head}{body}<hr>{foot}</body></html>"
