"""What mail services send when a letter comes, as the letter that it was: MIME, JSON, or the fields of a form. Pure.

The raw letter is taken where a service sends it. Where it only sends the parts, a letter is made of them, always the
same one of the same parts, so that a repeated delivery is known again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from stonehand.sources.cleaning import one_line, storable
from stonehand.sources.letters.errors import FormUnknown

RAW = (
    "rawemail",
    "raw",
    "email",
    "bodymime",
    "mime",
    "message",
    "eml",
    "content",
)  # where services put the whole letter
SENDER, SUBJECT, SENT = ("from", "sender", "fromfull", "fromemail"), ("subject",), ("date", "receivedat", "sentat")
ID, HTML = ("messageid",), ("html", "htmlbody", "bodyhtml", "strippedhtml")
PLAIN = ("text", "textbody", "bodyplain", "plain", "plainbody", "body", "content", "strippedtext")
FILES = ("attachments", "files")
MOST_FILES = 30


@dataclass(frozen=True)
class File:
    """Something that came with a form."""

    name: str
    media_type: str
    body: bytes


def of_json(body: bytes | str) -> bytes:
    """The letter of a JSON object. Raises `FormUnknown`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FormUnknown("the body is no JSON that can be read") from error
    if not isinstance(found, dict):
        raise FormUnknown(
            "the JSON is no object; send the letter's parts by name, or the letter itself as message/rfc822"
        )
    return of_fields(found, ())


def of_fields(fields: Mapping[str, Any], files: Sequence[File]) -> bytes:
    """The letter of named parts and files. Raises `FormUnknown`."""
    for each in files:
        if each.media_type == "message/rfc822" or each.name.lower().endswith(".eml"):
            return each.body
    named = {re.sub(r"[^a-z]", "", str(name).lower()): value for name, value in fields.items()}
    for inner in ("message", "data", "payload", "msg", "email"):
        if isinstance(named.get(inner), dict):
            return of_fields(named[inner], files)
    if raw := next((text for name in RAW if (text := _raw(named.get(name)))), None):
        return raw
    return _composed(named, [*_files(named), *files])


def _raw(value: object) -> bytes | None:
    """The bytes of a whole letter, plain or in base64."""
    if not isinstance(value, str):
        return None
    text = value.lstrip()
    if re.match(r"[!-9;-~]{1,100}:.*\n", text) and re.search(
        r"^(from|mime-version|received|message-id):", text[:100_000], re.I | re.M
    ):
        return text.encode("utf-8", "surrogateescape")
    with suppress(Base64Error, ValueError):
        plain = base64.b64decode("".join(text.split()), validate=True)
        if len(text) > 100 and re.search(rb"^(from|received|mime-version):", plain[:100_000], re.I | re.M):
            return plain
    return None


def _composed(named: Mapping[str, Any], files: Sequence[File]) -> bytes:
    headers = dict(_headers(named.get("headers")))
    plain, html = _text(named, PLAIN), _text(named, HTML)
    if isinstance(named.get("urls"), list):
        plain = "\n\n".join([plain, *(str(url) for url in named["urls"][:150])]).strip()
    if not (plain or html or files):
        raise FormUnknown(
            "no letter is in what was sent: it needs a field with the raw letter (email, RawEmail, body-mime, raw), or "
            "one with its text (html, text, HtmlBody, TextBody, body-html, body-plain)"
        )
    letter = EmailMessage(policy=SMTP)
    for name, value in (
        ("From", _sender(named)),
        ("Subject", _text(named, SUBJECT)),
        ("Date", _text(named, SENT)),
        ("Message-ID", _text(named, ID)),
    ):
        _set(letter, name, headers.get(name.lower()) or value)
    for name in ("List-Unsubscribe", "List-Id"):
        _set(letter, name, headers.get(name.lower(), ""))
    letter.set_content(plain or " ")
    if html:
        letter.add_alternative(html, subtype="html")
    for each in files[:MOST_FILES]:
        main, _, sub = each.media_type.partition("/")
        letter.add_attachment(each.body, maintype=main, subtype=sub, filename=one_line(each.name, 200) or "attachment")
    return _steady(letter, json.dumps([plain, html, [hashlib.sha256(each.body).hexdigest() for each in files]]))


def _steady(letter: EmailMessage, contents: str) -> bytes:
    """Its bytes, with boundaries that are the same whenever the contents are."""
    digest = hashlib.sha256(contents.encode("utf-8", "replace")).hexdigest()[:24]
    for number, part in enumerate(letter.walk()):
        if part.is_multipart():
            part.set_boundary(f"part-{number}-{digest}")
    return letter.as_bytes()


def _set(letter: EmailMessage, name: str, value: str) -> None:
    told = one_line(value, 900)
    if told:
        with suppress(ValueError, IndexError, AttributeError):  # what no header can be is left out
            letter[name] = f"<{told.strip('<> ')}>" if name == "Message-ID" else told


def _text(named: Mapping[str, Any], names: Sequence[str]) -> str:
    found = next((named[name] for name in names if isinstance(named.get(name), str) and named[name].strip()), "")
    return storable(str(found))


def _sender(named: Mapping[str, Any]) -> str:
    """The sender, also of `{"Name": ..., "Email": ...}`."""
    for name in SENDER:
        if isinstance(found := named.get(name), dict):
            parts = {str(key).lower(): str(value) for key, value in found.items()}
            address = parts.get("email") or parts.get("address", "")
            return f'"{parts["name"]}" <{address}>'.replace("\\", "") if parts.get("name") else address
    return _text(named, SENDER)


def _headers(given: object) -> Iterator[tuple[str, str]]:
    """From a list of pairs or of names and values, from an object, or from the text of a header."""
    if isinstance(given, str) and given.lstrip().startswith(("[", "{")):
        with suppress(ValueError, RecursionError):
            yield from _headers(json.loads(given))
    elif isinstance(given, str):
        for name, value in re.findall(r"^([!-9;-~]{1,100}):[ \t]*(.*(?:\n[ \t].*)*)", given[:200_000], re.M):
            yield name.lower(), " ".join(value.split())
    elif isinstance(given, dict):
        yield from (
            (str(name).lower().replace("_", "-"), str(value)) for name, value in given.items() if isinstance(value, str)
        )
    elif isinstance(given, list):
        for each in given[:2_000]:
            if isinstance(each, dict):
                pair = {str(key).lower(): str(value) for key, value in each.items()}
                yield pair.get("name", "").lower(), pair.get("value", "")
            elif isinstance(each, list) and len(each) == 2:
                yield str(each[0]).lower(), str(each[1])


def _files(named: Mapping[str, Any]) -> Iterator[File]:
    """Attachments in base64."""
    listed: list[Any] = next((named[name] for name in FILES if isinstance(named.get(name), list)), [])
    for each in listed[:MOST_FILES]:
        if not isinstance(each, dict):
            continue
        parts = {re.sub(r"[^a-z]", "", str(key).lower()): value for key, value in each.items()}
        content = next((parts[name] for name in ("content", "data", "body") if isinstance(parts.get(name), str)), "")
        with suppress(Base64Error, ValueError):
            body = base64.b64decode("".join(content.split()), validate=True)
            yield File(
                _first(parts, ("name", "filename")) or "attachment",
                media_type(_first(parts, ("contenttype", "type", "mimetype"))),
                body,
            )


def _first(parts: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(parts[name]) for name in names if isinstance(parts.get(name), str)), "")


def part_type(text: str | None) -> str:
    """The same of a part of a form, which may be a whole letter."""
    return "message/rfc822" if (text or "").lower().startswith("message/rfc822") else media_type(text or "")


def media_type(text: str) -> str:
    """`application/pdf` of whatever somebody called it."""
    found = re.fullmatch(r"\s*([a-z]+/[a-z0-9.+-]+)\s*(;.*)?", text[:200].lower())
    return found[1] if found and not found[1].startswith(("multipart/", "message/")) else "application/octet-stream"
